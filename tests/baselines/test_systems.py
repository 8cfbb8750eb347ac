"""The systems on small examples made by hand."""

from collections.abc import Sequence
from typing import Any, cast

import common
import duplicates
import entities
import numpy as np
import pytest
import quotes
import segments
import wirecopy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

TAGS = ["O", "B-GPE", "I-GPE", "B-PERSON", "I-PERSON"]


def row(*texts: str, entities: tuple[wirecopy.Mention, ...] = ()) -> common.Row:
    lines = []
    start = 0
    for number, text in enumerate(texts):
        lines.append(common.Line(number, start, text))
        start += len(text) + 1
    return common.Row("post", "ferry-strike", tuple(lines), entities=entities)


def mention(text: str, surface: str, kind: str) -> wirecopy.Mention:
    start = text.index(surface)
    return wirecopy.Mention(start=start, end=start + len(surface), type=kind)


def pieces(text: str, spans: list[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


# Entities


def test_the_floor_of_entities_types_known_names_by_the_gazetteer_and_others_by_their_length() -> None:
    text = "Ada Finch and Bo Lee left Lima for Peru"
    labelled = (
        mention(text, "Ada Finch", "PERSON"),
        mention(text, "Bo Lee", "PERSON"),
        mention(text, "Lima", "GPE"),
        mention(text, "Peru", "GPE"),
    )
    model = entities.fit_gazetteer([row(text, entities=labelled)])
    line = common.Line(4, 100, "On Monday Ada Finch saw Oslo and Cy Roy of the Old Harbour Board")
    found = [(line.text[m.start - 100 : m.end - 100], m.type) for m in entities.find_names(model, line)]
    # Training has no name of three words, so *Old Harbour Board* has no type; *On Monday* names nothing.
    assert found == [("Ada Finch", "PERSON"), ("Oslo", "GPE"), ("Cy Roy", "PERSON")]


def test_among_equally_frequent_types_the_first_in_the_alphabet_is_taken() -> None:
    assert entities.most_frequent([("x", "ORG"), ("x", "GPE"), ("y", "LAW")]) == {"x": "GPE", "y": "LAW"}


def test_decoding_takes_the_best_sequence_that_is_allowed() -> None:
    # Token by token O, I-PERSON is best (.6 * .5 = .30) but not allowed. Allowed are O, O (.6 * .3 = .18) and
    # B-PERSON, I-PERSON (.4 * .5 = .20): the second wins.
    scores = np.log(np.array([[0.6, 1e-9, 1e-9, 0.4, 1e-9], [0.3, 0.1, 0.05, 0.05, 0.5]]))
    assert entities.decode(scores, TAGS) == ["B-PERSON", "I-PERSON"]


@given(arrays.arrays(np.float64, st.tuples(st.integers(0, 12), st.just(len(TAGS))), elements=st.floats(-30, 0)))
def test_decoding_never_gives_an_inside_tag_without_its_beginning(
    scores: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> None:
    tags = entities.decode(scores, TAGS)
    assert len(tags) == len(scores)
    for before, tag in zip(["O", *tags], tags, strict=False):
        assert not tag.startswith("I-") or before in (tag, f"B-{tag[2:]}")


def test_tags_and_spans_are_inverse() -> None:
    text = "Ada Finch left Lima Peru"
    tokens = wirecopy.tokenize(text)
    labelled = [mention(text, "Ada Finch", "PERSON"), mention(text, "Lima", "GPE"), mention(text, "Peru", "GPE")]
    tags = entities.bio(tokens, labelled)
    assert tags == ["B-PERSON", "I-PERSON", "O", "B-GPE", "B-GPE"]
    assert entities.spans(tokens, tags) == labelled


# Names and ids


def test_names_are_runs_of_capitals_without_words_that_open_sentences_or_name_dates() -> None:
    text = "The U.S. and Kim Jong-un met, Monday. But Lima's Harbour Board"
    assert pieces(text, common.names(text)) == ["U.S.", "Kim Jong-un", "Lima", "Harbour Board"]


def linked(text: str, *surfaces: str, registry: dict[str, str] | None) -> list[str | None]:
    mentions = []
    position = 0
    for surface in surfaces:
        start = text.index(surface, position)
        position = start + len(surface)
        mentions.append(wirecopy.Mention(start=start, end=position, type="PERSON"))
    known = None if registry is None else common.known({entity: common.words(name) for entity, name in registry.items()})
    return [m.entity for m in common.link(mentions, text, known)]


def test_a_last_name_has_the_id_of_the_person_named_before_it() -> None:
    registry = {"ada-finch": "Ada Finch", "bo-finch": "Bo Finch", "cy-roy": "Cy Roy"}
    text = "Ada Finch spoke. Finch left. Bo Finch came. Finch sat."
    surfaces = ("Ada Finch", "Finch", "Bo Finch", "Finch")
    assert linked(text, *surfaces, registry=registry) == ["ada-finch", "ada-finch", "bo-finch", "bo-finch"]


def test_a_last_name_alone_has_an_id_only_where_one_person_bears_it() -> None:
    registry = {"ada-finch": "Ada Finch", "bo-finch": "Bo Finch", "cy-roy": "Cy Roy"}
    assert linked("Finch and Roy", "Finch", "Roy", registry=registry) == [None, "cy-roy"]


def test_two_things_of_one_name_are_told_apart_by_nothing() -> None:
    assert linked("Lima", "Lima", registry={"lima": "Lima", "lima-ohio": "Lima"}) == [None]


def test_without_a_registry_the_words_of_the_full_name_make_the_id() -> None:
    assert linked("Finch: Ada Finch, Roy", "Finch", "Ada Finch", "Roy", registry=None) == ["ada-finch", "ada-finch", "roy"]


# Quotations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"We will," she said, "sail."', ['"We will,"', '"sail."']),
        ("“We will” and 'never' and ‘so’", ["“We will”", "'never'", "‘so’"]),
        ("The crew's pay and the boys' boats don't count", []),
        ("'Don't go,' he said", ["'Don't go,'"]),
        ("\"It is a 'gift' to us\" he said", ["\"It is a 'gift' to us\""]),
        ('"Never closed', []),
    ],
)
def test_quotation_marks_are_paired_and_apostrophes_are_none(text: str, expected: list[str]) -> None:
    assert pieces(text, quotes.marked(text)) == expected


def test_sentences_end_neither_after_an_initial_nor_after_a_title() -> None:
    text = "Mr. Roy met J. Lee. They spoke. U.S. ships left."
    assert pieces(text, quotes.sentences(text)) == ["Mr. Roy met J. Lee.", "They spoke.", "U.S. ships left."]


@pytest.mark.parametrize(
    ("text", "form", "content", "cue", "source"),
    [
        ("The Board said that the strike was over.", "after", "the strike was over", "said", "The Board"),
        ("The strike was over, the Board said.", "before", "The strike was over", "said", "the Board"),
        ("Boats sank, according to the Board.", "before", "Boats sank", "according to", "the Board"),
    ],
)
def test_a_clause_beside_a_verb_of_saying_is_a_candidate(text: str, form: str, content: str, cue: str, source: str) -> None:
    found = [
        (candidate.form, text[candidate.start : candidate.end], text[slice(*candidate.cue)], text[slice(*candidate.source)])
        for candidate in quotes.candidates(text)
        if candidate.cue and candidate.source
    ]
    assert (form, content, cue, source) in found


def test_the_floor_of_quotes_takes_the_name_nearest_to_the_verb_of_saying() -> None:
    text = 'Bo Lee heard "We sail," Ada Finch said in Lima.'
    names = [
        wirecopy.Mention(start=m.start, end=m.end, type="PERSON", entity=entity)
        for m, entity in [
            (mention(text, "Bo Lee", "PERSON"), "bo-lee"),
            (mention(text, "Ada Finch", "PERSON"), "ada-finch"),
            (mention(text, "Lima", "PERSON"), "lima"),
        ]
    ]
    line = common.Line(0, 0, text)
    assert quotes.nearest_name(line, quotes.marked(text)[0], names) == "ada-finch"


def test_a_clause_gives_way_to_a_direct_quotation_and_keeps_a_fragment_inside() -> None:
    def candidate(start: int, end: int, form: str) -> quotes.Candidate:
        return quotes.Candidate(start, end, form, None, None, (0, 99))

    direct, fragment = candidate(0, 10, "marks"), candidate(20, 25, "marks")
    over, around, cutting = candidate(5, 15, "after"), candidate(18, 40, "after"), candidate(22, 50, "before")
    chosen = [(0.9, over, "indirect"), (0.8, around, "indirect"), (0.95, cutting, "indirect")]
    kept = quotes.without_clashes([*chosen, (0.5, direct, "direct"), (0.5, fragment, "fragment")])
    assert kept == [(direct, "direct"), (fragment, "fragment"), (around, "indirect")]


# Segments

FERRY = "Ferry crews walked off the boats at dawn and the harbour stood empty while owners and crews talked of wages"
STORM = "Heavy storm winds tore roofs from houses along coast roads as rivers rose above banks flooding fields and villages"


class Borders:
    """Stands for a border classifier: how likely each block but the first begins a story."""

    def __init__(self, *likely: float) -> None:
        self.likely = likely

    def predict_proba(self, features: Sequence[Sequence[float]]) -> NDArray[np.float64]:
        assert len(features) == len(self.likely)
        return np.array([[1 - likely, likely] for likely in self.likely])


def starts(model: Any, texts: Sequence[str]) -> list[int]:
    return segments.story_starts(model, 0.5, texts)


def test_a_story_begins_where_a_border_is_likely_and_running_text_stands_on_both_sides() -> None:
    texts = [FERRY] * 4 + [STORM] * 4
    assert starts(Borders(0, 0.1, 0.2, 0.9, 0.1, 0, 0), texts) == [0, 4]
    # Before the second block stands one block alone: too short for a story of its own.
    assert starts(Borders(0.9, 0.1, 0.2, 0.1, 0.1, 0, 0), texts) == [0]


def test_no_border_is_set_below_the_likelihood_asked_for() -> None:
    assert starts(Borders(0, 0, 0, 0.49, 0, 0, 0), [FERRY] * 8) == [0]
    assert segments.story_starts(cast(Any, Borders()), 0.5, [FERRY]) == [0]


def test_a_headline_printed_again_is_told_to_the_border_classifier() -> None:
    headline = "Owners call ferry crews back"
    features = segments.border_features([*[FERRY] * 3, headline, "TT", headline, *[STORM] * 3])
    once = segments.border_features([*[FERRY] * 3, headline, "TT", "x", *[STORM] * 3])
    again = [place for place, (one, other) in enumerate(zip(features[2], once[2], strict=True)) if one != other]
    assert [features[2][place] for place in again][-1] == 1.0


def test_a_topic_begins_where_neighbouring_blocks_share_no_words() -> None:
    assert segments.topic_starts(2, 0.5, [FERRY] * 4 + [STORM] * 4) == [0, 4]
    assert segments.topic_starts(2, 0.5, [FERRY]) == [0]
    assert segments.topic_starts(2, 0.5, []) == []


# Duplicates


def copy(name: str, *texts: str) -> duplicates.Copy:
    passages = []
    for number, text in enumerate(texts):
        words = common.words(text)
        passages.append(duplicates.Passage(number, text, words, duplicates.ngrams(words, 3)))
    body = tuple(range(len(texts)))
    return duplicates.Copy(
        name, name.split("#")[0], tuple(passages), body, duplicates.ngrams(common.words("\n".join(texts)), 5)
    )


def test_blocks_are_compared_where_they_share_three_words_in_a_row_and_differ() -> None:
    a = copy("a#s", "one two three four five six", "red blue green grey pink", "same in both")
    b = copy("b#s", "one two three four five seven", "red blue x green grey", "same in both")
    assert [(one.number, other.number) for one, other in duplicates.candidates(a, b)] == [(0, 0)]
    # Trigrams: four each, three shared. Words: six each, five shared.
    assert duplicates.block_features(a.passages[0], b.passages[0]) == [3 / 4, 3 / 4, 5 / 6, 5 / 6]


def test_the_shared_part_is_counted_of_the_shorter_and_of_the_longer() -> None:
    one, other = duplicates.ngrams(tuple("abcd"), 2), duplicates.ngrams(tuple("abc"), 2)
    assert duplicates.contained(one, other) == (1.0, 2 / 3)
    assert duplicates.contained(one, frozenset()) == (0.0, 0.0)


def test_the_share_of_aligned_blocks_is_of_the_shorter_body() -> None:
    a, b = copy("a#s", FERRY, "Talks"), copy("b#s", FERRY, STORM, "More talks")
    assert duplicates.aligned_share(a, b, []) == 0.5
    assert duplicates.aligned_share(a, b, [(1, 2)]) == 1.0


def test_versions_are_identical_when_their_body_is_and_there_is_one() -> None:
    assert duplicates.is_identical(copy("a#s", FERRY, STORM), copy("b#s", FERRY, STORM))
    assert not duplicates.is_identical(copy("a#s", FERRY), copy("b#s", STORM))
    assert not duplicates.is_identical(copy("a#s"), copy("b#s"))


def test_the_fitted_classifiers_tell_relations_of_validation_apart() -> None:
    model, _ = duplicates.tuned()
    gold = wirecopy.gold_tree()
    related = {(pair.a, pair.b): pair.relation for pair in gold.versions or ()}
    compared = list(duplicates.pairs(duplicates.copies(duplicates.gold_segments("validation"))))
    aligned = [duplicates.block_relations(model, a, b) for a, b in compared]
    found = duplicates.version_relations(model, compared, aligned)
    right = [name == related.get((a.name, b.name), "unrelated") for name, (a, b) in zip(found, compared, strict=True)]
    assert sum(right) / len(right) > 0.95
