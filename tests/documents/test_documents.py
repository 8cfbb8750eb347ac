"""README.md, DATASHEET.md and the statistics say what the data says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import wirecopy
import yaml
from documents import generate

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["README.md", "DATASHEET.md"])
def test_every_generated_region_is_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == generate.filled(name), "run `make documents`"


def test_the_statistics_are_up_to_date() -> None:
    assert (ROOT / "annotations" / "statistics.json").read_text("utf-8") == generate.statistics_json(), "run `make documents`"


def test_the_distance_was_measured_on_this_data() -> None:
    found = json.loads((ROOT / "annotations" / "distance.json").read_text("utf-8"))
    assert found["hash"] == wirecopy.content_hash(), "run `make distance`"


def test_the_pictures_text_is_that_of_the_document() -> None:
    picture = (ROOT / "annotations" / "labelled.svg").read_text("utf-8")
    assert "Rodong" in picture
    assert "http://www.w3.org/2000/svg" in picture
    assert re.findall(r"https?://(?!www\.w3\.org)\S+", picture) == []


def test_the_header_of_the_readme_is_yaml_that_names_licence_language_and_tasks() -> None:
    header = yaml.safe_load((ROOT / "README.md").read_text("utf-8").split("---\n")[1])
    assert header["pretty_name"] == "Wirecopy"
    assert header["language"] == ["en"]
    assert header["license"] == "other"
    assert "token-classification" in header["task_categories"]


def test_the_python_of_the_readme_runs_as_it_stands(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)
    assert code
    # The example scores a tree that `make baselines` writes: here the gold tree stands in its place.
    target = tmp_path / "build" / "predictions" / "entities-tokens"
    wirecopy.write_tree(wirecopy.LabelTree(entities=wirecopy.gold_tree().entities), target)
    done = subprocess.run([sys.executable, "-c", code[1]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "B-PERSON" in done.stdout
    assert done.stdout.rstrip().endswith("1.0")


def test_the_canary_stands_in_readme_and_datasheet() -> None:
    canary = wirecopy.read_registry("version")["canary"]
    for name in ("README.md", "DATASHEET.md"):
        assert canary in (ROOT / name).read_text("utf-8")


def test_the_datasheet_has_the_seven_sections() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "DATASHEET.md").read_text("utf-8"), re.MULTILINE)
    assert headings == [
        "Motivation",
        "Composition",
        "Collection",
        "Labelling and preprocessing",
        "Uses",
        "Distribution",
        "Maintenance",
    ]


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    for name in ("README.md", "DATASHEET.md", "CONTRIBUTING.md"):
        for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text("utf-8")):
            assert (ROOT / target).exists(), f"{name} links to {target}"


def test_the_changelog_keeps_data_and_code_apart_and_knows_both_versions() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    data, code = changelog.split("## Code")
    assert f"### {wirecopy.read_registry('version')['version']}\n" in data
    assert f"### {wirecopy.__version__}\n" in code
    assert f'version = "{wirecopy.__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")
