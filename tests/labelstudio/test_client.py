"""The client against a stub server: what goes well, and every way in which a server can fail."""

import json
import logging
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest
from labelstudio.small import annotation, label_item, nothing_item
from labelstudio.stub import TOKEN, Fault, State, stub
from small_root import content, small_root
from small_tree import POST
from wirecopy.cli import main
from wirecopy.corpus import data_root
from wirecopy.labels import LabelTree, Mention, read_tree
from wirecopy.labelstudio import client
from wirecopy.labelstudio.client import KEY, URL, Server, ServerError, connect

GUIDELINES = data_root() / "annotations" / "GUIDELINES.md"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One certificate: for every call the SDK reads all that there are, and here none is needed."""
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    whole = Path(certifi.where()).read_text("utf-8")
    end = "-----END CERTIFICATE-----\n"
    path.write_text(whole[whole.index("-----BEGIN") : whole.index(end) + len(end)], "utf-8")
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> Iterator[State]:
    """A stub that the environment names."""
    with stub() as state:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        monkeypatch.setenv(URL, state.url)
        monkeypatch.setenv(KEY, TOKEN)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setattr("label_studio_sdk.core.http_client.INITIAL_RETRY_DELAY_SECONDS", 0.0)
        yield state


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder beside a small data root."""
    root = small_root(tmp_path, monkeypatch)
    shutil.copyfile(GUIDELINES, root / "annotations" / "GUIDELINES.md")
    return tmp_path


def push(*more: str) -> int:
    return main(["label", "push", "entities", "--annotator", "a9", *more])


def pull(output: Path, *projects: str) -> int:
    return main(["label", "pull", *projects, "--output", str(output)])


# What goes well


