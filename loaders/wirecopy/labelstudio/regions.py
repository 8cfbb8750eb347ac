"""The result of an annotation, as Label Studio keeps it: regions, values of a region or of the whole task, relations.

A region is spread over several items that share its id: one with its label and offsets, one for every value given to it. The
server checks next to nothing of it, so everything is checked here.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wirecopy.findings import nearest, quoted

Item = dict[str, Any]
# Where the items of each type keep their strings.
_VALUES = {"labels": "labels", "choices": "choices", "textarea": "text"}


@dataclass(frozen=True, slots=True)
class Controls:
    """The names of a labelling configuration: its text, what labels a region, what is said of a region, of the task."""

    text: str
    labels: str
    region: tuple[str, ...]
    task: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Region:
    """A labelled stretch of the text shown; ``text`` is what the browser took for it, ``values`` are by control."""

    id: str
    start: int
    end: int
    text: str | None
    label: str
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be right in an annotation; ``region`` is the id of the region, None for the annotation as a whole."""

    code: str
    message: str
    remedy: str
    region: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """An annotation that has been read: regions in order of their offsets, values of the task, relations as pairs of ids."""

    regions: tuple[Region, ...]
    values: Mapping[str, tuple[str, ...]]
    relations: tuple[tuple[str, str], ...]


def region_items(
    controls: Controls, *, region: str, start: int, end: int, text: str, label: str, values: Mapping[str, Sequence[str]]
) -> list[Item]:
    """The items of one region; a control whose name begins with ``new_`` takes free text, any other a choice."""
    place = {"start": start, "end": end, "text": text}

    def item(name: str, kind: str, value: Sequence[str]) -> Item:
        shown = {key: place[key] for key in place if not (kind == "textarea" and key == "text")}
        return {
            "id": region,
            "from_name": name,
            "to_name": controls.text,
            "type": kind,
            "value": {**shown, _VALUES[kind]: list(value)},
        }

    return [
        item(controls.labels, "labels", [label]),
        *(item(name, kind_of(name), value) for name, value in values.items() if value),
    ]


def choice_item(name: str, text: str, value: str) -> Item:
    """The item of a choice made for the whole task."""
    return {"id": name, "from_name": name, "to_name": text, "type": "choices", "value": {"choices": [value]}}


def relation_item(start: str, end: str) -> Item:
    """The item of an arrow from one region to another."""
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right"}


def kind_of(name: str) -> str:
    """The type of the items of a control that is said of a region."""
    return "textarea" if name.startswith("new_") else "choices"


def read_result(items: Any, controls: Controls) -> tuple[Result, list[Problem]]:
    """The result of an annotation and what is wrong with its form; what is wrong is left out of the result."""
    reader = _Reader(controls)
    if isinstance(items, list):
        for item in items:
            reader.add(item)
    else:
        reader.malformed(f"the result is {quoted(items)}, expected a list of items")
    return reader.result(), reader.problems


