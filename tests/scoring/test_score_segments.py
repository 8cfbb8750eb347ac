"""Scores of segments and roles: goldens by hand, a plain transcription of Panoptic Quality, scikit-learn."""

import numpy as np
import pytest
from scoring.build import corpus, keys_of, lines, named, random_masses, stories
from sklearn.metrics import accuracy_score, f1_score
from wirecopy.corpus import Corpus, Document
from wirecopy.derive import story_runs
from wirecopy.labels import ROLES, BlockLabel, LabelTree
from wirecopy.scoring import segments
from wirecopy.scoring.measures import Measure


def tree(*documents: list[BlockLabel]) -> LabelTree:
    return LabelTree(segments={f"d{number}": labels for number, labels in enumerate(documents)})


def over(*blocks: int) -> Corpus:
    return corpus({f"d{number}": lines(size) for number, size in enumerate(blocks)})


def score_stories(reference: LabelTree, predicted: LabelTree, documents: Corpus) -> dict[str, Measure]:
    return named(segments.score_stories(reference=reference, predicted=predicted, corpus=documents))


def test_panoptic_quality_by_hand() -> None:
    # Ten blocks of 4 code points. Reference 4 + 6, predicted 3 + 7: IoU 3/4 and 6/7, both above 1/2.
    reference, predicted = tree(stories(keys_of([4, 6]))), tree(stories(keys_of([3, 7])))
    found = score_stories(reference, predicted, over(10))["panoptic"].outputs
    assert found == pytest.approx({"pq": (3 / 4 + 6 / 7) / 2, "sq": (3 / 4 + 6 / 7) / 2, "rq": 1.0})
    # Predicted 2 + 2 + 6: 2/4 is not above 1/2. One match of IoU 1 of 2 and 3 segments: 1 / 2.5.
    found = score_stories(reference, tree(stories(keys_of([2, 2, 6]))), over(10))["panoptic"].outputs
    assert found == pytest.approx({"pq": 0.4, "sq": 1.0, "rq": 0.4})


def test_blocks_weigh_as_many_code_points_as_they_hold() -> None:
    # Blocks of 1, 8, 1 code points. Reference aab, predicted abb: sets of 9 + 1 against 1 + 9. a: 1/9. b: 1/9. a-b: 8/10.
    documents = corpus({"d0": "x\nxxxxxxxx\nx"})
    found = score_stories(tree(stories(["a", "a", "b"])), tree(stories(["c", "d", "d"])), documents)["panoptic"]
    assert found.outputs == pytest.approx({"pq": 0.4, "sq": 0.8, "rq": 0.5})


def test_what_a_story_is_called_does_not_matter() -> None:
    reference, predicted = tree(stories(["a", "a", "b"])), tree(stories(["b", "b", "x"]))
    assert score_stories(reference, predicted, over(3))["panoptic"].outputs["pq"] == 1.0


def panoptic_by_definition(reference: LabelTree, predicted: LabelTree, documents: Corpus) -> float:
    overlap, halves = 0.0, 0.0
    for doc_id, document in documents.items():
        sides = [_character_sets(document, list((side.segments or {}).get(doc_id, []))) for side in (reference, predicted)]
        halves += sum(len(side) for side in sides) / 2
        for a in sides[0]:
            for b in sides[1]:
                likeness = len(a & b) / len(a | b)
                overlap += likeness if likeness > 0.5 else 0.0
    return overlap / halves


def _character_sets(document: Document, labels: list[BlockLabel]) -> list[set[int]]:
    if all(label.story is None for label in labels):
        return []
    blocks = document.blocks
    runs = story_runs(labels, len(blocks))
    return [{place for block in run for place in range(blocks[block].start, blocks[block].end)} for run in runs]


@pytest.mark.parametrize("seed", range(10))
def test_panoptic_quality_equals_its_definition(seed: int) -> None:
    generator = np.random.default_rng(seed)
    texts = {f"d{number}": "\n".join("x" * int(width) for width in generator.integers(1, 9, 12)) for number in range(5)}

    def side() -> LabelTree:
        keys = [[key if generator.random() < 0.8 else None for key in keys_of(random_masses(generator, 12))] for _ in texts]
        return tree(*(stories(own) for own in keys))

    reference, predicted, documents = side(), side(), corpus(texts)
    found = score_stories(reference, predicted, documents)["panoptic"].outputs["pq"]
    assert found == pytest.approx(panoptic_by_definition(reference, predicted, documents))


