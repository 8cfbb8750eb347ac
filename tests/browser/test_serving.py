"""The local server: this machine only, quick to start again, gone after Ctrl-C, no token in any file of ours."""

import os
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from browser.serving import Local, start, stop
from wirecopy.labelstudio.server import home, running

LATER_START_SECONDS = 10


def listening(port: int) -> set[str]:
    """The addresses that something listens on at a port, in the hexadecimal of the kernel's table."""
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {row[1].split(":")[0] for row in rows if row[3] == "0A" and int(row[1].split(":")[1], 16) == port}


def test_it_listens_on_this_machine_alone(local: Local) -> None:
    assert listening(int(local.url.rsplit(":", 1)[1])) == {"0100007F"}


def test_the_token_stands_in_no_file_but_the_servers_own_database(local: Local) -> None:
    found = running()
    assert found is not None
    token = found[1].encode()
    ours = [path for path in [*home().glob("*.json"), *local.data.glob("*.json"), local.data / "server.log"] if path.is_file()]
    assert ours
    assert [path for path in ours if token in path.read_bytes()] == []
    assert home().stat().st_mode & 0o077 == 0


def test_a_later_start_takes_seconds_and_ctrl_c_leaves_nothing_behind(
    local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A home of its own, so that the server of the other tests goes on, with the same installation.
    for path in home().iterdir():
        if path.name.startswith(("env-", "template-")):
            (tmp_path / path.name).symlink_to(path.resolve())
    monkeypatch.setenv("WIRECOPY_LABEL_HOME", str(tmp_path))
    begin = time.monotonic()
    second = start(tmp_path / "data")
    took = time.monotonic() - begin
    print(f"a later start took {took:.1f} s")
    assert took < LATER_START_SECONDS
    assert second.url != local.url
    group = os.getpgid(second.process.pid)
    assert stop(second) == 0
    with pytest.raises(URLError):
        urlopen(second.url, timeout=5)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
    assert not (tmp_path / "server.json").exists()
    assert (tmp_path / "data" / "label_studio.sqlite3").is_file()
