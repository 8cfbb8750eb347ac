"""Checks the gold labels, runs every baseline, prints one table and rewrites RESULTS.md."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import common
import duplicates
import entities
import pipeline
import quotes
import segments
import table
import wirecopy

SCRIPTS = (duplicates, segments, quotes, entities, pipeline)


def run(*, splits: Sequence[str] = common.SPLITS, build: Path = common.BUILD) -> list[common.Result]:
    """The results of every system, in the order of the tasks; a bar on a terminal shows how far it is."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    steps = track(SCRIPTS, "baselines", console=console, transient=True, disable=not console.is_terminal)
    return [result for script in steps for result in script.run(splits=splits, build=build)]


def main() -> int:
    """Run from the command line; the exit code is 1 where the gold labels have findings."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=common.SPLITS, help="score one split alone, and leave RESULTS.md as it is")
    split = parser.parse_args().split
    findings = wirecopy.validate()
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    if findings:
        return 1
    print(f"labels of {len(common.corpus())} documents: no findings")
    results = run(splits=(split,) if split else common.SPLITS)
    if split is None:
        table.RESULTS.write_text(table.markdown(results), "utf-8")
    table.show(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
