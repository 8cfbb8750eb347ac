"""The label tree on disk: what is written is read back, the same labels are the same bytes, a failure changes nothing."""

import errno
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wirecopy import labels
from wirecopy.findings import FindingsError
from wirecopy.labels import (
    BlockLabel,
    BlockPair,
    LabelTree,
    Mention,
    Quotation,
    Span,
    VersionPair,
    read_tree,
    to_lines,
    write_tree,
)

OLD = LabelTree(
    segments={"post": [BlockLabel(block=0, role="headline", story="ferry-strike")]},
    entities={"post": [Mention(start=0, end=9, text="Ada Finch", type="PERSON", entity="ada-finch")]},
)
NEW = LabelTree(
    segments={"post": [BlockLabel(block=0, role="body", story="ferry-strike", topic="strike")], "times": []},
    quotes={"post": [Quotation(start=1, end=2, type="direct", cue=Span(start=4, end=8, text="said"))]},
    versions=[VersionPair(a="post#x", b="times#x", relation="same_event")],
    blocks=[],
)
# One file each: segments of post and of times, quotes of post, versions, blocks.
NEW_FILES = 5


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_tree_is_written_as_sorted_lines_with_every_key_in_order(tmp_path: Path) -> None:
    early = Quotation(start=2, end=9, text="“é” 😀", type="fragment")
    late = Quotation(start=12, end=14, type="direct", cue=Span(start=15, end=19, text="said"), speaker="ada-finch")
    pair = BlockPair(a_doc="a", a_block=1, b_doc="b", b_block=0, relation="edited")
    write_tree(LabelTree(quotes={"post": [late, early]}, versions=[], blocks=[pair]), tmp_path / "tree")
    assert snapshot(tmp_path / "tree") == {
        "quotes/post.jsonl": (
            '{"start": 2, "end": 9, "text": "“é” 😀", "type": "fragment", "cue": null, "source": null, '
            '"speaker": null, "utterance": null}\n'
            '{"start": 12, "end": 14, "text": null, "type": "direct", "cue": {"start": 15, "end": 19, "text": "said"}, '
            '"source": null, "speaker": "ada-finch", "utterance": null}\n'
        ).encode(),
        "duplicates/versions.jsonl": b"",
        "duplicates/blocks.jsonl": b'{"a_doc": "a", "a_block": 1, "b_doc": "b", "b_block": 0, "relation": "edited"}\n',
    }


def test_a_layer_that_is_empty_differs_from_one_that_is_not_held(tmp_path: Path) -> None:
    write_tree(LabelTree(entities={}), tmp_path / "tree")
    tree = read_tree(tmp_path / "tree")
    assert tree.entities == {}
    assert tree.quotes is None
    assert tree.layers == ("entities",)


def test_what_is_said_of_some_documents_is_read_without_the_files_of_others(tmp_path: Path) -> None:
    write_tree(NEW, tmp_path / "tree")
    (tmp_path / "tree" / "segments" / "times.jsonl").write_text("no record\n")
    with pytest.raises(FindingsError, match=r"times\.jsonl"):
        read_tree(tmp_path / "tree")
    tree = read_tree(tmp_path / "tree", documents={"post"})
    assert tree.segments == {"post": [BlockLabel(block=0, role="body", story="ferry-strike", topic="strike")]}
    assert (tree.quotes, tree.versions, tree.blocks) == (NEW.quotes, NEW.versions, NEW.blocks)
    assert read_tree(tmp_path / "tree", documents=set()).segments == {}


def test_a_new_tree_takes_the_place_of_the_old_one_whole(tmp_path: Path) -> None:
    write_tree(OLD, tmp_path / "tree")
    write_tree(NEW, tmp_path / "tree")
    assert read_tree(tmp_path / "tree") == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_a_folder_that_holds_something_else_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("Dear Ada")
    with pytest.raises(FileExistsError, match="holds something else"):
        write_tree(OLD, tmp_path)
    with pytest.raises(FileExistsError, match="holds something else"):
        write_tree(OLD, tmp_path / "letters.txt")
    assert snapshot(tmp_path) == {"letters.txt": b"Dear Ada"}


@pytest.mark.parametrize("doc_id", ["../post", "../../../post", "/tmp/post", "quotes/post", "po\0st"])
def test_a_document_id_that_is_no_file_name_is_written_nowhere(doc_id: str, tmp_path: Path) -> None:
    write_tree(OLD, tmp_path / "deep" / "tree")
    before = snapshot(tmp_path)
    with pytest.raises(ValueError, match="is no document id; expected the name of a raw file"):
        write_tree(LabelTree(entities={"post": [], doc_id: []}), tmp_path / "deep" / "tree")
    assert snapshot(tmp_path) == before


def test_every_bad_line_of_a_tree_is_named_at_once(tmp_path: Path) -> None:
    write_tree(OLD, tmp_path / "tree")
    (tmp_path / "tree/entities/post.jsonl").write_text('{"start": 1}\nnot json\n')
    with pytest.raises(FindingsError) as raised:
        read_tree(tmp_path / "tree")
    assert [(f.code, f.line) for f in raised.value.findings] == [("missing-field", 1), ("missing-field", 1), ("not-json", 2)]


# Failures in the middle


