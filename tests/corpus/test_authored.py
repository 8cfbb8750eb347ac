"""The authored corpus: markup, house styles, documents and their labels; and that the sources make the committed files."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import wirecopy
from check import Checked, check, check_shared_words, in_two_splits
from document import AuthoredDocument, Press, doc_id
from hypothesis import given
from hypothesis import strategies as st
from marked import CUE, MENTION, SOURCE, Edit, Label, Marked, cut, edit, join, parse, pull_in
from overlap import show_overlap
from show import show_document, show_story
from small_tree import Files, entry, lines, one_document, write
from source import AUTHORED_SPLITS, NOISE, SETTINGS, Name, Problem, Source, Sources, read_sources
from stats import TARGETS, edits, figures, show_stats
from style import Style, restyle, spellings
from tree import made_before, make_files, real_entities, relate, write_files
from wirecopy.corpus import data_root, fold, read_manifest, split_blocks
from wirecopy.labels import Mention, Quotation
from wirecopy.manifest import make_manifest

ROOT = data_root()
SOURCES = ROOT / "corpus" / "authored" / "sources"
BUILD = SOURCES / "build"

OUTLET = """outlet: bay-herald
name: The Bay Herald
split: train
spelling: british
quotes: straight-double
punctuation: logical
honorifics: no
dates: day-first
dash: spaced-en
headlines: sentence
spacing: dense

= names
bay-press | ORG | Bay Press

= boilerplate tt
TT

= boilerplate copyright
© {Bay Press}. All rights reserved.

= metadata publisher
{Bay Press}
"""
STORY = """story: marlow-ferry
title: Ferry crews walk out
desk: labour
scene: Ireland
kind: main
split: train
spelling: british

= topics
strike: the strike
talks: the talks
fares: the fares

= names
marlow-bay | LOC | Marlow Bay
ada-finch | PERSON | Ada Finch; Finch | Ms
harbour-board | ORG | Harbour Board; Board
crews | NORP | Crews

= headline h1
{Marlow Bay} crews [f1 'weary']
@1 crews weary

= body p1 strike
[d2 "We will not sail,"] [s2 {Ada Finch}] [c2 said]. // It rained.
@2 ada-finch no-sailing

= body p1.b strike
[d2 "We will not sail,"] [c2 said] [s2 {Ada Finch}]. // Rain fell.

= body p2 talks
[s3,4 The {Harbour Board}] [c3 said] [i3 the strike was [f4 "a gift"]], and in a statement [c4 added]:
@3 harbour-board gift
@4 harbour-board gift

= body p3 talks
Nobody else spoke.

= body p4 fares
[b5 We regret it.]
@5 harbour-board regret

= metadata tags
{marlow bay} | strike

= related r1
Fares rise

= document
outlet: bay-herald
pieces: h1 p1 p2
"""
BRIEF = """story: quay-fair
title: A fair on the quay
desk: culture
scene: Ireland
kind: brief
split: train
spelling: british

= topics
fair: the fair

= names
quay-fair | EVENT | Quay Fair

= headline h1
{Quay Fair} opens

