"""The command line: ``wirecopy stats | validate | score | compare | hub | show``.

Exit codes: 0 fine, 1 findings (something is wrong with labels or raw files), 2 wrong use.
"""

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wirecopy.findings import Finding, FindingsError

if TYPE_CHECKING:
    from rich.console import Console

    from wirecopy.scoring import Report

app = typer.Typer(
    help="A benchmark of news text as the web serves it: duplicates, segments, quotes and named entities.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

TreeArgument = Annotated[Path, typer.Argument(metavar="TREE", help="A label tree.", show_default=False)]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", metavar="DIR", help="A folder with the same raw files.", show_default=False)
]
SplitOption = Annotated[str | None, typer.Option("--split", metavar="NAME", help="Only the documents of one split.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


@app.command()
def stats(corpus: CorpusOption = None, as_json: JsonOption = False) -> None:
    """Count documents, blocks, quotations, mentions and pairs."""
    from wirecopy.corpus import load_corpus
    from wirecopy.counts import statistics

    figures = statistics(corpus=load_corpus(corpus))
    if as_json:
        _print_json(figures)
        return
    from rich.table import Table

    table = Table(title="Wirecopy in numbers", title_justify="left")
    table.add_column("")
    columns = {"all": figures["all"], **figures["splits"]} if len(figures["splits"]) > 1 else figures["splits"]
    for name in columns:
        table.add_column(name, justify="right")
    flat = [dict(_flatten(column)) for column in columns.values()]
    for key in flat[0]:
        if any(column[key] for column in flat):
            table.add_row(key, *(f"{column[key]:,}" for column in flat))
    _console().print(table)


def _flatten(figures: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, int]]:
    for key, value in figures.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key} ")
        else:
            yield f"{prefix}{key}", value


@app.command()
def validate(
    tree: Annotated[
        Path | None, typer.Argument(metavar="[TREE]", help="A label tree; the gold labels when left out.", show_default=False)
    ] = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a label tree and the raw files under it; exit 1 when something is wrong."""
    from wirecopy.validation import validate as check

    findings = check(tree, corpus=corpus)
    if as_json:
        _print_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            sys.stdout.write(f"{finding}\n")
        sys.stdout.write(f"{_count(findings)} in {tree or 'the gold labels'}\n")
    raise typer.Exit(1 if findings else 0)


def _count(findings: list[Finding]) -> str:
    return "no findings" if not findings else "1 finding" if len(findings) == 1 else f"{len(findings)} findings"


@app.command()
def score(
    tree: TreeArgument,
    reference: Annotated[
        Path | None, typer.Option("--reference", metavar="TREE", help="Score against this tree instead of the gold labels.")
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option("--task", metavar="NAME", help="Only this task; may be given more than once.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="dirt|origin", help="Break the scores down.")] = None,
    split: SplitOption = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Score a system's label tree."""
    from wirecopy.corpus import load_corpus
    from wirecopy.scoring import score as measure

    report = measure(tree, reference=reference, corpus=load_corpus(corpus), split=split, tasks=task or None, breakdown=by)
    if as_json:
        _print_json(report.to_dict())
    else:
        _print_report(report)


def _print_report(report: "Report") -> None:
    from rich.table import Table

    console = _console()
    table = Table(show_edge=False, pad_edge=False)
    rows = report.rows()
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))
    console.print(table)
    for note in report.notes:
        console.print(f"note: {note}")
    console.print("signature: " + " | ".join(f"{key}:{value}" for key, value in report.signature.items()), soft_wrap=True)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="A label tree, the reference.", show_default=False)],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another tree on the same text.", show_default=False)],
    split: SplitOption = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how far two annotators' trees agree: the scorer's measures, Cohen's kappa and Krippendorff's alpha."""
    from wirecopy.corpus import load_corpus
    from wirecopy.labels import read_tree
    from wirecopy.passes import agreement

    result = agreement(read_tree(first), read_tree(second), corpus=load_corpus(corpus), split=split)
    if as_json:
        _print_json(result)
        return
    from rich.table import Table

    table = Table(show_edge=False, pad_edge=False)
    for column in ("layer", "measure", "value", "units"):
        table.add_column(column, justify="right" if column in ("value", "units") else "left")
    for name, values in result["kappa"].items():
        table.add_row("segments", f"Cohen's kappa, {name}", f"{values['value']:.3f}", f"{values['units']} blocks")
    for name, values in result["alpha"].items():
        table.add_row(name, "Krippendorff's alpha", f"{values['value']:.3f}", f"{values['units']} tokens")
    console = _console()
    console.print(table)
    console.print()
    scores = Table(show_edge=False, pad_edge=False)
    _fill_scores(scores, result["scores"]["rows"])
    console.print(scores)


def _fill_scores(table: Any, rows: list[dict[str, Any]]) -> None:
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))


@app.command()
def hub(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.", show_default=False)],
    without_text: Annotated[
        bool, typer.Option("--without-text", help="Leave out raw text and surface strings: labels only.")
    ] = False,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the folder that stock `datasets.load_dataset` and the Hub read."""
    from wirecopy.hub import build_hub

    counts = build_hub(folder, without_text=without_text, corpus=corpus)
    if as_json:
        _print_json(counts)
        return
    for name, rows in counts.items():
        sys.stdout.write(f"{rows:>8,} rows  {folder / name}\n")


@app.command()
def show(
    document: Annotated[str, typer.Argument(metavar="DOC", help="A document's id, or its start.", show_default=False)],
    tree: Annotated[
        Path | None, typer.Option("--tree", metavar="TREE", help="Show this tree's labels instead of the gold ones.")
    ] = None,
    corpus: CorpusOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a document with its labels."""
    from wirecopy.corpus import load_corpus
    from wirecopy.findings import nearest
    from wirecopy.labels import gold_tree, read_tree, to_dict
    from wirecopy.show import render

    documents = load_corpus(corpus)
    found = [doc_id for doc_id in documents if doc_id.startswith(document)]
    if document in documents:
        found = [document]
    if len(found) != 1:
        what = "fits more than one document" if found else "is no document of the corpus"
        raise ValueError(f"{document!r} {what}; {nearest(document, found or documents)}")
    labels = gold_tree() if tree is None else read_tree(tree)
    if as_json:
        layers = {layer: getattr(labels, layer) or {} for layer in ("segments", "quotes", "entities")}
        records = {layer: [to_dict(record) for record in rows.get(found[0], ())] for layer, rows in layers.items()}
        _print_json({"doc_id": found[0], "text": documents[found[0]].text, **records})
        return
    console = _console()
    console.print(render(documents[found[0]], labels))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; end the process with its exit code."""
    _exit_with(lambda: app(args=arguments, standalone_mode=True))


def _exit_with(run: Callable[[], None]) -> None:
    try:
        run()
    except FindingsError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"wirecopy: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
