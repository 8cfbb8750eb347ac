"""The tasks: for every configuration of `wirecopy.load_dataset` its features and its rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wirecopy.corpus import Corpus
from wirecopy.derive import Version, versions
from wirecopy.labels import LabelTree

if TYPE_CHECKING:
    from datasets import Features

Row = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """The documents of one split with their labels: what rows are made from."""

    corpus: Corpus
    tree: LabelTree

    @cached_property
    def versions(self) -> dict[str, Version]:
        """The story versions of the split."""
        segments = self.tree.segments or {}
        return versions({doc_id: segments[doc_id] for doc_id in self.corpus})


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration: its name, its features and its rows."""

    name: str
    features: "Callable[[], Features]"
    rows: Callable[[Source], Iterator[Row]]


def configs() -> dict[str, Config]:
    """Every configuration by name, the default one first."""
    from wirecopy.tasks import documents, duplicates, entities, quotes, segments

    modules = (documents, segments, duplicates, quotes, entities)
    return {config.name: config for module in modules for config in module.CONFIGS}
