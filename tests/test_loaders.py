"""One contract for every configuration, by both ways of loading."""

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import wirecopy
from datasets import ClassLabel, Dataset, DatasetDict, IterableDatasetDict, List, load_dataset
from wirecopy.corpus import data_root, fold
from wirecopy.labels import BLOCK_RELATIONS, ROLES, VERSION_RELATIONS
from wirecopy.tasks import configs

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = list(configs())
SPLITS = list(wirecopy.load_dataset("versions"))

COLUMNS = {
    "documents": "doc_id origin outlet published text sha256 blocks quotes entities",
    "segments": "doc_id blocks roles stories topics story_starts topic_starts",
    "versions": "version doc_id story text cluster",
    "duplicates": "a b a_doc b_doc a_text b_text relation",
    "passages": "a_doc a_block a_text b_doc b_block b_text relation",
    "quotes": "doc_id text quotes",
    "entities": "doc_id text entities",
    "tokens": "doc_id block tokens starts ends ner_tags",
}


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "wirecopy-hub"
    wirecopy.build_hub(folder)
    return folder


def rows(dataset: Dataset) -> list[dict[str, Any]]:
    return list(dataset)


def loaded(config: str, split: str = "wild") -> Dataset:
    dataset = wirecopy.load_dataset(config, split=split)
    assert isinstance(dataset, Dataset)
    return dataset


@pytest.mark.parametrize("config", CONFIGS)
def test_a_configuration_has_its_columns_in_order_and_rows(config: str) -> None:
    dataset = loaded(config)
    assert dataset.column_names == COLUMNS[config].split()
    assert len(dataset) > 0
    assert len(dataset.to_pandas()) == len(dataset)


@pytest.mark.parametrize("config", CONFIGS)
def test_stock_datasets_reads_the_built_folder_with_equal_rows_and_features(config: str, hub: Path, tmp_path: Path) -> None:
    ours = wirecopy.load_dataset(config)
    stock = load_dataset(str(hub), config, cache_dir=str(tmp_path))
    assert isinstance(ours, DatasetDict)
    assert list(ours) == list(stock) == SPLITS
    for split in SPLITS:
        assert stock[split].features == ours[split].features
        assert rows(stock[split]) == rows(ours[split])


@pytest.mark.parametrize("config", CONFIGS)
def test_streaming_gives_the_same_rows(config: str, hub: Path) -> None:
    streamed = list(load_dataset(str(hub), config, split="wild", streaming=True))
    assert streamed == rows(loaded(config))
    assert list(wirecopy.load_dataset(config, split="wild", streaming=True)) == streamed
    every = wirecopy.load_dataset(config, streaming=True)
    assert isinstance(every, IterableDatasetDict)
    assert list(every["wild"]) == streamed


STOCK = """
import json, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "wirecopy":
            raise ImportError("none of ours is installed here")
sys.meta_path.insert(0, Blocked())
try:
    import wirecopy
    sys.exit("wirecopy could be imported")
except ImportError:
    pass
from datasets import get_dataset_config_names, load_dataset
folder = sys.argv[1]
for config in get_dataset_config_names(folder):
    rows = load_dataset(folder, config, split="wild")
    print(json.dumps([config, len(rows), rows.features.to_dict()]))
print(json.dumps(["default", len(load_dataset(folder, split="wild")), load_dataset(folder, split="wild").features.to_dict()]))
"""


