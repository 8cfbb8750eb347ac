"""The gold labels go out as predictions, are accepted as they are, and come back as the same bytes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from browser.page import Labelling
from wirecopy.cli import main
from wirecopy.corpus import data_root, load_corpus
from wirecopy.labelstudio.client import connect

GOLD = data_root() / "annotations"
WILD = list(load_corpus().split("wild"))


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "wirecopy.cli", *arguments], capture_output=True, text=True, check=False)


def push(task: str, annotator: str, *more: str) -> tuple[str, list[int]]:
    """Push the real files, and give the project's number and those of its tasks."""
    done = run("label", "push", task, "--annotator", annotator, "--json", "--documents", *WILD, *more)
    assert done.returncode == 0, done.stderr
    project = str(json.loads(done.stdout)["project"])
    return project, [held["id"] for held in connect().export(project).tasks]


def test_gold_accepted_unchanged_is_the_gold_byte_for_byte(browser: Labelling, tmp_path: Path) -> None:
    projects = []
    for task in ("entities", "quotes", "segments", "duplicates"):
        project, tasks = push(task, "accepting", "--prelabel", "gold")
        projects.append(project)
        for number in tasks:
            browser.open(int(project), number)
            browser.submit()
    done = run("label", "pull", *projects, "--output", str(tmp_path / "tree"))
    assert done.returncode == 0, done.stdout + done.stderr
    for layer in ("entities", "quotes", "segments"):
        for doc_id in WILD:
            file = f"{layer}/{doc_id}.jsonl"
            assert (tmp_path / "tree" / file).read_bytes() == (GOLD / file).read_bytes()
    for name in ("versions", "blocks"):
        ours = (tmp_path / "tree" / "duplicates" / f"{name}.jsonl").read_text("utf-8").splitlines()
        gold = (GOLD / "duplicates" / f"{name}.jsonl").read_text("utf-8").splitlines()
        assert ours == [line for line in gold if any(doc_id in line for doc_id in WILD)]


def test_pushing_twice_adds_nothing_twice(browser: Labelling, capsys: pytest.CaptureFixture[str]) -> None:
    del browser
    for added, there in ((5, 0), (0, 5)):
        arguments = ["label", "push", "entities", "--annotator", "twice", "--json", "--documents", *WILD]
        assert main(arguments) == 0
        pushed = json.loads(capsys.readouterr().out)
        assert (pushed["added"], pushed["there"]) == (added, there)


def test_skipped_drafted_changed_and_untouched_tasks_are_told_apart(browser: Labelling, tmp_path: Path) -> None:
    project, tasks = push("entities", "states", "--prelabel", "gold")
    skipped, drafted, changed, unsaved, untouched = tasks
    # Skipping belongs to the stream of tasks, which begins with the first one and shows the guidelines before it.
    browser.stream(int(project))
    browser.skip()
    browser.open(int(project), drafted)
    browser.draw("EVENT", 0, 3)
    browser.page.wait_for_timeout(6000)
    for number in (changed, unsaved):
        browser.open(int(project), number)
        browser.submit()
    browser.open(int(project), changed)
    browser.draw("EVENT", 2, 9)
    browser.submit()
    browser.open(int(project), unsaved)
    browser.draw("EVENT", 0, 3)
    browser.page.wait_for_timeout(6000)
    done = run("label", "pull", project, "--output", str(tmp_path / "tree"), "--json")
    states = {int(state["task"].split()[-1]): state["state"] for state in json.loads(done.stdout)["tasks"]}
    assert states[skipped] == "skipped"
    assert states[drafted] == "draft"
    assert states[unsaved] == "unsaved"
    assert states[untouched] == "untouched"
    assert states[changed] == "labelled"


def test_disagreements_go_out_with_both_versions(browser: Labelling) -> None:
    passes = GOLD / "passes"
    done = run(
        "label", "push", "quotes", "--annotator", "judge", "--disagreements", str(passes / "a1"), str(passes / "a2"), "--json"
    )
    assert done.returncode == 0, done.stderr
    project = str(json.loads(done.stdout)["project"])
    tasks = {task["data"]["doc_id"]: task for task in connect().export(project).tasks}
    task = tasks["000_680cfe687712fa2b"]
    browser.open(int(project), task["id"])
    assert browser.page.get_by_text("A-a1").count() and browser.page.get_by_text("B-a2").count()
