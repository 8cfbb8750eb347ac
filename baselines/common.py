"""What the baselines share: folds without leakage, the few lines that write and score a tree, and the command line.

A *part* is a run of blocks of one story in one document; a fold holds out parts and trains on others. In `wild`, which has no
training split, one story is held out at a time with all its versions, and no block text of it is seen in training.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import wirecopy

BUILD = Path("build")


@dataclass(frozen=True)
class Block:
    """A block with its place in the document, its labels, and the mentions and quotations inside it."""

    doc_id: str
    number: int
    start: int
    text: str
    role: str
    story: str | None
    topic: str | None
    mentions: tuple[dict[str, Any], ...]
    quotations: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Part:
    """The blocks of one story segment of one document."""

    doc_id: str
    story: str | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Fold:
    """What a system may learn from, what it is then run on, and what else stands in the split that it is scored on."""

    name: str
    train: tuple[Part, ...]
    held_out: tuple[Part, ...]
    others: tuple[Part, ...] = ()


def parts_of(split: str) -> list[Part]:
    """The story segments of every document of a split, in order."""
    found = []
    for row in wirecopy.load_dataset("documents", split=split):
        labels = [wirecopy.BlockLabel(block=i, role=b["role"], story=b["story"]) for i, b in enumerate(row["blocks"])]
        for run in wirecopy.story_runs(labels, len(labels)):
            blocks = tuple(_block(row, number) for number in run)
            story = next((block.story for block in blocks if block.story is not None), None)
            found.append(Part(row["doc_id"], story, blocks))
    return found


def _block(row: dict[str, Any], number: int) -> Block:
    label = row["blocks"][number]
    start, end = label["start"], label["end"]
    mentions, quotations = (
        tuple(record for record in row[layer] if start <= record["start"] and record["end"] <= end)
        for layer in ("entities", "quotes")
    )
    text = row["text"][start:end]
    return Block(row["doc_id"], number, start, text, label["role"], label["story"], label["topic"], mentions, quotations)


def fold_text(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def folds(split: str) -> Iterator[Fold]:
    """The folds of a split: one from `train` where that split is not `wild`, else one for every story, held out whole."""
    parts = parts_of(split)
    if split != "wild":
        yield Fold("train", tuple(parts_of("train")), tuple(parts))
        return
    for story in sorted({part.story or "" for part in parts}):
        held_out = tuple(part for part in parts if (part.story or "") == story)
        seen = {fold_text(block.text) for part in held_out for block in part.blocks}
        others = tuple(part for part in parts if (part.story or "") != story)
        train = []
        for part in others:
            blocks = tuple(block for block in part.blocks if fold_text(block.text) not in seen)
            if blocks:
                train.append(Part(part.doc_id, part.story, blocks))
        yield Fold(story, tuple(train), held_out, others)


@dataclass(frozen=True)
class System:
    """A baseline: its task, its name, and what it predicts for the parts that a fold holds out."""

    task: str
    name: str
    predict: Callable[[Fold], wirecopy.LabelTree]


def merge(trees: Sequence[wirecopy.LabelTree]) -> wirecopy.LabelTree:
    """One tree from the trees of several folds; records of a document that two folds share are put together."""
    layers: dict[str, Any] = {}
    for tree in trees:
        for layer in ("segments", "quotes", "entities"):
            for doc_id, records in (getattr(tree, layer) or {}).items():
                layers.setdefault(layer, {}).setdefault(doc_id, []).extend(records)
        for pairs in ("versions", "blocks"):
            if getattr(tree, pairs) is not None:
                layers.setdefault(pairs, []).extend(getattr(tree, pairs))
    return wirecopy.LabelTree(**layers)


def seen_surfaces(found: Sequence[Fold]) -> dict[str, set[str]]:
    """For every document the case-folded surfaces of mentions that training had seen in all folds that predict for it."""
    seen: dict[str, set[str]] = {}
    for fold in found:
        surfaces = {m["text"].casefold() for part in fold.train for block in part.blocks for m in block.mentions}
        for doc_id in {part.doc_id for part in fold.held_out}:
            seen[doc_id] = seen[doc_id] & surfaces if doc_id in seen else surfaces
    return seen


def run(system: System, split: str, *, build: Path = BUILD) -> dict[str, Any]:
    """Fit, predict, write the tree to ``build/predictions`` and the scores to ``build/results``; return the result."""
    started = time.perf_counter()
    found = list(folds(split))
    tree = merge([system.predict(fold) for fold in found])
    seconds = time.perf_counter() - started
    name = f"{system.task}-{system.name}"
    wirecopy.write_tree(tree, build / "predictions" / name)
    # A chain names its own versions and entities, so it is scored by what they stand for.
    tasks = ["pipeline", "segments", "entities"] if system.task == "pipeline" else None
    report = wirecopy.score(build / "predictions" / name, split=split, tasks=tasks, seen=seen_surfaces(found))
    result = {"task": system.task, "system": system.name, "split": split, "seconds": round(seconds, 2), **report.to_dict()}
    path = build / "results" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", "utf-8")
    return result


def main(systems: Sequence[System]) -> None:
    """The command line of a script: run its systems on one split and print their primary scores."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--split", default="wild", help="the split to predict and score")
    options = parser.parse_args()
    for system in systems:
        result = run(system, options.split)
        for task, measures in result["scores"].items():
            measure, output = wirecopy.primary(task)
            print(f"{system.name:12} {task:22} {measure} {output} {measures[measure][output]:.3f}")
