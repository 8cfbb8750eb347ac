"""The local server's own parts, without a Label Studio."""

import errno
import json
import os
import shutil
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from labelstudio.stub import stub
from wirecopy.cli import main
from wirecopy.labelstudio import server
from wirecopy.labelstudio.server import EMAIL, HOME, HOST, home, running, serve


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of the local server."""
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", HOST)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@contextmanager
def taken() -> Iterator[int]:
    """A port that something listens on."""
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        yield int(holder.getsockname()[1])


def free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# Where it lies


def test_the_home_is_what_the_environment_names_else_a_folder_of_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME, "/somewhere/else")
    assert home() == Path("/somewhere/else")
    monkeypatch.delenv(HOME)
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    assert home() == Path("/cache/wirecopy/label-studio")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    assert home() == Path("/home/ada/.cache/wirecopy/label-studio")


# Ports


def test_a_port_that_is_asked_for_is_taken_or_refused() -> None:
    wanted = free()
    assert server._free_port(wanted) == wanted
    with taken() as port, pytest.raises(ValueError, match=f"port {port} is taken; name another one, or none"):
        server._free_port(port)


def test_without_one_the_usual_port_is_taken_and_another_where_that_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = free()
    monkeypatch.setattr(server, "PORT", usual)
    assert server._free_port(None) == usual
    with taken() as port:
        monkeypatch.setattr(server, "PORT", port)
        other = server._free_port(None)
        assert other not in (0, port)
        with socket.socket() as probe:
            probe.bind((HOST, other))


# The environment of the server


def test_settings_of_another_label_studio_are_dropped_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = {
        "LABEL_STUDIO_HOST": "https://team.example.org",
        "LABEL_STUDIO_API_KEY": "the team's token",
        "LABEL_STUDIO_URL": "https://team.example.org",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "false",
        "DJANGO_DB": "default",
        "POSTGRE_HOST": "db.example.org",
        "SENTRY_DSN": "https://1@sentry.example.org/1",
        "FRONTEND_SENTRY_DSN": "https://2@sentry.example.org/2",
        "COLLECT_ANALYTICS": "1",
        "LATEST_VERSION_CHECK": "1",
    }
    for name, value in {**foreign, "WIRECOPY_KEPT": "yes"}.items():
        monkeypatch.setenv(name, value)
    settings = server._settings(tmp_path, "a password")
    assert settings["WIRECOPY_KEPT"] == "yes"
    assert settings["PATH"] == os.environ["PATH"]
    assert not set(settings.values()) & (set(foreign.values()) - {"1"})
    assert {
        name: value
        for name, value in settings.items()
        if name.startswith(("LABEL_", "SENTRY_", "FRONTEND_", "DJANGO_", "POSTGRE_"))
    } == {
        "LABEL_STUDIO_BASE_DATA_DIR": str(tmp_path.resolve()),
        "LABEL_STUDIO_USERNAME": EMAIL,
        "LABEL_STUDIO_PASSWORD": "a password",
        "LABEL_STUDIO_USER_TOKEN": server._token("a password"),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    assert (settings["COLLECT_ANALYTICS"], settings["LATEST_VERSION_CHECK"]) == ("0", "0")


def test_the_token_follows_from_the_password_and_is_of_the_length_that_label_studio_takes() -> None:
    token = server._token("a password")
    assert len(token) == 40
    assert token == server._token("a password")
    assert token != server._token("another password")
    assert "a password" not in token


# A server that runs


def note(root: Path, url: str, data: Path) -> None:
    (root / "server.json").write_text(json.dumps({"url": url, "data": str(data)}))


def test_a_server_that_answers_is_found_with_its_token(root: Path) -> None:
    (root / "data").mkdir()
    (root / "data" / "login.json").write_text(json.dumps({"email": EMAIL, "password": "a password"}))
    with stub() as state:
        note(root, state.url, root / "data")
        assert running() is None, "the stub knows no /health"
    with healthy() as url:
        note(root, url, root / "data")
        assert running() == (url, server._token("a password"))


@contextmanager
def healthy() -> Iterator[str]:
    """A server that says it is well, whatever it is asked."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        listener.settimeout(5)

        def answer() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\n{"status": "UP"}')

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://{HOST}:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "held",
    [
        None,
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        '{"url": 7, "data": "x"}',
        '{"url": "nonsense", "data": "x"}',
        '{"url": "file:///nowhere/at/all", "data": "x"}',
    ],
)
def test_a_note_that_is_none_is_no_server(held: str | None, root: Path) -> None:
    if held is not None:
        (root / "server.json").write_text(held)
    assert running() is None


def test_a_note_that_a_killed_server_left_is_no_server(root: Path) -> None:
    (root / "data").mkdir()
    (root / "data" / "login.json").write_text(json.dumps({"email": EMAIL, "password": "a password"}))
    note(root, f"http://{HOST}:{free()}", root / "data")
    assert running() is None


