"""Bad input is answered with findings that name the place, never with a traceback and never by changing what was read."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_tree import POST, Files, block, corpus, entry, lines, mention, one_document, span, two_documents, write
from wirecopy.corpus import read_manifest
from wirecopy.findings import Finding, FindingsError
from wirecopy.labels import BlockLabel, Mention, Quotation, VersionPair, read_label_file, read_registry, to_dict
from wirecopy.validation import validate


def one_finding(files: Files, folder: Path) -> Finding:
    findings = validate(write(files, folder))
    assert len(findings) == 1, [str(finding) for finding in findings]
    return findings[0]


def holds(finding: Finding, code: str, file: str, line: int | None, *parts: str) -> None:
    """The finding's code and place, and parts of what it says: found, expected, remedy."""
    assert (finding.code, finding.file, finding.line) == (code, file, line)
    for part in parts:
        assert part in f"{finding.message}; {finding.remedy}"
    assert finding.remedy


# Raw files

PREDICTION: Files = {"entities/post.jsonl": [{"start": 24, "end": 30, "type": "LOC"}]}


def with_bytes(content: bytes | None) -> Files:
    """A corpus of one text whose bytes, after the manifest was made, became others."""
    files = {**corpus(post=POST), **PREDICTION}
    if content is None:
        del files["corpus/authored/post.txt"]
    else:
        files["corpus/authored/post.txt"] = content
    return files


@pytest.mark.parametrize(
    ("content", "code", "parts"),
    [
        (b"Ferry cr\xe9ws", "file-not-utf8", ("byte 8 (0xe9) is not UTF-8", "save the file as UTF-8")),
        (b"\xef\xbb\xbf" + POST.encode(), "file-bom", ("byte order mark", "without a byte order mark")),
        (b"", "file-empty", ("the file is empty", "restore it")),
        (b"Ferry\0", "file-nul", ("byte 5 is NUL", "take the NUL out")),
        (POST.encode().replace(b"Ferry", b"Fern "), "file-changed", ("sha256 is", "the manifest has", "restore the file")),
        (POST.encode()[:-1], "file-changed", ("over 152 bytes", "the manifest has", "over 153", "restore")),
        (POST.replace("\n", "\r\n").encode(), "file-changed", ("over 157 bytes", "over 153")),
        (None, "file-missing", ("cannot be read (No such file or directory)", "restore the file")),
    ],
)
def test_a_raw_file_with_wrong_bytes_is_named(content: bytes | None, code: str, parts: tuple[str, ...], tmp_path: Path) -> None:
    holds(one_finding(with_bytes(content), tmp_path), code, "corpus/authored/post.txt", None, *parts)


def test_a_stranger_in_the_corpus_is_named(tmp_path: Path) -> None:
    files = {**corpus(post=POST), **PREDICTION, "corpus/authored/letter.txt": "Dear Ada\n"}
    finding = one_finding(files, tmp_path)
    holds(finding, "file-stranger", "corpus/authored/letter.txt", None, "not in its manifest", "add it to the manifest")


def test_a_manifest_whose_counts_are_wrong_is_named(tmp_path: Path) -> None:
    files = {**corpus(post=POST), **PREDICTION}
    files["corpus/manifest.jsonl"] = lines(entry("post", POST.encode(), bytes=1))
    finding = one_finding(files, tmp_path)
    holds(
        finding, "manifest-mismatch", "corpus/authored/post.txt", None, "153 bytes", "the manifest has 1 bytes", "make manifest"
    )


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"doc_id": "../post"}, "expected '<origin>/<doc_id>.txt'"),
        ({"doc_id": "../post", "path": "authored/../post.txt"}, "expected '<origin>/<doc_id>.txt'"),
        ({"path": "/etc/hostname"}, "expected '<origin>/<doc_id>.txt'"),
        ({"doc_id": "po\0st", "path": "authored/po\0st.txt"}, "expected '<origin>/<doc_id>.txt'"),
        ({"doc_id": "\ud800", "path": "authored/\ud800.txt"}, "the line is no JSON"),
        ({"split": "dev"}, "split is 'dev', expected one of train, validation, test, wild"),
        ({"bytes": True}, "field 'bytes' holds True"),
        ({"chars": 1.0}, "field 'chars' holds 1.0"),
        ({"dirt": "glued"}, "field 'dirt' holds 'glued'"),
        ({"language": None}, "field 'language' holds None"),
        ({"colour": "red"}, "expected the fields doc_id"),
    ],
)
def test_a_wrong_line_of_the_manifest_is_named(changes: dict[str, Any], part: str, tmp_path: Path) -> None:
    files = {**corpus(post=POST), **PREDICTION}
    files["corpus/manifest.jsonl"] = json.dumps(entry("post", POST.encode(), **changes)) + "\n"
    holds(one_finding(files, tmp_path), "manifest-invalid", "corpus/manifest.jsonl", 1, part, "run `make manifest`")


