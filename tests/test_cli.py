import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import wirecopy
from wirecopy.cli import main
from wirecopy.corpus import data_root

GOLD = data_root() / "annotations"
DOC = "004_9a33665743d46027"


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_stats_prints_the_committed_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "stats", "--json")
    assert code == 0
    assert json.loads(out) == json.loads((GOLD / "statistics.json").read_text())
    code, out, _ = run(capsys, "stats")
    assert code == 0
    assert "quotes: types: direct" in out


def test_the_gold_labels_validate(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "validate") == (0, "the gold labels: no findings\n", "")
    assert run(capsys, "validate", GOLD, "--json") == (0, "[]\n", "")


def test_findings_are_printed_with_file_and_line_and_exit_with_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "entities").mkdir()
    (tmp_path / "entities" / f"{DOC}.jsonl").write_text('{"start": 0, "end": 5, "text": "South", "type": "GPE"}\n')
    code, out, _ = run(capsys, "validate", tmp_path)
    assert code == 1
    assert f"entities/{DOC}.jsonl:1: " in out
    assert "[span-text-differs]" in out
    assert "1 finding (span-text-differs 1)\n" in out
    code, out, _ = run(capsys, "validate", tmp_path, "--json")
    assert code == 1
    (finding,) = json.loads(out)
    assert (finding["code"], finding["level"], finding["line"]) == ("span-text-differs", "offsets", 1)


OUTPUTS = {"value", "precision", "recall", "f1", "pq", "sq", "rq"}
# Where everything is right an error is 0, and all other measures are 1.
ERRORS = {"pk", "window_diff", "scare_as_speech"}


def outputs(measure: dict[str, Any]) -> list[float]:
    """The values of a measure and of its labels."""
    own = [value for name, value in measure.items() if name in OUTPUTS and value is not None]
    return own + [value for label in measure.get("labels", {}).values() for value in outputs(label)]


def test_the_gold_tree_scored_against_itself_is_right_on_every_measure(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "score", GOLD, "--json")
    assert code == 0
    report = json.loads(out)
    assert {task.partition("/")[0] for task in report["scores"]} == {"duplicates", "segments", "quotes", "entities"}
    for task, measures in report["scores"].items():
        for name, measure in measures.items():
            # No split has been trained on: which surfaces are unseen cannot be said.
            if name != "unseen":
                assert outputs(measure), (task, name)
            assert set(outputs(measure)) <= {0.0 if name in ERRORS else 1.0}, (task, name, measure)


def test_a_score_is_printed_with_its_signature(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "score", GOLD, "--task", "entities")
    assert code == 0
    assert wirecopy.content_hash() in out
    assert "strict" in out


def test_compare_prints_kappa_and_alpha_of_the_passes(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "compare", GOLD / "passes" / "a1", GOLD / "passes" / "a2", "--json")
    assert code == 0
    result = json.loads(out)
    assert set(result["kappa"]) == {"role", "story", "topic"}
    assert set(result["alpha"]) == {"quotes", "entities"}
    code, out, _ = run(capsys, "compare", GOLD / "passes" / "a1", GOLD / "passes" / "a2")
    assert code == 0
    assert "Cohen's kappa" in out


def test_hub_names_the_files_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, _ = run(capsys, "hub", tmp_path / "built", "--json")
    assert code == 0
    counts = json.loads(out)
    assert all((tmp_path / "built" / name).is_file() for name in counts)
    assert sum(1 for name in counts if name.endswith(".parquet")) >= 8


def test_show_fits_a_terminal_of_eighty_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, out, _ = run(capsys, "show", "004")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert "Kim Jong-un/PERSON" in out
    assert "» direct  source KCNA  cue said" in out


def test_show_gives_the_records_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "show", DOC, "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["text"] == wirecopy.corpus()[DOC].text
    assert len(shown["entities"]) == len((wirecopy.gold_tree().entities or {})[DOC])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "00"], "fits more than one document"),
        (["show", "nothing"], "is no document of the corpus"),
        (["validate", "no/such/tree"], "no such folder"),
        (["score", "no/such/tree"], "no such folder"),
        (["stats", "--corpus", "no/such/folder"], "no such folder"),
        (["score", str(GOLD), "--task", "entitys"], "entities"),
        (["score", str(GOLD), "--split", "wilder"], "wild"),
    ],
)
def test_wrong_use_is_answered_in_one_line_and_exits_with_two(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert said in err
    assert len(err.splitlines()) == 1


def test_an_unknown_option_exits_with_two() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["stats", "--wrong"])
    assert ended.value.code == 2


def test_a_reader_that_goes_away_is_no_error() -> None:
    environment = {**os.environ, "PYTHONPATH": str(data_root() / "loaders")}
    command = f"{sys.executable} -m wirecopy.cli show 001 | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert done.stderr == ""