= body p1 fair
The {Quay Fair} opened.
"""


def words(count: int, stem: str) -> str:
    """A text that no other one shares a word with."""
    return " ".join(f"{stem}{number}" for number in range(count))


def sources(folder: Path, *, story: str = STORY, outlet: str = OUTLET, **others: str) -> Sources:
    """Sources from strings: the main story, a file of outlets, and other stories by name (``_`` stands for a hyphen)."""
    files = {"stories/marlow-ferry.txt": story, "outlets/bay.txt": outlet}
    files |= {f"stories/{name.replace('_', '-')}.txt": text for name, text in others.items()}
    write(files, folder)
    return read_sources(folder)


def printed(
    folder: Path, pieces: str, *, noise: str = "", outlet: str = OUTLET, story: str = STORY, **others: str
) -> AuthoredDocument:
    """The first document of the story with other pieces."""
    before = story.partition("= document")[0]
    document = f"= document\noutlet: bay-herald\npieces: {pieces}\n" + (f"noise: {noise}\n" if noise else "")
    made = sources(folder, story=before + document, outlet=outlet, **others)
    assert made.problems == []
    main = made.stories["marlow-ferry"]
    return Press(made).print(main, main.printings[0])


def problems(folder: Path, files: dict[str, str], *, notes: bool = False) -> list[str]:
    """The problems of sources as *file:line message*."""
    found = check(sources(folder, **files), ROOT / "annotations").problems
    return [f"{Path(one.file).name}:{one.line} {one.message}" for one in found if one.is_note is notes]


# Markup


def test_labels_are_read_with_offsets_counted_by_hand() -> None:
    #        0123456789012345678901234567
    text = "We sail, said Zoé Li of Rota."
    found, wrong = parse("[d3 We sail,] [c3,4 said] [s3,4 {=Zoé Li|zoe-li} of {Rota}].")
    assert wrong == []
    assert found.text == text
    assert found.labels == (
        Label(0, 8, "direct", ("3",)),
        Label(9, 13, CUE, ("3", "4")),
        Label(14, 28, SOURCE, ("3", "4")),
        Label(14, 20, MENTION, ("zoe-li",), bare=True),
        Label(24, 28, MENTION, ()),
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a [d3 b", "column 3: '[d3 b' is never closed; add ]"),
        ("a {b", "column 3: '{b' is never closed; add }"),
        ("a] b", "column 2: ']' closes nothing; open it with '[' or drop it"),
        ("a [d3 {b] c}", "column 9: ']' would close what opens at column 7 ('{b] c}'); labels nest and never cross"),
        ("a [q3 b]", "column 3: '[q3 b]' has the unknown letter 'q'"),
        ("a [3 b]", "column 3: '[3 b]' is no label"),
        ("a [d3,4 b]", "column 3: '[d3,4 b]' gives one content two numbers"),
        ("a [d3  b]", "column 3: the label on ' b' starts or ends with white space"),
        ("a {} b", "column 3: the label on '' is empty"),
    ],
)
def test_markup_that_is_none_is_named_with_its_column(line: str, message: str) -> None:
    assert parse(line)[1][0].startswith(message)


def test_a_cut_parts_the_text_and_its_labels() -> None:
    whole, _ = parse("{Ada} sang. // Then {Bo} sang.")
    parts, wrong = cut(whole)
    assert wrong == []
    assert parts == (
        Marked("Ada sang.", (Label(0, 3, MENTION, ()),)),
        Marked("Then Bo sang.", (Label(5, 7, MENTION, ()),)),
    )
    assert join(parts, " ") == Marked("Ada sang. Then Bo sang.", (Label(0, 3, MENTION, ()), Label(15, 17, MENTION, ())))


def test_a_label_that_reaches_over_a_cut_is_named() -> None:
    whole, _ = parse("[i1 one. // two]")
    assert cut(whole)[1] == ["the indirect label on 'one. // two'… reaches over ' // '; end it before"]


# Edits: every character carries the labels that it stands in, and takes them along.

_PLACES = st.integers(0, 12)


@st.composite
def marked_texts(draw: st.DrawFn) -> Marked:
    text = draw(st.text(alphabet="abc ,.\"'", min_size=4, max_size=12))
    labels = []
    for number in range(draw(st.integers(0, 4))):
        start, end = sorted((min(draw(_PLACES), len(text)), min(draw(_PLACES), len(text))))
        if start < end:
            labels.append(Label(start, end, draw(st.sampled_from([MENTION, "indirect", SOURCE])), (str(number),)))
    return Marked(text, tuple(labels))


def surfaces(text: Marked) -> dict[tuple[str, str], str]:
    return {(label.kind, label.names[0]): text.surface(label) for label in text.labels}


@given(marked_texts(), st.data())
def test_each_label_holds_the_same_characters_after_any_chain_of_edits(text: Marked, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        edits = []
        done = 0
        for _ in range(data.draw(st.integers(0, 3))):
            start = data.draw(st.integers(done, len(text.text)))
            end = min(start + data.draw(st.integers(0, 3)), len(text.text))
            if not any(start < place < end for label in text.labels for place in (label.start, label.end)):
                edits.append(Edit(start, end, data.draw(st.text(alphabet="xyz", max_size=3))))
                # The next edit begins behind this one, so that two insertions do not stand in one place.
                done = end + 1
            if done > len(text.text):
                break
        expected = {}
        for label in text.labels:
            held = ""
            for place in range(len(text.text) + 1):
                change = next((one for one in edits if one.start == place), None)
                if change and change.start == change.end:
                    inside = label.start < place < label.end or (place == label.start and label.kind != MENTION)
                    held += change.text if inside else ""
                elif change:
                    held += change.text if label.start <= place < label.end else ""
                if label.start <= place < label.end and not any(one.start <= place < one.end for one in edits):
                    held += text.text[place]
            expected[label.kind, label.names[0]] = held
        text = edit(text, edits)
        assert surfaces(text) == expected
        if any(label.start == label.end for label in text.labels):
            return


@given(marked_texts(), st.data())
def test_a_character_pulled_in_goes_to_the_labels_that_end_with_the_mark(text: Marked, data: st.DataObject) -> None:
    end = data.draw(st.integers(1, len(text.text) - 1))
    start = data.draw(st.integers(max(0, end - 2), end - 1))
    # A label cannot begin between the marks or with the character itself.
    labels = tuple(label for label in text.labels if not start < label.start <= end)
    text = Marked(text.text, labels)
    places = [*range(start), end, *range(start, end), *range(end + 1, len(text.text))]
    expected = {}
    for label in text.labels:
        ends_with_mark = start < label.end <= end
        held = [place for place in places if label.start <= place < label.end or (place == end and ends_with_mark)]
        expected[label.kind, label.names[0]] = "".join(text.text[place] for place in held)
    assert surfaces(pull_in(text, start, end)) == expected


def test_an_edit_that_would_cut_a_label_is_refused() -> None:
    with pytest.raises(ValueError, match="cuts a label"):
        edit(Marked("abc", (Label(1, 3, MENTION, ("x",)),)), [Edit(0, 2, "x")])


# House styles

PLAIN = Style("british", "straight-double", "logical", "no", "day-first", "spaced-en", "sentence", "blank")
NAMES = {
    "ada-finch": Name("ada-finch", "PERSON", ("Ada Finch", "Finch", "Addie"), "Ms", 1),
    "colour-guild": Name("colour-guild", "ORG", ("Colour Guild",), None, 2),
}


def styled(line: str, *, role: str = "body", source: str = "british", **settings: str) -> tuple[str, list[str]]:
    """A line in a house style, and the surfaces of its labels."""
    text, wrong = parse(line)
    assert wrong == []
    made = restyle(text, replace(PLAIN, **settings), spelling=source, role=role, names=NAMES)
    return made.text, [made.surface(label) for label in made.labels]


@pytest.mark.parametrize(
    ("settings", "line", "text", "labels"),
    [
        (
            {"quotes": "curly-double"},
            "[d1 \"I won't say 'no',\"] she said",
            "“I won’t say ‘no’,” she said",
            ["“I won’t say ‘no’,”"],
        ),
        (
            {"quotes": "curly-single"},
            "[d1 \"I won't say 'no',\"] she said",
            "‘I won’t say “no”,’ she said",
            ["‘I won’t say “no”,’"],
        ),
        ({"quotes": "straight-single"}, '[x1 "odd"] boys\' club', "'odd' boys' club", ["'odd'"]),
        (
            {"quotes": "guillemets"},
            "[d1 \"I won't say 'no',\"] she said",
            "«I won’t say “no”,» she said",
            ["«I won’t say “no”,»"],
        ),
        ({"quotes": "guillemets"}, "Port [f1 'shut']", "Port «shut»", ["«shut»"]),
        (
            {"quotes": "curly-double"},
            "Port [f1 'shut'], [b2 She's \"in\".]",
            "Port ‘shut’, She’s “in”.",
            ["‘shut’", "She’s “in”."],
        ),
        (
            {"punctuation": "american"},
            '[i1 it was [f2 "a gift"]], and [x3 "{Big}"].',
            'it was "a gift," and "Big."',
            ['it was "a gift,"', '"a gift,"', '"Big."', "Big"],
        ),
        ({"punctuation": "american"}, "[d1 \"He said 'no'\"], and", "\"He said 'no,'\" and", ["\"He said 'no,'\""]),
        ({"punctuation": "american"}, '[f1 "why?"], [f2 "a"]; [f3 "b"]...', '"why?", "a"; "b"...', ['"why?"', '"a"', '"b"']),
        (
            {"dates": "month-first"},
            "[i1 on 12 March] or {3 May 2024|x}",
            "on March 12 or 3 May 2024",
            ["on March 12", "3 May 2024"],
        ),
        ({"dates": "month-first"}, "12 March 2024, 3–5 May, 1 and 2 June", "March 12, 2024, May 3–5, 1 and 2 June", []),
        ({"dash": "em"}, '[d1 "No"] – [c1 said] {A|a}', '"No"—said A', ['"No"', "said", "A"]),
        ({"dash": "hyphen"}, "a – b, 2–3", "a - b, 2–3", []),
        (
            {"honorifics": "yes"},
            '[s1 {Finch|ada-finch}] met {Ada Finch|ada-finch}, {Addie|ada-finch}, {=Finch|ada-finch} [f2 "{Finch|ada-finch}"]',
            'Ms Finch met Ada Finch, Addie, Finch "Finch"',
            ["Finch", "Ms Finch", "Ada Finch", "Addie", "Finch", '"Finch"', "Finch"],
        ),
        (
            {"spelling": "american"},
            "Colour in {Colour Guild|colour-guild}: ten per cent of LABOUR organised",
            "Color in Colour Guild: ten percent of LABOR organized",
            ["Colour Guild"],
        ),
    ],
)
def test_house_styles_change_the_text_and_take_the_labels_along(
    settings: dict[str, str], line: str, text: str, labels: list[str]
) -> None:
    assert styled(line, **settings) == (text, labels)


def test_honorifics_stand_in_running_text_only() -> None:
    for role in ("headline", "caption"):
        assert styled("{Finch|ada-finch} sails", role=role, honorifics="yes")[0] == "Finch sails"


def test_headlines_in_title_case_keep_small_words_and_names() -> None:
    line = "crews of {de Wit|x} say [f1 'no to the half-day'] as {GPG|g} walks out"
    text, labels = styled(line, role="headline", headlines="title")
    assert text == "Crews of de Wit Say 'No to the Half-Day' as GPG Walks Out"
    assert labels == ["de Wit", "'No to the Half-Day'", "GPG"]
    assert styled(line, role="body", headlines="title")[0] == line.replace("{", "").replace("|x}", "").replace(
        "|g}", ""
    ).replace("[f1 ", "").replace("]", "")


def test_american_text_takes_british_spelling_but_not_where_the_word_has_two_readings() -> None:
    assert (
        styled("Color, the defense, a check and percent", source="american")[0] == "Colour, the defence, a check and per cent"
    )


def test_the_list_of_spellings_has_no_word_on_both_sides() -> None:
    to = spellings()
    assert len(to["american"]) > 200
    assert not to["american"].keys() & set(to["american"].values())


# Documents


def test_a_document_has_the_text_and_the_labels_that_were_counted_by_hand(tmp_path: Path) -> None:
    found = printed(tmp_path, "h1 p1 p2")
    assert found.doc_id == "a_" + hashlib.sha256(b"marlow-ferry:1").hexdigest()[:12]
    assert found.text == (
        "Marlow Bay crews 'weary'\n"  # 0 to 24
        '"We will not sail," Ada Finch said. It rained.\n'  # 25 to 71
        'The Harbour Board said the strike was "a gift", and in a statement added:\n'  # 72 to 145
    )
    story = "marlow-ferry"
    assert [(one.block, one.role, one.story, one.topic) for one in found.segments] == [
        (0, "headline", story, None),
        (1, "body", story, "strike"),
        (2, "body", story, "talks"),
    ]
    assert [(one.start, one.end, one.text, one.type, one.entity) for one in found.entities] == [
        (0, 10, "Marlow Bay", "LOC", "marlow-bay"),
        (45, 54, "Ada Finch", "PERSON", "ada-finch"),
        (76, 89, "Harbour Board", "ORG", "harbour-board"),
    ]
    assert [
        (one.start, one.end, one.type, one.cue and one.cue.start, one.source and one.source.start, one.speaker, one.utterance)
        for one in found.quotes
    ] == [
        (17, 24, "fragment", None, None, "crews", "marlow-ferry-weary"),
        (25, 44, "direct", 55, 45, "ada-finch", "marlow-ferry-no-sailing"),
        (95, 118, "indirect", 90, 72, "harbour-board", "marlow-ferry-gift"),
        (110, 118, "fragment", 139, 72, "harbour-board", "marlow-ferry-gift"),
    ]
    records: list[Mention | Quotation] = [*found.entities, *found.quotes]
    for record in records:
        assert found.text[record.start : record.end] == record.text


def blocks(found: AuthoredDocument) -> list[tuple[str, str | None, str | None, str]]:
    text = found.text
    raw = [text[block.start : block.end] for block in split_blocks(text)]
    return [(one.role, one.story, one.topic, shown) for one, shown in zip(found.segments, raw, strict=True)]


def test_texts_are_cut_merged_glued_moved_and_given_other_roles(tmp_path: Path) -> None:
    found = printed(tmp_path, "p3+p1/2 p1.b/1 r1^~tt p1/2@metadata ~copyright h1@related")
    assert blocks(found) == [
        ("body", "marlow-ferry", "talks", "Nobody else spoke. It rained."),
        ("body", "marlow-ferry", "strike", '"We will not sail," said Ada Finch.'),
        ("related", None, None, "Fares riseTT"),
        ("metadata", "marlow-ferry", None, "It rained."),
        ("boilerplate", None, None, "© Bay Press. All rights reserved."),
        ("related", None, None, "Marlow Bay crews 'weary'"),
    ]
    assert found.dirt == ("glued_link_text", "headline_missing", "legal_lines", "related_links", "repeated_summary")


def test_two_stories_stand_in_one_document_and_an_outlets_metadata_goes_to_the_one_before_it(tmp_path: Path) -> None:
    found = printed(tmp_path, "~publisher | quay-fair: h1 ~tt p1 ~publisher | marlow-ferry: h1 p3 ~publisher", quay_fair=BRIEF)
    assert [(role, story) for role, story, _, _ in blocks(found)] == [
        ("metadata", "quay-fair"),
        ("headline", "quay-fair"),
        ("boilerplate", None),
        ("body", "quay-fair"),
        ("metadata", "quay-fair"),
        ("headline", "marlow-ferry"),
        ("body", "marlow-ferry"),
        ("metadata", "marlow-ferry"),
    ]
    assert found.dirt == ("publisher", "two_stories", "widget_mark")


def test_the_words_around_a_block_quotation_are_found_in_the_nearest_block_before_it(tmp_path: Path) -> None:
    story = STORY.replace("[s3,4 The", "[s3,4,5 The").replace("[c4 added]", "[c4,5 added]")
    found = printed(tmp_path, "p2 p2 p4", story=story)
    (quotation,) = [one for one in found.quotes if one.type == "block"]
    assert quotation.cue and quotation.source
    assert (quotation.text, quotation.cue.text, quotation.source.text) == ("We regret it.", "added", "The Harbour Board")
    assert found.text.count("\n", 0, quotation.cue.start) == 1
    assert [one.cue for one in printed(tmp_path, "p4 p2", story=story).quotes if one.type == "block"] == [None]


NOISY = "h1 p1 p2 p3 p1.b p4 tags p3 p1 p2"


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("spacing", SETTINGS["spacing"])
def test_noise_changes_bytes_and_no_label(noise: str, spacing: str, tmp_path: Path) -> None:
    outlet = OUTLET.replace("spacing: dense", f"spacing: {spacing}")
    plain = printed(tmp_path, NOISY, outlet=outlet)
    noisy = printed(tmp_path, NOISY, outlet=outlet, noise=noise)
    assert noisy.text != plain.text
    assert noisy.dirt == tuple(sorted({*plain.dirt, noise.replace("-", "_").replace("blank_runs", "blank_line_runs")}))
    assert printed(tmp_path, NOISY, outlet=outlet, noise=noise).text == noisy.text
    assert [fold(one[3]) for one in blocks(noisy)] == [one[3] for one in blocks(plain)]
    records: list[Mention | Quotation] = [*noisy.quotes, *noisy.entities]
    for one in records:
        assert noisy.text[one.start : one.end] == one.text
    assert [fold(str(one.text)) for one in noisy.quotes] == [one.text for one in plain.quotes]
    assert [fold(str(one.text)) for one in noisy.entities] == [one.text for one in plain.entities]


def test_every_kind_of_noise_shows_in_the_bytes(tmp_path: Path) -> None:
    signs = {"no-break-space": "\u00a0", "double-space": "  ", "trailing-space": " \n", "crlf": "\r\n"}
    signs["blank-runs"] = "\n\n\n"
    for noise, sign in signs.items():
        assert sign in printed(tmp_path, NOISY, noise=noise).text
    assert not printed(tmp_path, NOISY, noise="no-final-newline").text.endswith("\n")
    assert printed(tmp_path, NOISY, noise="crlf").text.count("\n") == printed(tmp_path, NOISY, noise="crlf").text.count("\r\n")


def test_a_tidy_page_has_no_dirt_and_repeats_are_named(tmp_path: Path) -> None:
    assert printed(tmp_path, "h1 p1 p2").dirt == ()
    assert printed(tmp_path, "h1 ~tt h1 p1 tags").dirt == ("repeated_headline", "tags", "widget_mark")
    outlet = OUTLET + "\n= metadata section\nNewsWorld\n\n= metadata credit\nSource: {Bay Press}\n"
    assert printed(tmp_path, "~section h1 p1 ~credit", outlet=outlet).dirt == (
        "agency_credit",
        "glued_section_names",
        "section_names",
    )
    apart = outlet.replace("NewsWorld", "News > World")
    assert printed(tmp_path, "~section h1 p1", outlet=apart).dirt == ("section_names",)


def test_an_outlet_is_named_where_the_file_names_it(tmp_path: Path) -> None:
    assert printed(tmp_path, "h1 p1").outlet_named is None
    outlet = OUTLET.replace("All rights reserved.", "All rights of the Bay Herald reserved.")
    assert printed(tmp_path, "h1 p1 ~copyright", outlet=outlet).outlet_named == "The Bay Herald"


# Relations

LONG = '[d6 "We will not sail before the tide turns,"] [s6 {Finch}] [c6 said].\n@6 ada-finch tide\n'
REPORT = f"""story: marlow-ferry
kind: report
split: train
spelling: british

