from itertools import pairwise

import wirecopy
from hypothesis import given
from hypothesis import strategies as st
from wirecopy.derive import clusters, components, jaccard, runs, topic_runs, versions, word_ngrams
from wirecopy.labels import BlockLabel, VersionPair


def test_a_block_without_a_key_joins_the_run_before_it() -> None:
    assert runs(["a", None, "a", "b", None]) == [range(3), range(3, 5)]


def test_at_the_start_it_joins_the_run_after_it() -> None:
    assert runs([None, None, "a", "b"]) == [range(3), range(3, 4)]


def test_keys_that_are_all_none_make_one_run_and_no_keys_make_none() -> None:
    assert runs([None, None]) == [range(2)]
    assert runs([]) == []


@given(st.lists(st.sampled_from(["a", "b", None]), max_size=12))
def test_runs_tile_the_positions_and_neighbours_differ(keys: list[str | None]) -> None:
    found = runs(keys)
    assert [position for run in found for position in run] == list(range(len(keys)))
    held = [{keys[position] for position in run} - {None} for run in found]
    assert all(len(kinds) == 1 for kinds in held) or set(keys) <= {None}
    assert all(a != b for a, b in pairwise(held))


def label(block: int, role: str, story: str | None, topic: str | None = None) -> BlockLabel:
    return BlockLabel(block=block, role=role, story=story, topic=topic)


STORIES = [
    label(0, "headline", "flood"),
    label(1, "body", "flood", "rescue"),
    label(2, "related", None),
    label(3, "body", "flood", "rescue"),
    label(4, "body", "flood", "cost"),
    label(5, "headline", "race"),
    label(6, "body", "race", "result"),
]


def test_topics_are_segmented_inside_their_story() -> None:
    assert wirecopy.story_runs(STORIES, 7) == [range(5), range(5, 7)]
    # The headline has no topic and, at the start of the story, joins the topic after it.
    assert topic_runs(STORIES, range(5), 7) == [range(4), range(4, 5)]
    assert topic_runs(STORIES, range(5, 7), 7) == [range(5, 7)]


def test_a_version_holds_all_blocks_of_its_story_and_none_without_one() -> None:
    found = versions({"x": STORIES})
    assert list(found) == ["x#flood", "x#race"]
    assert found["x#flood"].blocks == (0, 1, 3, 4)
    assert found["x#flood"].body == (1, 3, 4)


def test_clusters_close_over_near_duplicates_and_stop_at_same_event() -> None:
    pairs = [
        VersionPair(a="a", b="b", relation="near_duplicate"),
        VersionPair(a="b", b="c", relation="identical"),
        VersionPair(a="c", b="d", relation="same_event"),
    ]
    assert clusters("abcd", pairs) == {"a": "a", "b": "a", "c": "a", "d": "d"}


def test_documents_tied_by_a_shared_story_are_one_component_also_through_a_third() -> None:
    segments = {
        "p": [label(0, "body", "one", "t")],
        "q": [label(0, "body", "one", "t"), label(1, "body", "two", "t")],
        "r": [label(0, "body", "two", "t")],
        "s": [label(0, "body", "three", "t")],
    }
    assert components(segments, segments) == {"p": "p", "q": "p", "r": "p", "s": "s"}


def test_the_real_files_are_one_component() -> None:
    segments = wirecopy.gold_tree().segments or {}
    assert len(set(components(segments, wirecopy.corpus().split("wild")).values())) == 1


def test_word_ngrams_fold_case_and_punctuation_and_a_short_text_has_none() -> None:
    assert word_ngrams("One two, THREE four five six") == {
        ("one", "two", "three", "four", "five"),
        ("two", "three", "four", "five", "six"),
    }
    assert word_ngrams("one two three four") == frozenset()


def test_jaccard_of_two_sets_that_share_one_of_three_is_a_third() -> None:
    assert jaccard(frozenset({1, 2}), frozenset({2, 3})) == 1 / 3
    assert jaccard(frozenset[int](), frozenset[int]()) == 1.0
