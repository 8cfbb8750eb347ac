"""A real Label Studio and a real browser, started once for all tests of this folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.page import Labelling, labelling
from browser.serving import Local, start, stop

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    os.environ.setdefault("WIRECOPY_LABEL_HOME", str(ROOT / "build" / "label-home"))
    server = start(tmp_path_factory.mktemp("served") / "data")
    yield server
    stop(server)


@pytest.fixture(scope="session")
def browser(local: Local) -> Iterator[Labelling]:
    with labelling(local.url) as page:
        page.log_in(local.email, local.password)
        yield page
        assert page.outside == [], "pages of the server asked for addresses elsewhere"