def test_a_key_that_stands_twice_in_a_line_of_the_manifest_is_named(tmp_path: Path) -> None:
    files = {**corpus(post=POST), **PREDICTION}
    files["corpus/manifest.jsonl"] = files["corpus/manifest.jsonl"].replace('"split"', '"split": "train", "split"', 1)
    finding = one_finding(files, tmp_path)
    holds(finding, "manifest-invalid", "corpus/manifest.jsonl", 1, "key 'split' stands twice", "run `make manifest`")


def test_a_document_that_stands_twice_in_the_manifest_is_named(tmp_path: Path) -> None:
    files = {**corpus(post=POST), **PREDICTION}
    files["corpus/manifest.jsonl"] *= 2
    finding = one_finding(files, tmp_path)
    holds(finding, "manifest-invalid", "corpus/manifest.jsonl", 2, "'post' stands twice", "drop one")


# Lines of label files

ADA = '{"start": 65, "end": 74, "text": "Ada Finch", "type": "PERSON", "entity": null}'
FIELDS = "expected start, end, text, type, entity"


@pytest.mark.parametrize(
    ("line", "code", "parts"),
    [
        ("", "not-json", ("expected a JSON object", "found an empty line", "write one record a line")),
        ("Ada Finch", "not-json", ("expected a JSON object", 'found "Ada Finch"', "write one record a line")),
        (ADA[:-1], "not-json", ("expected a JSON object", "write one record a line")),
        (ADA + ADA, "not-json", ("Extra data", "write one record a line")),
        (ADA.replace("65", "NaN"), "not-json", ("NaN is no JSON number", "write one record a line")),
        (ADA.replace("65", "-Infinity"), "not-json", ("-Infinity is no JSON number", "write one record a line")),
        (ADA.replace("65", "1" * 5000), "not-json", ("expected a JSON object", "write one record a line")),
        ("[" * 100_000, "not-json", ("expected a JSON object", "write one record a line")),
        ('"Ada Finch"', "wrong-type", ('found "Ada Finch"', "expected an object with start", "JSON type")),
        ("[65, 74]", "wrong-type", ("found [65, 74]", "expected an object with start", "JSON type")),
        (ADA.replace('"start": 65, ', ""), "missing-field", ("field 'start' is missing", FIELDS, "add the field")),
        (ADA.replace("entity", "id"), "unknown-field", ("field 'id' is unknown", FIELDS, "drop the field")),
        (ADA.replace("65", '"65"'), "wrong-type", ("field 'start' holds \"65\"", "valid integer", "JSON type")),
        (ADA.replace("65", "65.0"), "wrong-type", ("field 'start' holds 65.0", "valid integer", "JSON type")),
        (ADA.replace("65", "true"), "wrong-type", ("field 'start' holds true", "valid integer", "JSON type")),
        (ADA.replace("65", "null"), "wrong-type", ("field 'start' holds null", "valid integer", "JSON type")),
        (ADA.replace('"PERSON"', "[]"), "wrong-type", ("field 'type' holds []", "valid string", "JSON type")),
        (ADA.replace("Ada Finch", "\\ud83d"), "wrong-type", ("half of a surrogate pair", "write the whole character")),
        (ADA.replace('"start"', '"end": 1, "start"'), "duplicate-key", ("key 'end' stands twice", "keep one of them")),
    ],
)
def test_a_line_that_is_no_record_is_named_and_the_rest_is_still_checked(
    line: str, code: str, parts: tuple[str, ...], tmp_path: Path
) -> None:
    rest = '{"start": 24, "end": 30, "type": "PLACE"}'
    findings = validate(write({**corpus(post=POST), "entities/post.jsonl": f"{line}\n{rest}\n"}, tmp_path))
    assert [finding.code for finding in findings] == [code, "unknown-label"]
    holds(findings[0], code, "entities/post.jsonl", 1, *parts)
    assert findings[0].record == line
    holds(findings[1], "unknown-label", "entities/post.jsonl", 2, '"PLACE"')


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("entities/post.jsonl", ADA),
        ("segments/post.jsonl", '{"block": 0, "role": "body", "story": null, "topic": null}'),
        ("duplicates/versions.jsonl", '{"a": "post#x", "b": "times#x", "relation": "unrelated"}'),
        ("duplicates/blocks.jsonl", '{"a_doc": "a", "a_block": 0, "b_doc": "b", "b_block": 0, "relation": "edited"}'),
    ],
)
def test_a_record_that_stands_twice_is_named(name: str, line: str, tmp_path: Path) -> None:
    findings = validate(write({**corpus(post=POST), name: f"{line}\n{line}\n"}, tmp_path))
    duplicates = [finding for finding in findings if finding.level == "schema"]
    assert len(duplicates) == 1
    holds(duplicates[0], "duplicate-record", name, 2, "the same record stands in line 1", "drop one of them")


