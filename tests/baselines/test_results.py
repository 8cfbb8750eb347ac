"""What the baselines write: trees, scores, the table and RESULTS.md."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import common
import pytest
import run
import table
import wirecopy

SYSTEMS = [f"{script.TASK}-{name}" for script in run.SCRIPTS for name in script.SYSTEMS]
# A system that finds stories and entities itself has no registry to take their ids from.
OWN_IDS = {
    "segments-one-story": {"unknown-story"},
    "segments-cohesion": {"unknown-story"},
    "pipeline-chain": {"unknown-story", "unknown-entity"},
}


# Another process, with another order of sets.
AGAIN = """
import sys
from pathlib import Path
import run, table
build = Path(sys.argv[1])
(build / "RESULTS.md").write_text(table.markdown(run.run(build=build)), "utf-8")
"""


@dataclass(frozen=True)
class Run:
    results: list[common.Result]
    build: Path


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    build = tmp_path_factory.mktemp("first")
    return Run(run.run(build=build), build)


@pytest.fixture(scope="module")
def second_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = tmp_path_factory.mktemp("second")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", AGAIN, str(build)], env=environment, check=True)
    return build


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def f1(result: common.Result, task: str) -> float:
    primary = next(row for row in result.report.rows() if row["task"] == task and row["measure"].endswith("*"))
    return float(primary["score"])


def test_results_md_says_what_the_baselines_score(first_run: Run) -> None:
    assert table.RESULTS.read_text("utf-8") == table.markdown(first_run.results), "run `make baselines`"


def test_two_runs_write_the_same_trees(first_run: Run, second_build: Path) -> None:
    trees = content(first_run.build / "predictions")
    assert {name.split("/")[0] for name in trees} == set(SYSTEMS)
    assert trees == content(second_build / "predictions")


def test_two_runs_give_the_same_results_md(first_run: Run, second_build: Path) -> None:
    assert table.markdown(first_run.results) == (second_build / "RESULTS.md").read_text("utf-8")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_tree_has_no_findings_but_ids_that_the_system_made_up(first_run: Run, system: str) -> None:
    findings = wirecopy.validate(first_run.build / "predictions" / system)
    others = [str(finding) for finding in findings if finding.code not in OWN_IDS.get(system, set())]
    assert others == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_results_file_has_scores_signature_and_seconds(first_run: Run, system: str) -> None:
    found = json.loads((first_run.build / "results" / f"{system}.json").read_text("utf-8"))
    assert f"{found['task']}-{found['system']}" == system
    assert found["scores"] and found["signature"]["split"] == "wild"
    assert found["seconds"] >= 0
    for measures in found["scores"].values():
        assert all("interval" in measure and "interval_note" in measure for measure in measures.values())


@pytest.mark.parametrize(
    ("task", "floor", "trained"),
    [
        ("duplicates/versions", "hash", "overlap"),
        ("duplicates/blocks", "hash", "overlap"),
        ("segments/stories", "one-story", "cohesion"),
        ("segments/topics", "one-story", "cohesion"),
        ("segments/roles", "one-story", "cohesion"),
        ("quotes", "marks", "clauses"),
        ("entities", "gazetteer", "tokens"),
    ],
)
def test_the_second_system_scores_above_its_floor(first_run: Run, task: str, floor: str, trained: str) -> None:
    by_name = {result.system: result for result in first_run.results}
    assert f1(by_name[trained], task) > f1(by_name[floor], task)


def test_the_table_has_a_row_for_every_task_and_system(first_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    table.show(first_run.results)
    printed = capsys.readouterr().out.splitlines()
    for row in table.rows(first_run.results):
        assert any(line.split()[:2] == [row["task"], row["system"]] and row["score"] in line for line in printed)
    assert {row["task"] for row in table.rows(first_run.results)} == set(table.BESIDE)


def test_the_table_says_why_there_is_no_interval(first_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    table.show(first_run.results)
    assert "component" in capsys.readouterr().out
    assert {row["95 %"] for row in table.rows(first_run.results)} == {"none"}


def test_unseen_surfaces_are_counted_in_every_fold(first_run: Run) -> None:
    report = next(result.report for result in first_run.results if result.system == "tokens")
    entities = report.scores["entities"]
    # Each gold mention stands in one fold alone, and some surfaces of a story stand in the others too.
    assert 0 < entities["unseen"]["support"]["reference"] < entities["strict"]["support"]["reference"]
    matched, reference, predicted = (entities["unseen"]["support"][name] for name in ("matched", "reference", "predicted"))
    assert entities["unseen"]["f1"] == pytest.approx(2 * matched / (reference + predicted))


def test_a_script_run_on_its_own_prints_its_scores(
    first_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def runner(*, split: str) -> list[common.Result]:
        asked.append(split)
        return [result for result in first_run.results if result.task == "quotes"]

    monkeypatch.setattr("sys.argv", ["quotes.py", "--split", "wild"])
    common.main(runner)
    assert asked == ["wild"]
    assert "clauses" in capsys.readouterr().out


def test_labels_with_findings_are_not_scored(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    finding = wirecopy.Finding("span-empty", "offsets", "quotes/x.jsonl", "the span is empty", "drop it", line=3)
    monkeypatch.setattr(wirecopy, "validate", lambda: [finding])
    monkeypatch.setattr("sys.argv", ["run.py"])
    assert run.main() == 1
    assert "quotes/x.jsonl:3" in capsys.readouterr().err
