"""The command line: ``wirecopy stats | validate | score | compare | hub | show | label | add``.

Exit codes: 0 fine, 1 findings (something is wrong with labels or raw files), 2 wrong use. Every command imports what it needs
when it runs, so that ``wirecopy --help`` answers at once.
"""

import json
import os
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirecopy.findings import FindingsError

if TYPE_CHECKING:
    from rich.console import Console

    from wirecopy.corpus import Corpus
    from wirecopy.differences import Difference
    from wirecopy.labelstudio.export import TaskState

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
        codes = Counter(finding.code for finding in findings).most_common()
        count += f" ({', '.join(f'{code} {times}' for code, times in codes)})" if codes else ""
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
    """Show how far two trees on the same text agree: the scorer's measures, Cohen's kappa, Krippendorff's alpha.

    Of the disagreements, utterances of the second tree are named as in the first.
    """
    from wirecopy.corpus import load_corpus
    from wirecopy.differences import tree_differences, with_utterances_of
    from wirecopy.labels import read_tree
    from wirecopy.passes import agreement

    documents = load_corpus(options.corpus)
    trees = (read_tree(options.a), read_tree(options.b))
    result = agreement(*trees, corpus=documents, split=options.split)
    inside = documents if options.split is None else documents.split(options.split)
    found = tree_differences(trees[0], with_utterances_of(*trees))
    differing = [one for one in found if all(key.partition("#")[0] in inside for key in one.key)]
    if options.json:
        _print_json({**result, "disagreements": [_disagreement(found, documents) for found in differing]})
        return FINE
    rows = [
        {"layer": layer, "measure": measure, "value": f"{values['value']:.3f}", "units": f"{values['units']} {unit}"}
        for measure, unit, held in (("Cohen's kappa", "blocks", "kappa"), ("Krippendorff's alpha", "tokens", "alpha"))
        for layer, values in result[held].items()
    ]
    _print_table(rows, right=("value", "units"))
    sys.stdout.write("\n")
    _print_scores(result["rows"])
    _print_differences(differing, documents, (f"A {options.a.name}", f"B {options.b.name}"))
    count = f"{len(differing)} disagreement{'s' if len(differing) > 1 else ''}" if differing else "no disagreements"
    sys.stdout.write(f"{count}\n")
    _print_signature(result["signature"])
    return FINE


def _disagreement(found: "Difference", corpus: "Corpus") -> dict[str, Any]:
    """A disagreement for JSON: layer, documents or versions, the words around it, both records."""
    from wirecopy.labels import to_dict

    sides = {name: record and to_dict(record) for name, record in (("a", found.before), ("b", found.after))}
    return {"layer": found.layer, "key": list(found.key), "place": found.place(corpus), **sides}


def _print_differences(found: "Sequence[Difference]", corpus: "Corpus", names: tuple[str, str]) -> None:
    """Differences by document and layer: the words around each, then what either tree says."""
    heading = None
    for difference in found:
        where = f"{' and '.join(difference.key)}: {difference.layer}"
        if where != heading:
            sys.stdout.write(f"{where}\n")
            heading = where
        sys.stdout.write(f"  {difference.place(corpus)}\n")
        for name, said in zip(names, difference.said(corpus), strict=True):
            sys.stdout.write(f"    {name}: {said}\n")


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


def serve(options: Namespace) -> int:
    """Run a local Label Studio until Ctrl-C; its data directory is kept."""
    import signal
    from threading import Event

    from wirecopy.labelstudio.server import serve as run

    stopped = Event()
    # A service manager's end is as good as Ctrl-C: both leave no server behind.
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        with run(data=options.data, port=options.port, say=lambda text: _say(f"{text} …")) as server:
            _say(f"Label Studio runs at {server.url}")
            _say(f"log in as {server.email} with the password {server.password}")
            _say(f"labels are kept in {server.data}")
            _say("push in another terminal: wirecopy label push TASK; stop with Ctrl-C")
            while not stopped.wait(1):
                pass
    except KeyboardInterrupt:
        pass
    _say("stopped")
    return FINE


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def push(options: Namespace) -> int:
    """Make the Label Studio project of a task and an annotator, or add to it what is not there yet."""
    from wirecopy.corpus import load_corpus
    from wirecopy.labelstudio.projects import push as make

    pushed = make(
        options.task,
        corpus=load_corpus(options.corpus),
        documents=options.documents,
        annotator=options.annotator,
        prelabel=options.prelabel,
        against=options.disagreements,
    )
    if options.json:
        from dataclasses import asdict

        _print_json(asdict(pushed))
    else:
        sys.stdout.write(f"{pushed.title}: {pushed.added} tasks added, {pushed.there} there before\n{pushed.address}\n")
    return FINE