def test_a_label_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    files = {**corpus(post=POST), "entities/post.jsonl": ADA.encode().replace(b"F", b"\xff")}
    finding = one_finding(files, tmp_path)
    holds(finding, "label-file-not-utf8", "entities/post.jsonl", None, "is not UTF-8", "save the file as UTF-8")


def test_a_file_that_is_no_part_of_a_tree_is_named(tmp_path: Path) -> None:
    for name in ("entities/post.json", "duplicates/pairs.jsonl", "quotes/.post.jsonl.swp"):
        folder = tmp_path / name.replace("/", "-")
        finding = one_finding({**corpus(post=POST), **PREDICTION, name: ""}, folder)
        holds(finding, "label-file-stranger", name, None, "no part of a label tree", "take it out")


def test_a_file_whose_name_is_no_utf8_is_named_in_words_that_can_be_printed(tmp_path: Path) -> None:
    tree = write({**corpus(post=POST), **PREDICTION}, tmp_path)
    (tree / "entities" / os.fsdecode(b"p\xffst.jsonl")).write_bytes(b"")
    (finding,) = validate(tree)
    holds(finding, "unknown-document", "entities/p\\udcffst.jsonl", None, 'no document "p\\udcffst"', "nearest known: post")
    assert str(finding).encode("utf-8")


# Spans


@pytest.mark.parametrize(
    ("record", "code", "parts"),
    [
        ((153, 154, None), "span-out-of-range", ("post[153:154] is out of range", "from 0 to 153", "count code points")),
        ((-1, 5, None), "span-out-of-range", ("post[-1:5] is out of range", "from 0 to 153", "count code points")),
        ((0, 10**30, None), "span-out-of-range", ("out of range", "from 0 to 153", "count code points")),
        ((9, 9, None), "span-empty", ("post[9:9] is empty", "expected an end after the start", "set the end")),
        ((9, 5, None), "span-empty", ("post[9:5] is empty", "expected an end after the start", "set the end")),
        ((64, 74, " Ada Finch"), "span-white-space", ('" Ada Finch"', 'expected "Ada Finch" at 65:74', "leave the white")),
        ((34, 35, "\n"), "span-white-space", ('is "\\n"', "expected a span that holds more", "leave the white space out")),
        ((64, 73, "Ada Finch"), "span-text-differs", ('text is "Ada Finch"', '" Ada Finc"', "stands at 65:74", "correct")),
        ((65, 74, "Eda Finch"), "span-text-differs", ('text is "Eda Finch"', '"Ada Finch"', "stands nowhere", "correct")),
        ((65, 74, ""), "span-text-differs", ('text is ""', '"Ada Finch"', "correct the offsets or the text")),
        ((24, 74, None), "span-crosses-block", ("crosses a block border", "expected it to end by 34", "label the rest")),
        ((65, 98, None), "span-crosses-block", ("crosses a block border", "expected it to end by 80", "label the rest")),
    ],
)
def test_a_wrong_span_is_named_with_what_was_found_and_expected(
    record: tuple[int, int, str | None], code: str, parts: tuple[str, ...], tmp_path: Path
) -> None:
    start, end, text = record
    files = {**corpus(post=POST), "entities/post.jsonl": [{"start": start, "end": end, "text": text, "type": "PERSON"}]}
    holds(one_finding(files, tmp_path), code, "entities/post.jsonl", 1, *parts)


