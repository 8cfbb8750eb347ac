"""Label Studio's own SDK as a second opinion on configurations and results."""

import copy
from typing import Any

from label_studio_sdk.label_interface.interface import LabelInterface
from labelstudio.small import Json
from wirecopy.corpus import load_corpus
from wirecopy.labels import gold_tree
from wirecopy.labelstudio.projects import registries
from wirecopy.labelstudio.tasks import MODULES, Prelabels, make_tasks


def interface(task: str) -> Any:
    """The SDK's reading of a configuration; one that it does not accept raises."""
    made: Any = LabelInterface(MODULES[task].CONFIG)
    made.validate()
    return made


def gold_tasks(task: str) -> list[Json]:
    """The tasks of all labelled documents, with the gold labels as predictions."""
    tree = gold_tree()
    return make_tasks(
        task,
        corpus=load_corpus(),
        doc_ids=sorted(tree.segments or {}),
        annotator="a9",
        prelabels=[Prelabels("gold", tree)],
        registries=registries(),
        segmented=tree,
    )


def agree_on_gold(task: str) -> None:
    """The SDK takes every prediction that is made of the gold labels, and refuses it with a label that is none."""
    own, tasks = interface(task), gold_tasks(task)
    assert tasks
    for made in tasks:
        assert own.validate_task({"data": made["data"]})
        (prediction,) = made["predictions"]
        assert own.validate_prediction(prediction, return_errors=True) == []
    spoiled = copy.deepcopy(max((made["predictions"][0] for made in tasks), key=lambda held: len(held["result"])))
    next(item for item in spoiled["result"] if item["type"] == "labels")["value"]["labels"] = ["SOMETHING"]
    assert own.validate_prediction(spoiled, return_errors=True) != []
