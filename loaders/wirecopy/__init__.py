"""Wirecopy: news text as the web serves it, with duplicates, segments, quotes and named entities labelled on the same text.

``load_dataset`` gives rows for training code, ``corpus`` and ``read_tree`` the raw text and its labels, ``validate`` and
``score`` check and measure a label tree. Names load on first use, so that ``import wirecopy`` stays light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# The function shares its name with its module: bound here, before anything else imports the module, the function wins.
from wirecopy.corpus import Block, Corpus, Document, fold
from wirecopy.corpus import load_corpus as corpus
from wirecopy.findings import Finding, FindingsError

if TYPE_CHECKING:
    from wirecopy.counts import statistics
    from wirecopy.derive import Version, story_runs, topic_runs, versions
    from wirecopy.hub import build_hub, content_hash, load_dataset
    from wirecopy.labels import (
        BlockLabel,
        BlockPair,
        LabelTree,
        Mention,
        Quotation,
        Span,
        VersionPair,
        gold_tree,
        read_registry,
        read_tree,
        write_tree,
    )
    from wirecopy.passes import agreement
    from wirecopy.scoring import LOWER_IS_BETTER, Report, primary, score
    from wirecopy.tasks.entities import tokenize
    from wirecopy.validation import validate

__version__ = "1.1.0"

_HOMES = {
    "LOWER_IS_BETTER": "scoring",
    "BlockLabel": "labels",
    "BlockPair": "labels",
    "LabelTree": "labels",
    "Mention": "labels",
    "Quotation": "labels",
    "Report": "scoring",
    "Span": "labels",
    "Version": "derive",
    "VersionPair": "labels",
    "agreement": "passes",
    "build_hub": "hub",
    "content_hash": "hub",
    "gold_tree": "labels",
    "load_dataset": "hub",
    "primary": "scoring",
    "read_registry": "labels",
    "read_tree": "labels",
    "score": "scoring",
    "statistics": "counts",
    "story_runs": "derive",
    "tokenize": "tasks.entities",
    "topic_runs": "derive",
    "validate": "validation",
    "versions": "derive",
    "write_tree": "labels",
}

__all__ = [
    "LOWER_IS_BETTER",
    "Block",
    "BlockLabel",
    "BlockPair",
    "Corpus",
    "Document",
    "Finding",
    "FindingsError",
    "LabelTree",
    "Mention",
    "Quotation",
    "Report",
    "Span",
    "Version",
    "VersionPair",
    "agreement",
    "build_hub",
    "content_hash",
    "corpus",
    "fold",
    "gold_tree",
    "load_dataset",
    "primary",
    "read_registry",
    "read_tree",
    "score",
    "statistics",
    "story_runs",
    "tokenize",
    "topic_runs",
    "validate",
    "versions",
    "write_tree",
]


def __getattr__(name: str) -> Any:
    """A public name, imported when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module 'wirecopy' has no attribute {name!r}")
    value = getattr(import_module(f"wirecopy.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return [*__all__, "__version__"]