def pull(options: Namespace) -> int:
    """Bring labels back from Label Studio, or from export files, as a label tree."""
    from wirecopy.corpus import load_corpus
    from wirecopy.labelstudio.export import pull as read
    from wirecopy.labelstudio.export import write_pulled
    from wirecopy.labelstudio.projects import read_exports, read_pseudonyms

    documents = load_corpus(options.corpus)
    pseudonyms = None if options.annotators is None else read_pseudonyms(options.annotators)
    pulled = read(read_exports(options.project), corpus=documents, pseudonyms=pseudonyms)
    if not options.json:
        _print_states(pulled.states)
    written = [] if pulled.findings else write_pulled(pulled, options.output)
    if options.json:
        from dataclasses import asdict

        tasks, findings = [asdict(state) for state in pulled.states], [finding.to_dict() for finding in pulled.findings]
        _print_json({"tasks": tasks, "findings": findings, "written": [str(path) for path in written]})
        return FINDINGS if findings else FINE
    for finding in pulled.findings:
        sys.stdout.write(f"{finding}\n")
    if pulled.findings:
        sys.stdout.write(f"{len(pulled.findings)} findings; nothing was written\n")
        return FINDINGS
    for path in written:
        sys.stdout.write(f"written: {path}\n")
    return FINE


def _print_states(states: "Sequence[TaskState]") -> None:
    """How many tasks came to what, and those that gave no labels by name."""
    from collections import Counter

    from wirecopy.labelstudio.export import NOT_TAKEN

    counts = Counter(state.state for state in states)
    sys.stdout.write(", ".join(f"{count} {state}" for state, count in counts.items()) + "\n")
    for state in states:
        if state.state in NOT_TAKEN:
            sys.stdout.write(f"not taken: {state}\n")


def merge(options: Namespace) -> int:
    """Merge a label tree into the gold labels: show what changes, ask, write all or nothing."""
    from wirecopy.merge import apply_merge, plan_merge, summary

    plan = plan_merge(options.tree, only=options.only, corpus=options.corpus)
    if not plan.files:
        sys.stdout.write("nothing to merge: the gold labels say the same\n")
        return FINE
    _print_differences(plan.differences, plan.corpus, ("-", "+"))
    for name, entity in plan.new_entities.items():
        sys.stdout.write(f"new entity {name}: {entity['name']}, {entity['type']}\n")
    sys.stdout.write(f"{summary(plan)}; data version {plan.version}\n")
    if not options.yes:
        if not sys.stdin.isatty():
            raise ValueError("not merged: nobody to ask; say --yes")
        if not _is_yes("merge? [y/N] "):
            sys.stdout.write("not merged\n")
            return FINE
    apply_merge(plan, corpus=options.corpus)
    sys.stdout.write("merged; now run `make baselines` and `make documents`, which renew the figures\n")
    return FINE