class _DiskFull:
    """Stands in for a function of the operating system, and fails from its ``last`` call on."""

    def __init__(self, real: Any, last: int) -> None:
        self.real, self.left = real, last

    def __call__(self, *arguments: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.real(*arguments)


@pytest.mark.parametrize("name", ["os.fsync", "write_file"])
@pytest.mark.parametrize("written", range(NEW_FILES))
def test_a_full_disk_leaves_the_old_tree_byte_for_byte_and_no_litter(
    name: str, written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(OLD, tmp_path / "tree")
    before = snapshot(tmp_path)
    holder, attribute = (os, "fsync") if name == "os.fsync" else (labels, "write_file")
    monkeypatch.setattr(holder, attribute, _DiskFull(getattr(holder, attribute), written))
    with pytest.raises(OSError, match="No space left"):
        write_tree(NEW, tmp_path / "tree")
    assert snapshot(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


@pytest.mark.parametrize("written", range(NEW_FILES))
def test_a_full_disk_leaves_no_half_of_a_first_tree(written: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", _DiskFull(os.fsync, written))
    with pytest.raises(OSError, match="No space left"):
        write_tree(NEW, tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []


def test_after_the_last_file_the_new_tree_stands_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(OLD, tmp_path / "tree")
    monkeypatch.setattr(os, "fsync", _DiskFull(os.fsync, NEW_FILES))
    with pytest.raises(OSError, match="No space left"):
        write_tree(NEW, tmp_path / "tree")
    assert read_tree(tmp_path / "tree") == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["tree"]


def test_a_killed_process_leaves_the_old_tree_whole(tmp_path: Path) -> None:
    write_tree(OLD, tmp_path / "tree")
    before = snapshot(tmp_path / "tree")
    script = (
        "import os, sys\n"
        "from wirecopy.labels import BlockLabel, LabelTree, write_tree\n"
        "os.fsync = lambda descriptor: os._exit(9)\n"
        "write_tree(LabelTree(segments={'post': [BlockLabel(block=0, role='body')]}), sys.argv[1])\n"
    )
    path = [str(Path(labels.__file__).parents[1]), *sys.path]
    ended = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "tree"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        check=False,
    )
    assert ended.returncode == 9
    assert snapshot(tmp_path / "tree") == before


# Trees of any kind

names = st.text(alphabet="abcz-09_.", min_size=1, max_size=6).filter(lambda name: name.strip("."))
strings = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
maybe = st.none() | strings
numbers = st.integers(-5, 10**12)
spans = st.builds(Span, start=numbers, end=numbers, text=maybe)
block_labels = st.builds(BlockLabel, block=numbers, role=strings, story=maybe, topic=maybe)
mentions = st.builds(Mention, start=numbers, end=numbers, text=maybe, type=strings, entity=maybe)
quotations = st.builds(
    Quotation,
    start=numbers,
    end=numbers,
    text=maybe,
    type=strings,
    cue=st.none() | spans,
    source=st.none() | spans,
    speaker=maybe,
    utterance=maybe,
)
version_pairs = st.builds(VersionPair, a=strings, b=strings, relation=strings)
block_pairs = st.builds(BlockPair, a_doc=strings, a_block=numbers, b_doc=strings, b_block=numbers, relation=strings)


def layer(records: st.SearchStrategy[Any], unique: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.dictionaries(names, st.lists(records, max_size=4, unique_by=unique), max_size=3)


@st.composite
def trees(draw: st.DrawFn) -> LabelTree:
    pairs = draw(st.booleans())
    tree = LabelTree(
        segments=draw(layer(block_labels, lambda label: label.block)),
        quotes=draw(layer(quotations, repr)),
        entities=draw(layer(mentions, repr)),
        versions=draw(st.lists(version_pairs, max_size=4, unique_by=lambda p: (p.a, p.b))) if pairs else None,
        blocks=draw(st.lists(block_pairs, max_size=4, unique_by=labels.sort_key)) if pairs else None,
    )
    return tree if tree.layers else replace(tree, segments={})


def in_order(tree: LabelTree, key: Any) -> LabelTree:
    def order(held: Any) -> Any:
        if isinstance(held, dict):
            return {doc_id: sorted(records, key=key) for doc_id, records in held.items()}
        return held if held is None else sorted(held, key=key)

    return LabelTree(**{name: order(getattr(tree, name)) for name in ("segments", "quotes", "entities", "versions", "blocks")})


@settings(max_examples=60)
@given(trees(), st.randoms(use_true_random=False))
def test_a_tree_is_read_as_it_was_written_and_the_order_of_records_leaves_no_trace(
    tree: LabelTree, dice: random.Random
) -> None:
    shuffled = in_order(tree, lambda _: dice.random())
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "one"), Path(folder, "other")
        write_tree(tree, one)
        write_tree(shuffled, other)
        assert snapshot(one) == snapshot(other)
        assert in_order(read_tree(one), repr) == in_order(tree, repr)
        write_tree(read_tree(one), other)
        assert snapshot(one) == snapshot(other)


@given(st.lists(quotations, max_size=5, unique_by=repr), st.randoms(use_true_random=False))
def test_lines_do_not_depend_on_the_order_of_records(records: list[Quotation], dice: random.Random) -> None:
    shuffled = list(records)
    dice.shuffle(shuffled)
    assert to_lines(shuffled) == to_lines(records)