def test_a_text_that_stands_twice_is_shown_where_it_stands_nearest(tmp_path: Path) -> None:
    # "said" stands at 75 and at 99; the record's offset is nearer to the second.
    record = {"start": 98, "end": 102, "text": "said", "type": "ORG"}
    finding = one_finding({**corpus(post=POST), "entities/post.jsonl": [record]}, tmp_path)
    holds(finding, "span-text-differs", "entities/post.jsonl", 1, "the string stands at 99:103")


def test_spans_that_overlap_are_named_both(tmp_path: Path) -> None:
    records = [{"start": 65, "end": 74, "type": "PERSON"}, {"start": 69, "end": 74, "type": "PERSON"}]
    finding = one_finding({**corpus(post=POST), "entities/post.jsonl": records}, tmp_path)
    holds(finding, "span-overlaps", "entities/post.jsonl", 2, "PERSON 69:74", "PERSON 65:74 in line 1", "apart", "keep one")


# Names


@pytest.mark.parametrize("doc_id", ["poste", "../post", "/etc/passwd", "po\0st", "\u202epost", ""])
def test_an_unknown_document_in_a_pair_is_named_with_the_nearest_known(doc_id: str, tmp_path: Path) -> None:
    files = two_documents()
    files["duplicates/blocks.jsonl"] = [{"a_doc": doc_id, "a_block": 0, "b_doc": "times", "b_block": 0, "relation": "edited"}]
    finding = one_finding(files, tmp_path)
    shown = json.dumps(doc_id)
    holds(finding, "unknown-document", "duplicates/blocks.jsonl", 1, f"no document {shown}", "known: post", "name a document")


@pytest.mark.parametrize("version", ["../post#ferry-strike", "/post#x", "po\0st#x", "#", ""])
def test_an_unknown_document_in_a_pair_of_versions_is_named(version: str, tmp_path: Path) -> None:
    files = two_documents()
    files["duplicates/versions.jsonl"] = [{"a": version, "b": "times#ferry-strike", "relation": "same_event"}]
    finding = one_finding(files, tmp_path)
    shown = json.dumps(version.partition("#")[0])
    holds(finding, "unknown-document", "duplicates/versions.jsonl", 1, f"no document {shown}", "known: post", "name a document")


@pytest.mark.parametrize("version", ["times", "times#", "times#port-strike", "times#ferry-strike#"])
def test_an_unknown_version_of_a_known_document_is_named(version: str, tmp_path: Path) -> None:
    files = two_documents()
    files["duplicates/versions.jsonl"] = [{"a": "post#ferry-strike", "b": version, "relation": "same_event"}]
    finding = one_finding(files, tmp_path)
    holds(
        finding, "unknown-version", "duplicates/versions.jsonl", 1, json.dumps(version), "times#ferry-strike", "name a version"
    )