@pytest.mark.parametrize("held", [None, "", "[]", "{}", "{"])
def test_a_server_whose_data_are_gone_is_no_server(held: str | None, root: Path) -> None:
    (root / "data").mkdir()
    if held is not None:
        (root / "data" / "login.json").write_text(held)
    with healthy() as url:
        note(root, url, root / "data")
        assert running() is None


# The data directory


def template(folder: Path) -> Path:
    (folder / "template" / "media").mkdir(parents=True)
    (folder / "template" / "login.json").write_text("{}")
    (folder / "template" / "label_studio.sqlite3").write_bytes(b"x" * 5000)
    return folder / "template"


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def test_a_copy_of_the_template_takes_the_place_of_an_empty_folder(tmp_path: Path) -> None:
    made = template(tmp_path)
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "new" / "data", tmp_path / "empty"):
        server._copy(made, folder)
        assert names(folder) == ["label_studio.sqlite3", "login.json", "media"]
    assert names(made) == ["label_studio.sqlite3", "login.json", "media"]


@pytest.mark.parametrize("copied", [0, 1, 2])
def test_a_copy_that_breaks_off_leaves_nothing(copied: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = template(tmp_path)

    def fills_up(source: Path, target: Path, *, dirs_exist_ok: bool) -> None:
        assert dirs_exist_ok
        for path in [path for path in sorted(source.iterdir()) if path.is_file()][:copied]:
            shutil.copy(path, target)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copytree", fills_up)
    with pytest.raises(OSError, match="No space left on device"):
        server._copy(made, tmp_path / "work" / "data")
    assert names(tmp_path / "work") == []


def test_a_copy_does_not_take_the_place_of_a_folder_that_holds_something(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "mine").write_text("mine")
    made = template(tmp_path)
    with pytest.raises(OSError):
        server._copy(made, folder)
    assert names(folder) == ["mine"]
    assert names(tmp_path) == ["data", "data/mine", *(name for name in names(tmp_path) if name.startswith("template"))]


# Serving


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Nothing is installed or started; what would be is noted."""
    before = signal.getsignal(signal.SIGTERM)
    done: list[str] = []

    def environment(root: Path, _say: server.Say) -> Path:
        done.append("environment")
        return root / "python"

    def made(root: Path, _python: Path, _say: server.Say) -> Path:
        done.append("template")
        return root / "template"

    @contextmanager
    def process(_python: Path, data: Path, password: str, port: int) -> Iterator[str]:
        done.append(f"start {data.name} {password}")
        yield f"http://{HOST}:{port}"
        done.append("stop")

    monkeypatch.setattr(server, "_environment", environment)
    monkeypatch.setattr(server, "_template", made)
    monkeypatch.setattr(server, "_process", process)
    yield done
    signal.signal(signal.SIGTERM, before)


def test_a_folder_that_holds_something_else_is_refused_before_anything_is_installed(
    root: Path, installed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    assert main(["label", "serve", "--data", str(folder)]) == 2
    assert f"{folder}: holds something else; name an empty or a new folder" in capsys.readouterr().err
    assert names(folder) == ["notes.txt"]
    assert installed == []
    assert root.is_dir()


def test_a_file_is_refused_as_a_data_directory(root: Path, installed: list[str], tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(ValueError, match="holds something else"), serve(data=tmp_path / "mine", say=lambda _: None):
        pass
    assert (tmp_path / "mine").read_text() == "mine"
    assert installed == []
    assert root.is_dir()


def test_a_second_server_is_refused(root: Path, installed: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "running", lambda: (f"http://{HOST}:1", "token"))
    with (
        pytest.raises(ValueError, match=r"a local server runs already; stop it first \(its address is in .*server.json\)"),
        serve(say=lambda _: None),
    ):
        pass
    assert installed == []
    assert root.is_dir()


def test_a_server_is_noted_while_it_runs_and_its_data_are_kept(root: Path, installed: list[str]) -> None:
    (root / "template").mkdir()
    (root / "template" / "login.json").write_text(json.dumps({"email": EMAIL, "password": "a password"}))
    wanted = free()
    for _ in range(2):
        with serve(port=wanted, say=lambda _: None) as local:
            assert (local.url, local.email, local.password) == (f"http://{HOST}:{wanted}", EMAIL, "a password")
            assert json.loads((root / "server.json").read_text()) == {"url": local.url, "data": str((root / "data").resolve())}
            (root / "data" / "labelled").write_text("kept")
        assert not (root / "server.json").exists()
        assert (root / "data" / "labelled").read_text() == "kept"
    assert installed == [
        "environment",
        "template",
        "start data a password",
        "stop",
        "environment",
        "start data a password",
        "stop",
    ]
    assert (root.stat().st_mode & 0o777) == 0o700


def test_a_server_that_is_interrupted_leaves_no_note(root: Path, installed: list[str]) -> None:
    (root / "template").mkdir()
    (root / "template" / "login.json").write_text(json.dumps({"email": EMAIL, "password": "a password"}))
    with pytest.raises(KeyboardInterrupt), serve(port=free(), say=lambda _: None):
        raise KeyboardInterrupt
    assert not (root / "server.json").exists()
    assert installed[0] == "environment"
