"""Projects of a task and an annotator: which documents and labels a push takes."""

from collections.abc import Sequence
from pathlib import Path

from wirecopy.corpus import Corpus, data_root, decode_json
from wirecopy.differences import tree_differences, with_utterances_of
from wirecopy.findings import nearest
from wirecopy.labels import SLUG, LabelTree, gold_tree, read_registry, read_tree
from wirecopy.labelstudio.client import Pushed, connect
from wirecopy.labelstudio.export import Export, read_export_file
from wirecopy.labelstudio.tasks import Prelabels, Registries, check_task, make_tasks

# The trained baseline of each task, as `make baselines` names its tree.
_BASELINES = {
    "duplicates": "duplicates-overlap",
    "segments": "segments-cohesion",
    "quotes": "quotes-clauses",
    "entities": "entities-tokens",
}


def push(
    task: str,
    *,
    corpus: Corpus,
    documents: Sequence[str] | None = None,
    annotator: str | None = None,
    prelabel: str = "none",
    against: tuple[Path, Path] | None = None,
) -> Pushed:
    """Make the project of a task and an annotator on the server, or add to it what is not there yet.

    Args:
        task: ``entities``, ``quotes``, ``segments`` or ``duplicates``.
        corpus: the documents that there are.
        documents: ids, or their beginnings; all documents when left out.
        annotator: the pseudonym that the labels are to carry; the next free one when left out.
        prelabel: ``gold``, ``baseline``, ``none`` or the folder of a label tree.
        against: two trees; the project holds what they label differently, with both as predictions.

    Raises:
        ValueError: task, document, pseudonym or tree is unknown, or there is nothing to push.
        ServerError: the server cannot be reached or refuses.
    """
    check_task(task)
    name = _next_annotator() if annotator is None else annotator
    if not SLUG.fullmatch(name):
        raise ValueError(f"annotator {name!r} is no pseudonym; expected lower-case letters and digits, such as a4")
    doc_ids = list(corpus) if documents is None else _chosen(documents, corpus)
    if against is None:
        tree = _prelabels(prelabel, task)
        prelabels = [Prelabels(prelabel if prelabel in ("gold", "baseline") else Path(prelabel).name, tree)] if tree else []
    else:
        prelabels = [Prelabels(f"{side}-{path.name}", read_tree(path)) for side, path in zip("AB", against, strict=True)]
    tasks = make_tasks(
        task,
        corpus=corpus,
        doc_ids=doc_ids,
        annotator=name,
        prelabels=prelabels,
        registries=registries(),
        segmented=gold_tree(),
    )
    if against is not None:
        first, second = (before.tree for before in prelabels)
        keys = {found.key for found in tree_differences(first, with_utterances_of(first, second), layers=[task])}
        tasks = [made for made in tasks if keys & _keys(made["data"])]
    if not tasks:
        raise ValueError("nothing to push: the two trees agree" if against else "nothing to push: no document was chosen")
    return connect().push(task, name, tasks, prelabels=[before.name for before in prelabels])


def _keys(data: dict[str, str]) -> set[tuple[str, ...]]:
    """What a disagreement may call the subject of a task."""
    if "doc_id" in data:
        return {(data["doc_id"],)}
    return {(data["a"], data["b"]), (data["a_doc"], data["b_doc"])}


def _chosen(named: Sequence[str], corpus: Corpus) -> list[str]:
    chosen = []
    for name in named:
        found = [doc_id for doc_id in corpus if doc_id.startswith(name)]
        exact = [doc_id for doc_id in found if doc_id == name]
        if len(exact or found) != 1:
            hint = f"it fits {', '.join(found[:5])}" if found else nearest(name, corpus)
            raise ValueError(f"{name!r} is not one document of the corpus; {hint}")
        chosen += exact or found
    return sorted(set(chosen))


def _next_annotator() -> str:
    """The first pseudonym ``a<number>`` that no pass carries."""
    passes = data_root() / "annotations" / "passes"
    taken = {path.name for path in passes.iterdir()} if passes.is_dir() else set()
    return next(name for number in range(1, len(taken) + 2) if (name := f"a{number}") not in taken)


def _prelabels(source: str, task: str) -> LabelTree | None:
    if source == "none":
        return None
    if source == "gold":
        return gold_tree()
    if source == "baseline":
        folder = data_root() / "build" / "predictions" / _BASELINES[task]
        if not folder.is_dir():
            raise ValueError(f"no predictions in {folder}; run `make baselines` first")
        return read_tree(folder)
    return read_tree(source)


def registries() -> Registries:
    """The names that the registries of the gold labels hold."""
    stories = read_registry("stories")
    return Registries(
        entities={slug: entity["name"] for slug, entity in read_registry("entities").items()},
        stories={slug: (story["title"], tuple(story["topics"])) for slug, story in stories.items()},
    )


def read_exports(named: Sequence[str]) -> list[Export]:
    """Exports by their files, or from the server by the projects' numbers or titles.

    Raises:
        FindingsError: a file is no JSON.
        ServerError: the server cannot be reached, refuses, or has no such project.
    """
    exports = []
    server = None
    for name in named:
        path = Path(name)
        if path.suffix == ".json" or path.is_file():
            exports.append(read_export_file(path))
        else:
            server = server or connect()
            exports.append(server.export(name))
    return exports


def read_pseudonyms(path: Path) -> dict[str, str]:
    """The pseudonyms of annotators by e-mail address or number of the user, from a JSON file.

    Raises:
        ValueError: the file lies in the repository, where it would be published, or is no such object.
    """
    if path.resolve().is_relative_to(data_root().resolve()):
        raise ValueError(f"{path}: lies in the repository and would be published with it; keep it elsewhere")
    try:
        value = decode_json(path.read_bytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: expected a JSON object ({type(error).__name__})") from None
    if not isinstance(value, dict) or not all(isinstance(name, str) and SLUG.fullmatch(name) for name in value.values()):
        raise ValueError(
            f"{path}: expected an object that gives each e-mail address or number of a user a pseudonym, such as a4"
        )
    return value
