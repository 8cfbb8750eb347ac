"""Every code has a bad tree, and every rule holds and breaks where it should."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wirecopy
from small_tree import (
    POST,
    TIMES,
    Files,
    block,
    corpus,
    entry,
    lines,
    mention,
    one_document,
    quotation,
    span,
    two_documents,
    write,
)
from wirecopy.findings import LEVELS, Finding
from wirecopy.validation import CODES, validate
from wirecopy.validation.marks import mark_pairs, reopens

INVALID = Path(__file__).parent / "invalid"
STORY = "ferry-strike"


def found(files: Files, folder: Path) -> list[tuple[str, str, int | None]]:
    return [(finding.code, finding.file, finding.line) for finding in validate(write(files, folder))]


def codes(files: Files, folder: Path) -> list[str]:
    return [code for code, _, _ in found(files, folder)]


# Bad trees


def test_no_code_lacks_a_bad_tree_and_no_bad_tree_lacks_a_code() -> None:
    assert {folder.name for folder in INVALID.iterdir()} == set(CODES)
    assert set(CODES.values()) == set(LEVELS)


@pytest.mark.parametrize("code", CODES)
def test_a_bad_tree_has_its_one_finding_and_no_other(code: str) -> None:
    expected = json.loads((INVALID / code / "expected.json").read_text())
    findings = validate(INVALID / code)
    assert [finding.code for finding in findings] == [code]
    assert [{"code": f.code, "file": f.file, "line": f.line} for f in findings] == expected
    assert findings[0].level == CODES[code]
    assert findings[0].remedy


def test_every_code_that_the_package_raises_is_listed() -> None:
    package = Path(wirecopy.__file__).parent
    sources = "".join(path.read_text() for path in package.rglob("*.py") if path.name != "codes.py")
    assert [code for code in CODES if f'"{code}"' not in sources] == []


# Good trees


def test_the_gold_labels_have_no_finding() -> None:
    assert [str(finding) for finding in validate()] == []


@pytest.mark.parametrize("make", [one_document, two_documents])
def test_a_right_tree_has_no_finding(make: Callable[[], Files], tmp_path: Path) -> None:
    assert found(make(), tmp_path) == []


def test_a_prediction_may_leave_out_what_it_does_not_know(tmp_path: Path) -> None:
    files = {
        **corpus(post=POST, times=TIMES),
        "segments/post.jsonl": [{"block": number, "role": "body"} for number in range(4)],
        "quotes/post.jsonl": [{"start": 65, "end": 74, "type": "direct"}],
        "entities/post.jsonl": [{"start": 24, "end": 30, "type": "LOC"}, {"start": 65, "end": 73, "type": "PERSON"}],
    }
    assert found(files, tmp_path) == []


def test_a_tree_without_a_corpus_is_checked_against_the_one_of_the_package(tmp_path: Path) -> None:
    doc_id = next(iter(wirecopy.corpus()))
    assert codes({f"entities/{doc_id}.jsonl": [], "entities/no-such.jsonl": []}, tmp_path) == ["unknown-document"]


def test_raw_files_in_a_folder_of_the_users_own_are_checked_against_the_manifest(tmp_path: Path) -> None:
    own = tmp_path / "texts"
    own.mkdir()
    documents = wirecopy.corpus()
    for document in documents.values():
        shutil.copy(Path(wirecopy.__file__).parents[2] / "corpus" / document.entry.path, own)
    first = sorted(own.iterdir())[0]
    tree = write({f"entities/{first.stem}.jsonl": [{"start": 0, "end": 1, "type": "PERSONA"}]}, tmp_path / "tree")
    assert [finding.code for finding in validate(tree, corpus=own)] == ["unknown-label"]
    first.write_bytes(first.read_bytes() + b"\n")
    assert [finding.code for finding in validate(tree, corpus=own)] == ["file-changed"]
    with pytest.raises(FileNotFoundError, match="no such folder"):
        validate(tree, corpus=tmp_path / "nowhere")


def test_where_there_is_no_tree_nothing_is_checked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no label tree"):
        validate(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        validate(tmp_path / "nowhere")


# Order and gates


def test_findings_are_sorted_by_level_file_and_line(tmp_path: Path) -> None:
    files = two_documents()
    files["entities/times.jsonl"][1]["entity"] = "nobody"
    files["entities/post.jsonl"][1]["type"] = "BIRD"
    files["entities/post.jsonl"][0]["type"] = "BIRD"
    files["segments/post.jsonl"][3]["role"] = "body"
    files["splits.json"]["train"].remove("times")
    assert found(files, tmp_path) == [
        ("unknown-label", "entities/post.jsonl", 1),
        ("unknown-label", "entities/post.jsonl", 2),
        ("unknown-entity", "entities/times.jsonl", 2),
        ("role-story-mismatch", "segments/post.jsonl", 4),
        ("role-topic-mismatch", "segments/post.jsonl", 4),
        ("split-missing-document", "splits.json", None),
    ]


def test_labels_of_a_document_with_wrong_bytes_are_not_checked(tmp_path: Path) -> None:
    files = two_documents()
    files["corpus/authored/times.txt"] = "Something else altogether.\n"
    assert found(files, tmp_path) == [("file-changed", "corpus/authored/times.txt", None)]


def test_a_stranger_in_the_corpus_and_its_labels_are_one_finding(tmp_path: Path) -> None:
    files = two_documents()
    files["corpus/authored/third.txt"] = "A third paper.\n"
    files["entities/third.jsonl"] = []
    assert codes(files, tmp_path) == ["file-stranger"]


def test_a_broken_manifest_hides_what_it_would_say(tmp_path: Path) -> None:
    files = two_documents()
    files["corpus/manifest.jsonl"] = lines(entry("post", POST.encode())) + "{}\n"
    assert found(files, tmp_path) == [("manifest-invalid", "corpus/manifest.jsonl", 2)]


def test_a_bad_line_does_not_keep_the_other_lines_from_being_checked(tmp_path: Path) -> None:
    files = one_document()
    good = files["entities/post.jsonl"]
    good[2]["text"] = "Harbor Board"
    files["entities/post.jsonl"] = lines(good[0]) + "not json\n" + lines(*good[1:])
    assert found(files, tmp_path) == [
        ("not-json", "entities/post.jsonl", 2),
        ("span-text-differs", "entities/post.jsonl", 4),
    ]


def test_a_record_with_a_wrong_span_is_not_checked_for_references(tmp_path: Path) -> None:
    files = one_document()
    files["entities/post.jsonl"][1].update(entity="nobody", end=75, text="Ada Finch ")
    assert codes(files, tmp_path) == ["span-white-space"]


def test_a_missing_layer_is_one_finding(tmp_path: Path) -> None:
    files = {name: content for name, content in two_documents().items() if not name.startswith("segments/")}
    assert found(files, tmp_path) == [("label-file-missing", "segments", None)]


def test_a_missing_registry_makes_no_other_finding(tmp_path: Path) -> None:
    for name in ("stories", "entities", "splits", "version"):
        files = two_documents()
        del files[f"{name}.json"]
        assert found(files, tmp_path / name) == [("registry-invalid", f"{name}.json", None)]


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("stories", {"Ferry Strike": {"title": "x", "topics": {}}}, "no slug"),
        ("stories", {"ferry-strike": {"title": "x"}}, "expected a title and topics"),
        ("stories", {"ferry-strike": ["title", "topics"]}, "expected a title and topics"),
        ("stories", {"ferry-strike": {"title": " ", "topics": {}}}, "expected a title and topics"),
        ("stories", {"ferry-strike": {"title": "x", "topics": []}}, "expected a definition"),
        ("stories", {"ferry-strike": {"title": "x", "topics": {"The Strike": "x"}}}, "expected a definition"),
        ("stories", {"ferry-strike": {"title": "x", "topics": {"strike": 1}}}, "expected a definition"),
        ("entities", {"Ada": {"name": "Ada", "type": "PERSON"}}, "no slug"),
        ("entities", {"ada": {"name": "Ada", "type": "PERSON", "born": 1970}}, "expected name, type"),
        ("entities", {"ada": ["name", "type"]}, "expected name, type"),
        ("entities", {"ada": {"name": "", "type": "PERSON"}}, "expected name, type"),
        ("entities", {"ada": {"name": "Ada", "type": ["PERSON"]}}, "expected a known one"),
        ("entities", {"ada": {"name": "Ada", "type": "PERSON", "wikidata": "42"}}, "expected Q and a number"),
        ("entities", {"ada": {"name": "Ada", "type": "PERSON", "wikidata": 42}}, "expected Q and a number"),
        ("entities", {"ada": {"name": "\ud800", "type": "PERSON"}}, "surrogate"),
        ("splits", {"train": "post"}, "expected a list of document ids"),
        ("splits", {"train": [["post"]], "validation": [], "test": [], "wild": []}, "expected a list of document ids"),
        ("splits", {}, "found none"),
        ("splits", {"train": ["post"]}, "expected the splits train, validation, test, wild"),
        ("version", {"version": 1, "canary": "x"}, "expected a string"),
        ("version", {"version": "1.0.0"}, "expected the keys version, canary"),
        ("entities", [], "expected a JSON object"),
    ],
)
def test_a_wrong_entry_of_a_registry_is_named(name: str, content: Any, part: str, tmp_path: Path) -> None:
    files = one_document()
    files[f"{name}.json"] = json.dumps(content)
    findings = validate(write(files, tmp_path))
    assert {(finding.code, finding.file) for finding in findings} == {("registry-invalid", f"{name}.json")}
    assert part in findings[0].message


def test_an_entity_may_have_its_wikidata_item(tmp_path: Path) -> None:
    files = one_document()
    files["entities.json"]["ada-finch"]["wikidata"] = "Q42"
    assert codes(files, tmp_path) == []


def test_a_document_with_wrong_bytes_still_needs_a_split(tmp_path: Path) -> None:
    files = two_documents()
    files["corpus/authored/times.txt"] = "Something else altogether.\n"
    files["splits.json"]["train"].remove("times")
    assert codes(files, tmp_path) == ["file-changed", "split-missing-document"]


# Versions


def test_versions_without_segments_of_their_own_are_those_of_the_gold_labels(tmp_path: Path) -> None:
    names = sorted(wirecopy.versions(wirecopy.gold_tree().segments or {}))
    pairs = [{"a": names[0], "b": names[1], "relation": "unrelated"}]
    assert codes({"duplicates/versions.jsonl": pairs}, tmp_path / "a") == []
    doc_id = names[0].partition("#")[0]
    pairs = [{"a": f"{doc_id}#no-such-story", "b": names[1], "relation": "unrelated"}]
    assert codes({"duplicates/versions.jsonl": pairs}, tmp_path / "b") == ["unknown-version"]


def test_a_version_makes_no_pair_with_itself(tmp_path: Path) -> None:
    files = two_documents()
    files["duplicates/versions.jsonl"][0]["b"] = "post#ferry-strike"
    assert codes(files, tmp_path) == ["pair-order"]


# Offsets


def spans_of(records: list[dict[str, Any]], layer: str, tmp_path: Path, text: str = POST) -> list[Finding]:
    return validate(write({**corpus(post=text), f"{layer}/post.jsonl": records}, tmp_path))


def test_cue_and_source_are_checked_like_the_content(tmp_path: Path) -> None:
    right = quotation(POST, "the strike was unlawful", "indirect", source="The Harbour Board")
    wrong = {**right, "cue": {"start": 9, "end": 9}, "source": {"start": 81, "end": 98, "text": "The Harbor Board"}}
    findings = spans_of([wrong], "quotes", tmp_path)
    assert [finding.code for finding in findings] == ["span-empty", "span-text-differs"]
    assert "the cue" in findings[0].message
    assert "the source" in findings[1].message


@pytest.mark.parametrize(
    ("outer", "inner", "code"),
    [
        ("indirect", "fragment", None),
        ("indirect", "scare", None),
        ("indirect", "direct", "span-overlaps"),
        ("indirect", "indirect", "span-overlaps"),
        ("fragment", "scare", "span-overlaps"),
        ("direct", "fragment", None),
    ],
)
def test_quotations_overlap_only_as_the_guidelines_allow(outer: str, inner: str, code: str | None, tmp_path: Path) -> None:
    records = [{"start": 81, "end": 128, "type": outer}, {"start": 85, "end": 98, "type": inner}]
    assert [f.code for f in spans_of(records, "quotes", tmp_path)] == ([code] if code else [])


def test_quotations_that_cross_each_other_or_have_one_span_overlap(tmp_path: Path) -> None:
    crossing = [{"start": 81, "end": 98, "type": "indirect"}, {"start": 85, "end": 103, "type": "fragment"}]
    assert [f.code for f in spans_of(crossing, "quotes", tmp_path / "a")] == ["span-overlaps"]
    same = [{"start": 81, "end": 98, "type": "indirect"}, {"start": 81, "end": 98, "type": "fragment"}]
    assert [f.code for f in spans_of(same, "quotes", tmp_path / "b")] == ["span-overlaps"]
    same[0]["type"] = "direct"
    assert [f.code for f in spans_of(same, "quotes", tmp_path / "c")] == ["span-overlaps"]
    crossing[0]["type"] = "direct"
    assert [f.code for f in spans_of(crossing, "quotes", tmp_path / "d")] == ["span-overlaps"]


def test_mentions_that_touch_do_not_overlap_and_one_span_of_two_types_does(tmp_path: Path) -> None:
    touching = [{"start": 24, "end": 30, "type": "LOC"}, {"start": 30, "end": 34, "type": "LOC"}]
    assert [f.code for f in spans_of(touching, "entities", tmp_path / "a")] == ["span-white-space"]
    touching[1]["start"] = 31
    assert spans_of(touching, "entities", tmp_path / "b") == []
    glued = [{"start": 24, "end": 27, "type": "LOC"}, {"start": 27, "end": 30, "type": "LOC"}]
    assert spans_of(glued, "entities", tmp_path / "c") == []
    same = [{"start": 24, "end": 30, "type": "LOC"}, {"start": 24, "end": 30, "type": "GPE"}]
    assert [f.code for f in spans_of(same, "entities", tmp_path / "d")] == ["span-overlaps"]


def test_gold_labels_give_the_text_of_every_span(tmp_path: Path) -> None:
    files = one_document()
    files["entities/post.jsonl"][1]["text"] = None
    files["quotes/post.jsonl"][0]["cue"]["text"] = None
    findings = validate(write(files, tmp_path))
    assert [(finding.code, finding.file) for finding in findings] == [
        ("span-text-differs", "entities/post.jsonl"),
        ("span-text-differs", "quotes/post.jsonl"),
    ]
    assert findings[0].message == 'text is null, but the span post[65:74] is "Ada Finch"'


def test_offsets_count_code_points_of_the_raw_text(tmp_path: Path) -> None:
    # An emoji is one code point, a carriage return is kept, an accent that stands apart counts.
    text = "😀 Zoe\u0301\r\nLima\r\n"
    records = [
        {"start": 2, "end": 6, "text": "Zoe\u0301", "type": "PERSON"},
        {"start": 8, "end": 12, "text": "Lima", "type": "GPE"},
    ]
    assert spans_of(records, "entities", tmp_path, text) == []


# Quotation marks


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ('"We pay," she said, "not today."', ['"We pay,"', '"not today."']),
        ("“We pay,” she said, “not today.”", ["“We pay,”", "“not today.”"]),
        ("‘We pay,’ she said", ["‘We pay,’"]),
        ("She said 'no' to it", ["'no'"]),
        ("She didn't say it, the workers' union won't pay the '90s price of Jones's hat", []),
        ("She didn’t say it, the workers’ union won’t pay the ’90s price of Jones’s hat", []),
        ("‘The workers’ union won’t pay,’ she said", ["‘The workers’ union won’t pay,’"]),
        ("'The workers' union won't pay,' she said", ["'The workers' union won't pay,'"]),
        ("“He called it ‘mad’, twice,” she said", ["“He called it ‘mad’, twice,”"]),
        ("'He called it \"mad\", twice,' she said", ["'He called it \"mad\", twice,'"]),
        ('"The first part runs on', []),
        ('a 5" pipe and a 6" pipe', []),
        ("rock 'n' roll in the '70s and the workers' pay", []),
        ('the "gift" and the “gift”', ['"gift"', "“gift”"]),
        ('He said"We pay"and left', ['"We pay"']),
        ("(\"odd\") —'odd' [“odd”]", ['"odd"', "'odd'", "“odd”"]),
        ('a 5", or a 6", pipe', []),
        ('("...odd") and "...even" it', ['"...odd"', '"...even"']),
        ('"We pay " she said', ['"We pay "']),
        ('"We said "no" to them," he said', ['"We said "no" to them,"']),
        ('“He called it "mad" twice,” she said', ['“He called it "mad" twice,”']),
        ("“one “two”", ["“two”"]),
        ("pay”and more” x", []),
        ("said ”We pay” now", ["”We pay”"]),
        ("the workers‘ pay and the boys’.", []),
        ("\"'No' he said", ["'No'"]),
        ("went ’cross the boys’.", []),
        ("I'd say the boys'.", []),
        ("“one of the boys’.", []),
        ("‘I’ll tell ’em,’ she said", ["‘I’ll tell ’em,’"]),
        ("‘We pay the boys’, she said of the men’.", ["‘We pay the boys’"]),
        ("‘the boys’ and girls’ pay", ["‘the boys’"]),
        ('“mixed" marks', ['“mixed"']),
        ("«We pay,» she said, «not today.»", ["«We pay,»", "«not today.»"]),
        ("«He called it “mad”, twice,» she said of the men’s pay", ["«He called it “mad”, twice,»"]),
        ("« We pay », she said", ["« We pay »"]),
        ("", []),
        ('"', []),
    ],
)
def test_pairs_of_marks_are_found_and_apostrophes_are_none(text: str, pairs: list[str]) -> None:
    assert [text[start:end] for start, end in mark_pairs(text)] == pairs


@pytest.mark.parametrize(
    ("content", "two"),
    [
        ('"We pay," she said, "not today"', True),
        ("“We pay,” she said, “not today”", True),
        ("‘We pay,’ she said, ‘not today’", True),
        ('"We pay the workers\' union"', False),
        ("‘We pay the workers’ union, don’t we’", False),
        ('"He said "no" to us"', False),
        ("“He said “no” to us”", False),
        ("‘We don’t call it ‘mad’ now’", False),
        ("«We pay,» she said, «not today»", True),
        ("«He said “no” to us»", False),
        ('"We pay"she said, "not now"', True),
    ],
)
def test_one_quotation_does_not_hold_the_marks_of_two(content: str, two: bool) -> None:
    assert reopens(content) is two


def quotes_of(text: str, records: list[dict[str, Any]], tmp_path: Path) -> list[str]:
    count = text.count("\n")
    files = {
        **one_document(),
        **corpus(post=text),
        "entities.json": {"ada-finch": {"name": "Ada Finch", "type": "PERSON"}},
        "segments/post.jsonl": [block(number, "body", STORY, "strike") for number in range(count)],
        "quotes/post.jsonl": [{"speaker": "ada-finch", **record} for record in records],
        "entities/post.jsonl": [],
    }
    order = ("start", "end", "text", "type", "cue", "source", "speaker", "utterance")
    files["quotes/post.jsonl"] = [{key: record[key] for key in order} for record in files["quotes/post.jsonl"]]
    return codes(files, tmp_path)


def said(text: str, content: str, kind: str, **more: Any) -> dict[str, Any]:
    return quotation(text, content, kind, speaker="ada-finch", **{"utterance": f"said-{content[1:4].lower()}", **more})


def test_marks_inside_a_direct_or_block_quotation_need_none_of_their_own(tmp_path: Path) -> None:
    text = '"He called it \'mad\'," she said.\nThe "plan" is mad.\n'
    direct = said(text, "\"He called it 'mad',\"", "direct", utterance="mad")
    whole = said(text, 'The "plan" is mad.', "block", utterance="plan")
    assert quotes_of(text, [direct, whole], tmp_path / "a") == []
    assert quotes_of(text, [direct], tmp_path / "b") == ["quotation-marks-unlabelled"]
    assert quotes_of(text, [said(text, "'mad'", "fragment"), whole], tmp_path / "c") == ["quotation-marks-unlabelled"]


def test_marks_inside_an_indirect_quotation_need_a_quotation_of_their_own(tmp_path: Path) -> None:
    text = 'She said the plan was "mad" and left.\n'
    indirect = said(text, 'the plan was "mad"', "indirect", cue="said", utterance="mad")
    assert quotes_of(text, [indirect], tmp_path / "a") == ["quotation-marks-unlabelled"]
    assert quotes_of(text, [indirect, said(text, '"mad"', "fragment", utterance="mad")], tmp_path / "b") == []


def test_a_quotation_interrupted_by_its_cue_is_two(tmp_path: Path) -> None:
    text = '"We pay," she said, "but not now."\n'
    whole = said(text, '"We pay," she said, "but not now."', "direct", utterance="pay")
    halves = [said(text, '"We pay,"', "direct", utterance="pay"), said(text, '"but not now."', "fragment", utterance="pay")]
    assert quotes_of(text, [whole], tmp_path / "a") == ["quotation-marks-unlabelled"]
    assert quotes_of(text, halves, tmp_path / "b") == []


def test_a_direct_quotation_may_lack_its_closing_mark_only_where_the_block_does(tmp_path: Path) -> None:
    open_text = '"We pay them all.\n"And now."\n'
    second = said(open_text, '"And now."', "fragment", utterance="now")
    first = said(open_text, '"We pay them all.', "direct", utterance="pay")
    assert quotes_of(open_text, [first, second], tmp_path / "a") == []
    closed = '"We pay them all."\n'
    cut = said(closed, '"We pay them', "direct", utterance="pay")
    assert quotes_of(closed, [cut], tmp_path / "b") == ["quotation-without-marks"]
    fragment = {**first, "type": "fragment"}
    assert quotes_of(open_text, [fragment, second], tmp_path / "c") == ["quotation-without-marks"]


def test_a_mark_that_could_close_is_no_apostrophe_and_no_opening_one(tmp_path: Path) -> None:
    for number, text in enumerate(("‘We don’t pay them.\n", "“We pay “them.\n", '"We pay them.\n')):
        assert quotes_of(text, [said(text, text.strip(), "direct")], tmp_path / f"{number}") == []
    glued = '"We pay"she said.\n'
    assert quotes_of(glued, [said(glued, '"We pay', "direct")], tmp_path / "glued") == ["quotation-without-marks"]


def test_a_direct_quotation_without_any_mark_is_named(tmp_path: Path) -> None:
    text = "We pay them.\n"
    assert quotes_of(text, [said(text, "We pay them.", "direct")], tmp_path) == ["quotation-without-marks"]


def test_a_block_quotation_may_hold_several_pairs_of_marks(tmp_path: Path) -> None:
    text = '"Pay" and "now" are two words.\n'
    assert quotes_of(text, [said(text, text.strip(), "block")], tmp_path) == []


@pytest.mark.parametrize("inner", ['"We pay', 'them all."', "pay them"])
def test_nothing_stands_inside_a_direct_quotation_not_even_at_its_edge(inner: str, tmp_path: Path) -> None:
    text = '"We pay them all."\n'
    outer, nested = said(text, text.strip(), "direct"), {**said(text, inner, "indirect"), "cue": span(text, "We")}
    records = sorted([outer, nested], key=lambda record: (record["start"], record["end"]))
    assert quotes_of(text, records, tmp_path) == ["quotation-nested"]


@pytest.mark.parametrize("content", ["\"We pay'", "'We pay\"", 'We pay"', '"We pay', "We pay'", "'We pay", "We pay", '""'])
def test_a_content_without_a_pair_of_marks_of_one_width_is_named(content: str, tmp_path: Path) -> None:
    text = f"She said {content} now.\n"
    found_codes = quotes_of(text, [quotation(text, content, "fragment", utterance="pay")], tmp_path)
    assert found_codes == ["quotation-without-marks"]


def test_a_block_quotation_may_have_its_source_in_an_earlier_block_and_another_may_not(tmp_path: Path) -> None:
    text = 'Ada Finch wrote this:\n"We pay."\n'
    content = said(text, '"We pay."', "block", cue="wrote", source="Ada Finch", utterance="pay")
    assert quotes_of(text, [content], tmp_path / "a") == []
    assert quotes_of(text, [{**content, "type": "direct"}], tmp_path / "b") == ["cue-in-another-block"] * 2


def test_a_scare_quotation_may_have_no_utterance_and_every_other_needs_one(tmp_path: Path) -> None:
    text = 'The "Old Gull" sailed.\n'
    scare = said(text, '"Old Gull"', "scare", utterance=None)
    assert quotes_of(text, [scare], tmp_path / "a") == []
    assert quotes_of(text, [{**scare, "type": "fragment"}], tmp_path / "b") == ["utterance-missing"]


# Roles


@pytest.mark.parametrize(
    ("label", "code"),
    [
        (("headline", STORY, None), None),
        (("caption", STORY, None), None),
        (("metadata", STORY, None), None),
        (("subheading", STORY, "strike"), None),
        (("related", None, None), None),
        (("headline", None, None), "role-story-mismatch"),
        (("related", STORY, None), "role-story-mismatch"),
        (("caption", STORY, "strike"), "role-topic-mismatch"),
        (("subheading", STORY, None), "role-topic-mismatch"),
    ],
)
def test_role_story_and_topic_go_together(label: tuple[str, str, str], code: str | None, tmp_path: Path) -> None:
    files = one_document()
    files["segments/post.jsonl"][3] = block(3, *label)
    findings = validate(write(files, tmp_path))
    assert [finding.code for finding in findings] == ([code] if code else [])
    role, story, topic = label
    wanted = {"role-story-mismatch": "null" if story else "a story", "role-topic-mismatch": "null" if topic else "a topic"}
    for finding in findings:
        assert f" is {role} and has the " in finding.message
        assert finding.message.endswith(f"expected {wanted[finding.code]}")


# Mentions


@pytest.mark.parametrize(("start", "end"), [(86, 98), (85, 97), (87, 90)])
def test_a_mention_that_cuts_a_token_is_shown_with_the_edges_around_it(start: int, end: int, tmp_path: Path) -> None:
    files = one_document()
    files["entities/post.jsonl"][2].update(start=start, end=end, text=POST[start:end])
    (finding,) = validate(write(files, tmp_path))
    whole = '85:92 ("Harbour")' if end == 90 else '85:98 ("Harbour Board")'
    assert (finding.code, finding.line) == ("entity-inside-token", 3)
    assert finding.message.endswith(f"expected edges of tokens, as {whole}")


# Alignments


def test_a_link_to_another_story_may_be_aligned_with_a_headline(tmp_path: Path) -> None:
    files = two_documents()
    files["segments/post.jsonl"][3] = block(3, "related")
    files["duplicates/blocks.jsonl"].append(
        {"a_doc": "post", "a_block": 3, "b_doc": "times", "b_block": 0, "relation": "partial"}
    )
    assert codes(files, tmp_path / "a") == []
    for row in files["duplicates/blocks.jsonl"]:
        row["a_block"] = 0
    files["segments/times.jsonl"][0] = block(0, "related")
    files["duplicates/blocks.jsonl"].pop()
    files["duplicates/blocks.jsonl"][0] |= {"b_block": 0}
    assert codes(relation(files, "same_event"), tmp_path / "b") == []


def test_relations_are_not_judged_by_alignments_that_are_wrong(tmp_path: Path) -> None:
    files = relation(two_documents(), "same_event")
    files["duplicates/blocks.jsonl"].append(
        {"a_doc": "post", "a_block": 3, "b_doc": "times", "b_block": 2, "relation": "partial"}
    )
    assert codes(files, tmp_path) == ["alignment-of-boilerplate"]


# Relations: the two versions have two body blocks each, and one of them is aligned, which is half.


def relation(files: Files, name: str) -> Files:
    files["duplicates/versions.jsonl"][0]["relation"] = name
    return files


@pytest.mark.parametrize(
    ("aligned", "name", "right"),
    [
        (1, "near_duplicate", True),
        (1, "same_event", False),
        (1, "unrelated", False),
        (1, "identical", False),
        (0, "near_duplicate", False),
        (0, "same_event", True),
        (0, "unrelated", False),
    ],
)
def test_a_relation_agrees_with_the_share_of_aligned_body_blocks(aligned: int, name: str, right: bool, tmp_path: Path) -> None:
    files = relation(two_documents(), name)
    files["duplicates/blocks.jsonl"] = files["duplicates/blocks.jsonl"][:aligned]
    assert codes(files, tmp_path) == ([] if right else ["relation-disagrees"])


def test_versions_with_the_same_body_are_identical_whatever_else_differs(tmp_path: Path) -> None:
    files = two_documents()
    same = POST.replace("Ferry crews walk out in", "Walk-out at sea:").replace(" was unlawful", "  was unlawful")
    rows = {layer: files[f"{layer}/post.jsonl"] for layer in ("segments", "quotes", "entities")}
    files.update(corpus(post=POST, times=same))
    moved = [{**row, **span(same, row["text"])} for row in rows["quotes"][:1]]
    moved[0] |= {"cue": span(same, "said"), "source": span(same, "Ada Finch")}
    indirect = {**rows["quotes"][1], **span(same, "the strike  was unlawful")}
    indirect |= {"cue": span(same, "said", 1), "source": span(same, "The Harbour Board")}
    files["segments/times.jsonl"] = rows["segments"]
    files["quotes/times.jsonl"] = [*moved, indirect]
    files["entities/times.jsonl"] = [{**row, **span(same, row["text"])} for row in rows["entities"]]
    files["duplicates/blocks.jsonl"] = []
    assert codes(relation(files, "identical"), tmp_path / "a") == []
    assert codes(relation(files, "near_duplicate"), tmp_path / "b") == ["relation-disagrees"]


def test_the_shorter_version_is_the_measure(tmp_path: Path) -> None:
    # The shorter version has two body blocks, one of which stands in the other: half. The longer one has three: a third.
    files = two_documents()
    files.update(corpus(post=POST, times=TIMES + "No ferry sailed.\n"))
    files["segments/times.jsonl"].append(block(3, "body", STORY, "strike"))
    assert codes(files, tmp_path / "a") == []
    assert codes(relation(files, "same_event"), tmp_path / "b") == ["relation-disagrees"]


@pytest.mark.parametrize("bare", [("times",), ("post", "times")])
def test_versions_without_body_blocks_share_nothing(bare: tuple[str, ...], tmp_path: Path) -> None:
    files = relation(two_documents(), "same_event")
    for name in bare:
        rows = files[f"segments/{name}.jsonl"]
        files[f"segments/{name}.jsonl"] = [
            {**row, "role": "caption", "topic": None} if row["role"] == "body" else row for row in rows
        ]
    if "post" in bare:
        files["stories.json"][STORY]["topics"] = {}
    assert codes(files, tmp_path / "a") == []
    assert codes(relation(files, "identical"), tmp_path / "b") == ["relation-disagrees"]
    assert codes(relation(files, "near_duplicate"), tmp_path / "c") == ["relation-disagrees"]


def two_stories() -> Files:
    files = two_documents()
    files["stories.json"]["ferry-talks"] = {"title": "Talks", "topics": {"talks": "the talks"}}
    files["segments/times.jsonl"] = [
        block(0, "headline", "ferry-talks"),
        block(1, "body", "ferry-talks", "talks"),
        block(2, "body", "ferry-talks", "talks"),
    ]
    files["duplicates/blocks.jsonl"] = []
    files["duplicates/versions.jsonl"] = []
    return files


def test_a_pair_of_one_story_that_is_not_listed_disagrees(tmp_path: Path) -> None:
    files = two_documents()
    files["duplicates/versions.jsonl"] = []
    findings = validate(write(files, tmp_path))
    assert [finding.code for finding in findings] == ["relation-disagrees"]
    assert "not listed" in findings[0].message


def test_a_pair_of_two_stories_is_unrelated(tmp_path: Path) -> None:
    assert codes(two_stories(), tmp_path / "a") == []
    files = two_stories()
    files["duplicates/versions.jsonl"] = [{"a": "post#ferry-strike", "b": "times#ferry-talks", "relation": "unrelated"}]
    assert codes(files, tmp_path / "b") == []
    assert codes(relation(files, "same_event"), tmp_path / "c") == ["relation-disagrees"]


# Across files


@pytest.mark.parametrize(("content", "expected"), [("We will not sail", []), ("We will not sail Monday", ["utterance-split"])])
def test_one_utterance_is_asked_of_quotations_of_five_words_or_more(content: str, expected: list[str], tmp_path: Path) -> None:
    files = two_documents()
    for name, text in (("post", POST), ("times", TIMES)):
        shorter = text.replace("We will not sail on Monday", content)
        files.update({f"corpus/authored/{name}.txt": shorter})
    texts = {name: files[f"corpus/authored/{name}.txt"] for name in ("post", "times")}
    files.update(corpus(**texts))
    for name, cue in (("post", "said"), ("times", "told")):
        files[f"quotes/{name}.jsonl"] = [
            said(texts[name], f'"{content},"', "direct", cue=cue, source="Ada Finch", utterance=f"finch-{name}")
        ]
    entities = {"post": ["Marlow Bay", "Ada Finch", "Harbour Board"], "times": ["Marlow Bay", "Ada Finch"]}
    kinds = {"Marlow Bay": "LOC", "Ada Finch": "PERSON", "Harbour Board": "ORG"}
    for name, names in entities.items():
        files[f"entities/{name}.jsonl"] = [
            mention(texts[name], surface, kinds[surface], surface.lower().replace(" ", "-")) for surface in names
        ]
    assert codes(files, tmp_path) == expected


def copied_block() -> Files:
    """Two documents of which the second holds the third block of the first, labelled alike."""
    files = two_documents()
    text = TIMES.replace("Talks broke down on Friday.", "The  Harbour Board said the strike was unlawful.")
    files.update(corpus(post=POST, times=text))
    indirect = quotation(text, "the strike was unlawful", "indirect", cue="said", source="The  Harbour Board")
    files["quotes/times.jsonl"].append({**indirect, "speaker": "harbour-board", "utterance": "board-unlawful"})
    files["entities/times.jsonl"].append(mention(text, "Harbour Board", "ORG", "harbour-board"))
    return files


def test_blocks_of_the_same_text_are_labelled_alike(tmp_path: Path) -> None:
    assert codes(copied_block(), tmp_path / "right") == []
    for number, (name, key, value) in enumerate(
        [
            ("entities/times.jsonl", "entity", "ada-finch"),
            ("quotes/times.jsonl", "utterance", "board-strike"),
            ("quotes/times.jsonl", "speaker", None),
            ("quotes/times.jsonl", "source", None),
        ]
    ):
        files = copied_block()
        files[name][-1][key] = value
        expected = "entity-type-disagrees" if key == "entity" else "identical-blocks-differ"
        assert found(files, tmp_path / f"{number}") == [(expected, name, 3 if key == "entity" else None)]


def test_a_name_labelled_once_of_twice_is_shown_as_what_is_missing(tmp_path: Path) -> None:
    files = two_documents()
    texts = {name: text + "Finch met Finch.\n" for name, text in (("post", POST), ("times", TIMES))}
    files.update(corpus(**texts))
    for name, number in (("post", 4), ("times", 3)):
        files[f"segments/{name}.jsonl"].append(block(number, "caption", STORY))
        start = texts[name].index("Finch met Finch")
        ends = [(start, start + 5), (start + 10, start + 15)]
        finch = [{"start": a, "end": b, "text": "Finch", "type": "PERSON", "entity": "ada-finch"} for a, b in ends]
        files[f"entities/{name}.jsonl"] += finch[: 2 if name == "post" else 1]
    (finding,) = validate(write(files, tmp_path))
    assert finding.code == "identical-blocks-differ"
    one = json.dumps([["Finch", "PERSON", "ada-finch"]])
    assert f"has the named entities [], expected {one} as in block 4 of post" in finding.message.replace("\\", "")


def test_one_string_in_two_utterances_is_looked_for_in_direct_quotations_only(tmp_path: Path) -> None:
    files = two_documents()
    files["quotes/times.jsonl"][0] |= {"type": "fragment", "utterance": "finch-again"}
    assert codes(files, tmp_path) == []


@pytest.mark.parametrize("listed", [True, False])
def test_a_copy_is_found_whether_its_pair_is_listed_as_unrelated_or_not(listed: bool, tmp_path: Path) -> None:
    # No two blocks are the same, so that no alignment speaks against the relation, but most 5-grams are.
    tree = write({}, tmp_path / "tree")
    shutil.copytree(INVALID / "unlabelled-near-duplicate", tree)
    path = tree / "corpus/authored/times.txt"
    text = path.read_text().replace("light house", "lighthouse")
    files: Files = corpus(post=(tree / "corpus/authored/post.txt").read_text(), times=text)
    if listed:
        pair = {"a": "post#ferry-aground", "b": "times#night-ferry", "relation": "unrelated"}
        files["duplicates/versions.jsonl"] = [pair]
    (finding,) = validate(write(files, tree))
    assert (finding.code, finding.line) == ("unlabelled-near-duplicate", 1 if listed else None)
    assert "of the shorter one's word 5-grams, expected less than 30%" in finding.message


@pytest.mark.parametrize(("words", "shared", "copied"), [(24, 24, True), (23, 23, False), (60, 20, False), (60, 21, True)])
def test_a_copy_shares_three_tenths_of_the_shorter_text_of_twenty_5_grams_or_more(
    words: int, shared: int, copied: bool, tmp_path: Path
) -> None:
    # A text of n words holds n - 4 word 5-grams: 24 words hold 20, 23 hold 19; of the 56 that 60 words hold,
    # 20 shared words give 16 (28.6 %) and 21 give 17 (30.4 %). The longer text adds 200 words of its own.
    own = [f"own{number}" for number in range(words)]
    other = [*own[:shared], *(f"other{number}" for number in range(200))]
    texts = {"post": " ".join(own) + "\n", "times": " ".join(other) + "\n"}
    files = {**two_stories(), **corpus(**texts), "entities.json": {}}
    for name, story, topic in (("post", STORY, "strike"), ("times", "ferry-talks", "talks")):
        files[f"segments/{name}.jsonl"] = [block(0, "body", story, topic)]
        files[f"quotes/{name}.jsonl"] = []
        files[f"entities/{name}.jsonl"] = []
    assert codes(files, tmp_path) == (["unlabelled-near-duplicate"] if copied else [])


def test_one_utterance_with_two_ids_in_blocks_of_the_same_text_is_one_finding(tmp_path: Path) -> None:
    files = copied_block()
    text = files["corpus/authored/times.txt"].decode().replace("Finch told reporters", "Finch  said")
    files.update(corpus(post=POST, times=text))
    for name in ("quotes", "entities"):
        for row in files[f"{name}/times.jsonl"]:
            row.update(span(text, row["text"]))
    direct, indirect = files["quotes/times.jsonl"]
    direct |= {"cue": span(text, "said"), "utterance": "finch-again"}
    indirect |= {"cue": span(text, "said", 1), "source": span(text, "The  Harbour Board")}
    files["duplicates/blocks.jsonl"] = []
    assert codes(relation(files, "identical"), tmp_path / "a") == ["utterance-split"]
    direct["utterance"] = "finch-monday"
    assert codes(files, tmp_path / "b") == []


def test_a_speaker_counts_as_a_use_of_an_entity(tmp_path: Path) -> None:
    files = one_document()
    files["entities/post.jsonl"].pop()
    assert codes(files, tmp_path / "a") == []
    files["quotes/post.jsonl"][1]["speaker"] = None
    assert codes(files, tmp_path / "b") == ["entity-unused"]


def test_an_unused_entry_is_not_looked_for_while_files_cannot_be_read(tmp_path: Path) -> None:
    files = one_document()
    files["entities/post.jsonl"][2]["type"] = "BIRD"
    files["quotes/post.jsonl"][1]["speaker"] = None
    assert codes(files, tmp_path) == ["unknown-label"]


# Known issues


def known(code: str, file: str, record: str | None = None) -> list[dict[str, Any]]:
    return [{"code": code, "file": file, "record": record, "reason": "It is so in the paper."}]


def test_a_known_issue_is_left_out_and_hides_nothing_else(tmp_path: Path) -> None:
    files = one_document()
    pair = json.dumps(span(POST, '"We will not sail on Monday,"'), ensure_ascii=False)
    del files["quotes/post.jsonl"][0]
    files["known_issues.json"] = known("quotation-marks-unlabelled", "quotes/post.jsonl", pair)
    assert codes(files, tmp_path / "a") == []
    files["quotes/post.jsonl"][0]["cue"] = None
    assert codes(files, tmp_path / "b") == ["indirect-without-cue"]


def test_a_known_issue_of_another_record_is_stale(tmp_path: Path) -> None:
    files = one_document()
    del files["quotes/post.jsonl"][0]
    files["known_issues.json"] = known("quotation-marks-unlabelled", "quotes/post.jsonl", "another")
    assert codes(files, tmp_path) == ["quotation-marks-unlabelled", "known-issue-stale"]


def test_a_known_issue_is_not_called_stale_while_its_check_is_barred(tmp_path: Path) -> None:
    files = one_document()
    files["corpus/authored/post.txt"] = "Another text.\n"
    files["known_issues.json"] = known("indirect-without-cue", "quotes/post.jsonl")
    assert codes(files, tmp_path) == ["file-changed"]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("{", "expected a JSON list"),
        ("{}", "expected a JSON list"),
        ('["x"]', "expected the keys code, file, record, reason"),
        (json.dumps([{"code": "span-empty", "file": 3, "record": None, "reason": "x"}]), "has the file 3"),
        (json.dumps([{"code": "known-issue-stale", "file": "x", "record": None, "reason": "x"}]), "expected a known one"),
        (json.dumps([{"code": "span-empty", "file": "x", "record": None, "reason": " "}]), "has no reason"),
    ],
)
def test_known_issues_that_cannot_be_read_are_named(content: str, part: str, tmp_path: Path) -> None:
    findings = validate(write({**one_document(), "known_issues.json": content}, tmp_path))
    assert [finding.code for finding in findings] == ["known-issue-invalid"]
    assert part in findings[0].message


# Splits


def in_two_splits(files: Files) -> Files:
    files["splits.json"].update(train=["post"], test=["times"])
    files["corpus/manifest.jsonl"] = lines(entry("post", POST.encode()), entry("times", TIMES.encode(), split="test"))
    return files


def test_a_story_in_two_splits_is_one_leak_whatever_else_leaks_with_it(tmp_path: Path) -> None:
    findings = validate(write(in_two_splits(two_documents()), tmp_path))
    assert [finding.code for finding in findings] == ["split-leak"]
    assert 'story "ferry-strike"' in findings[0].message


def test_blocks_and_quotations_of_nobody_are_shared_by_no_two_splits(tmp_path: Path) -> None:
    files = two_stories()
    texts = {"post": POST + 'The "Old Gull" sailed.\n', "times": TIMES + 'The "New Gull" did not.\n'}
    for (name, text), surface, number in zip(texts.items(), ('"Old Gull"', '"New Gull"'), (4, 3), strict=True):
        files[f"segments/{name}.jsonl"].append(block(number, "boilerplate"))
        files[f"quotes/{name}.jsonl"].append(quotation(text, surface, "scare"))
    files["quotes/times.jsonl"][0] |= {"type": "fragment", "utterance": "finch-again"}
    files.update(corpus(**texts))
    manifest = [entry(name, text.encode(), split=s) for (name, text), s in zip(texts.items(), ("train", "test"), strict=True)]
    files["corpus/manifest.jsonl"] = lines(*manifest)
    files["splits.json"].update(train=["post"], test=["times"])
    assert codes(files, tmp_path) == []


def test_an_utterance_in_two_splits_is_a_leak(tmp_path: Path) -> None:
    findings = validate(write(in_two_splits(two_stories()), tmp_path))
    assert [finding.code for finding in findings] == ["split-leak"]
    assert 'utterance "finch-monday"' in findings[0].message


def test_a_relation_across_two_splits_is_a_leak_even_as_a_known_issue_of_its_own(tmp_path: Path) -> None:
    files = in_two_splits(two_stories())
    files["quotes/times.jsonl"][0]["utterance"] = "finch-again"
    pair = {"a": "post#ferry-strike", "b": "times#ferry-talks", "relation": "same_event"}
    files["duplicates/versions.jsonl"] = [pair]
    files["known_issues.json"] = [
        *known("relation-disagrees", "duplicates/versions.jsonl", json.dumps(pair)),
        *known("utterance-split", "quotes/times.jsonl", json.dumps(files["quotes/times.jsonl"][0])),
    ]
    findings = validate(write(files, tmp_path))
    assert [finding.code for finding in findings] == ["split-leak"]
    assert "relation" in findings[0].message


# Size


def test_two_hundred_and_fifty_documents_are_checked_in_seconds(tmp_path: Path) -> None:
    # 250 documents of 32 mentions and 400 words each, every word of a document its own: 8,000 mentions, 100,000 5-grams.
    names = [f"doc-{number:03}" for number in range(250)]
    texts = {
        name: "".join(f"Ada Finch {' '.join(f'w{number}x{row}x{i}' for i in range(11))}\n" for row in range(32))
        for number, name in enumerate(names)
    }
    files: Files = {
        **corpus(**texts),
        "stories.json": {f"story-{name}": {"title": name, "topics": {"only": "all"}} for name in names},
        "entities.json": {"ada-finch": {"name": "Ada Finch", "type": "PERSON"}},
        "splits.json": {"train": names, "validation": [], "test": [], "wild": []},
        "version.json": {"version": "1.0.0", "canary": "none"},
        "duplicates/versions.jsonl": [],
        "duplicates/blocks.jsonl": [],
    }
    for name, text in texts.items():
        files[f"segments/{name}.jsonl"] = [block(number, "body", f"story-{name}", "only") for number in range(32)]
        files[f"quotes/{name}.jsonl"] = []
        files[f"entities/{name}.jsonl"] = [mention(text, "Ada Finch", "PERSON", "ada-finch", nth) for nth in range(32)]
    write(files, tmp_path)
    start = time.process_time()
    assert validate(tmp_path) == []
    assert time.process_time() - start < 20
