import hashlib
import shutil
from pathlib import Path

import pytest
import wirecopy
from hypothesis import given
from hypothesis import strategies as st
from wirecopy.corpus import data_root, read_corpus, split_blocks
from wirecopy.findings import FindingsError
from wirecopy.manifest import make_manifest

CORPUS = data_root() / "corpus"


def test_every_document_is_its_file_byte_for_byte() -> None:
    documents = wirecopy.corpus()
    assert len(documents) == len(list(CORPUS.glob("*/*.txt")))
    for document in documents.values():
        raw = (CORPUS / document.entry.path).read_bytes()
        assert document.text.encode("utf-8") == raw
        assert hashlib.sha256(raw).hexdigest() == document.entry.sha256


def test_blocks_of_a_small_text_are_where_they_were_counted_by_hand() -> None:
    # "a b" is 0-3; then a newline, a line of a no-break space and a space (4-6), a newline, a tab at 7, "c" at 8, a space at 9.
    text = "a b\n\u00a0 \n\tc \n"
    assert [(block.start, block.end) for block in split_blocks(text)] == [(0, 3), (8, 9)]


def test_a_carriage_return_and_a_form_feed_split_no_block() -> None:
    assert [(b.start, b.end) for b in split_blocks("one\r\ntwo\x0cthree\u2028four")] == [(0, 3), (5, 19)]


@given(st.text(alphabet=st.sampled_from("ab \n\t\r\u00a0\u2028😀e\u0301"), max_size=60))
def test_blocks_cover_all_that_is_no_white_space_and_nothing_at_their_edges_is(text: str) -> None:
    blocks = split_blocks(text)
    inside = "".join(text[block.start : block.end] for block in blocks)
    assert "".join(inside.split()) == "".join(text.split())
    for block in blocks:
        shown = text[block.start : block.end]
        assert shown
        assert shown == shown.strip()
        assert "\n" not in shown


def test_a_block_is_found_by_a_span_inside_it_and_by_none_across_its_edge() -> None:
    document = wirecopy.corpus()["004_9a33665743d46027"]
    for number, block in enumerate(document.blocks):
        assert document.block_at(block.start, block.end) == number
        assert document.block_at(block.start, block.end + 1) is None


def test_an_unknown_document_is_answered_with_the_nearest_ids() -> None:
    with pytest.raises(KeyError, match="004_9a33665743d46027"):
        wirecopy.corpus()["004_9a33665743d46028"]


def test_the_same_files_in_a_folder_of_the_users_own_give_the_same_corpus(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    for path in (CORPUS / "wild").glob("*.txt"):
        shutil.copy(path, tmp_path / "deep")
    (tmp_path / "unrelated.txt").write_text("something else")
    assert dict(wirecopy.corpus(tmp_path)) == dict(wirecopy.corpus())


def test_a_file_changed_by_one_byte_makes_no_rows_and_is_named(tmp_path: Path) -> None:
    for path in (CORPUS / "wild").glob("*.txt"):
        shutil.copy(path, tmp_path)
    changed = tmp_path / "002_40859690548f3ca6.txt"
    changed.write_bytes(changed.read_bytes().replace(b"Kim", b"Kin", 1))
    with pytest.raises(FindingsError) as caught:
        wirecopy.load_dataset("quotes", corpus=tmp_path)
    (finding,) = caught.value.findings
    assert finding.code == "file-changed"
    assert "002_40859690548f3ca6" in finding.file


def test_a_folder_without_the_real_files_names_each_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FindingsError) as caught:
        wirecopy.corpus(tmp_path)
    assert {finding.code for finding in caught.value.findings} == {"file-missing"}
    assert len(caught.value.findings) == len(wirecopy.corpus().split("wild"))


def test_a_folder_that_does_not_exist_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no such folder"):
        wirecopy.corpus("no/such/folder")


def test_the_manifest_is_what_the_files_make_of_it() -> None:
    assert make_manifest(data_root()) == (CORPUS / "manifest.jsonl").read_bytes()


def test_the_corpus_folder_has_no_findings() -> None:
    assert read_corpus(CORPUS)[1] == []
