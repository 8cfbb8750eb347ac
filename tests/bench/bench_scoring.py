"""The scorer's cost beside outside tools, on synthetic trees: one line a measurement, CPU seconds.

Run as a script: ``python tests/bench/bench_scoring.py [--large]``; ``--large`` goes on to 100,000 documents.
"""

import os

# Threads of the linear algebra spin while they wait, which is CPU time but no work.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from wirecopy.corpus import Corpus, Document, ManifestEntry
from wirecopy.labels import ENTITY_TYPES, QUOTE_TYPES, ROLES, BlockLabel, LabelTree, Mention, Quotation, Span
from wirecopy.scoring import columns, entities, quotes, segments
from wirecopy.scoring.columns import codes
from wirecopy.scoring.intervals import Components, add

GENERATOR = np.random.default_rng(7)
WRONG = 0.15
SPAN_LAYERS = {"entities": ENTITY_TYPES, "quotes": QUOTE_TYPES}


def cpu(run: Callable[[], Any], repeats: int = 3) -> float:
    """The least CPU time of a few runs."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return min(times)


def corpus_of(documents: int, lines: int, width: int) -> Corpus:
    """Documents of ``lines`` blocks of ``width`` code points each."""
    text = "\n".join("word " * (width // 5 - 1) + "ends" for _ in range(lines))
    names = [f"d{number:06}" for number in range(documents)]
    return Corpus({name: Document(name, text, _entry(name, text)) for name in names})


def _entry(name: str, text: str) -> ManifestEntry:
    size = len(text)
    return ManifestEntry(name, f"authored/{name}.txt", "0" * 64, size, size, "authored", "test", None, None, "en", "", ())


def perturbed(rows: list[Mention]) -> list[Mention]:
    """Mentions as a system might give them: some missed, moved, retyped or given another id."""
    result = []
    for row, luck in zip(rows, GENERATOR.random(len(rows)), strict=True):
        if luck < WRONG / 4:
            continue
        if luck < WRONG / 2:
            row = replace(row, end=row.end + 3)
        elif luck < 3 * WRONG / 4:
            row = replace(row, type=ENTITY_TYPES[int(luck * 1e6) % len(ENTITY_TYPES)])
        elif luck < WRONG:
            row = replace(row, entity=f"e{int(luck * 1e6) % 5000}")
        result.append(row)
    return result


def spans_of(corpus: Corpus, mentions: int, quotations: int) -> tuple[LabelTree, LabelTree]:
    """A reference and a prediction of mentions and quotations."""
    held: dict[str, list[Mention]] = {}
    speech: dict[str, list[Quotation]] = {}
    given_speech: dict[str, list[Quotation]] = {}
    for doc_id, document in corpus.items():
        step = len(document.text) // mentions
        ids = GENERATOR.zipf(1.3, mentions) % 5000
        held[doc_id] = [
            Mention(start=at * step, end=at * step + 6, type=ENTITY_TYPES[one % len(ENTITY_TYPES)], entity=f"e{one}")
            for at, one in enumerate(ids.tolist())
        ]
        step = len(document.text) // quotations
        speech[doc_id] = [
            Quotation(
                start=at * step,
                end=at * step + step // 2,
                type=QUOTE_TYPES[at % len(QUOTE_TYPES)],
                cue=Span(start=at * step + step // 2 + 1, end=at * step + step // 2 + 5),
                speaker=f"e{one}",
                utterance=f"u{doc_id}{at}",
            )
            for at, one in enumerate(ids[:quotations].tolist())
        ]
        given_speech[doc_id] = [
            replace(
                row,
                end=row.end + (row.end - row.start if luck < WRONG else 0),
                speaker=None if luck > 1 - WRONG else row.speaker,
            )
            for row, luck in zip(speech[doc_id], GENERATOR.random(quotations), strict=True)
        ]
    given = {doc_id: perturbed(rows) for doc_id, rows in held.items()}
    return LabelTree(entities=held, quotes=speech), LabelTree(entities=given, quotes=given_speech)


def segments_of(corpus: Corpus, blocks: int) -> tuple[LabelTree, LabelTree]:
    """A reference and a prediction of block labels, with a border before one block in six."""
    sides: list[dict[str, list[BlockLabel]]] = [{}, {}]
    for doc_id in corpus:
        borders = GENERATOR.random(blocks) < 1 / 6
        moved = np.where(GENERATOR.random(blocks) < WRONG, np.roll(borders, 1), borders)
        for side, cuts in zip(sides, (borders, moved), strict=True):
            stories = np.cumsum(cuts).tolist()
            side[doc_id] = [
                BlockLabel(block=block, role=ROLES[block % len(ROLES)], story=f"s{story}", topic=f"t{block // 4}")
                for block, story in enumerate(stories)
            ]
    return LabelTree(segments=sides[0]), LabelTree(segments=sides[1])


def line(name: str, ours: float, theirs: float | None = None, tool: str = "", *, each: int | None = None) -> None:
    """Print one measurement."""
    beside = "" if theirs is None else f"  {tool} {theirs:8.3f} s  ratio {ours / theirs:.3f}"
    if each is not None:
        beside = f"  {ours / each * 1e6:.0f} us a document"
    sys.stdout.write(f"{name:<52} {ours:8.3f} s{beside}\n")
    sys.stdout.flush()


def score_spans(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Any]:
    """All measures of mentions and quotations, checks included."""
    for tree in (reference, predicted):
        if columns.check(tree, corpus, "tree"):
            raise ValueError("the synthetic tree is wrong")
    return [
        *entities.score(reference=reference, predicted=predicted, corpus=corpus, seen=dict.fromkeys(corpus, frozenset({"x"}))),
        *quotes.score(reference=reference, predicted=predicted, corpus=corpus),
    ]


def evaluated(layer: str, labels: Sequence[str], trees: Sequence[LabelTree], corpus: Corpus) -> Callable[[], Any]:
    """The run of nervaluate over the spans and types of one layer."""
    from nervaluate import Evaluator

    lists = [
        [[{"label": r.type, "start": r.start, "end": r.end - 1} for r in getattr(tree, layer)[doc_id]] for doc_id in corpus]
        for tree in trees
    ]
    return lambda: Evaluator(*lists, tags=list(labels), loader="dict").evaluate()


def compare_entities() -> None:
    """Mentions and quotations beside nervaluate on the same spans; it has no measure of ids, cues, sources or speakers."""
    corpus = corpus_of(1000, 40, 100)
    reference, predicted = trees = spans_of(corpus, 40, 10)
    theirs = {layer: cpu(evaluated(layer, labels, trees, corpus), 1) for layer, labels in SPAN_LAYERS.items()}
    ours = cpu(lambda: score_spans(reference, predicted, corpus))
    line("entities and quotes, 1,000 documents of 40 + 10", ours, sum(theirs.values()), "nervaluate")
    line("  beside the mentions alone", ours, theirs["entities"], "nervaluate")
    measures = score_spans(reference, predicted, corpus)
    for count in (1000, 100):
        components = Components(np.arange(1000, dtype=np.int64) % count)
        line(f"  intervals, {count:,} components", cpu(partial(add, measures, components)), ours, "the score")


def compare_segments() -> None:
    """Story segments beside segeval's three measures."""
    from segeval import boundary_similarity, pk, window_diff

    corpus = corpus_of(1000, 60, 60)
    reference, predicted = segments_of(corpus, 60)
    masses = []
    for tree in (reference, predicted):
        runs = [codes([label.story for label in labels])[1][0] for labels in (tree.segments or {}).values()]
        masses.append([tuple(np.unique(run, return_counts=True)[1].tolist()) for run in runs])

    def outside() -> None:
        for held, given in zip(*masses, strict=True):
            pk(given, held)
            window_diff(given, held)
            boundary_similarity(given, held)

    def inside() -> list[Any]:
        return segments.score_stories(reference=reference, predicted=predicted, corpus=corpus)

    theirs, ours = cpu(outside, 1), cpu(inside)
    line("segments/stories, 1,000 documents of 60 blocks", ours, theirs, "segeval")
    components = Components(np.arange(1000, dtype=np.int64))
    measures = inside()
    line("  intervals, 1,000 components", cpu(lambda: add(measures, components)), ours, "the score")


def grow(sizes: tuple[int, ...]) -> None:
    """The same at growing sizes, time per document."""
    for size in sizes:
        corpus = corpus_of(size, 10, 60)
        reference, predicted = spans_of(corpus, 8, 2)
        ours = cpu(partial(score_spans, reference, predicted, corpus), 1)
        line(f"entities and quotes, {size:,} documents", ours, each=size)
        reference, predicted = segments_of(corpus, 10)
        ours = cpu(partial(segments.score_stories, reference=reference, predicted=predicted, corpus=corpus), 1)
        line(f"segments/stories, {size:,} documents", ours, each=size)


if __name__ == "__main__":
    compare_entities()
    compare_segments()
    grow((1000, 10_000, 100_000) if "--large" in sys.argv else (1000, 10_000))
