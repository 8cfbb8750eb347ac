"""A local server as a user starts it, and stops it."""

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SECONDS = 600


@dataclass(frozen=True)
class Local:
    """A server that `wirecopy label serve` started: what it printed, and the process."""

    url: str
    email: str
    password: str
    data: Path
    process: "subprocess.Popen[str]"


def start(data: Path) -> Local:
    """Start a server as a user would, and read from its own words how to log in."""
    command = [sys.executable, "-m", "wirecopy.cli", "label", "serve", "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    said = ""
    end = time.monotonic() + SECONDS
    assert process.stdout is not None
    while "stop with Ctrl-C" not in said:
        line = process.stdout.readline()
        assert line or process.poll() is None, f"the server ended: {said}"
        assert time.monotonic() < end, said
        said += line
    words = said.split()
    url = next(word for word in words if word.startswith("http://127.0.0.1:"))
    email = next(word for word in words if "@" in word)
    password = words[words.index("password") + 1]
    return Local(url, email, password, data, process)


def stop(local: Local) -> int:
    """Press Ctrl-C and wait for the end."""
    local.process.send_signal(signal.SIGINT)
    return local.process.wait(60)
