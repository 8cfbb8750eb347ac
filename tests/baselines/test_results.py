"""What the baselines write: trees, scores, the table and RESULTS.md."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
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


# Another process, with another order of sets; the scripts that take seconds stand for all.
AGAIN = """
import sys
from pathlib import Path
import duplicates, quotes
for script in (duplicates, quotes):
    script.run(build=Path(sys.argv[1]))
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


def f1(result: common.Result, task: str, split: str) -> float:
    rows = result.reports[split].rows()
    primary = next(row for row in rows if row["part"] == "all" and row["task"] == task and row["measure"].endswith("*"))
    return float(primary["score"])


def test_results_md_says_what_the_baselines_score(first_run: Run) -> None:
    assert table.RESULTS.read_text("utf-8") == table.markdown(first_run.results), "run `make baselines`"


def test_two_runs_write_the_same_trees(first_run: Run, second_build: Path) -> None:
    trees = content(first_run.build / "predictions")
    assert {name.split("/")[0] for name in trees} == set(SYSTEMS)
    again = content(second_build / "predictions")
    assert again
    assert again == {name: tree for name, tree in trees.items() if name.startswith(("duplicates-", "quotes-"))}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_tree_has_no_findings_but_ids_that_the_system_made_up(first_run: Run, system: str) -> None:
    findings = wirecopy.validate(first_run.build / "predictions" / system)
    others = [str(finding) for finding in findings if finding.code not in OWN_IDS.get(system, set())]
    assert others == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_results_file_has_scores_signature_and_seconds(first_run: Run, system: str) -> None:
    found = json.loads((first_run.build / "results" / f"{system}.json").read_text("utf-8"))
    assert f"{found['task']}-{found['system']}" == system
    assert found["seconds"] >= 0
    for split in common.SPLITS:
        report = found["splits"][split]
        assert report["scores"] and report["signature"]["split"] == split
        for measures in report["scores"].values():
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
    for split in common.SPLITS:
        assert f1(by_name[trained], task, split) > f1(by_name[floor], task, split)


def test_the_table_has_a_row_for_every_task_and_system(first_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    table.show(first_run.results)
    printed = capsys.readouterr().out.splitlines()
    for row in table.rows(first_run.results):
        assert any(line.split()[:2] == [row["task"], row["system"]] and row["test"] in line for line in printed)
    assert {row["task"] for row in table.rows(first_run.results)} == set(table.BESIDE)


def test_the_table_says_why_wild_has_no_interval(first_run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    table.show(first_run.results)
    assert "wild: 1 component" in capsys.readouterr().out
    assert all(row["95 %"] != "none" for row in table.rows(first_run.results))


def test_every_setting_that_was_tried_is_told(first_run: Run) -> None:
    choices = {result.system: result.choices for result in first_run.results if result.choices}
    assert {"overlap", "cohesion", "clauses", "tokens"} <= set(choices)
    written = table.markdown(first_run.results)
    for chosen in choices.values():
        for choice in chosen:
            assert choice.taken in choice.scores
            assert max(choice.scores.values()) == choice.scores[choice.taken]
            assert choice.setting in written


def test_a_script_run_on_its_own_prints_its_scores(
    first_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def runner(*, splits: Sequence[str]) -> list[common.Result]:
        asked.append(splits)
        return [result for result in first_run.results if result.task == "quotes"]

    monkeypatch.setattr("sys.argv", ["quotes.py", "--split", "wild"])
    common.main(runner)
    assert asked == [("wild",)]
    assert "clauses" in capsys.readouterr().out


def test_labels_with_findings_are_not_scored(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    finding = wirecopy.Finding("span-empty", "offsets", "quotes/x.jsonl", "the span is empty", "drop it", line=3)
    monkeypatch.setattr(wirecopy, "validate", lambda: [finding])
    monkeypatch.setattr("sys.argv", ["run.py"])
    assert run.main() == 1
    assert "quotes/x.jsonl:3" in capsys.readouterr().err