@dataclass
class _Reader:
    """Collects the items of a result."""

    controls: Controls
    problems: list[Problem] = field(default_factory=list)
    labelled: dict[str, Region] = field(default_factory=dict)
    values: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    of_task: dict[str, tuple[str, ...]] = field(default_factory=dict)
    relations: list[tuple[str, str]] = field(default_factory=list)

    def malformed(self, message: str, region: str | None = None) -> None:
        remedy = "delete the region in the browser and draw it again"
        self.problems.append(Problem("region-malformed", message, remedy, region))

    def add(self, item: Any) -> None:
        if not isinstance(item, dict):
            self.malformed(f"an item of the result is {quoted(item)}, expected an object")
        elif item.get("type") == "relation":
            ends = (item.get("from_id"), item.get("to_id"))
            if all(isinstance(end, str) for end in ends):
                self.relations.append((str(ends[0]), str(ends[1])))
            else:
                self.malformed(f"a relation goes from {quoted(ends[0])} to {quoted(ends[1])}, expected the ids of two regions")
        else:
            self._add_value(item)

    def _add_value(self, item: Item) -> None:
        name, kind, value, region = (item.get(key) for key in ("from_name", "type", "value", "id"))
        known = (self.controls.labels, *self.controls.region, *self.controls.task)
        if not isinstance(region, str) or not region:
            self.malformed(f"an item has the id {quoted(region)}, expected a string")
        elif not isinstance(name, str) or name not in known:
            found = f"an item is of the control {quoted(name)}, expected one of the project's ({nearest(name, known)})"
            self.malformed(found, region)
        elif not isinstance(kind, str) or kind != self._kind(name) or not isinstance(value, dict):
            self.malformed(f"an item of {name!r} is {quoted(item)}, expected {self._kind(name)} with a value", region)
        else:
            strings = value.get(_VALUES[kind])
            if not isinstance(strings, list) or not all(isinstance(string, str) for string in strings):
                self.malformed(f"{name} holds {quoted(strings)}, expected a list of strings", region)
            elif name in self.controls.task:
                self.of_task[name] = (*self.of_task.get(name, ()), *strings)
            elif name == self.controls.labels:
                self._add_label(region, value, strings)
            else:
                self._add_said(region, name, strings)

    def _kind(self, name: str) -> str:
        return "labels" if name == self.controls.labels else kind_of(name)

    def _add_label(self, region: str, value: Mapping[str, Any], labels: Sequence[str]) -> None:
        start, end, text = value.get("start"), value.get("end"), value.get("text")
        if not (type(start) is int and type(end) is int):
            self.malformed(f"a region has the offsets {quoted(start)} and {quoted(end)}, expected two integers", region)
        elif text is not None and not isinstance(text, str):
            self.malformed(f"a region has the text {quoted(text)}, expected a string", region)
        elif region in self.labelled:
            self.malformed(f"two regions have the id {quoted(region)}, expected an id of its own for each", region)
        elif len(set(labels)) != 1:
            message = f"a region has the labels {', '.join(map(quoted, labels)) or 'none'}, expected one"
            remedy = "give the region one label; draw it again where two are meant"
            self.problems.append(Problem("region-two-labels", message, remedy, region, start, end))
        else:
            self.labelled[region] = Region(region, start, end, text, labels[0])

    def _add_said(self, region: str, name: str, strings: Sequence[str]) -> None:
        said = self.values.setdefault(region, {})
        said[name] = (*said.get(name, ()), *(string.strip() for string in strings if string.strip()))

    def result(self) -> Result:
        wrong = {problem.region for problem in self.problems}
        for region in self.values:
            if region not in self.labelled and region not in wrong:
                self.malformed(f"{', '.join(self.values[region])} is said of a region without a label or offsets", region)
        regions = [
            Region(own.id, own.start, own.end, own.text, own.label, self.values.get(own.id, {}))
            for own in self.labelled.values()
            if own.id not in wrong
        ]
        ordered = tuple(sorted(regions, key=lambda region: (region.start, region.end, region.label, region.id)))
        return Result(ordered, self.of_task, tuple(self.relations))


def only(region: Region, *names: str) -> tuple[str | None, Problem | None]:
    """The one value that is said of a region by any of some controls, None where none is, or what is wrong."""
    given = sorted({value for name in names for value in region.values.get(name, ())})
    if len(given) > 1:
        message = f"{names[0].removeprefix('new_')} is given as {' and '.join(map(quoted, given))}, expected one value"
        return None, Problem("region-two-values", message, "keep one of them", region.id, region.start, region.end)
    return (given[0] if given else None), None


def chosen(region: Region, name: str) -> tuple[str | None, Problem | None]:
    """What is said of a region by choice or, where the choice does not list it, by free text."""
    return only(region, name, f"new_{name}")


def choose(name: str, value: str | None, offered: Collection[str]) -> dict[str, list[str]]:
    """A value as a choice where it is offered, else as free text."""
    return {} if value is None else {name if value in offered else f"new_{name}": [value]}
