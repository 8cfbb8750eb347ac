"""Topic segmentation: what each block is on the page, which story it belongs to, and where stories and topics begin.

Conventions: a row is a document; its columns are parallel lists with one item a block, in reading order. Segments are derived
from the labels: a block without a story or a topic joins the segment before it (at the start, the one after it).

Measures: `wirecopy.scoring.segments`.

References: Kirillov et al. 2019 (Panoptic Quality), Beeferman et al. 1999 (Pk), Pevzner and Hearst 2002 (WindowDiff),
Fournier 2013 (boundary similarity).
"""

from collections.abc import Iterator

from datasets import ClassLabel, Features, List, Value

from wirecopy.derive import story_runs, topic_runs
from wirecopy.labels import ROLES, BlockLabel
from wirecopy.tasks import Config, Row, Source


def features() -> Features:
    """The columns of ``segments``."""
    return Features(
        {
            "doc_id": Value("string"),
            "blocks": List(Value("string")),
            "roles": List(ClassLabel(names=list(ROLES))),
            "stories": List(Value("string")),
            "topics": List(Value("string")),
            "story_starts": List(Value("bool")),
            "topic_starts": List(Value("bool")),
        }
    )


def labels_by_block(source: Source, doc_id: str) -> list[BlockLabel]:
    """The labels of a document in the order of its blocks."""
    return sorted((source.tree.segments or {})[doc_id], key=lambda label: label.block)


def rows(source: Source) -> Iterator[Row]:
    """A row for every document."""
    for doc_id, document in source.corpus.items():
        labels = labels_by_block(source, doc_id)
        count = len(document.blocks)
        stories = story_runs(labels, count)
        topics = [run for story in stories for run in topic_runs(labels, story, count)]
        story_starts, topic_starts = {run.start for run in stories}, {run.start for run in topics}
        yield {
            "doc_id": doc_id,
            "blocks": [document.block_text(block) for block in range(count)],
            "roles": [ROLES.index(label.role) for label in labels],
            "stories": [label.story for label in labels],
            "topics": [label.topic for label in labels],
            "story_starts": [block in story_starts for block in range(count)],
            "topic_starts": [block in topic_starts for block in range(count)],
        }


CONFIGS = (Config("segments", features, rows),)
