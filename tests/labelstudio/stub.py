"""A stub of a Label Studio server on 127.0.0.1: it keeps projects and tasks, notes every request, and fails as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "0123456789abcdef0123456789abcdef01234567"
LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Log in</title></head><body><form>user</form></body></html>"


@dataclass(frozen=True)
class Fault:
    """How requests to some addresses are answered wrongly; ``after`` says whether what was asked is done all the same."""

    kind: str
    method: str = ""
    path: str = ""
    after: bool = False


@dataclass
class State:
    """What the stub holds; projects are answered a page of one at a time."""

    projects: list[dict[str, Any]] = field(default_factory=list)
    tasks: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    users: list[Any] = field(default_factory=list)
    views: list[int] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)
    fault: Fault | None = None
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: the client's system would wait for the second.
    wbufsize = 1 << 20
    state: State

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        address = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.requests.append((self.command, address.path))
        self.state.tokens.add(self.headers.get("Authorization"))
        fault = self.state.fault
        hit = fault is not None and fault.method in self.command and fault.path in address.path
        answer: Any = None
        if not hit or (fault and fault.after):
            answer = self._answer(address.path, parse_qs(address.query), json.loads(raw) if raw else None)
        if hit and fault:
            self._fail(fault.kind, json.dumps(answer or {"results": []}).encode())
        elif answer is None:
            self._send(404, b'{"detail": "Not found."}')
        else:
            self._send(201 if self.command == "POST" else 200, json.dumps(answer).encode())

    def _answer(self, path: str, query: dict[str, list[str]], body: Any) -> Any:
        state, parts = self.state, path.strip("/").split("/")
        if parts[1:] == ["users"]:
            return state.users
        if parts[1:] == ["dm", "views"] and self.command == "GET":
            held = int(query["project"][0])
            return [{"id": place, "project": held} for place, project in enumerate(state.views, 1) if project == held]
        if parts[1:] == ["dm", "views"]:
            state.views.append(body["project"])
            return {"id": len(state.views), **body}
        if parts[1:] == ["projects"] and self.command == "POST":
            project = {"id": 10 + len(state.projects), "title": body["title"], **body}
            state.projects.append(project)
            return project
        if parts[1:] == ["projects"]:
            page = int(query.get("page", ["1"])[0])
            # The server takes a title for a part of one.
            found = [held for held in state.projects if query.get("title", [""])[0] in held["title"]]
            more = f"{state.url}/api/projects/?page={page + 1}" if page < len(found) else None
            return {"count": len(found), "next": more, "previous": None, "results": found[page - 1 : page]}
        number = int(parts[2])
        if number not in {held["id"] for held in state.projects}:
            return None
        tasks = state.tasks.setdefault(number, [])
        if parts[3] == "export":
            return tasks
        start = len(tasks) + 1
        for place, task in enumerate(body, start):
            predictions = [100 * place + n for n, _ in enumerate(task["predictions"])]
            tasks.append({"id": place, "annotations": [], "drafts": [], "predictions": predictions, "data": task["data"]})
        return {"task_count": len(body), "task_ids": list(range(start, start + len(body)))}

    def _fail(self, kind: str, right: bytes) -> None:
        if kind.isdecimal():
            self._send(int(kind), json.dumps({"detail": f"no: {self.headers.get('Authorization')}"}).encode())
        elif kind == "slow":
            time.sleep(0.6)
            self.close_connection = True
        elif kind == "cut":
            self._send(200, right, length=len(right) + 1000)
            self.close_connection = True
        elif kind == "cut without a length":
            self._send(200, right[: len(right) // 2], length=None)
            self.close_connection = True
        elif kind == "closed":
            self.close_connection = True
        elif kind == "not JSON":
            self._send(200, b"{'a': nothing}")
        elif kind == "login page":
            self._send(200, LOGIN_PAGE, kind="text/html")
        else:
            self._send(200, kind.encode())

    def _send(self, status: int, body: bytes, *, kind: str = "application/json", length: int | None = -1) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(len(body) if length < 0 else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


@contextmanager
def stub() -> Iterator[State]:
    """A running stub; it is stopped when the block ends."""
    state = State()
    handler = type("Handler", (_Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