def test_a_label_file_of_an_unknown_document_is_named_and_its_spans_are_not_checked(tmp_path: Path) -> None:
    files = {**corpus(post=POST), "entities/posts.jsonl": [{"start": 5, "end": 1, "type": "PERSON"}]}
    finding = one_finding(files, tmp_path)
    holds(
        finding,
        "unknown-document",
        "entities/posts.jsonl",
        None,
        'no document "posts"',
        "nearest known: post",
        "drop the labels",
    )


@pytest.mark.parametrize(
    ("name", "row", "key", "value", "code", "near"),
    [
        ("segments/post.jsonl", 1, "role", "Body", "unknown-label", "body"),
        ("quotes/post.jsonl", 0, "type", "directt", "unknown-label", "direct"),
        ("entities/post.jsonl", 1, "type", "PER", "unknown-label", "PERSON"),
        ("duplicates/versions.jsonl", 0, "relation", "near-duplicate", "unknown-label", "near_duplicate"),
        ("duplicates/blocks.jsonl", 0, "relation", "identical", "unknown-label", "partial"),
        ("segments/post.jsonl", 1, "story", "ferry-strikes", "unknown-story", "ferry-strike"),
        ("segments/post.jsonl", 1, "topic", "strikes", "unknown-topic", "strike"),
        ("entities/post.jsonl", 1, "entity", "ada-fink", "unknown-entity", "ada-finch"),
        ("quotes/post.jsonl", 0, "speaker", "ada-fink", "unknown-entity", "ada-finch"),
        ("segments/post.jsonl", 3, "block", 4, "unknown-block", "from 0 to 3"),
        ("segments/post.jsonl", 0, "block", -1, "unknown-block", "from 0 to 3"),
        ("duplicates/blocks.jsonl", 0, "a_block", -1, "unknown-block", "from 0 to 3"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_known(
    name: str, row: int, key: str, value: Any, code: str, near: str, tmp_path: Path
) -> None:
    files = two_documents()
    files[name][row][key] = value
    finding = one_finding(files, tmp_path)
    shown = str(value) if isinstance(value, int) else json.dumps(value)
    holds(finding, code, name, row + 1, shown, "expected", near)


def test_a_document_that_a_prediction_leaves_out_is_no_finding_and_in_the_gold_labels_it_is(tmp_path: Path) -> None:
    assert validate(write({**corpus(post=POST, times="Talks.\n"), **PREDICTION}, tmp_path / "prediction")) == []
    files = two_documents()
    del files["entities/times.jsonl"]
    finding = one_finding(files, tmp_path / "gold")
    holds(finding, "label-file-missing", "entities/times.jsonl", None, "there is no file", "expected the labels", "label it")


# Fuzz: no bytes whatever give a traceback, and what is read is what stands there.

VALUES = ["NaN", "Infinity", "-0", "1e400", "1" * 30, "9" * 5000, "null", "true", '""', '"\\ud800"', "{}", "[]", "1.0"]
SEEDS: dict[type[Any], str] = {
    BlockLabel: lines(block(1, "body", "ferry-strike", "strike")),
    Mention: lines(mention(POST, "Ada Finch", "PERSON", "ada-finch")),
    Quotation: lines({**span(POST, "the strike"), "type": "indirect", "cue": span(POST, "said"), "speaker": "ada-finch"}),
    VersionPair: lines({"a": "post#x", "b": "times#x", "relation": "same_event"}),
}


@st.composite
def mutated(draw: st.DrawFn, content: bytes) -> bytes:
    """Valid bytes with a few bytes deleted, inserted or replaced, a value swapped, or something nested deep."""
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(content)))
        kind = draw(st.sampled_from(["delete", "insert", "replace", "value", "double", "nest"]))
        if kind == "delete":
            content = content[:place] + content[place + draw(st.integers(1, 8)) :]
        elif kind == "insert":
            content = content[:place] + draw(st.binary(min_size=1, max_size=3)) + content[place:]
        elif kind == "replace":
            content = content[:place] + draw(st.binary(min_size=1, max_size=1)) + content[place + 1 :]
        elif kind == "value":
            colon = content.find(b": ", place)
            comma = content.find(b",", colon)
            if 0 <= colon < comma:
                content = content[: colon + 2] + draw(st.sampled_from(VALUES)).encode() + content[comma:]
        elif kind == "double":
            content += content[:place]
        else:
            depth = draw(st.sampled_from([2, 50, 3000]))
            content = content[:place] + b"[" * depth + b"]" * depth + content[place:]
    return content


def same_json(a: Any, b: Any) -> bool:
    """Whether two values are the same JSON, types of numbers included."""
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def check_label_bytes(content: bytes, kind: type[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.jsonl")
        path.write_bytes(content)
        file = read_label_file(path, kind, name="x.jsonl", layer="x", doc_id="x")
    for line in file.lines:
        stands = json.loads(line.source)
        read = to_dict(line.record)
        for part in ("cue", "source"):
            if isinstance(stands.get(part), dict):
                stands[part].setdefault("text", None)
        assert same_json(read, {**dict.fromkeys(read), **stands})
    answered = {finding.line for finding in file.findings} | {line.number for line in file.lines}
    if None not in answered:
        rows = content.decode().removesuffix("\n").split("\n") if content else []
        assert answered == set(range(1, len(rows) + 1))


@pytest.mark.parametrize("kind", SEEDS)
def test_no_bytes_of_a_label_file_give_a_traceback_or_change_in_silence(kind: type[Any]) -> None:
    @settings(max_examples=120)
    @given(mutated(SEEDS[kind].encode() * 2) | st.binary(max_size=60))
    @example(b"")
    @example(b"\n")
    @example(b"[" * 50_000)
    @example(b'{"a": ' * 50_000)
    def check(content: bytes) -> None:
        check_label_bytes(content, kind)

    check()


@settings(max_examples=200)
@given(mutated(lines(entry("post", POST.encode()), entry("times", b"Talks")).encode()) | st.binary(max_size=60))
@example(b"[" * 50_000)
def test_no_bytes_of_a_manifest_give_a_traceback_or_change_in_silence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "manifest.jsonl").write_bytes(content)
        entries, findings = read_manifest(Path(folder))
    if findings and findings[0].line is None:
        assert entries == []
        return
    rows = content.decode().split("\n")
    stands = [json.loads(row) for number, row in enumerate(rows, 1) if row and number not in {f.line for f in findings}]
    assert len(entries) == len(stands)
    for read, row in zip(entries, stands, strict=True):
        assert same_json(json.loads(read.to_json()), row)


@settings(max_examples=200)
@given(mutated(json.dumps(one_document()["entities.json"], indent=1).encode()) | st.binary(max_size=60))
@example(b'{"a": ' * 50_000)
@example(b'{"a": NaN}')
def test_no_bytes_of_a_registry_give_a_traceback_or_change_in_silence(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "entities.json").write_bytes(content)
        try:
            registry = read_registry("entities", Path(folder))
        except FindingsError as error:
            assert [finding.code for finding in error.findings] == ["registry-invalid"]
            return
    assert same_json(registry, json.loads(content))


FILES = sorted(name for name in two_documents() if not name.endswith(".txt"))


@settings(max_examples=250)
@given(st.data())
def test_a_spoiled_file_of_the_gold_labels_never_gives_a_traceback(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = write({**two_documents(), "known_issues.json": []}, Path(folder))
        path = tree / data.draw(st.sampled_from([*FILES, "known_issues.json"]))
        path.write_bytes(data.draw(mutated(path.read_bytes()) | st.binary(max_size=40)))
        for finding in validate(tree):
            assert finding.message and finding.remedy
            assert str(finding).encode()
            json.dumps(finding.to_dict()).encode()


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw.replace(b", ", b",", 1), lambda raw: raw + b"\n"])
@pytest.mark.parametrize("layer", ["segments", "quotes", "entities"])
def test_a_byte_too_few_or_too_many_in_a_gold_file_is_a_finding(
    layer: str, spoil: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    tree = write(one_document(), tmp_path)
    path = tree / layer / "post.jsonl"
    path.write_bytes(spoil(path.read_bytes()))
    assert {finding.file for finding in validate(tree)} == {f"{layer}/post.jsonl"}
