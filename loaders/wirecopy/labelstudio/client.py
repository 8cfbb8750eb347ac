"""A Label Studio server over its SDK: projects by title, tasks that are added once, full exports.

The token comes from the environment, or from the local server that runs; it is never written or shown, and so neither are the
SDK's own errors, which hold headers.
"""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from wirecopy.labelstudio.export import Export
from wirecopy.labelstudio.tasks import MODULES, Task, instructions, task_key, title

URL, KEY = "LABEL_STUDIO_URL", "LABEL_STUDIO_API_KEY"
_SECONDS = 60
# A server may have done what it did not answer: what writes is not tried again.
_ONCE: Any = {"max_retries": 0}
_MEANINGS = {
    401: f"the token was refused; set {KEY} to an access token of that server (Account & Settings)",
    403: "the token's owner may not do that; ask the owner of the project",
    404: "there is no such thing; see the address and the project's number",
}
T = TypeVar("T")


class ServerError(ValueError):
    """A Label Studio server that cannot be reached or does not answer as it should; nothing was written."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push did: the project, its address, tasks added and tasks that were there."""

    project: int
    title: str
    address: str
    added: int
    there: int


class Server:
    """One Label Studio server."""

    def __init__(self, url: str, token: str) -> None:
        """Take the address and an access token (personal or legacy)."""
        self.url = url.rstrip("/")
        self._token = token

    def push(self, task: str, annotator: str, tasks: Sequence[Task], *, prelabels: Sequence[str] = ()) -> Pushed:
        """Put tasks into the project of a task and an annotator, which is made where it is not there; none is added twice.

        Raises:
            ServerError: the server cannot be reached or refuses.
        """
        name = title(task, annotator)
        project = self._find(name)
        if project is None:
            project = self._create(name, task, prelabels)
        self._make_view(project)
        there = {task_key(held["data"]) for held in self._tasks(project)}
        new = [made for made in tasks if task_key(made["data"]) not in there]
        if new:
            # The SDK names the type of a task and takes what looks like one.
            request: Any = new
            self._call(
                f"adding tasks to project {project}",
                lambda client: client.projects.import_tasks(
                    id=project, request=request, return_task_ids=True, request_options=_ONCE
                ),
                writes=True,
            )
        return Pushed(project, name, f"{self.url}/projects/{project}/data", len(new), len(tasks) - len(new))

    def export(self, project: str) -> Export:
        """The full export of a project, named by its number or its title.

        Raises:
            ServerError: there is no such project, or the server cannot be reached or refuses.
        """
        number = int(project) if project.isdecimal() else self._find(project)
        if number is None:
            raise ServerError(f"{self.url}: no project {project!r}; see the list of projects in the browser")
        people = self._call(
            "reading the users",
            lambda client: {
                int(user.id): str(user.email) for user in client.users.list() if user.id is not None and user.email
            },
        )
        return Export(f"project {number}", self._tasks(number), people)

    def _tasks(self, project: int) -> list[dict[str, Any]]:
        """All tasks of a project, unlabelled ones too."""

        def download(client: Any) -> Any:
            content = client.projects.exports.download_sync(project, export_type="JSON", download_all_tasks=True)
            return json.loads(b"".join(content))

        tasks = self._call(f"reading project {project}", download)
        if not isinstance(tasks, list) or not all(isinstance(t, dict) and isinstance(t.get("data"), dict) for t in tasks):
            raise ServerError(f"{self.url}: reading project {project} gave no list of tasks; is it a Label Studio server?")
        return tasks

    def _find(self, name: str) -> int | None:
        """The number of the project with a title."""
        found = self._call(
            "reading the projects",
            lambda client: [int(project.id) for project in client.projects.list(title=name) if project.title == name],
        )
        return min(found) if found else None

    def _create(self, name: str, task: str, prelabels: Sequence[str]) -> int:
        def create(client: Any) -> int:
            project = client.projects.create(
                title=name,
                label_config=MODULES[task].CONFIG,
                expert_instruction=instructions(task),
                show_instruction=True,
                show_collab_predictions=bool(prelabels),
                model_version=next(iter(prelabels), ""),
                request_options=_ONCE,
            )
            return int(project.id)

        return self._call(f"making the project {name!r}", create, writes=True)

    def _make_view(self, project: int) -> None:
        """Give a project a view where it has none: without, a task opened by its address now and then loses its prediction."""

        def create(client: Any) -> None:
            if not client.views.list(project=project):
                client.views.create(project=project, data={"title": "Default"}, request_options=_ONCE)

        self._call(f"making a view of project {project}", create, writes=True)

    def _call(self, what: str, call: Callable[[Any], T], *, writes: bool = False) -> T:
        """A call to the server; every way to fail becomes a `ServerError` that says what was done and what to do."""
        import httpx
        import label_studio_sdk
        from label_studio_sdk.core.api_error import ApiError
        from pydantic import ValidationError

        # The client is put together at run time and says little of its types.
        sdk: Any = label_studio_sdk
        try:
            return call(sdk.LabelStudio(base_url=self.url, api_key=self._token, timeout=_SECONDS, max_retries=1))
        except ApiError as error:
            status = error.status_code or 0
            if 200 <= status < 300:
                problem = f"gave an answer that is none of Label Studio's (status {status}); is the address right?"
            else:
                meaning = _MEANINGS.get(status, "see the server's log")
                problem = f"answered with status {status}: {meaning}"
        except httpx.TimeoutException:
            problem = f"gave no answer within {_SECONDS} seconds; try again, or see the server's log"
        except httpx.ConnectError:
            problem = "cannot be reached; is it running there? (`wirecopy label serve` starts a local one)"
        except httpx.HTTPError as error:
            problem = f"broke off ({type(error).__name__}); try again"
        except (ValidationError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            problem = f"gave an answer that is none of Label Studio's ({type(error).__name__}); is the address right?"
        end = "push again: what is there by now is not added twice" if writes else "nothing was written"
        raise ServerError(f"{self.url}: {what}: the server {problem}; {end}")


def connect() -> Server:
    """The server that the environment names, else the local one that runs.

    Raises:
        ServerError: there is neither, or the environment names a server without a token.
    """
    url, token = os.environ.get(URL), os.environ.get(KEY)
    if url:
        if not url.startswith(("http://", "https://")):
            raise ServerError(f"{URL} is {url!r}; expected an address that begins with http:// or https://")
        if not token:
            raise ServerError(f"{URL} is set and {KEY} is not; set it to an access token of that server")
        return Server(url, token)
    from wirecopy.labelstudio.server import running

    local = running()
    if local is None:
        raise ServerError(f"no server: start one with `wirecopy label serve`, or set {URL} and {KEY}")
    return Server(*local)