def test_borders_of_stories_by_hand() -> None:
    # Reference borders at 3 and 6, predicted at 3 and 7 and, in the second document, none and one at 2.
    reference = tree(stories(keys_of([3, 3, 3])), stories(keys_of([4])))
    predicted = tree(stories(keys_of([3, 4, 2])), stories(keys_of([2, 2])))
    found = score_stories(reference, predicted, over(9, 4))
    # Exact: 1 of 2 and 3; within one block: 2 of 2 and 3. No document is right.
    assert found["boundaries_exact"].outputs == pytest.approx({"precision": 1 / 3, "recall": 1 / 2, "f1": 0.4})
    assert found["boundaries_within_one"].outputs == pytest.approx({"precision": 2 / 3, "recall": 1.0, "f1": 0.8})
    assert found["documents_right"].outputs["value"] == 0.0
    # Boundary similarity: 1 - (1/2)/2 = .75 and 0: mean .375.
    assert found["boundary_similarity"].outputs["value"] == pytest.approx(0.375)


def test_a_document_without_a_file_is_missed_even_where_it_has_one_story() -> None:
    reference = tree(stories(["a", "a", "a"]))
    found = score_stories(reference, LabelTree(segments={}), over(3))
    assert found["panoptic"].outputs["pq"] == 0.0
    assert found["documents_right"].outputs["value"] == 0.0
    assert found["pk"].outputs["value"] == 1.0


def test_topics_are_scored_inside_the_stories_of_the_reference() -> None:
    # Stories a (blocks 0-3) and b (4-7). The border between them is no topic border.
    # Inside: reference 2 and 6, predicted 2 and 5.
    names = ["a"] * 4 + ["b"] * 4
    reference = tree(stories(names, topics=["t", "t", "u", "u", "v", "v", "w", "w"]))
    predicted = tree(stories(["z"] * 8, topics=["1", "1", "2", "2", "3", "4", "4", "4"]))
    found = named(segments.score_topics(reference=reference, predicted=predicted, corpus=over(8)))
    assert found["boundaries_within_one"].support == {"reference": 2, "predicted": 2, "matched": 2}
    assert found["boundaries_within_one"].outputs["f1"] == 1.0
    # Story a is right (1.0); b has its border one gap off: 1 - 1/2 over 1 = .5. Mean over the two stories.
    assert found["boundary_similarity"].outputs["value"] == pytest.approx(0.75)
    assert found["boundary_similarity"].support == {"reference": 2}


def test_roles_by_hand() -> None:
    def labelled(*roles: str) -> list[BlockLabel]:
        return [BlockLabel(block=block, role=role) for block, role in enumerate(roles) if role]

    reference = tree(labelled("body", "body", "headline", "caption"))
    predicted = tree(labelled("body", "headline", "headline", ""))
    found = named(segments.score_roles(reference=reference, predicted=predicted, corpus=over(4)))
    # body: 1 of 2 and 1: 2/3. headline: 1 of 1 and 2: 2/3. caption: missed, 0. Mean 4/9; 2 of 4 blocks right.
    assert found["macro"].outputs["f1"] == pytest.approx(4 / 9)
    assert found["accuracy"].outputs["value"] == 0.5
    assert found["macro"].labels["caption"]["recall"] == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_roles_agree_with_scikit_learn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    held = [[ROLES[kind] for kind in generator.integers(0, 6, 15)] for _ in range(4)]
    given = [[role if generator.random() < 0.7 else "related" for role in own] for own in held]
    sides = [
        tree(*([BlockLabel(block=block, role=role) for block, role in enumerate(own)] for own in side))
        for side in (held, given)
    ]
    found = named(segments.score_roles(reference=sides[0], predicted=sides[1], corpus=over(15, 15, 15, 15)))
    flat = [[role for own in side for role in own] for side in (held, given)]
    assert found["macro"].outputs["f1"] == pytest.approx(f1_score(*flat, average="macro"))
    assert found["accuracy"].outputs["value"] == pytest.approx(accuracy_score(*flat))
    each = f1_score(*flat, average=None, labels=sorted(set(flat[0] + flat[1])))
    assert [found["macro"].labels[role]["f1"] for role in sorted(found["macro"].labels)] == pytest.approx(list(each))