= names
ada-finch | PERSON | Ada Finch; Finch

= body p1 strike
Boats stayed in port.

= body p2 talks
{LONG}

= body p3 fares
Prices held.

= document
outlet: bay-herald
pieces: p1 p2 p3
"""


def copies(folder: Path, *pieces: str, outlet: str = OUTLET, story: str = STORY, **others: str) -> list[AuthoredDocument]:
    """Documents of the main story, each with its own pieces, then those of its reports."""
    story = story.partition("= metadata tags")[0] + f"= body p5 fares\n{LONG}\n"
    story += "".join(f"= document\noutlet: bay-herald\npieces: {one}\n" for one in pieces)
    made = sources(folder, story=story, outlet=outlet, **others)
    assert made.problems == []
    press = Press(made)
    return [press.print(one, printing) for one in made.stories.values() for printing in one.printings]


def relations(documents: list[AuthoredDocument]) -> tuple[list[tuple[str, str | None]], set[tuple[str, str, str]]]:
    """Relations of versions, and drawn pairs of blocks by their texts."""
    found = relate(documents)
    texts = {document.doc_id: document.folded for document in documents}
    pairs = {(texts[one.a_doc][one.a_block], texts[one.b_doc][one.b_block], one.relation) for one in found.blocks}
    swapped = {(a, b, relation) if a < b else (b, a, relation) for a, b, relation in pairs}
    return [(one.pair.relation, one.wrong) for one in found.relations], swapped


def test_blocks_of_the_same_parts_are_edited_and_of_shared_parts_partial(tmp_path: Path) -> None:
    documents = copies(tmp_path, "p1 p2 p3", "p1.b p2/1 p3+p2")
    whole, other = '"We will not sail," Ada Finch said. It rained.', '"We will not sail," said Ada Finch. Rain fell.'
    talks = 'The Harbour Board said the strike was "a gift", and in a statement added:'
    nobody = "Nobody else spoke."
    assert relations(documents) == (
        [("near_duplicate", None)],
        {
            (whole, other, "edited"),
            (nobody, f"{nobody} {talks}", "partial"),
            (f"{nobody} {talks}", talks, "partial"),
        },
    )


def test_a_cut_aligns_with_the_whole_and_with_another_wording_that_is_not_cut(tmp_path: Path) -> None:
    found = relations(copies(tmp_path, "p1/1 p2 p3", "p1 p2 p3"))[1]
    assert found == {('"We will not sail," Ada Finch said.', '"We will not sail," Ada Finch said. It rained.', "partial")}


def test_a_wording_that_is_not_cut_says_all_that_the_cut_one_says(tmp_path: Path) -> None:
    uncut = STORY.replace("[s2 {Ada Finch}]. // Rain fell.", "[s2 {Ada Finch}], and rain fell.")
    whole, other = '"We will not sail," Ada Finch said. It rained.', '"We will not sail," said Ada Finch, and rain fell.'
    assert relations(copies(tmp_path, "p1 p3", "p1.b p3", story=uncut))[1] == {(whole, other, "edited")}
    assert relations(copies(tmp_path, "p1/2 p3", "p1.b p3", story=uncut))[1] == {(other, "It rained.", "partial")}


def test_versions_with_the_same_body_are_identical_whatever_stands_around_it(tmp_path: Path) -> None:
    assert relations(copies(tmp_path, "h1 p1 p2", "p1 p2 h1")) == ([("identical", None)], set())


def test_versions_of_one_copy_that_share_less_than_half_are_wrong(tmp_path: Path) -> None:
    ((relation, wrong),), _ = relations(copies(tmp_path, "p1 p2 p3", "p1 p4 p5"))
    assert relation == "near_duplicate"
    assert wrong == "share 33% of the shorter one's body blocks, expected half or more in two documents of one copy"


def test_a_report_is_of_the_same_event_and_aligns_by_a_quotation_of_five_words(tmp_path: Path) -> None:
    documents = copies(tmp_path, "p1 p2 p5", **{"marlow_ferry.2": REPORT})
    shared = '"We will not sail before the tide turns," Finch said.'
    assert relations(documents) == ([("same_event", None)], set())  # identical blocks are computed
    outlet = OUTLET + OUTLET.replace("bay-herald", "sea-post").replace("quotes: straight", "quotes: curly")
    documents = copies(tmp_path, "p1 p2 p5", outlet=outlet, **{"marlow_ferry.2": REPORT.replace("bay-herald", "sea-post")})
    expected = (shared, shared.replace('"', "“", 1).replace('"', "”"), "partial")
    assert relations(documents) == ([("same_event", None)], {expected})


def test_blocks_that_are_nothing_but_one_quotation_are_edited(tmp_path: Path) -> None:
    report = REPORT.replace(LONG, "[b6 We will not sail before the tide turns.]\n@6 ada-finch tide")
    story = STORY.replace("Nobody else spoke.", '[d7 "We will not sail before the tide turns."]\n@7 ada-finch tide')
    documents = copies(tmp_path, "p1 p2 p3", story=story, **{"marlow_ferry.2": report})
    words_said = "We will not sail before the tide turns."
    assert relations(documents)[1] == {(f'"{words_said}"', words_said, "edited")}


def test_passages_that_a_source_calls_partial_align_where_nothing_else_does(tmp_path: Path) -> None:
    report = REPORT.replace(LONG, '[d6 "No boat sails before the tide has turned,"] [s6 {Finch}] [c6 said].\n@6 ada-finch tide')
    tide, other = (
        '"We will not sail before the tide turns," Finch said.',
        '"No boat sails before the tide has turned," Finch said.',
    )
    crews, sail = "Marlow Bay crews 'weary'", '"We will not sail," Ada Finch said.'
    declared = report.replace("= document", "= partial\np2 marlow-ferry:p5\n\n= document")
    for one, expected in ((report, set()), (declared, {(other, tide, "partial")})):
        assert relations(copies(tmp_path, "p1 p2 p5", **{"marlow_ferry.2": one}))[1] == expected
    main = STORY.replace("= body p2 talks", "= partial\np1/1 h1\n\n= body p2 talks")
    found = relations(copies(tmp_path, "h1 p2 p3", "p1/1 p1/2 p2 p3", story=main))[1]
    assert found == {(sail, crews, "partial")}


def test_a_report_that_shares_half_of_its_body_with_the_main_story_is_wrong(tmp_path: Path) -> None:
    report = REPORT.replace("p1 p2 p3", "p1 p2")
    ((relation, wrong),), _ = relations(copies(tmp_path, "p1 p2 p5", **{"marlow_ferry.2": report}))
    assert relation == "same_event"
    assert wrong == "share 50% of the shorter one's body blocks, expected less than half in a report and its main story"


def test_pairs_whose_words_contradict_their_relation_are_shown_to_a_reader(tmp_path: Path) -> None:
    texts = {"p1": '[s2 {Ada Finch}] [c2 said] [d2 "We will not sail,"] and went to the quay in the rain.'}
    story = STORY.replace('[d2 "We will not sail,"] [s2 {Ada Finch}] [c2 said]. // It rained.', texts["p1"])
    story = story.replace(
        '[d2 "We will not sail,"] [c2 said] [s2 {Ada Finch}]. // Rain fell.', "A gull looked on from the roof of the shed."
    )
    story = story.replace("Nobody else spoke.", "A gull looked on from a roof of the shed that day.")
    shown = list(show_overlap(copies(tmp_path, "p1 p2", "p1.b p3 p2", story=story)))
    assert [one.partition("\n")[0] for one in shown] == [
        "marlow-ferry:1 p1 and marlow-ferry:2 p1.b: edited, yet of one sentence only 0% stand in the other: partial?",
    ]
    shown = list(show_overlap(copies(tmp_path, "p1.b p2", "p2 p3", story=story)))
    assert [one.partition("\n")[0] for one in shown] == [
        "marlow-ferry:1 p1.b and marlow-ferry:2 p3: not aligned, yet 90% of a sentence stand in the other",
    ]
    same = STORY.replace("It rained.", "It rained and rained.").replace("Rain fell.", "It rained and then rained.")
    shown = list(show_overlap(copies(tmp_path, "p1 p2", "p1.b/1 p2", story=same)))
    assert shown == []


# Files


def whole_sources() -> dict[str, str]:
    """Sources without an error: two documents, one of them with a brief."""
    story = STORY.replace("Nobody else spoke.", f"Nobody else spoke. {words(300, 'w')}").partition("= document")[0]
    story = story.replace("[s3,4 The", "[s3,4,5 The").replace("[c4 added]", "[c4,5 added]")
    story += "= document\noutlet: bay-herald\npieces: h1 p1 p2 p4 p3 tags r1^~tt ~copyright\nnoise: crlf double-space\n"
    story += "= document\noutlet: bay-herald\npieces: p1.b p2 p4 p3 | quay-fair: h1 p1 ~publisher\n"
    return {"story": story, "quay_fair": BRIEF.replace("opened.", f"opened {words(60, 'v')}.")}


def small_root(folder: Path) -> Path:
    """A checkout with one real file and its labels."""
    files: Files = one_document()
    text = files.pop("corpus/authored/post.txt")
    files.pop("corpus/manifest.jsonl")
    tree: Files = {f"annotations/{name}": content for name, content in files.items()}
    tree["annotations/splits.json"] = {"train": [], "validation": [], "test": [], "wild": ["post"]}
    tree["corpus/wild/post.txt"] = text
    changes = {"path": "wild/post.txt", "origin": "wild", "split": "wild", "dirt": ["tags"]}
    tree["corpus/manifest.jsonl"] = lines(entry("post", text, **changes))
    return write(tree, folder)


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def make(folder: Path, root: Path, **changes: str) -> tuple[Checked, dict[str, bytes]]:
    made = sources(folder, **{**whole_sources(), **changes})
    checked = check(made, root / "annotations")
    assert [str(problem) for problem in checked.errors] == []
    return checked, make_files(made, checked.documents, root)


def test_what_is_written_is_a_valid_gold_tree_and_leaves_real_files_as_they_are(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    before = written(root)
    checked, files = make(tmp_path / "sources", root)
    assert write_files(files, root) == (14, 0)
    after = written(root)
    ids = sorted(document.doc_id for document in checked.documents)
    assert ids == sorted([doc_id("marlow-ferry", 1), doc_id("marlow-ferry", 2)])
    assert after["corpus/wild/post.txt"] == before["corpus/wild/post.txt"]
    assert after["corpus/manifest.jsonl"].endswith(before["corpus/manifest.jsonl"])
    assert after["corpus/manifest.jsonl"] == make_manifest(root)
    for layer in ("segments", "quotes", "entities"):
        assert after[f"annotations/{layer}/post.jsonl"] == before[f"annotations/{layer}/post.jsonl"]
    (root / "corpus").rename(root / "annotations" / "corpus")
    assert [str(finding) for finding in wirecopy.validate(root / "annotations")] == []


def test_writing_twice_changes_nothing_and_what_is_no_longer_made_goes(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    write_files(make(tmp_path / "sources", root)[1], root)
    first = written(root)
    assert write_files(make(tmp_path / "sources", root)[1], root) == (0, 0)
    assert written(root) == first
    story = whole_sources()["story"]
    second = story.rindex("= document")
    shorter = (
        story[:second]
        .replace("pieces: h1 p1 p2", "pieces: h1 p1 p1.b p2")
        .replace("~copyright", "~copyright ~publisher | quay-fair: h1 p1")
    )
    write_files(make(tmp_path / "sources", root, story=shorter)[1], root)
    assert [path.stem for path in made_before(root)] == [doc_id("marlow-ferry", 1)] * 4


def test_the_registry_of_real_files_does_not_take_in_what_the_sources_made(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    real = real_entities(root / "annotations")
    write_files(make(tmp_path / "sources", root)[1], root)
    assert real_entities(root / "annotations") == real
    assert set(real) == {"ada-finch", "harbour-board", "marlow-bay"}


def test_a_manifest_entry_says_what_the_document_is(tmp_path: Path) -> None:
    root = small_root(tmp_path / "root")
    write_files(make(tmp_path / "sources", root)[1], root)
    entries = {one.doc_id: one for one in read_manifest(root / "corpus")[0]}
    found = entries[doc_id("marlow-ferry", 1)]
    assert (found.origin, found.split, found.outlet, found.rights) == ("authored", "train", None, "CC0-1.0")
    assert found.dirt == ("crlf", "double_space", "glued_link_text", "legal_lines", "related_links", "tags")


# Problems


def test_whole_sources_have_no_error(tmp_path: Path) -> None:
    assert problems(tmp_path, whole_sources()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: main", "kind: long", "marlow-ferry.txt:1 kind is 'long', expected one of main, brief, report"),
        ("scene: Ireland\n", "", "marlow-ferry.txt:1 the head lacks 'scene:'"),
        ("story: marlow-ferry", "story: marlow", "marlow-ferry.txt:1 story is 'marlow' but the file is marlow-ferry.txt"),
        ("Nobody else spoke.", "Nobody [q else] spoke.", "marlow-ferry.txt:37 column 8: '[q else] spo' is no label"),
        ("Nobody else spoke.", "Nobody {else} spoke.", "marlow-ferry.txt:37 no form in '= names' is 'else'"),
        ("Nobody else spoke.", "Nobody {else|nobody} spoke.", "marlow-ferry.txt:37 id 'nobody' of {else} is not in '= names'"),
        ("Nobody else spoke.", "Nobody\nelse spoke.", "marlow-ferry.txt:38 a second line of text in one section ('else spoke."),
        ("Nobody else spoke.", 'Nobody "else" spoke.', "marlow-ferry.txt:37 the marks around '\"else\"' are no quotation"),
        ("Nobody else spoke.", "Nobody “else spoke.", "marlow-ferry.txt:37 found U+201C"),
        ("Nobody else spoke.", 'Nobody [f1 "else"] spoke.', "marlow-ferry.txt:37 number 1 is used already in h1 (line 21)"),
        (
            "Nobody else spoke.",
            'Nobody [f9 "else"] spoke.',
            "marlow-ferry.txt:37 quotation 9 (fragment) has no line '@9 speaker utterance'",
        ),
        (
            "Nobody else spoke.",
            "Nobody [c1 said] it.",
            "marlow-ferry.txt:37 the cue of quotation 1 stands in another block than its content",
        ),
        ("Nobody else spoke.", "It [c9 said] so.", "marlow-ferry.txt:37 the cue of quotation 9 has no content [d9 …] anywhere"),
        ("Nobody else spoke.", "Nob{ody|crews} spoke.", "marlow-ferry.txt:37 mention ('ody') starts or ends inside a word"),
        ("Nobody else spoke.", "[b9 Nobody] spoke.\n@9 - n", "marlow-ferry.txt:37 block 9 ('Nobody') is not its whole block"),
        ("@1 crews weary", "@1 sailors weary", "marlow-ferry.txt:22 speaker 'sailors' is not in '= names'"),
        ("@1 crews weary", "@1 crews", "marlow-ferry.txt:22 found '@1 crews', expected '@3 speaker utterance'"),
        ("@1 crews weary", "@1 crews weary\n@8 crews weary", "marlow-ferry.txt:23 there is no quotation 8"),
        ("[c3 said] ", "", "marlow-ferry.txt:32 indirect quotation 3 has no cue [c3 …]"),
        ('[f4 "a gift"]', '[d4 "a gift"]', "marlow-ferry.txt:32 direct 4 ('\"a gift\"') stands inside indirect 3"),
        ("crews | NORP | Crews", "crews | NORP | Crews\nrota | GPE | Rota", "marlow-ferry.txt:19 'rota' is neither mentioned"),
        (
            "crews | NORP | Crews",
            "crews | PEOPLE | Crews",
            "marlow-ferry.txt:18 type of 'crews' is 'PEOPLE', expected one of PERSON",
        ),
        ("= body p3 talks", "= body p3", "marlow-ferry.txt:36 found '= body p3', expected a topic after the key"),
        ("= body p3 talks", "= body p3 walks", "marlow-ferry.txt:36 topic 'walks' is not in '= topics'"),
        ("= body p3 talks", "= text p3 talks", "marlow-ferry.txt:36 found '= text p3 talks', expected a role"),
        ("= body p3 talks", "= body q3 talks", "marlow-ferry.txt:36 key is 'q3', expected p1, p2, … for body"),
        ("= body p1.b strike", "= body p1.b talks", "marlow-ferry.txt:28 'p1.b' is body talks, expected body strike as 'p1'"),
        ("= document", "= partial\np1 p9\n\n= document", "marlow-ferry.txt:50 no section 'p9' in"),
        ("= document", "= partial\np1/3 h1\n\n= document", "marlow-ferry.txt:50 p1 has 2 part(s); name one of them"),
        ("= document", "= partial\np1 quay-fair:p1\n\n= document", "marlow-ferry.txt:50 'quay-fair' is no file on"),
        ("= document", "= partial\np1 = h1\n\n= document", "marlow-ferry.txt:50 found 'p1 = h1', expected two passages"),
        ("pieces: h1 p1 ", "pieces: h1 p7 ", "marlow-ferry.txt:51 piece 'p7': no section 'p7' in"),
        ("pieces: h1 p1 ", "pieces: h1 p1/3 ", "marlow-ferry.txt:51 piece 'p1/3': p1 has 2 part(s)"),
        ("pieces: h1 p1 ", "pieces: h1+p1 ", "marlow-ferry.txt:51 piece 'h1+p1' merges body and headline"),
        ("pieces: h1 p1 ", "pieces: h1 ~no p1 ", "marlow-ferry.txt:51 piece '~no': no section 'no' in"),
        ("p4 p3 tags", "p4+p3 tags", "marlow-ferry.txt:51 piece 'p4': p4 is a block quotation"),
        (" tags r1^~tt", " r1^~tt", "marlow-ferry.txt:43 no document prints 'tags'; print or drop it"),
        (" ~copyright\n", "\n", "bay.txt:1 no document prints ~copyright of bay-herald"),
        ("| quay-fair: h1 p1 ", "", "quay-fair.txt:1 the story stands in no document"),
        (
            "r1^~tt",
            "r1^~tt | quay-fair: p1",
            "quay-fair.txt:1 the brief stands in 2 documents (marlow-ferry:1, marlow-ferry:2)",
        ),
        (
            "outlet: bay-herald",
            "outlet: bay-herold",
            "marlow-ferry.txt:49 no outlet 'bay-herold' (the nearest known: bay-herald)",
        ),
        ("noise: crlf double-space", "noise: dust", "marlow-ferry.txt:52 noise is 'dust', expected some of no-break-space"),
        ("noise: crlf double-space", "published: 2024-02-30", "marlow-ferry.txt:52 published is '2024-02-30'"),
        (words(300, "w"), "", "marlow-ferry.txt:1 the story has 29 words of body, expected 300 to 650 in a main story"),
        (
            "tags\n{marlow bay} |",
            "tags\n{marlow bay}s |",
            "marlow-ferry.txt:44 mention ('marlow bay') starts or ends inside a word",
        ),
        ("r1^~tt", "tags^r1 r1^~tt", None),
        ("related r1\nFares", "related r1\n{Marlow Bay} [x9 'fares']", None),
    ],
)
def test_each_error_is_named_with_its_file_and_line(old: str, new: str, message: str | None, tmp_path: Path) -> None:
    files = whole_sources()
    assert old in files["story"]
    found = problems(tmp_path, {**files, "story": files["story"].replace(old, new, 1)})
    if message is None:
        assert found == []
    else:
        assert any(one.startswith(message) for one in found), found


def test_a_form_that_fits_two_names_is_the_one_in_the_same_letters_or_needs_its_id(tmp_path: Path) -> None:
    files = whole_sources()
    story = files["story"].replace("= names\n", "= names\nboard | PRODUCT | board\n")
    found = problems(tmp_path, {**files, "story": story.replace("Nobody", "The {Board} and a {board}: nobody")})
    assert found == []
    found = problems(tmp_path, {**files, "story": story.replace("Nobody", "The {BOARD} and a {board}: nobody")})
    assert found == ["marlow-ferry.txt:38 'BOARD' fits board, harbour-board; write {BOARD|id}"]


def test_one_id_is_one_thing_in_all_files(tmp_path: Path) -> None:
    files = whole_sources()
    story = (
        files["story"].replace("= names\n", "= names\nquay-fair | ORG | Quay Fair\n").replace("Nobody", "{Quay Fair}: nobody")
    )
    assert [one.split(";")[0] for one in problems(tmp_path, {**files, "story": story})] == [
        f"marlow-ferry.txt:15 'quay-fair' is ORG, but EVENT in {tmp_path}/stories/quay-fair.txt:13",
        f"quay-fair.txt:13 'quay-fair' is EVENT, but ORG in {tmp_path}/stories/marlow-ferry.txt:15",
    ]


def test_two_stories_that_share_eight_words_are_named_and_quotations_do_not_count(tmp_path: Path) -> None:
    files = whole_sources()
    shared = words(8, "same")
    files["quay_fair"] = files["quay_fair"].replace("The {Quay", f"{shared}. The {{Quay")
    story = files["story"].replace("Nobody", f"{shared}. Nobody")
    assert [one.partition(" (")[0] for one in problems(tmp_path, {**files, "story": story})] == [
        "marlow-ferry.txt:37 shares 8 words in a row",
        "quay-fair.txt:19 shares 8 words in a row",
    ]
    quoted = files["story"].replace("Nobody", f'[d9 "{shared}."] Nobody').replace("@5 ", "@9 - same\n@5 ")
    assert [one for one in problems(tmp_path, {**files, "story": quoted}) if "shares" in one] == []


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("Nobody but Otto spoke.", "marlow-ferry.txt:37 'Otto' has a capital and is no mention"),
        ("Nobody told anyone.", "marlow-ferry.txt:37 'told' is no cue, in 'Nobody told anyone."),
        ("Nobody saw Marlow Bay.", "marlow-ferry.txt:37 'Marlow Bay' is a mention elsewhere in the file and none here"),
        ("Nobody saw Captain {Finch}.", "marlow-ferry.txt:37 an honorific would stand in 'Captain Finch'"),
        ("Nobody saw {the Board|harbour-board}.", "marlow-ferry.txt:37 mention ('the Board') holds the article"),
    ],
)
def test_notes_point_a_reader_to_what_may_be_missing(new: str, message: str, tmp_path: Path) -> None:
    files = whole_sources()
    story = files["story"].replace("Nobody else spoke.", new)
    found = problems(tmp_path, {**files, "story": story}, notes=True)
    assert any(one.startswith(message) for one in found), found


@given(st.data())
def test_whatever_a_writer_types_is_answered_and_never_raises(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    files = whole_sources()
    story = files["story"]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(story)))
        length = data.draw(st.integers(0, 12))
        junk = data.draw(
            st.sampled_from(
                ["", "[", "]", "{", "}", "|", "[c9 ", "[b3 ", "// ", "\n= ", "\n@2 ", '"', "'", "/9-1", "@body", "\x00"]
            )
        )
        story = story[:start] + junk + story[start + length :]
    made = sources(tmp_path_factory.mktemp("typed"), **{**files, "story": story})
    assert all(isinstance(problem, Problem) and problem.line > 0 for problem in check(made, ROOT / "annotations").problems)


# Commands


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BUILD), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_commands_answer_and_say_by_their_exit_whether_all_is_well(tmp_path: Path) -> None:
    root, folder = small_root(tmp_path / "root"), tmp_path / "sources"
    made = sources(folder, **whole_sources())
    places = ["--root", root, "--sources", folder]
    checked = run("check", *places, "--errors")
    assert (checked.returncode, checked.stdout) == (0, "0 errors, 0 notes\n")
    assert "2 documents; 14 files written, 0 removed" in run("write", *places).stdout
    assert show_story(made.stories["marlow-ferry"]) in run("show", "marlow-ferry", *places).stdout
    document = check(made, root / "annotations").documents[0]
    for name in (document.doc_id, "marlow-ferry:1"):
        assert run("show", "--document", name, *places).stdout.split() == show_document(document).split()
    assert run("show", "marlow-fery", *places).stdout == "no story 'marlow-fery'; the nearest known: marlow-ferry\n"
    assert "main stories" in run("stats", *places).stdout
    assert run("overlap", *places).stdout.splitlines()[-1] == "0 pairs to read"
    (folder / "stories" / "quay-fair.txt").unlink()
    failed = run("write", *places)
    assert failed.returncode == 1
    assert "nothing was written" in failed.stdout


def test_a_story_is_shown_with_its_mentions_and_quotations(tmp_path: Path) -> None:
    shown = show_story(sources(tmp_path).stories["marlow-ferry"])
    assert (
        "p1 (body strike)  line 25\n"
        '  "We will not sail," Ada Finch said. It rained.\n'
        "    Ada Finch -> ada-finch, PERSON\n"
        '    2 direct: "We will not sail,"\n'
        "      cue: said   source: Ada Finch   speaker: ada-finch   utterance: no-sailing\n"
    ) in shown


def test_figures_are_counted_and_each_target_has_one(tmp_path: Path) -> None:
    made = sources(tmp_path, **whole_sources())
    documents = check(made, ROOT / "annotations").documents
    found = figures(made, documents)
    assert set(TARGETS) <= set(found)
    assert {
        name: found[name] for name in ("main stories", "briefs", "documents", "two-story files", "pairs near_duplicate")
    } == {
        "main stories": 1,
        "briefs": 1,
        "documents": 2,
        "two-story files": 1,
        "pairs near_duplicate": 1,
    }
    # p2, p3 and p4 are the same in both, p1 and p1.b are one wording each.
    assert (found["blocks identical"], found["blocks edited"], found["blocks partial"]) == (3, 1, 0)
    assert "train: culture" not in show_stats(made, documents)


def test_edits_of_a_document_are_named_against_the_text_of_its_story(tmp_path: Path) -> None:
    documents = copies(tmp_path, "h1 p1 p2 p3 p4 p5", "p3 p1.b p2", "p1/1 p2+p3 p1/2 p4 p5")
    assert [set(edits(document)) for document in documents] == [
        set(),
        {"lead reworded", "paragraphs cut", "paragraphs moved"},
        {"paragraphs merged", "paragraphs split"},
    ]
    outlet = OUTLET.replace("dates: day-first", "dates: month-first").replace("quotes: straight-double", "quotes: guillemets")
    document, other = copies(tmp_path, "p1 p2 p3 p4 p5", "p1/2 p2 p3 p4", outlet=outlet)
    assert set(edits(document)) == {"other quotes", "other dates", "paragraphs of its own"}
    assert set(edits(other)) == {"other quotes", "other dates", "paragraphs cut"}


def test_the_example_of_the_format_can_be_read(tmp_path: Path) -> None:
    story, outlet = re.findall(r"```\n(.*?)```", (SOURCES / "README.md").read_text("utf-8"), re.DOTALL)
    write({"stories/gdynia-pilots.txt": story, "outlets/baltic.txt": outlet}, tmp_path)
    made = read_sources(tmp_path)
    assert made.problems == []
    assert set(made.outlets["baltic-herald"].sections) == {"tt", "more", "newsletter", "copyright", "publisher"}
    (whole,) = made.stories["gdynia-pilots"].sections["p2"].parts[:1]
    assert [(label.kind, label.names) for label in whole.labels] == [
        ("direct", ("3",)),
        (MENTION, ("marek-zielny",)),
        (SOURCE, ("3", "4")),
        (CUE, ("3", "4")),
        ("direct", ("4",)),
    ]


# The sources themselves


@pytest.fixture(scope="module")
def real() -> tuple[Sources, Checked]:
    made = read_sources(SOURCES)
    return made, check(made, ROOT / "annotations")


def every(made: Sources) -> Iterator[Source]:
    yield from made.stories.values()
    yield from made.outlets.values()


def test_the_sources_have_no_error(real: tuple[Sources, Checked]) -> None:
    assert [str(problem) for problem in real[1].errors] == []


def test_the_committed_files_are_what_the_sources_make_byte_for_byte(real: tuple[Sources, Checked]) -> None:
    made, checked = real
    files = make_files(made, checked.documents, ROOT)
    differing = [name for name, content in files.items() if not (ROOT / name).exists() or (ROOT / name).read_bytes() != content]
    assert differing == [], "run `make corpus`"
    assert [path for path in made_before(ROOT) if path.relative_to(ROOT).as_posix() not in files] == [], "run `make corpus`"


def test_no_two_stories_share_a_word_8_gram_outside_furniture_quotations_and_datelines(real: tuple[Sources, Checked]) -> None:
    assert [str(problem) for problem in check_shared_words(list(real[0].stories.values())) if not problem.is_note] == []


def test_no_invented_person_company_or_body_stands_in_two_splits(real: tuple[Sources, Checked]) -> None:
    known = real_entities(ROOT / "annotations")
    assert {entity: splits for entity, splits in in_two_splits(list(every(real[0]))).items() if entity not in known} == {}


def test_the_test_split_holds_every_kind_of_dirt_that_the_others_hold(real: tuple[Sources, Checked]) -> None:
    kinds: dict[str, set[str]] = {split: set() for split in AUTHORED_SPLITS}
    for document in real[1].documents:
        kinds[document.story.split].update(document.dirt)
    assert kinds["train"] | kinds["validation"] <= kinds["test"]