def _is_yes(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError:
        # Ctrl-D
        sys.stdout.write("\n")
        return False


def add(options: Namespace) -> int:
    """Take new raw files into the corpus, byte for byte, ready to be labelled."""
    from wirecopy.add import add_files

    for added in add_files(options.file, outlet=options.outlet, rights=options.rights):
        count = f"{added.blocks} block{'s' if added.blocks > 1 else ''}"
        sys.stdout.write(f"{added.doc_id}: {count}, ready to push\n")
        for doc_id, share in added.copies:
            sys.stdout.write(f"  looks like a copy of {doc_id}: they share {share:.0%} of the shorter one's word 5-grams\n")
    sys.stdout.write(
        "write the kinds of dirt into the new lines of corpus/manifest.jsonl; then `wirecopy label push segments`\n"
    )
    return FINE


def parser() -> ArgumentParser:
    """The commands and their options."""
    whole = ArgumentParser(
        prog="wirecopy",
        description="A benchmark of news text as the web serves it: duplicates, segments, quotes and named entities.",
        epilog="Exit codes: 0 fine, 1 findings, 2 wrong use.",
    )
    commands = whole.add_subparsers(metavar="COMMAND", required=True)

    def bare(command: Any, below: Any = commands) -> ArgumentParser:
        made: ArgumentParser = below.add_parser(command.__name__, help=command.__doc__, description=command.__doc__)
        made.set_defaults(run=command)
        return made

    def with_corpus(command: Any, below: Any = commands) -> ArgumentParser:
        made = bare(command, below)
        made.add_argument("--corpus", type=Path, metavar="DIR", help="a folder with the same raw files")
        return made

    def with_both(command: Any, below: Any = commands) -> ArgumentParser:
        made = with_corpus(command, below)
        made.add_argument("--json", action="store_true", help="print JSON for a program to read")
        return made

    with_both(stats)
    made = with_both(validate)
    made.add_argument("tree", type=Path, nargs="?", metavar="TREE", help="a label tree; the gold labels when left out")
    made = with_both(score)
    made.add_argument("tree", type=Path, metavar="TREE", help="a label tree")
    made.add_argument("--reference", type=Path, metavar="TREE", help="score against this tree instead of the gold labels")
    made.add_argument("--task", action="append", metavar="NAME", help="only this task; may be given more than once")
    made.add_argument("--split", metavar="NAME", help="only the documents of one split")
    made.add_argument("--by", choices=("dirt", "origin"), help="break the scores down")
    made = with_both(compare)
    made.add_argument("a", type=Path, metavar="A", help="a label tree, the reference")
    made.add_argument("b", type=Path, metavar="B", help="another tree on the same text")
    made.add_argument("--split", metavar="NAME", help="only the documents of one split")
    made = with_both(hub)
    made.add_argument("folder", type=Path, metavar="DIR", help="the folder to write")
    made.add_argument("--without-text", action="store_true", help="leave out raw text and surface strings")
    made = with_both(show)
    made.add_argument("document", metavar="DOC", help="a document's id, or its start")
    made.add_argument("--tree", type=Path, metavar="TREE", help="show this tree's labels instead of the gold ones")
    made = bare(add)
    made.add_argument("file", type=Path, nargs="+", metavar="FILE", help="a raw file, called <doc_id>.txt")
    made.add_argument("--outlet", metavar="NAME", help="the outlet, where the file itself names it")
    made.add_argument("--rights", required=True, metavar="TEXT", help="whose the text is, and on which terms it stands here")
    label = commands.add_parser("label", help="Label in Label Studio: serve, push, pull, merge.")
    steps = label.add_subparsers(metavar="STEP", required=True)
    made = bare(serve, steps)
    made.add_argument("--data", type=Path, metavar="DIR", help="the data directory; one in the user's cache when left out")
    made.add_argument("--port", type=int, metavar="N", help="the port; 8080, or a free one, when left out")
    made = with_both(push, steps)
    made.add_argument("task", metavar="TASK", help="entities, quotes, segments or duplicates")
    made.add_argument("--documents", nargs="+", metavar="DOC", help="only these: ids, or their beginnings")
    made.add_argument("--annotator", metavar="ID", help="the pseudonym that the labels carry; the next free one when left out")
    start = made.add_mutually_exclusive_group()
    start.add_argument("--prelabel", default="none", metavar="gold|baseline|TREE|none", help="labels to begin from")
    start.add_argument("--disagreements", nargs=2, type=Path, metavar=("A", "B"), help="what two trees label differently")
    made = with_both(pull, steps)
    made.add_argument("project", nargs="+", metavar="PROJECT", help="a project's number or title, or an export file")
    made.add_argument("--output", type=Path, required=True, metavar="TREE", help="the label tree to write")
    made.add_argument("--annotators", type=Path, metavar="FILE", help="JSON: e-mail or number of a user to pseudonym")
    made = with_corpus(merge, steps)
    made.add_argument("tree", type=Path, metavar="TREE", help="the label tree to merge into the gold labels")
    made.add_argument("--only", action="append", metavar="LAYER", help="only this layer; may be given more than once")
    made.add_argument("--yes", action="store_true", help="do not ask")
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
    except (ValueError, OSError, RuntimeError) as error:
        sys.stderr.write(f"wirecopy: {error}\n")
        return WRONG_USE
    return code


if __name__ == "__main__":
    sys.exit(main())
