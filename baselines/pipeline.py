"""A raw file in, all four layers out: the trained system of every task, each on what the one before it found.

``chain``: stories and roles by `segments`, then duplicates of the versions that these make; names by `entities`, then
quotations with these names as speakers. Ids of entities are its own, made from the words of the name: no registry is used.

What it cannot do: an error of one step goes on into the next; what each step cannot do stands in its own file. The task
``quotes`` compares speakers as they are written, so that only ids which happen to be the registry's are right there; the task
``pipeline`` aligns the system's ids with the gold ones first.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import common
import duplicates
import entities
import quotes
import segments
import wirecopy

TASK = "pipeline"
# Versions are the system's own, so the measures on the gold versions do not apply.
SCORED = ("duplicates/blocks", "segments", "quotes", "entities", "pipeline")


def chain() -> common.Fitted:
    """The trained systems in a chain, each with the settings that it took on its own."""
    stories, _ = segments.tuned()
    copied, _ = duplicates.tuned()
    tagger, _ = entities.tuned()

    @cache
    def mentions(split: str) -> dict[str, list[wirecopy.Mention]]:
        return entities.linked(entities.find(tagger, split), None)

    def own_names(row: common.Row) -> Sequence[wirecopy.Mention]:
        """The names of a row: the labelled ones where it is fitted on, the found ones where it is predicted."""
        if row.segments:
            return row.entities
        found = mentions(common.corpus()[row.doc_id].entry.split)[row.doc_id]
        return [name for name in found if any(line.start <= name.start < line.end for line in row.lines)]

    alone, (strength, _) = quotes.tuned()
    fitted = quotes.fit(common.training(), own_names, [float(strength.taken)])
    speech = replace(fitted[strength.taken], likely=alone.likely)

    def label(split: str) -> wirecopy.LabelTree:
        found = segments.find(stories, split)
        related = duplicates.compare(copied, found)
        return wirecopy.LabelTree(
            segments=found,
            quotes=quotes.find(speech, split, own_names),
            entities=mentions(split),
            versions=related.versions,
            blocks=related.blocks,
        )

    return common.Fitted(label)


def score(tree: wirecopy.LabelTree, split: str) -> wirecopy.Report:
    """The scores of the whole, and of every layer on its own."""
    return wirecopy.score(tree, split=split, tasks=SCORED, breakdown=common.breakdown(split))


SYSTEMS: dict[str, common.System] = {"chain": chain}


def run(**options: Any) -> list[common.Result]:
    """Run the chain; options are those of `common.run`."""
    return common.run(TASK, SYSTEMS, scorer=score, **options)


if __name__ == "__main__":
    common.main(run)
