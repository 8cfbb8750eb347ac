"""Scores: how close one label tree comes to another, with intervals over components of documents that share a story.

Conventions: offsets are Unicode code points of the raw text, never a tokenizer's tokens. Matching is one to one and
maximal, so that nothing depends on the order of records. Where both sides are empty a score is 1.0, and counted as empty;
where one is, 0.0.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wirecopy.corpus import Corpus, load_corpus
from wirecopy.findings import FindingsError
from wirecopy.labels import LabelTree, gold_tree, read_registry, read_tree

if TYPE_CHECKING:
    from wirecopy.scoring.intervals import Components, Difference
    from wirecopy.scoring.measures import Measure

Breakdown = Literal["dirt", "origin"]
Tree = LabelTree | str | Path

# Each task with the parts of a tree that it compares.
NEEDS: dict[str, tuple[str, ...]] = {
    "duplicates/versions": ("versions",),
    "duplicates/blocks": ("blocks",),
    "segments/stories": ("segments",),
    "segments/topics": ("segments",),
    "segments/roles": ("segments",),
    "quotes": ("quotes",),
    "entities": ("entities",),
    "pipeline": ("segments", "quotes", "entities", "versions"),
}
TASKS = tuple(NEEDS)

_PRIMARY = {
    "duplicates/versions": ("clusters", "f1"),
    "duplicates/blocks": ("pairs", "f1"),
    "segments/stories": ("panoptic", "pq"),
    "segments/topics": ("boundaries_within_one", "f1"),
    "segments/roles": ("macro", "f1"),
    "quotes": ("end_to_end", "f1"),
    "entities": ("strict", "f1"),
    "pipeline": ("duplicates", "f1"),
}
_SHOWN = 5
# Measures of errors: 0 where everything is right.
LOWER_IS_BETTER = ("pk", "window_diff", "scare_as_speech")


def primary(task: str) -> tuple[str, str]:
    """The measure of a task that systems are ranked by, and its output.

    Raises:
        ValueError: there is no such task.
    """
    return _PRIMARY[_known_task(task)]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Scores with everything that is needed to compare them with others.

    ``scores`` holds for every task its measures by name; ``breakdown`` the same for every kind of dirt or origin, without
    intervals. ``notes`` says what was not scored, or scored as empty. ``signature`` names data, settings and version.
    """

    signature: dict[str, str]
    scores: dict[str, dict[str, dict[str, Any]]]
    notes: list[str]
    breakdown: dict[str, dict[str, dict[str, dict[str, Any]]]]

    def to_dict(self) -> dict[str, Any]:
        """The report for JSON: signature, scores, notes, breakdown."""
        return asdict(self)

    def rows(self) -> list[dict[str, str]]:
        """The report as the rows of a table, one for each measure and label, all with the same columns."""
        parts = [("all", self.scores), *self.breakdown.items()]
        rows = []
        for part, tasks in parts:
            for task, measures in tasks.items():
                for name, measure in measures.items():
                    best = "*" if part == "all" and name == primary(task)[0] else ""
                    rows.append({"part": part, "task": task, "measure": name + best, **_cells(measure)})
                    for label, values in measure.get("labels", {}).items():
                        rows.append({"part": part, "task": task, "measure": f"{name}: {label}", **_cells(values)})
        return rows


