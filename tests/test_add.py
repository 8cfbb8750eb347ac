"""Taking raw files into the corpus: which are refused, what is written, and how their labels come in layer by layer."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import wirecopy
from small_root import content, read_json, small_root
from small_tree import POST, block, mention, two_documents, write
from wirecopy.cli import main
from wirecopy.validation import validate

LETTER = "Letter from Marlow Bay\r\nAda Finch wrote to the Harbour Board.\r\n\r\nNo ferry sails.\r\n"
RIGHTS = "the writer's; here with her leave"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Rows are read anew, whatever a test before has left in the cache.
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    return small_root(tmp_path, monkeypatch)


def raw(root: Path, text: str | bytes, name: str = "letter.txt") -> Path:
    """A file beside the root."""
    path = root.parent / "new" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def add(
    capsys: pytest.CaptureFixture[str], *files: Path, rights: str = RIGHTS, outlet: str | None = None
) -> tuple[int, str, str]:
    capsys.readouterr()
    named = [] if outlet is None else ["--outlet", outlet]
    code = main(["add", *map(str, files), "--rights", rights, *named])
    return code, *capsys.readouterr()


def refused(root: Path, capsys: pytest.CaptureFixture[str], *files: Path, code: int, **options: Any) -> str:
    """Add files that cannot be: nothing is written; what was said."""
    before = content(root)
    answer, _, said = add(capsys, *files, **options)
    assert answer == code, said
    assert content(root) == before
    return said


# Refused


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [
        (b"Ferry cr\xe9ws\n", "letter.txt: byte 8 (0xe9) is not UTF-8; save the file as UTF-8 [file-not-utf8]\n"),
        (b"\xef\xbb\xbfFerry\n", "the file starts with a byte order mark (EF BB BF)"),
        (b"Ferry\0crews\n", "byte 5 is NUL"),
        (b"", "the file is empty"),
    ],
)
def test_bytes_that_are_no_text_of_the_corpus_are_findings(
    bytes_: bytes, said: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in refused(root, capsys, raw(root, bytes_), code=1)


@pytest.mark.parametrize("text", [" ", "\n", "\r\n\t\n", "\u00a0\n\u2003\n"])
def test_a_file_of_white_space_alone_is_refused(text: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds white space alone; expected lines of text" in refused(root, capsys, raw(root, text), code=2)


@pytest.mark.parametrize(
    "name", ["letter.md", "letter.TXT", "letter", "a letter.txt", "-letter.txt", "lettre-é.txt", ".txt", "a.b.txt", "a#b.txt"]
)
def test_a_name_that_is_no_id_is_refused(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = raw(root, LETTER, name)
    # A name that begins with a hyphen is an option to the command, unless it is given as a path.
    assert "expected a name of letters, digits, - and _ that ends with .txt" in refused(root, capsys, path, code=2)


@pytest.mark.parametrize("name", ["../x", "..", "/", "../new/", "."])
def test_a_path_that_names_no_file_is_refused(
    name: str, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(raw(root, LETTER).parent)
    assert "expected a name" in refused(root, capsys, Path(name), code=2)


def test_a_file_is_taken_by_its_own_name_from_wherever_it_lies(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (root.parent / "deep").mkdir()
    raw(root, LETTER)
    monkeypatch.chdir(root.parent / "deep")
    assert add(capsys, Path("../new/letter.txt"))[0] == 0
    assert (root / "corpus" / "wild" / "letter.txt").is_file()


def test_a_file_that_is_not_there_is_wrong_use(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No such file" in refused(root, capsys, root.parent / "nowhere.txt", code=2)
    folder = root.parent / "folder.txt"
    folder.mkdir()
    assert "Is a directory" in refused(root, capsys, folder, code=2)


def test_a_document_that_is_there_already_is_named(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    by_name = refused(root, capsys, raw(root, LETTER, "post.txt"), code=2)
    assert "the corpus has a document 'post' already; rename the file if it is another one" in by_name
    by_bytes = refused(root, capsys, raw(root, POST, "other.txt"), code=2)
    assert "other.txt: the same bytes are in the corpus already, as 'post'" in by_bytes


def test_of_several_files_all_are_taken_or_none(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letter, other = raw(root, LETTER), raw(root, "Another letter\n", "other.txt")
    assert "is not UTF-8" in refused(root, capsys, letter, raw(root, b"\xff\n", "wrong.txt"), code=1)
    assert "two of the files have the same bytes" in refused(root, capsys, letter, raw(root, LETTER, "copy.txt"), code=2)
    (root.parent / "more").mkdir()
    twin = other.rename(root.parent / "more" / "letter.txt")
    assert "two of the files have one name" in refused(root, capsys, letter, twin, code=2)
    code, out, _ = add(capsys, letter, raw(root, "Another letter\n", "other.txt"))
    assert code == 0
    assert "letter: 3 blocks, ready to push\nother: 1 block, ready to push\n" in out


@pytest.mark.parametrize("rights", ["", "  \n"])
def test_the_rights_must_be_said(rights: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--rights is empty" in refused(root, capsys, raw(root, LETTER), code=2, rights=rights)


def test_a_corpus_with_a_finding_is_mended_first(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "corpus" / "wild" / "stranger.txt").write_text("Who put it here?\n")
    assert "corpus/wild/stranger.txt: the file stands in the corpus" in refused(root, capsys, raw(root, LETTER), code=1)
    (root / "corpus" / "wild" / "stranger.txt").unlink()
    # One of the same name elsewhere would stay a stranger.
    (root / "corpus" / "authored" / "letter.txt").write_text(LETTER)
    assert "corpus/authored/letter.txt" in refused(root, capsys, raw(root, LETTER), code=1)


def test_a_file_that_lies_in_the_corpus_unlisted_is_not_written_over(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = root / "corpus" / "wild" / "letter.txt"
    there.write_text("Another letter\n")
    assert "another file lies at" in refused(root, capsys, raw(root, LETTER), code=2)
    # It can be added from where it lies.
    assert add(capsys, there)[0] == 0
    assert there.read_text() == "Another letter\n"
    assert validate() == []


# Copies


def words(first: int, last: int) -> str:
    return " ".join(f"word{number}" for number in range(first, last))


def test_near_duplicates_are_named_with_their_share(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # 44 words are 40 runs of five. The second shares its 22 first words, 18 runs of 40; the third 12 words, 8 of 40; the fourth
    # is all of the first and more.
    assert add(capsys, raw(root, words(0, 44), "first.txt"))[0] == 0
    files = [
        raw(root, f"{words(0, 22)} {words(100, 122)}", "second.txt"),
        raw(root, f"{words(30, 42)} {words(200, 232)}", "third.txt"),
        raw(root, f"{words(0, 44)} {words(300, 330)}", "fourth.txt"),
    ]
    code, out, _ = add(capsys, *files)
    assert code == 0
    assert out.splitlines()[:-1] == [
        "second: 1 block, ready to push",
        "  looks like a copy of first: they share 45% of the shorter one's word 5-grams",
        "  looks like a copy of fourth: they share 45% of the shorter one's word 5-grams",
        "third: 1 block, ready to push",
        "fourth: 1 block, ready to push",
        "  looks like a copy of first: they share 100% of the shorter one's word 5-grams",
        "  looks like a copy of second: they share 45% of the shorter one's word 5-grams",
    ]


def test_short_texts_are_no_copies(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # 23 words are 19 runs of five, 24 words are 20.
    assert add(capsys, raw(root, words(0, 24), "first.txt"))[0] == 0
    assert "looks like" not in add(capsys, raw(root, words(0, 23), "short.txt"))[1]
    assert "looks like a copy of first: they share 100%" in add(capsys, raw(root, words(0, 24) + "\n", "long.txt"))[1]


# What is written


def test_the_manifest_the_splits_and_the_known_issues_name_the_new_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(root)
    code, out, _ = add(capsys, raw(root, LETTER), outlet="The Bay Post")
    assert code == 0
    assert out.startswith(
        "letter: 3 blocks, ready to push\nwrite the kinds of dirt into the new lines of corpus/manifest.jsonl; "
    )
    after = content(root)
    assert {name for name in after if before.get(name) != after[name]} == {
        "annotations/known_issues.json",
        "annotations/splits.json",
        "corpus/manifest.jsonl",
        "corpus/wild/letter.txt",
    }
    lines = [json.loads(line) for line in after["corpus/manifest.jsonl"].decode().splitlines()]
    assert [line["doc_id"] for line in lines] == ["letter", "post", "times"]
    assert lines[0] == {
        "doc_id": "letter",
        "path": "wild/letter.txt",
        "sha256": hashlib.sha256(LETTER.encode()).hexdigest(),
        "bytes": 82,
        "chars": 82,
        "origin": "wild",
        "split": "wild",
        "outlet": "The Bay Post",
        "published": None,
        "language": "en",
        "rights": RIGHTS,
        "dirt": [],
    }
    assert read_json(root / "annotations" / "splits.json") == {
        "train": ["post", "times"],
        "validation": [],
        "test": [],
        "wild": ["letter"],
    }
    assert read_json(root / "annotations" / "known_issues.json") == [
        {
            "code": "label-file-missing",
            "file": f"{layer}/letter.jsonl",
            "record": None,
            "reason": "added, not labelled yet",
        }
        for layer in ("segments", "quotes", "entities")
    ]
    assert validate() == []


@pytest.mark.parametrize(
    "text", [LETTER, "no final newline", "\n\n \tLetter\u00a0\u2028\n", "e\u0301 \U0001f468\u200d\U0001f469\r\r\n"]
)
def test_a_file_is_kept_byte_for_byte(text: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(capsys, raw(root, text))[0] == 0
    assert (root / "corpus" / "wild" / "letter.txt").read_bytes() == text.encode()
    assert wirecopy.corpus()["letter"].text == text


def test_a_file_is_added_once(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(capsys, raw(root, LETTER))[0] == 0
    assert "the corpus has a document 'letter' already" in refused(root, capsys, raw(root, LETTER), code=2)


def test_the_figures_are_those_of_the_documents_that_are_labelled(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(capsys, raw(root, LETTER))[0] == 0
    assert main(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == read_json(root / "annotations" / "statistics.json")


# Cut off

WRITTEN = ("letter.txt", "splits.json", "known_issues.json", "manifest.jsonl")


@pytest.mark.parametrize("moment", WRITTEN)
@pytest.mark.parametrize("half", [True, False])
def test_adding_that_was_cut_off_can_be_done_again(
    moment: str, half: bool, root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed just after a file was written, or while the one is written that is to take its place."""
    from wirecopy.labels import replace_file

    class Killed(BaseException):
        pass

    def cut_off(path: Path, whole: bytes) -> None:
        if path.name == moment and half:
            (path.parent / f".{path.name}.x1y2z3").write_bytes(whole[: len(whole) // 2])
            raise Killed
        replace_file(path, whole)
        if path.name == moment:
            raise Killed

    path = raw(root, LETTER)
    before = content(root)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr("wirecopy.add.replace_file", cut_off)
        main(["add", str(path), "--rights", RIGHTS])
    assert content(root) != before
    done = moment == "manifest.jsonl" and not half
    code, _, said = add(capsys, path)
    assert code == (2 if done else 0), said
    assert validate() == []
    assert (root / "corpus" / "wild" / "letter.txt").read_bytes() == LETTER.encode()
    assert read_json(root / "annotations" / "splits.json")["wild"] == ["letter"]
    assert len(read_json(root / "annotations" / "known_issues.json")) == 3
    assert [name for name in content(root / "corpus") if "/." in f"/{name}"] == []


# Labels


CONFIGS = ("documents", "entities", "versions", "tokens")


def rows() -> dict[str, dict[str, list[Any]]]:
    """The rows of some configurations by split."""
    return {config: {split: list(part) for split, part in wirecopy.load_dataset(config).items()} for config in CONFIGS}


def test_a_new_document_appears_when_all_of_its_layers_are_merged(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = rows()
    assert add(capsys, raw(root, LETTER))[0] == 0
    stories = root / "annotations" / "stories.json"
    letter = {"title": "A letter to the board", "topics": {"letter": "the letter"}}
    stories.write_text(json.dumps({**read_json(stories), "bay-letter": letter}))
    labels = {
        "entities": [
            mention(LETTER, "Marlow Bay", "LOC", "marlow-bay"),
            mention(LETTER, "Ada Finch", "PERSON", "ada-finch"),
            mention(LETTER, "Harbour Board", "ORG", "harbour-board"),
        ],
        "quotes": [],
        "segments": [
            block(0, "headline", "bay-letter"),
            block(1, "body", "bay-letter", "letter"),
            block(2, "body", "bay-letter", "letter"),
        ],
    }
    said = {
        "entities": "entities 3 added; data version 1.0.1",
        "quotes": "quotes none in 1 new document; data version 1.0.2",
        "segments": "segments 3 added; data version 1.0.3",
    }
    for number, (layer, records) in enumerate(labels.items()):
        assert rows() == before
        waiting = read_json(root / "annotations" / "known_issues.json")
        assert len(waiting) == 3 - number
        tree = write({f"{layer}/letter.jsonl": records}, root.parent / layer)
        capsys.readouterr()
        assert main(["label", "merge", str(tree), "--yes"]) == 0
        assert said[layer] in capsys.readouterr().out
        assert read_json(root / "annotations" / "known_issues.json") == [
            issue for issue in waiting if issue["file"] != f"{layer}/letter.jsonl"
        ]
    assert validate() == []
    after = rows()
    assert {config: splits["train"] for config, splits in after.items()} == {
        config: splits["train"] for config, splits in before.items()
    }
    (document,) = after["documents"]["wild"]
    assert (document["doc_id"], document["text"], len(document["blocks"])) == ("letter", LETTER, 3)
    assert [row["version"] for row in after["versions"]["wild"]] == ["letter#bay-letter"]
    assert read_json(root / "annotations" / "statistics.json")["splits"]["wild"]["documents"] == 1
    assert "labels merged: quotes none in 1 new document, in 1 document.\n" in (root / "CHANGELOG.md").read_text()


def test_the_line_of_a_merge_counts_documents_with_nothing_to_label(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(capsys, raw(root, LETTER))[0] == 0
    bay, _, board = two_documents()["entities/post.jsonl"]
    tree = write({"quotes/letter.jsonl": [], "entities/post.jsonl": [bay, board]}, root.parent / "tree")
    assert main(["label", "merge", str(tree), "--yes"]) == 0
    said = "quotes none in 1 new document; entities 1 removed"
    assert f"{said}; data version 1.0.1\n" in capsys.readouterr().out
    assert f"labels merged: {said}, in 2 documents.\n" in (root / "CHANGELOG.md").read_text()
