"""Fills the figures into README.md and DATASHEET.md and writes ``annotations/statistics.json``, all from the data.

Run as ``make documents``. A region between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->`` is generated; all else is
written by hand. `test_documents.py` holds the files to what this module makes.
"""

import io
import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import wirecopy
from wirecopy.derive import components
from wirecopy.differences import tree_differences

ROOT = Path(__file__).resolve().parents[2]
# The measures that agreement is reported by: task, measure, output.
AGREEMENT = [
    ("duplicates/versions", "relations", "f1"),
    ("duplicates/blocks", "pairs", "f1"),
    ("segments/stories", "panoptic", "pq"),
    ("segments/topics", "boundaries_within_one", "f1"),
    ("segments/roles", "macro", "f1"),
    ("quotes", "exact", "f1"),
    ("quotes", "end_to_end", "f1"),
    ("quotes", "source", "f1"),
    ("quotes", "utterances", "f1"),
    ("entities", "strict", "f1"),
    ("entities", "ids_b_cubed", "f1"),
]
PASSES = ROOT / "annotations" / "passes"
REGION = re.compile(r"(<!-- begin: (\w+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)


def table(header: list[str], rows: list[list[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


@cache
def figures() -> dict[str, Any]:
    return wirecopy.statistics()


@cache
def agreement() -> dict[str, Any]:
    return wirecopy.agreement(wirecopy.read_tree(PASSES / "a1"), wirecopy.read_tree(PASSES / "a2"))


def numbers() -> str:
    """The corpus by split; components, stories and ids of one split are none of another, pairs stand inside a split."""
    splits: dict[str, Any] = figures()["splits"]
    rows = [
        ["documents", *(f"{c['documents']}" for c in splits.values())],
        ["words", *(f"{c['words']:,}" for c in splits.values())],
        ["components of documents that share a story", *(f"{c['components']}" for c in splits.values())],
        ["stories", *(f"{c['stories']}" for c in splits.values())],
        ["story versions", *(f"{c['versions']}" for c in splits.values())],
        ["blocks with role, story, topic", *(f"{c['segments']['blocks']:,}" for c in splits.values())],
        ["quotations", *(f"{c['quotes']['quotations']:,}" for c in splits.values())],
        ["utterances", *(f"{c['quotes']['utterances']:,}" for c in splits.values())],
        ["named mentions", *(f"{c['entities']['mentions']:,}" for c in splits.values())],
        ["entities", *(f"{c['entities']['ids']:,}" for c in splits.values())],
        *(
            [
                f"pairs of versions: {name.replace('_', ' ')}",
                *(f"{c['duplicates']['versions'][name]:,}" for c in splits.values()),
            ]
            for name in ("identical", "near_duplicate", "same_event")
        ),
        *(
            [f"aligned blocks: {name}", *(f"{c['duplicates']['blocks'][name]:,}" for c in splits.values())]
            for name in ("identical", "edited", "partial")
        ),
    ]
    return table(["", *(f"`{name}`" for name in splits)], rows)


def labels() -> str:
    counts = figures()["all"]
    kinds = {
        "roles of blocks": counts["segments"]["roles"],
        "types of quotations": counts["quotes"]["types"],
        "types of mentions": counts["entities"]["types"],
        "relations of versions": counts["duplicates"]["versions"],
        "relations of aligned blocks": counts["duplicates"]["blocks"],
    }
    return table(["layer", "labels"], [[name, ", ".join(f"{k} {v}" for k, v in kind.items())] for name, kind in kinds.items()])


def files() -> str:
    rows = []
    for doc_id, document in wirecopy.corpus().split("wild").items():
        entry = document.entry
        named = entry.outlet or "not named", entry.published or "not named"
        rows.append([f"`{doc_id}`", f"{entry.bytes:,}", f"{entry.chars:,}", *named, ", ".join(entry.dirt).replace("_", " ")])
    return table(["document", "bytes", "code points", "outlet", "published", "kinds of dirt"], rows)


def dirt() -> str:
    """How many documents of each split hold each kind of dirt, the most frequent kinds first."""
    corpus = wirecopy.corpus()
    counts = {
        split: Counter(kind for document in corpus.split(split).values() for kind in document.entry.dirt or ("none",))
        for split in corpus.split_names
    }
    kinds = sorted({kind for own in counts.values() for kind in own}, key=lambda k: (-sum(c[k] for c in counts.values()), k))
    rows = [[kind.replace("_", " "), *(own[kind] or "" for own in counts.values())] for kind in kinds]
    return table(["kind of dirt", *(f"`{name}`" for name in counts)], rows)


def distance() -> str:
    """What ``make distance`` measured, and the labels of authored and real text by 1,000 words."""
    found = json.loads((ROOT / "annotations" / "distance.json").read_text("utf-8"))["figures"]
    rows = [
        [passages, words, f"{own['balanced_accuracy']:.3f}", f"{own['pairs_in_order']:.3f}"]
        for passages, kinds in found.items()
        for words, own in kinds.items()
    ]
    told = table(["passages", "seen", "balanced accuracy", "pairs in order"], rows)
    splits: dict[str, Any] = figures()["splits"]
    sides = {"authored": [splits[name] for name in splits if name != "wild"], "real": [splits["wild"]]}
    words = {side: sum(own["words"] for own in held) for side, held in sides.items()}
    shares = []
    for layer, kinds in (("segments", "roles"), ("quotes", "types"), ("entities", "types")):
        for kind in splits["wild"][layer][kinds]:
            per = [1000 * sum(own[layer][kinds][kind] for own in held) / words[side] for side, held in sides.items()]
            shares.append([layer, kind, *(f"{value:.1f}" for value in per)])
    return f"{told}\n{table(['layer', 'label', 'authored, per 1,000 words', 'real, per 1,000 words'], shares)}"


def named(measure: str, output: str) -> str:
    """A measure as a reader knows it; sources count as agreed where they overlap."""
    return f"{measure} {'overlap ' if measure == 'source' else ''}{output}".replace("_", " ")


def agreement_figures() -> str:
    result = agreement()
    rows = [["segments", f"Cohen's kappa, {name}", f"{v['value']:.3f}"] for name, v in result["kappa"].items()]
    rows += [[name, "Krippendorff's alpha over tokens", f"{v['value']:.3f}"] for name, v in result["alpha"].items()]
    scores = result["scores"]
    for task, measure, output in AGREEMENT:
        rows.append([task, named(measure, output), f"{scores[task][measure][output]:.3f}"])
    for label, values in scores["duplicates/blocks"]["pairs"]["labels"].items():
        rows.append(["duplicates/blocks", f"pairs {label} f1", f"{values['f1']:.3f}"])
    return table(["layer", "measure", "agreement"], rows)


def gold_against_passes() -> str:
    names = ("a1", "a2", "a3")
    scores = [wirecopy.score(wirecopy.read_tree(PASSES / name), split="wild").scores for name in names]
    rows = [
        [task, named(measure, output), *(f"{found[task][measure][output]:.3f}" for found in scores)]
        for task, measure, output in AGREEMENT
    ]
    return table(["layer", "measure", *(f"`{name}`" for name in names)], rows)


def scores() -> str:
    results = (ROOT / "RESULTS.md").read_text("utf-8")
    return next(part for part in results.split("\n\n") if part.startswith("|")).rstrip("\n") + "\n"


READ_TWICE = {"test": ("test",), "train and validation": ("train", "validation")}


def second_reading() -> str:
    """How far the second reading of the authored documents agrees with the first, and what adjudication changed."""
    first, second = (wirecopy.read_tree(PASSES / name) for name in ("a4", "a5"))
    result = wirecopy.agreement(first, second)
    rows = [["segments", f"Cohen's kappa, {name}", f"{v['value']:.3f}"] for name, v in result["kappa"].items()]
    rows += [[name, "Krippendorff's alpha over tokens", f"{v['value']:.3f}"] for name, v in result["alpha"].items()]
    for task, measure, output in AGREEMENT:
        if task in result["scores"]:
            rows.append([task, named(measure, output), f"{result['scores'][task][measure][output]:.3f}"])
    agreed = table(["layer", "measure", "agreement"], rows)
    noise = [row for split, names in READ_TWICE.items() for row in _rows_of_changes(first, split, names)]
    return f"{agreed}\n{table(['documents', 'layer', 'labels', 'changed', '95 %'], noise)}"


def third_reading() -> str:
    """How many labels of one more reading, of some documents, differ from the adjudicated ones."""
    third = wirecopy.read_tree(PASSES / "a6")
    return table(
        ["documents", "layer", "labels", "differ", "95 %"],
        _rows_of_changes(third, "all splits", ("train", "validation", "test")),
    )


def _rows_of_changes(tree: wirecopy.LabelTree, named: str, splits: tuple[str, ...]) -> list[list[str]]:
    return [
        [
            f"{named}, {_of_split(tree, splits)}",
            layer,
            f"{items:,}",
            f"{100 * rate:.1f} %",
            f"{100 * low:.1f} % to {100 * high:.1f} %",
        ]
        for layer, items, rate, low, high in changed(tree, splits)
    ]


def _of_split(tree: wirecopy.LabelTree, splits: tuple[str, ...]) -> str:
    """How many documents of some splits a tree labels, of how many authored ones."""
    corpus = wirecopy.corpus()
    authored = [doc_id for doc_id, document in corpus.items() if document.entry.split in splits]
    return f"{sum(doc_id in (tree.entities or ()) for doc_id in authored)} of {len(authored)}"


def changed(tree: wirecopy.LabelTree, splits: tuple[str, ...]) -> list[tuple[str, int, float, float, float]]:
    """The share of the labels of a reading that differ from the gold ones, with its bootstrap over components of documents."""
    gold = wirecopy.gold_tree()
    corpus = wirecopy.corpus()
    chosen = [doc_id for doc_id in tree.entities or () if corpus[doc_id].entry.split in splits]
    component = components(gold.segments or {}, corpus)
    found = Counter((difference.layer, difference.key[0]) for difference in tree_differences(tree, gold))
    layers = ("segments", "quotes", "entities")
    rows = []
    for name, own in [*((layer, (layer,)) for layer in layers), ("all", layers)]:
        items: Counter[str] = Counter()
        changes: Counter[str] = Counter()
        for doc_id in chosen:
            items[component[doc_id]] += sum(len(getattr(tree, layer)[doc_id]) for layer in own)
            changes[component[doc_id]] += sum(found[layer, doc_id] for layer in own)
        names = sorted(items)
        counts = np.array([[changes[name], items[name]] for name in names], dtype=np.float64)
        drawn = np.random.default_rng(1).integers(0, len(names), size=(2000, len(names)))
        sums = counts[drawn].sum(axis=1)
        low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
        total = counts.sum(axis=0)
        rows.append((name, int(total[1]), float(total[0] / total[1]), float(low), float(high)))
    return rows


def canary() -> str:
    return f"`{wirecopy.read_registry('version')['canary']}`\n"


REGIONS = {
    "numbers": numbers,
    "labels": labels,
    "files": files,
    "dirt": dirt,
    "distance": distance,
    "second_reading": second_reading,
    "third_reading": third_reading,
    "agreement": agreement_figures,
    "passes": gold_against_passes,
    "scores": scores,
    "canary": canary,
}


def filled(name: str) -> str:
    """The document with every region made anew."""
    content = (ROOT / name).read_text("utf-8")
    return REGION.sub(lambda match: match[1] + REGIONS[match[2]]() + match[3], content)


def statistics_json() -> str:
    """What ``wirecopy stats --json`` prints."""
    return json.dumps(figures(), ensure_ascii=False, indent=2) + "\n"


def picture() -> str:
    """Some blocks of a document as ``wirecopy show`` prints them, as SVG without fonts from elsewhere."""
    from rich.console import Console
    from rich.terminal_theme import SVG_EXPORT_THEME
    from wirecopy.show import render

    console = Console(record=True, width=100, file=io.StringIO(), highlight=False)
    document = wirecopy.corpus()["002_40859690548f3ca6"]
    console.print(render(document, wirecopy.gold_tree(), blocks=range(11, 17)))
    svg = console.export_svg(title="wirecopy show 002", theme=SVG_EXPORT_THEME, unique_id="wirecopy")
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


def main() -> None:
    (ROOT / "annotations" / "statistics.json").write_text(statistics_json(), "utf-8")
    (ROOT / "annotations" / "labelled.svg").write_text(picture(), "utf-8")
    for name in ("README.md", "DATASHEET.md"):
        (ROOT / name).write_text(filled(name), "utf-8")


if __name__ == "__main__":
    main()