def _cells(measure: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a measure: its main value with the interval, precision and recall (pq: sq and rq), and counts."""
    main = next((name for name in ("f1", "value", "pq", "recall") if name in measure), "f1")
    low_high = (measure.get("interval") or {}).get(main)
    sides = ("sq", "rq") if main == "pq" else ("precision", "recall")
    support = measure["support"]
    return {
        "score": _shown(measure.get(main)),
        "95 %": f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else "",
        "precision": _shown(measure.get(sides[0])),
        "recall": _shown(measure.get(sides[1])) if main != "recall" else "",
        "reference": str(support.get("reference", "")),
        "predicted": str(support.get("predicted", "")),
        "matched": str(support.get("matched", "")),
    }


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How much more one system scores than another on the same reference: task, measure, output, difference."""

    signature: dict[str, str]
    differences: "dict[str, dict[str, dict[str, Difference]]]"
    notes: list[str]

    def to_dict(self) -> dict[str, Any]:
        """The comparison for JSON: signature, differences, notes."""
        return asdict(self)


def score(
    predicted: Tree,
    *,
    reference: Tree | None = None,
    corpus: str | Path | Corpus | None = None,
    split: str | None = None,
    tasks: Sequence[str] | None = None,
    breakdown: Breakdown | None = None,
    seen: Mapping[str, Collection[str]] | None = None,
) -> Report:
    """Score a label tree.

    Args:
        predicted: the tree to score, or its folder.
        reference: the tree to score against, or its folder; the gold labels when left out.
        corpus: all documents that the trees may label; the package's own when left out.
        split: score the documents of one split alone.
        tasks: names out of `TASKS`, or the part before the slash for all of its tasks; ``pipeline`` must be asked for. When
            left out, the tasks of every layer that both trees hold.
        breakdown: score each kind of ``dirt``, or each ``origin``, too.
        seen: for each document the case-folded surfaces that training has seen, for the measure ``unseen`` of entities; those
            of the reference's split ``train`` when left out.

    Raises:
        FindingsError: a tree names documents, blocks or versions that do not exist, or spans outside the text.
        ValueError: a task, split or breakdown is unknown, or a tree lacks a layer that a task needs.
    """
    if breakdown not in (None, "dirt", "origin"):
        raise ValueError(f"unknown breakdown {breakdown!r}; expected dirt or origin")
    from wirecopy.scoring.intervals import RESAMPLES, add

    run = _Run(reference, [predicted], corpus=corpus, split=split, tasks=tasks, seen=seen)
    measured = run.measure(run.systems[0], run.documents)
    flat = [measure for measures in measured.values() for measure in measures]
    components = run.components()
    if components is not None:
        given = iter(add(flat, components))
        measured = {task: [next(given) for _ in measures] for task, measures in measured.items()}
    return Report(
        signature=run.signature(resamples=RESAMPLES),
        scores=_by_name(measured),
        notes=run.notes,
        breakdown={
            name: _by_name(run.measure(run.systems[0], part)) for name, part in _parts(run.documents, breakdown).items()
        },
    )


def compare(
    first: Tree,
    second: Tree,
    *,
    reference: Tree | None = None,
    corpus: str | Path | Corpus | None = None,
    split: str | None = None,
    tasks: Sequence[str] | None = None,
    seen: Mapping[str, Collection[str]] | None = None,
) -> Comparison:
    """Compare two systems on the same reference, with intervals of ``first`` less ``second`` on the same resamples.

    Arguments and errors are those of `score`.
    """
    from wirecopy.scoring.intervals import RESAMPLES, differences

    run = _Run(reference, [first, second], corpus=corpus, split=split, tasks=tasks, seen=seen)
    measured = [run.measure(system, run.documents) for system in run.systems]
    components = run.components() or _no_components()
    found = {task: differences(measured[0][task], measured[1][task], components) for task in measured[0]}
    return Comparison(signature=run.signature(resamples=RESAMPLES), differences=found, notes=run.notes)


def _no_components() -> "Components":
    import numpy as np

    from wirecopy.scoring.intervals import Components

    return Components(np.empty(0, dtype=np.int64))


def _by_name(measured: "Mapping[str, Sequence[Measure]]") -> dict[str, dict[str, dict[str, Any]]]:
    return {task: {measure.name: measure.to_dict() for measure in measures} for task, measures in measured.items()}


def _parts(documents: Corpus, breakdown: Breakdown | None) -> dict[str, Corpus]:
    if breakdown is None:
        return {}
    kinds: dict[str, list[str]] = {}
    for doc_id, document in documents.items():
        for kind in document.entry.dirt if breakdown == "dirt" else [document.entry.origin]:
            kinds.setdefault(kind, []).append(doc_id)
    return {f"{breakdown}: {kind}": _some(documents, doc_ids) for kind, doc_ids in sorted(kinds.items())}


def _some(corpus: Corpus, doc_ids: Collection[str]) -> Corpus:
    return Corpus({doc_id: corpus[doc_id] for doc_id in doc_ids})


def _known_task(task: str) -> str:
    if task not in TASKS:
        raise ValueError(f"unknown task {task!r}; expected one of {', '.join(TASKS)}")
    return task


class _Run:
    """Trees read and checked, and the documents and tasks to score."""

    def __init__(
        self,
        reference: Tree | None,
        systems: Sequence[Tree],
        *,
        corpus: str | Path | Corpus | None,
        split: str | None,
        tasks: Sequence[str] | None,
        seen: Mapping[str, Collection[str]] | None,
    ) -> None:
        self.corpus = load_corpus(corpus)
        self.split = split
        self.is_gold = reference is None
        self.reference = gold_tree() if reference is None else _read(reference)
        self.systems = [_read(system) for system in systems]
        self.notes: list[str] = []
        self.tasks = self._tasks(tasks)
        self._check()
        self.documents = self._documents()
        self._seen = seen

    def _tasks(self, wanted: Sequence[str] | None) -> list[str]:
        sides = [("the reference", self.reference), *(("the predicted tree", system) for system in self.systems)]
        if wanted is None:
            chosen = []
            absent: dict[str, list[str]] = {}
            for task in TASKS[:-1]:
                lacking = [who for who, tree in sides if not _holds(tree, task)]
                if lacking:
                    absent.setdefault(lacking[0], []).append(task)
                else:
                    chosen.append(task)
            self.notes.extend(f"not scored, {who} does not hold it: {', '.join(tasks)}" for who, tasks in absent.items())
        else:
            chosen = [task for task in TASKS if any(name in (task, task.partition("/")[0]) for name in wanted)]
            for name in wanted:
                if not any(name in (task, task.partition("/")[0]) for task in TASKS):
                    _known_task(name)
            for task in chosen:
                for who, tree in sides:
                    if not _holds(tree, task):
                        needed = ", ".join(NEEDS[task])
                        raise ValueError(f"task {task!r} compares {needed}; {who} holds {', '.join(tree.layers) or 'no layer'}")
        if "duplicates/versions" in chosen and self.reference.segments is None:
            chosen.remove("duplicates/versions")
            self.notes.append("duplicates/versions: not scored, the reference holds no segments and so no versions")
        if not chosen:
            raise ValueError("nothing to score: " + "; ".join(self.notes or ["no task was named"]))
        return chosen

    def _check(self) -> None:
        from wirecopy.derive import versions
        from wirecopy.scoring.columns import check, check_versions

        findings = check(self.reference, self.corpus, "reference")
        for system in self.systems:
            findings.extend(check(system, self.corpus, "predicted"))
        if not findings and self.reference.segments is not None:
            known = versions(self.reference.segments)
            if {"duplicates/versions", "pipeline"} & set(self.tasks):
                findings.extend(check_versions(self.reference, known, self.corpus, "reference"))
            for system in self.systems:
                if "duplicates/versions" in self.tasks:
                    findings.extend(check_versions(system, known, self.corpus, "predicted"))
                elif "pipeline" in self.tasks:
                    findings.extend(check_versions(system, versions(system.segments or {}), self.corpus, "predicted"))
        if findings:
            raise FindingsError(findings)

    def _documents(self) -> Corpus:
        documents = self.corpus
        if self.split is not None:
            documents = self.corpus.split(self.split)
            if not len(documents):
                known = ", ".join(self.corpus.split_names)
                raise ValueError(f"split {self.split!r} holds no document; expected one of {known}")
        layers = [layer for layer in ("segments", "quotes", "entities") if any(layer in self._layers(t) for t in self.tasks)]
        labelled = [doc_id for doc_id in documents if all(doc_id in getattr(self.reference, layer) for layer in layers)]
        if not labelled:
            raise ValueError(f"the reference labels no document in {', '.join(layers)}")
        if len(labelled) < len(documents):
            out = set(documents).difference(labelled)
            self.notes.append(f"left out, since the reference does not label them: {_listed(sorted(out))}")
        for layer in layers:
            for number, system in enumerate(self.systems, 1):
                held = getattr(system, layer)
                missing = [doc_id for doc_id in labelled if held is not None and doc_id not in held]
                if missing:
                    which = f" (system {number})" if len(self.systems) > 1 else ""
                    self.notes.append(f"{layer}{which}: no file, scored as empty: {_listed(missing)}")
        return documents if len(labelled) == len(documents) else _some(documents, labelled)

    def _layers(self, task: str) -> tuple[str, ...]:
        return ("segments",) if task == "duplicates/versions" else NEEDS[task]

    def measure(self, predicted: LabelTree, corpus: Corpus) -> "dict[str, list[Measure]]":
        """The measures of every task over some documents, without intervals."""
        scorers = _scorers(self._seen_surfaces)
        return {task: scorers[task](reference=self.reference, predicted=predicted, corpus=corpus) for task in self.tasks}

    def _seen_surfaces(self, corpus: Corpus) -> Mapping[str, Collection[str]] | None:
        if self._seen is not None:
            return self._seen
        from wirecopy.scoring.entities import surfaces

        known = surfaces(self.reference, self.corpus.split("train"))
        return dict.fromkeys(corpus, known) if known else None

    def components(self) -> "Components | None":
        """The component of each document, from the reference's stories; None where it has no segments."""
        import numpy as np

        from wirecopy.derive import components
        from wirecopy.scoring.columns import codes
        from wirecopy.scoring.intervals import Components

        if self.reference.segments is None:
            self.notes.append("no intervals: the reference holds no segments, so components of shared stories are unknown")
            return None
        found = components(self.reference.segments, self.documents)
        return Components(np.asarray(codes([found[doc_id] for doc_id in self.documents])[1][0]))

    def signature(self, *, resamples: int) -> dict[str, str]:
        """What a score is of: data, tasks, documents, settings, version."""
        import wirecopy
        from wirecopy.hub import content_hash
        from wirecopy.scoring.intervals import LEVEL, SEED

        return {
            "data": str(read_registry("version")["version"]),
            "hash": content_hash(self.corpus),
            "reference": "gold" if self.is_gold else "given",
            "tasks": ",".join(self.tasks),
            "split": self.split or "all",
            "documents": str(len(self.documents)),
            "level": str(LEVEL),
            "resamples": str(resamples),
            "seed": str(SEED),
            "wirecopy": wirecopy.__version__,
        }


def _scorers(
    seen: Callable[[Corpus], Mapping[str, Collection[str]] | None],
) -> "dict[str, Callable[..., list[Measure]]]":
    from wirecopy.scoring import duplicates, entities, pipeline, quotes, segments

    def score_entities(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> "list[Measure]":
        return entities.score(reference=reference, predicted=predicted, corpus=corpus, seen=seen(corpus))

    return {
        "duplicates/versions": duplicates.score_versions,
        "duplicates/blocks": duplicates.score_blocks,
        "segments/stories": segments.score_stories,
        "segments/topics": segments.score_topics,
        "segments/roles": segments.score_roles,
        "quotes": quotes.score,
        "entities": score_entities,
        "pipeline": pipeline.score,
    }


def _holds(tree: LabelTree, task: str) -> bool:
    return all(getattr(tree, layer) is not None for layer in NEEDS[task])


def _read(tree: Tree) -> LabelTree:
    return tree if isinstance(tree, LabelTree) else read_tree(tree)


def _listed(doc_ids: Sequence[str]) -> str:
    more = f" and {len(doc_ids) - _SHOWN} more" if len(doc_ids) > _SHOWN else ""
    return ", ".join(doc_ids[:_SHOWN]) + more
