"""Makes the authored part of the corpus from its sources: ``python corpus/authored/sources/build COMMAND``."""

import argparse
import os
import sys
from pathlib import Path

from check import check
from overlap import show_overlap
from show import show_document, show_story
from source import read_sources, shown_path
from stats import show_stats
from tree import make_files, write_files
from wirecopy.findings import FindingsError, nearest

HOME = Path(__file__).resolve().parents[1]
CHECKOUT = HOME.parents[2]


def run_check(arguments: argparse.Namespace) -> int:
    """Print every problem of the sources, or of the files that are named."""
    sources = read_sources(arguments.sources)
    problems = check(sources, arguments.root / "annotations").problems
    wanted = {shown_path(Path(file)) for file in arguments.files}
    known = {source.file for source in (*sources.stories.values(), *sources.outlets.values())} | {p.file for p in problems}
    for file in sorted(wanted - known):
        print(f"{file}: error: no such file in stories/ or outlets/ of {shown_path(arguments.sources)}")
    shown = [problem for problem in problems if not wanted or problem.file in wanted]
    shown = [problem for problem in shown if not (arguments.errors and problem.is_note)]
    for problem in shown:
        print(problem)
    errors = sum(not problem.is_note for problem in shown) + len(wanted - known)
    print(f"{errors} errors, {sum(problem.is_note for problem in shown)} notes")
    return 1 if errors else 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print the labels of a story, or the raw text of a document."""
    sources = read_sources(arguments.sources)
    if not arguments.document:
        story = sources.stories.get(arguments.name)
        print(show_story(story) if story else f"no story {arguments.name!r}; {nearest(arguments.name, sources.stories)}")
        return 0 if story else 1
    printed = check(sources, arguments.root / "annotations").documents
    documents = {name: document for document in printed for name in (document.name, document.doc_id)}
    found = documents.get(arguments.name)
    missing = f"no document {arguments.name!r}, or its files have errors (see check); {nearest(arguments.name, documents)}"
    print(show_document(found) if found else missing)
    return 0 if found else 1


def run_overlap(arguments: argparse.Namespace) -> int:
    """Print pairs of blocks whose relation and whose shared words say different things, to be read."""
    doubts = list(show_overlap(check(read_sources(arguments.sources), arguments.root / "annotations").documents))
    print(*doubts, f"{len(doubts)} pairs to read", sep="\n")
    return 0


def run_stats(arguments: argparse.Namespace) -> int:
    """Print how far the sources are."""
    sources = read_sources(arguments.sources)
    print(show_stats(sources, check(sources, arguments.root / "annotations").documents), end="")
    return 0


def run_write(arguments: argparse.Namespace) -> int:
    """Write the raw files and labels of all sources, unless one has an error."""
    sources = read_sources(arguments.sources)
    checked = check(sources, arguments.root / "annotations")
    if checked.errors:
        print(*checked.errors, f"{len(checked.errors)} errors; nothing was written", sep="\n")
        return 1
    changed, removed = write_files(make_files(sources, checked.documents, arguments.root), arguments.root)
    print(f"{len(checked.documents)} documents; {changed} files written, {removed} removed")
    return 0


def main() -> int:
    """Run the command that the arguments name."""
    parser = argparse.ArgumentParser(prog="build", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    added = {}
    for name, run, text in (
        ("check", run_check, "every problem of the sources with file and line; notes for a reader"),
        ("show", run_show, "the labels of a story, or with --document the raw text of a document"),
        ("overlap", run_overlap, "pairs of blocks whose relation and shared words disagree, to be read"),
        ("stats", run_stats, "figures against the targets"),
        ("write", run_write, "make the raw files and their labels"),
    ):
        added[name] = commands.add_parser(name, help=text, description=run.__doc__)
        added[name].set_defaults(run=run)
        added[name].add_argument("--root", type=Path, default=CHECKOUT, help="the folder that holds corpus/ and annotations/")
        added[name].add_argument("--sources", type=Path, default=HOME, help="the folder that holds stories/ and outlets/")
    added["check"].add_argument("files", nargs="*", help="print only the problems of these files")
    added["check"].add_argument("--errors", action="store_true", help="leave out the notes")
    added["show"].add_argument(
        "name", help="the slug of a story; with --document a document's id, or SLUG:N for the Nth of a file"
    )
    added["show"].add_argument("--document", action="store_true", help="print a document as it is served")
    arguments = parser.parse_args()
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except FindingsError as error:
        print(f"{arguments.root}: corpus/ or annotations/ cannot be read\n{error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever reads the output has seen enough (`check | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