def test_the_built_folder_loads_read_only_offline_by_a_relative_path_without_our_package(hub: Path, tmp_path: Path) -> None:
    paths = [hub, *hub.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(modes[path] & ~0o222)
    environment = {
        **os.environ,
        "HF_HOME": str(tmp_path),
        "HF_HUB_OFFLINE": "1",
        # An address that refuses at once: a network attempt would fail the test.
        "HF_ENDPOINT": "http://127.0.0.1:9",
    }
    try:
        done = subprocess.run(
            [sys.executable, "-c", STOCK, hub.name],
            cwd=hub.parent,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for path in paths:
            path.chmod(modes[path])
    assert done.returncode == 0, done.stderr
    found = {name: (count, features) for name, count, features in map(json.loads, done.stdout.splitlines())}
    assert set(found) == {*CONFIGS, "default"}
    assert found["default"] == found["documents"]
    for config in CONFIGS:
        assert found[config] == (len(loaded(config)), json.loads(json.dumps(loaded(config).features.to_dict())))


@pytest.mark.parametrize("without_text", [False, True])
def test_every_link_of_the_built_card_leads_to_a_file(without_text: bool, tmp_path: Path) -> None:
    wirecopy.build_hub(tmp_path / "built", without_text=without_text)
    for name in ("README.md", "DATASHEET.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (tmp_path / "built" / name).read_text("utf-8")):
            assert (tmp_path / "built" / target).is_file(), f"{name} links to {target}"


def test_two_builds_give_the_same_bytes(hub: Path, tmp_path: Path) -> None:
    wirecopy.build_hub(tmp_path / "again")
    first = {path.relative_to(hub): path.read_bytes() for path in hub.rglob("*") if path.is_file()}
    second = {
        path.relative_to(tmp_path / "again"): path.read_bytes() for path in (tmp_path / "again").rglob("*") if path.is_file()
    }
    assert first == second


def test_a_build_over_an_earlier_one_replaces_it_and_over_anything_else_refuses(tmp_path: Path) -> None:
    wirecopy.build_hub(tmp_path / "hub")
    wirecopy.build_hub(tmp_path / "hub", without_text=True)
    other = tmp_path / "notes"
    other.mkdir()
    (other / "keep.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="notes: holds something else"):
        wirecopy.build_hub(other)
    assert [path.name for path in other.iterdir()] == ["keep.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hub", "notes"]


@pytest.mark.parametrize("stranger", ["notes.txt", ".git/HEAD", "quotes/mine.json", "annotations/entities/x.jsonl"])
def test_a_built_folder_with_a_file_of_somebody_elses_is_never_replaced(stranger: str, tmp_path: Path) -> None:
    wirecopy.build_hub(tmp_path / "hub")
    (tmp_path / "hub" / stranger).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "hub" / stranger).write_text("mine")
    with pytest.raises(FileExistsError, match="hub: holds something else"):
        wirecopy.build_hub(tmp_path / "hub", without_text=True)
    assert (tmp_path / "hub" / stranger).read_text() == "mine"


def test_a_checkout_is_never_taken_for_a_built_folder(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    shutil.copy(ROOT / "README.md", tmp_path / "checkout")
    with pytest.raises(FileExistsError, match="checkout: holds something else"):
        wirecopy.build_hub(tmp_path / "checkout")
    assert (tmp_path / "checkout" / "README.md").read_bytes() == (ROOT / "README.md").read_bytes()


def test_a_build_without_text_holds_no_surface_string(tmp_path: Path) -> None:
    wirecopy.build_hub(tmp_path / "bare", without_text=True)
    entities = load_dataset(str(tmp_path / "bare"), "entities", split="wild", cache_dir=str(tmp_path / "cache"))
    assert entities.column_names == ["doc_id", "entities"]
    assert set(entities[0]["entities"][0]) == {"start", "end", "type", "entity"}
    # Words of the raw text that no label, id or document of ours uses.
    for path in (tmp_path / "bare").rglob("*.parquet"):
        content = path.read_bytes()
        for word in (b"sumptuous", b"burgeoning", b"Yonhap", b"pelmeni"):
            assert word not in content, f"{path} holds {word!r}"


def test_every_parquet_file_carries_the_canary(hub: Path) -> None:
    import pyarrow.parquet as pq

    canary = wirecopy.read_registry("version")["canary"]
    for path in hub.rglob("*.parquet"):
        assert json.loads(pq.read_schema(path).metadata[b"wirecopy"])["canary"] == canary


def test_every_span_of_a_row_is_the_text_it_says() -> None:
    for row in loaded("documents"):
        for span in [*row["quotes"], *row["entities"]]:
            assert row["text"][span["start"] : span["end"]] == span["text"]
        for quotation in row["quotes"]:
            for part in filter(None, (quotation["cue"], quotation["source"])):
                assert row["text"][part["start"] : part["end"]] == part["text"]


def test_bio_tags_decode_to_exactly_the_mentions_of_the_entities_rows() -> None:
    names = loaded("tokens").features["ner_tags"].feature.names
    decoded: set[tuple[str, int, int, str]] = set()
    texts = {row["doc_id"]: row["text"] for row in loaded("entities")}
    for row in loaded("tokens"):
        text = texts[row["doc_id"]]
        open_mention: list[Any] | None = None
        for token, start, end, tag in zip(row["tokens"], row["starts"], row["ends"], row["ner_tags"], strict=True):
            assert text[start:end] == token
            prefix, _, kind = names[tag].partition("-")
            if open_mention and prefix != "I":
                decoded.add(tuple(open_mention))
                open_mention = None
            if prefix == "B":
                open_mention = [row["doc_id"], start, end, kind]
            elif prefix == "I":
                assert open_mention
                assert open_mention[3] == kind
                open_mention[2] = end
        if open_mention:
            decoded.add(tuple(open_mention))
    expected = {(row["doc_id"], m["start"], m["end"], m["type"]) for row in loaded("entities") for m in row["entities"]}
    assert decoded == expected


def test_segment_rows_are_parallel_and_every_story_begins_where_its_first_block_stands() -> None:
    dataset = loaded("segments")
    assert dataset.features["roles"] == List(ClassLabel(names=list(ROLES)))
    for row in dataset:
        lengths = {len(row[name]) for name in ("blocks", "roles", "stories", "topics", "story_starts", "topic_starts")}
        assert len(lengths) == 1
        assert row["story_starts"][0]
        assert row["topic_starts"][0]
        changes = [i for i, start in enumerate(row["story_starts"]) if start]
        held = [story for story in row["stories"] if story is not None]
        assert len(changes) == 1 + sum(a != b for a, b in pairwise(held))
        for i in changes:
            assert row["topic_starts"][i]


def test_the_wild_split_holds_all_pairs_of_versions() -> None:
    versions = [row["version"] for row in loaded("versions")]
    found = [(row["a"], row["b"]) for row in loaded("duplicates")]
    assert found == list(combinations(versions, 2))
    assert loaded("duplicates").features["relation"].names == list(VERSION_RELATIONS)


def test_clusters_hold_identical_and_near_duplicate_versions_together() -> None:
    cluster = {row["version"]: row["cluster"] for row in loaded("versions")}
    names = loaded("duplicates").features["relation"].names
    for row in loaded("duplicates"):
        if names[row["relation"]] in ("identical", "near_duplicate"):
            assert cluster[row["a"]] == cluster[row["b"]]
    assert all(name <= version for version, name in cluster.items())


def test_passages_hold_every_drawn_alignment_and_every_identical_pair() -> None:
    rows = [row for split in wirecopy.corpus().split_names for row in loaded("passages", split)]
    relation = {(row["a_doc"], row["a_block"], row["b_doc"], row["b_block"]): BLOCK_RELATIONS[row["relation"]] for row in rows}
    for pair in wirecopy.gold_tree().blocks or ():
        assert relation[(pair.a_doc, pair.a_block, pair.b_doc, pair.b_block)] == pair.relation
    for row in rows:
        alike = fold(row["a_text"]) == fold(row["b_text"])
        assert alike == (BLOCK_RELATIONS[row["relation"]] == "identical")


def test_slices_and_sums_of_splits_work_as_in_stock_datasets() -> None:
    whole = rows(loaded("tokens"))
    assert rows(loaded("tokens", "wild[:3]")) == whole[:3]
    assert rows(loaded("tokens", "wild[:2]+wild[-1:]")) == [*whole[:2], whole[-1]]


def test_an_unknown_configuration_or_split_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'quotas'; expected one of documents, segments"):
        wirecopy.load_dataset("quotas")
    with pytest.raises(ValueError, match=r"'tests'; expected one of .*wild"):
        wirecopy.load_dataset("quotes", split="tests")


def test_a_cache_that_cannot_be_written_costs_no_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where the cache folder should be")
    expected = rows(loaded("versions"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(blocked))
    assert rows(loaded("versions")) == expected


PRINT_ROWS = """
import json, wirecopy
from pathlib import Path
print(json.dumps([str(Path(wirecopy.__file__)), wirecopy.content_hash(), {
    config: [list(rows), rows.features.to_dict()]
    for config in %r for rows in [wirecopy.load_dataset(config, split="wild")]
}]))
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def test_an_unpacked_wheel_and_a_plain_checkout_give_the_same_rows(wheel: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path / "site")
    answers = []
    for source in (tmp_path / "site", ROOT / "loaders"):
        environment = {**os.environ, "PYTHONPATH": str(source), "HF_HOME": str(tmp_path / source.name)}
        done = subprocess.run(
            [sys.executable, "-c", PRINT_ROWS % CONFIGS],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        path, content, found = json.loads(done.stdout)
        assert Path(path).is_relative_to(source)
        answers.append((content, found))
    assert answers[0] == answers[1]


def test_the_wheel_holds_every_raw_file_and_not_what_authored_ones_are_made_from(wheel: Path) -> None:
    held = {name.removeprefix("wirecopy/corpus/") for name in ZipFile(wheel).namelist() if name.startswith("wirecopy/corpus/")}
    assert held == {"manifest.jsonl", *(document.entry.path for document in wirecopy.corpus().values())}


def test_the_wheel_builds_the_hub_folder_too(wheel: Path, hub: Path, tmp_path: Path) -> None:
    ZipFile(wheel).extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "wirecopy.cli", "hub", "built"], cwd=tmp_path, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    names = {path.relative_to(hub) for path in hub.rglob("*.parquet")}
    assert {path.relative_to(tmp_path / "built") for path in (tmp_path / "built").rglob("*.parquet")} == names


def test_importing_the_package_loads_none_of_the_heavy_libraries() -> None:
    heavy = ["datasets", "pandas", "sklearn", "numpy", "pydantic", "rich"]
    code = f"import sys, wirecopy; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "loaders")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_data_root_is_the_checkout_here() -> None:
    assert data_root() == ROOT
