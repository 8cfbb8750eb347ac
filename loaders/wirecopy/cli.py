"""The command line: ``wirecopy stats | validate | score | compare | hub | show``.

Exit codes: 0 fine, 1 findings (something is wrong with labels or raw files), 2 wrong use. Every command imports what it needs
when it runs, so that ``wirecopy --help`` answers at once.
"""

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirecopy.findings import FindingsError

if TYPE_CHECKING:
    from rich.console import Console

FINE, FINDINGS, WRONG_USE = 0, 1, 2
COUNTS = ("precision", "recall", "reference", "predicted")


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _print_table(rows: Sequence[dict[str, Any]], *, right: Iterable[str] = ()) -> None:
    """Rows as a table: the first row's keys are the columns."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1))
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold", justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(str(cell) for cell in row.values()))
    _console().print(table)


def stats(options: Namespace) -> int:
    """Count documents, blocks, quotations, mentions and pairs."""
    from wirecopy.corpus import load_corpus
    from wirecopy.counts import statistics

    figures = statistics(corpus=load_corpus(options.corpus))
    if options.json:
        _print_json(figures)
        return FINE
    splits = figures["splits"]
    columns = {name: dict(_flatten(column)) for name, column in {"all": figures["all"], **splits}.items()}
    if len(splits) == 1:
        del columns["all"]
    rows = [
        {"": key, **{name: f"{column[key]:,}" for name, column in columns.items()}}
        for key in next(iter(columns.values()))
        if any(column[key] for column in columns.values())
    ]
    _print_table(rows, right=columns)
    return FINE


def _flatten(figures: dict[str, Any], prefix: str = "") -> Iterable[tuple[str, int]]:
    for key, value in figures.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{key}: ")
        else:
            yield f"{prefix}{key}", value


def validate(options: Namespace) -> int:
    """Check a label tree and the raw files under it."""
    from wirecopy.validation import validate as check

    findings = check(options.tree, corpus=options.corpus)
    if options.json:
        _print_json([finding.to_dict() for finding in findings])
    else:
        for finding in findings:
            sys.stdout.write(f"{finding}\n")
        count = f"{len(findings)} finding{'s' if len(findings) > 1 else ''}" if findings else "no findings"
        sys.stdout.write(f"{options.tree or 'the gold labels'}: {count}\n")
    return FINDINGS if findings else FINE


def score(options: Namespace) -> int:
    """Score a system's label tree."""
    from wirecopy.corpus import load_corpus
    from wirecopy.scoring import score as measure

    report = measure(
        options.tree,
        reference=options.reference,
        corpus=load_corpus(options.corpus),
        split=options.split,
        tasks=options.task,
        breakdown=options.by,
    )
    if options.json:
        _print_json(report.to_dict())
        return FINE
    _print_scores(report.rows())
    measured = [entry["interval_note"] or "" for measures in report.scores.values() for entry in measures.values()]
    for note in dict.fromkeys([*report.notes, *(note for joined in measured for note in joined.split("; "))]):
        if note:
            sys.stdout.write(f"note: {note}\n")
    _print_signature(report.signature)
    return FINE


def compare(options: Namespace) -> int:
    """Show how far two trees on the same text agree: the scorer's measures, Cohen's kappa, Krippendorff's alpha."""
    from wirecopy.corpus import load_corpus
    from wirecopy.labels import read_tree
    from wirecopy.passes import agreement

    trees = (read_tree(options.a), read_tree(options.b))
    result = agreement(*trees, corpus=load_corpus(options.corpus), split=options.split)
    if options.json:
        _print_json(result)
        return FINE
    rows = [
        {"layer": layer, "measure": measure, "value": f"{values['value']:.3f}", "units": f"{values['units']} {unit}"}
        for measure, unit, held in (("Cohen's kappa", "blocks", "kappa"), ("Krippendorff's alpha", "tokens", "alpha"))
        for layer, values in result[held].items()
    ]
    _print_table(rows, right=("value", "units"))
    sys.stdout.write("\n")
    _print_scores(result["rows"])
    _print_signature(result["signature"])
    return FINE


def _print_signature(signature: Mapping[str, str]) -> None:
    """What a score is of, on one line, to cite it by."""
    sys.stdout.write("signature: " + " | ".join(f"{key}:{value}" for key, value in signature.items()) + "\n")


