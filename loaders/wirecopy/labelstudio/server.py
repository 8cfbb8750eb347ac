"""A throw-away Label Studio on this machine: environment and data directory of its own, 127.0.0.1 only, no calls home.

Conventions: everything lies in one folder (`home`), readable by its owner alone: the environment, installed on first use, a
template (a data directory with its migrations done), ``data`` (the copy of it that is worked on), and ``server.json`` while a
server runs.
"""

import hashlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from wirecopy.labels import write_file

VERSION = "1.23.2"
HOST = "127.0.0.1"
PORT = 8080
HOME = "WIRECOPY_LABEL_HOME"
EMAIL = "annotator@localhost.localdomain"
_LOGIN, _RUNNING = "login.json", "server.json"
_START_SECONDS = 300
_STOP_SECONDS = 15
# What other settings of a shell would turn the server into another one.
_FOREIGN = ("LABEL_STUDIO_", "DJANGO_", "POSTGRE_", "SENTRY_", "FRONTEND_")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Running:
    """A local server: its address and how to log in."""

    url: str
    email: str
    password: str
    data: Path


def home() -> Path:
    """The folder of the local server: ``WIRECOPY_LABEL_HOME``, else one in the user's cache."""
    named = os.environ.get(HOME)
    if named:
        return Path(named)
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "wirecopy" / "label-studio"


def running() -> tuple[str, str] | None:
    """The address and the token of the local server, None where none runs."""
    try:
        state = json.loads((home() / _RUNNING).read_text("utf-8"))
        url, data = str(state["url"]), Path(state["data"])
        with urlopen(f"{url}/health", timeout=5):
            pass
        return url, _token(_password(data))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _password(data: Path) -> str:
    return str(json.loads((data / _LOGIN).read_text("utf-8"))["password"])


def _token(password: str) -> str:
    """The access token of the local user, made from the password, so that it need not be kept; forty characters at most."""
    return hashlib.sha256(f"wirecopy token {password}".encode()).hexdigest()[:40]


@contextmanager
def serve(*, data: Path | None = None, port: int | None = None, say: Say) -> Iterator[Running]:
    """A running server; it is stopped when the block ends.

    Args:
        data: the data directory; ``home()/data`` when left out. It is kept, so that nothing labelled is lost.
        port: the port; when left out 8080, or a free one where that is taken.
        say: told what takes long.

    Raises:
        RuntimeError: the server was not installed or did not start; the end of its log is in the message.
        ValueError: the port is taken, or a server of the same data directory runs.
    """
    root = home()
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o700)
    if running() is not None:
        raise ValueError(f"a local server runs already; stop it first (its address is in {root / _RUNNING})")
    folder = data or root / "data"
    new = not (folder / _LOGIN).is_file()
    if new and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f"{folder}: holds something else; name an empty or a new folder")
    python = _environment(root, say)
    if new:
        template = _template(root, python, say)
        _copy(template, folder)
    password = _password(folder)
    with _process(python, folder, password, _free_port(port)) as url:
        write_file(root / _RUNNING, json.dumps({"url": url, "data": str(folder.resolve())}).encode())
        try:
            yield Running(url, EMAIL, password, folder)
        finally:
            (root / _RUNNING).unlink(missing_ok=True)


def _environment(root: Path, say: Say) -> Path:
    """The Python of the server's own environment, made on first use."""
    folder = root / f"env-{VERSION}"
    bin_ = "Scripts" if os.name == "nt" else "bin"
    python = folder / bin_ / "python"
    ready = folder / "ready"
    if ready.is_file():
        return python
    say(f"installing Label Studio {VERSION} in {folder} (once; about 1 GB)")
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    constraints = resources.files("wirecopy.labelstudio") / "server-constraints.txt"
    with resources.as_file(constraints) as path:
        pins = ["--constraint", str(path), f"label-studio=={VERSION}"]
        uv = Path(sys.executable).with_name("uv")
        quick = [str(uv), "pip", "install", "--quiet", "--python", str(python), *pins]
        slow = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pins]
        done = subprocess.run(quick if uv.is_file() else slow, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Label Studio could not be installed in {folder}:\n{_end(done.stderr)}")
    ready.touch()
    return python


def _template(root: Path, python: Path, say: Say) -> Path:
    """A data directory whose migrations are done; made on first use, since they take most of a minute."""
    template = root / f"template-{VERSION}"
    if template.is_dir():
        return template
    say("preparing a data directory (once; about a minute)")
    new = Path(tempfile.mkdtemp(prefix=".template.", dir=root))
    try:
        password = secrets.token_urlsafe(12)
        write_file(new / _LOGIN, json.dumps({"email": EMAIL, "password": password}).encode())
        with _process(python, new, password, _free_port(None)):
            pass
        (new / "server.log").unlink(missing_ok=True)
        new.rename(template)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return template


def _copy(template: Path, folder: Path) -> None:
    """Copy the template in one step: a copy that was cut off is never taken for a data directory."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        shutil.copytree(template, new, dirs_exist_ok=True)
        if folder.is_dir():
            folder.rmdir()
        new.rename(folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _free_port(port: int | None) -> int:
    for wanted in (port or PORT, *(() if port else (0,))):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, wanted))
                return int(probe.getsockname()[1])
            except OSError:
                continue
    raise ValueError(f"port {port} is taken; name another one, or none to take any that is free")


def _settings(data: Path, password: str) -> dict[str, str]:
    """The environment of the server: nothing of another Label Studio, no analytics, no calls home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return {
        **kept,
        "LABEL_STUDIO_BASE_DATA_DIR": str(data.resolve()),
        "LABEL_STUDIO_USERNAME": EMAIL,
        "LABEL_STUDIO_PASSWORD": password,
        "LABEL_STUDIO_USER_TOKEN": _token(password),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "COLLECT_ANALYTICS": "0",
        "LATEST_VERSION_CHECK": "0",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


@contextmanager
def _process(python: Path, data: Path, password: str, port: int) -> Iterator[str]:
    """A server process that answers, stopped when the block ends."""
    log = data / "server.log"
    url = f"http://{HOST}:{port}"
    command = [str(python.with_name("label-studio")), "start", "--no-browser", "--internal-host", HOST, "--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            env=_settings(data, password),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches the whole foreground group; the server is stopped by us, once, when the block ends.
            start_new_session=True,
        )
        try:
            _wait(process, url, log)
            yield url
        finally:
            _stop(process)


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            shown = _end(log.read_text("utf-8", "replace"))
            raise RuntimeError(f"the server stopped with code {process.returncode}; the end of its log, {log}:\n{shown}")
        try:
            with urlopen(f"{url}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"the server did not answer within {_START_SECONDS} seconds; see {log}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End our own process and its children, which are a session of their own."""
    for kind in (signal.SIGINT, signal.SIGKILL):
        try:
            os.killpg(process.pid, kind)
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            process.wait()
        return


def _end(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-15:])