def test_a_push_makes_the_project_with_its_configuration_and_instructions(
    server: State, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert push("--prelabel", "gold") == 0
    (project,) = server.projects
    assert project["title"] == "wirecopy entities a9"
    assert "<Labels" in project["label_config"]
    assert project["expert_instruction"].startswith("<h2>0.")
    assert (project["show_instruction"], project["show_collab_predictions"], project["model_version"]) == (True, True, "gold")
    assert server.views == [10]
    assert [task["data"]["doc_id"] for task in server.tasks[10]] == ["post", "times"]
    assert [len(task["predictions"]) for task in server.tasks[10]] == [1, 1]
    assert capsys.readouterr().out == f"wirecopy entities a9: 2 tasks added, 0 there before\n{server.url}/projects/10/data\n"
    assert server.tokens == {f"Token {TOKEN}"}
    assert folder.is_dir()


def test_a_push_without_labels_shows_the_annotator_none(server: State, folder: Path) -> None:
    assert push() == 0
    assert (server.projects[0]["show_collab_predictions"], server.projects[0]["model_version"]) == (False, "")
    assert [task["predictions"] for task in server.tasks[10]] == [[], []]
    assert folder.is_dir()


@pytest.mark.usefixtures("folder")
def test_pushing_twice_adds_nothing_twice(server: State, capsys: pytest.CaptureFixture[str]) -> None:
    assert push("--documents", "times") == 0
    assert push() == 0
    assert push("--json") == 0
    assert [task["data"]["doc_id"] for task in server.tasks[10]] == ["times", "post"]
    assert len(server.projects) == 1
    first, _, rest = capsys.readouterr().out.partition("wirecopy entities a9: 1 tasks added, 1 there before\n")
    assert first.startswith("wirecopy entities a9: 1 tasks added, 0 there before\n")
    assert json.loads(rest.partition("\n")[2]) == {
        "project": 10,
        "title": "wirecopy entities a9",
        "address": f"{server.url}/projects/10/data",
        "added": 0,
        "there": 2,
    }


@pytest.mark.usefixtures("folder")
def test_pairs_are_not_added_twice(server: State) -> None:
    for _ in range(2):
        assert main(["label", "push", "duplicates", "--annotator", "a9", "--prelabel", "gold"]) == 0
    assert [(task["data"]["a"], task["data"]["b"]) for task in server.tasks[10]] == [
        ("post#ferry-strike", "times#ferry-strike")
    ]


@pytest.mark.usefixtures("folder")
def test_a_project_is_found_by_its_whole_title_on_whatever_page_it_stands(server: State) -> None:
    titles = ["wirecopy entities a90", "wirecopy entities a9 (old)", "wirecopy entities a9", "wirecopy entities a9"]
    server.projects = [{"id": number, "title": title} for number, title in enumerate(titles, 4)]
    assert push() == 0
    assert len(server.projects) == 4
    assert list(server.tasks) == [6]
    assert server.requests.count(("GET", "/api/projects/")) >= 4


def label(server: State, project: int, *results: list[dict[str, object]], by: int = 1) -> None:
    """Label the tasks of a project in their order."""
    for number, (task, result) in enumerate(zip(server.tasks[project], results, strict=True), 1):
        task["annotations"] = [annotation(result, id=number, completed_by=by)]


BAY = label_item("Bb2", 24, 34, "Marlow Bay", "LOC")
BAY_RECORD = Mention(start=24, end=34, text="Marlow Bay", type="LOC")


def test_labels_come_back_by_the_number_or_the_title_of_a_project(
    server: State, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert POST[24:34] == "Marlow Bay"
    assert push() == 0
    label(server, 10, [BAY], [nothing_item()])
    assert pull(folder / "one", "10") == 0
    assert "project 10" not in capsys.readouterr().out
    assert pull(folder / "two", "wirecopy entities a9") == 0
    assert read_tree(folder / "one") == LabelTree(entities={"post": [BAY_RECORD], "times": []})
    assert content(folder / "one") == content(folder / "two")


def test_two_projects_are_one_tree(server: State, folder: Path) -> None:
    assert push("--documents", "post") == 0
    assert main(["label", "push", "quotes", "--annotator", "a9", "--documents", "times"]) == 0
    label(server, 10, [BAY])
    label(server, 11, [nothing_item()])
    assert pull(folder / "tree", "10", "wirecopy quotes a9") == 0
    assert read_tree(folder / "tree") == LabelTree(entities={"post": [BAY_RECORD]}, quotes={"times": []})


def test_annotators_are_told_by_the_addresses_that_the_server_lists(server: State, folder: Path) -> None:
    assert push("--documents", "post") == 0
    label(server, 10, [BAY], by=7)
    server.users = [{"id": 7, "email": "ada@example.org"}, {"id": 8, "email": ""}, {"id": None, "email": "x@example.org"}]
    (folder / "people.json").write_text('{"ada@example.org": "a4", "bo@example.org": "a5"}')
    assert pull(folder / "tree", "10", "--annotators", str(folder / "people.json")) == 0
    result = Server(server.url, TOKEN).export("10")
    assert result.people == {7: "ada@example.org"}
    assert b"@" not in b"".join(content(folder / "tree").values())


def test_a_title_that_no_project_has_is_named(server: State, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pull(folder / "tree", "wirecopy quotes a3") == 2
    assert f"{server.url}: no project 'wirecopy quotes a3'" in capsys.readouterr().err


# What fails

REMEDIES = {
    "401": "status 401: the token was refused; set LABEL_STUDIO_API_KEY",
    "403": "status 403: the token's owner may not do that",
    "404": "status 404: there is no such thing; see the address and the project's number",
    "418": "status 418: see the server's log",
    "500": "status 500: see the server's log",
    "502": "status 502: see the server's log",
    "slow": "gave no answer within 0.2 seconds; try again",
    "cut": "broke off (RemoteProtocolError); try again",
    "cut without a length": "is the address right?",
    "closed": "broke off (RemoteProtocolError); try again",
    "not JSON": "is the address right?",
    "login page": "is the address right?",
}
# JSON, but not what was asked for.
SHAPES = [
    "null",
    "[]",
    "7",
    '"text"',
    "{}",
    '{"results": 7}',
    '{"results": [7]}',
    '[{"id": [1], "title": 3}]',
    "[[]]",
    '[{"data": 7}]',
]
PULL_PLACES = [("GET", "/api/users"), ("GET", "/export")]
PUSH_PLACES = [
    ("GET", "/api/projects/"),
    ("POST", "/api/projects/"),
    ("GET", "/views"),
    ("POST", "/views"),
    ("GET", "/export"),
    ("POST", "/import"),
]


def fails(
    code: int, server_url: str, capsys: pytest.CaptureFixture[str], logged: pytest.LogCaptureFixture, folder: Path
) -> str:
    """The one line of an error that names the server and not its token, which is in no file either."""
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith(f"wirecopy: {server_url}: ")
    assert TOKEN not in err
    assert TOKEN not in logged.text
    assert not any(TOKEN.encode() in held for held in content(folder).values())
    return err


@pytest.mark.parametrize("kind", REMEDIES)
@pytest.mark.parametrize(("method", "path"), PULL_PLACES)
def test_a_pull_that_fails_says_what_to_do_and_writes_nothing(
    kind: str,
    method: str,
    path: str,
    server: State,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "httpx")
    assert push() == 0
    label(server, 10, [BAY], [nothing_item()])
    capsys.readouterr()
    before = content(folder)
    monkeypatch.setattr(client, "_SECONDS", 0.2)
    server.fault = Fault(kind, method, path, after=kind.startswith("cut"))
    error = fails(pull(folder / "tree", "10"), server.url, capsys, caplog, folder)
    assert REMEDIES[kind] in error
    assert error.endswith("; nothing was written\n")
    assert content(folder) == before


@pytest.mark.parametrize("kind", REMEDIES)
@pytest.mark.parametrize(("method", "path"), PUSH_PLACES)
def test_a_push_that_fails_says_what_to_do_and_can_be_done_again(
    kind: str,
    method: str,
    path: str,
    server: State,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "httpx")
    before = content(folder)
    monkeypatch.setattr(client, "_SECONDS", 0.2)
    server.fault = Fault(kind, method, path)
    error = fails(push(), server.url, capsys, caplog, folder)
    # What comes back of an import is not looked at where it is no error.
    assert REMEDIES[kind] in error
    only_read = method == "GET" and path != "/views"
    assert error.endswith("; nothing was written\n" if only_read else "; push again: what is there by now is not added twice\n")
    assert content(folder) == before
    server.fault = None
    monkeypatch.setattr(client, "_SECONDS", 60)
    assert push() == 0
    assert len(server.projects) == 1
    assert server.views == [10]
    assert [task["data"]["doc_id"] for task in server.tasks[10]] == ["post", "times"]


@pytest.mark.parametrize("kind", ["500", "502", "cut", "closed", "slow"])
@pytest.mark.parametrize("path", ["/api/projects/", "/views", "/import"])
@pytest.mark.usefixtures("folder")
def test_what_the_server_did_and_did_not_answer_is_not_done_twice(
    kind: str, path: str, server: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_SECONDS", 0.2)
    server.fault = Fault(kind, "POST", path, after=True)
    assert push() == 2
    server.fault = None
    monkeypatch.setattr(client, "_SECONDS", 60)
    assert push() == 0
    assert [project["title"] for project in server.projects] == ["wirecopy entities a9"]
    assert server.views == [10]
    assert [task["data"]["doc_id"] for task in server.tasks[10]] == ["post", "times"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("method", "path"), [*PULL_PLACES, ("GET", "/api/projects/")])
def test_json_of_another_shape_is_never_a_traceback_and_never_a_tree(
    shape: str,
    method: str,
    path: str,
    server: State,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert push() == 0
    label(server, 10, [BAY], [nothing_item()])
    capsys.readouterr()
    server.fault = Fault(shape, method, path)
    code = pull(folder / "tree", "wirecopy entities a9")
    if path == "/api/users" and code == 0:
        # Annotators are told by number where no address is listed: nothing else is taken from the list of users.
        assert read_tree(folder / "tree") == LabelTree(entities={"post": [BAY_RECORD], "times": []})
        return
    assert not (folder / "tree").exists()
    if (path, shape) == ("/export", "[]"):
        assert "nothing was labelled" in capsys.readouterr().err
    else:
        fails(code, server.url, capsys, caplog, folder)


def test_a_server_that_is_not_running_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv(URL, url + "/")
    monkeypatch.setenv(KEY, TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("label_studio_sdk.core.http_client.INITIAL_RETRY_DELAY_SECONDS", 0.0)
    before = content(folder)
    error = fails(push(), url, capsys, caplog, folder)
    assert "cannot be reached; is it running there? (`wirecopy label serve` starts a local one)" in error
    assert "cannot be reached" in fails(pull(folder / "tree", "10"), url, capsys, caplog, folder)
    assert content(folder) == before


def test_a_project_that_is_not_there_is_named(
    server: State, folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    error = fails(pull(folder / "tree", "77"), server.url, capsys, caplog, folder)
    assert "reading project 77: the server answered with status 404" in error
    assert not (folder / "tree").exists()


def test_a_pull_of_two_projects_of_which_one_fails_writes_nothing(
    server: State, folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert push() == 0
    label(server, 10, [BAY], [nothing_item()])
    capsys.readouterr()
    server.projects.append({"id": 11, "title": "another"})
    server.fault = Fault("500", "GET", "/11/export")
    fails(pull(folder / "tree", "10", "11"), server.url, capsys, caplog, folder)
    assert not (folder / "tree").exists()


@pytest.mark.parametrize("token", ["expired", "with\nbreak", "naïve", "a.b.c"])
def test_a_token_that_is_none_is_refused_and_not_shown(
    token: str, server: State, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if token == "expired":
        import jwt

        token = jwt.encode({"exp": 1, "token_type": "refresh"}, "x" * 32, algorithm="HS256")
    monkeypatch.setenv(KEY, token)
    server.fault = Fault("401")
    assert pull(folder / "tree", "10") == 2
    assert token not in "".join(capsys.readouterr())


def test_a_local_server_is_taken_where_the_environment_names_none(server: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(URL)
    monkeypatch.setattr("wirecopy.labelstudio.server.running", lambda: (server.url, "local-token"))
    server.projects = [{"id": 10, "title": "one"}]
    connect().export("10")
    assert server.tokens == {"Token local-token"}


@pytest.mark.parametrize(
    ("url", "key", "said"),
    [
        (None, None, "no server: start one with `wirecopy label serve`, or set LABEL_STUDIO_URL and LABEL_STUDIO_API_KEY"),
        (None, TOKEN, "no server: start one"),
        ("", TOKEN, "no server: start one"),
        ("http://127.0.0.1:1", None, "LABEL_STUDIO_URL is set and LABEL_STUDIO_API_KEY is not"),
        ("http://127.0.0.1:1", "", "LABEL_STUDIO_URL is set and LABEL_STUDIO_API_KEY is not"),
        ("127.0.0.1:8080", TOKEN, "expected an address that begins with http:// or https://"),
        ("file:///etc/passwd", TOKEN, "expected an address that begins with http:// or https://"),
    ],
)
def test_an_environment_that_names_no_server_is_told_what_to_set(
    url: str | None, key: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ((URL, url), (KEY, key)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr("wirecopy.labelstudio.server.running", lambda: None)
    with pytest.raises(ServerError) as caught:
        connect()
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)