def _print_scores(rows: Sequence[dict[str, str]]) -> None:
    """The rows of a report, a table for each task, without what is the same or empty in all rows."""
    from wirecopy.scoring import LOWER_IS_BETTER

    intervals = any(row["95 %"] for row in rows)
    for part, task in dict.fromkeys((row["part"], row["task"]) for row in rows):
        sys.stdout.write(f"{task if part == 'all' else f'{task} ({part})'}\n")
        shown = []
        for row in rows:
            if (row["part"], row["task"]) == (part, task):
                name = row["measure"].replace("_", " ") + (" ↓" if row["measure"] in LOWER_IS_BETTER else "")
                interval = {"95 %": row["95 %"]} if intervals else {}
                counts = {key: row[key] for key in COUNTS}
                shown.append({"measure": name, "score": row["score"], **interval, **counts})
        _print_table(shown, right=("score", *COUNTS))
        sys.stdout.write("\n")
    sys.stdout.write("* the primary measure of its task; ↓ an error, 0 where everything is right\n")


def hub(options: Namespace) -> int:
    """Write the folder that stock `datasets.load_dataset` and the Hub read."""
    from wirecopy.hub import build_hub

    counts = build_hub(options.folder, without_text=options.without_text, corpus=options.corpus)
    if options.json:
        _print_json(counts)
    else:
        for name, rows in counts.items():
            sys.stdout.write(f"{rows:>8,} rows  {options.folder / name}\n")
    return FINE


def show(options: Namespace) -> int:
    """Print a document with its labels."""
    from wirecopy.corpus import load_corpus
    from wirecopy.findings import nearest
    from wirecopy.labels import DOCUMENT_LAYERS, gold_tree, read_tree, to_dict
    from wirecopy.show import render

    documents = load_corpus(options.corpus)
    found = [doc_id for doc_id in documents if doc_id.startswith(options.document)]
    if len(found) != 1:
        if found:
            raise ValueError(f"{options.document!r} fits more than one document: {', '.join(found)}")
        raise ValueError(f"{options.document!r} is no document of the corpus; {nearest(options.document, documents)}")
    document = documents[found[0]]
    tree = gold_tree() if options.tree is None else read_tree(options.tree)
    if options.json:
        layers = {layer: (getattr(tree, layer) or {}).get(document.doc_id, ()) for layer in DOCUMENT_LAYERS}
        records = {layer: [to_dict(record) for record in rows] for layer, rows in layers.items()}
        _print_json({"doc_id": document.doc_id, "text": document.text, **records})
        return FINE
    _console().print(render(document, tree))
    return FINE


def parser() -> ArgumentParser:
    """The commands and their options."""
    whole = ArgumentParser(
        prog="wirecopy",
        description="A benchmark of news text as the web serves it: duplicates, segments, quotes and named entities.",
        epilog="Exit codes: 0 fine, 1 findings, 2 wrong use.",
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

    def add(command: Any) -> ArgumentParser:
        made: ArgumentParser = commands.add_parser(command.__name__, help=command.__doc__, description=command.__doc__)
        made.set_defaults(run=command)
        made.add_argument("--corpus", type=Path, metavar="DIR", help="a folder with the same raw files")
        made.add_argument("--json", action="store_true", help="print JSON for a program to read")
        return made

    add(stats)
    made = add(validate)
    made.add_argument("tree", type=Path, nargs="?", metavar="TREE", help="a label tree; the gold labels when left out")
    made = add(score)
    made.add_argument("tree", type=Path, metavar="TREE", help="a label tree")
    made.add_argument("--reference", type=Path, metavar="TREE", help="score against this tree instead of the gold labels")
    made.add_argument("--task", action="append", metavar="NAME", help="only this task; may be given more than once")
    made.add_argument("--split", metavar="NAME", help="only the documents of one split")
    made.add_argument("--by", choices=("dirt", "origin"), help="break the scores down")
    made = add(compare)
    made.add_argument("a", type=Path, metavar="A", help="a label tree, the reference")
    made.add_argument("b", type=Path, metavar="B", help="another tree on the same text")
    made.add_argument("--split", metavar="NAME", help="only the documents of one split")
    made = add(hub)
    made.add_argument("folder", type=Path, metavar="DIR", help="the folder to write")
    made.add_argument("--without-text", action="store_true", help="leave out raw text and surface strings")
    made = add(show)
    made.add_argument("document", metavar="DOC", help="a document's id, or its start")
    made.add_argument("--tree", type=Path, metavar="TREE", help="show this tree's labels instead of the gold ones")
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; wrong options end the process with code 2."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`head`, a pager) has gone: no error of ours. What is still buffered goes nowhere, without a complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except FindingsError as error:
        sys.stderr.write(f"{error}\n")
        return FINDINGS
    except (ValueError, OSError) as error:
        sys.stderr.write(f"wirecopy: {error}\n")
        return WRONG_USE
    return code


if __name__ == "__main__":
    sys.exit(main())
