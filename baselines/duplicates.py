"""Duplicates: exact hashes, and shared word 5-grams with classifiers of relations.

`hash` calls two versions identical when their text is the same after white space is collapsed, and aligns no blocks. `overlap`
describes a pair by the word 5-grams and TF-IDF cosine that it shares and learns relations from training pairs. In `wild` only
one story has more than one version, so its fold has no related pair to learn from: there the thresholds below decide, which
were set by what the relations mean and are not learnt. They were set by people who knew the files: read its scores so.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import wirecopy
from common import Fold, Part, System, fold_text, main
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

# A near duplicate shares at least half of its blocks; of blocks that were edited a good part of the word 5-grams is lost.
SAME_COPY = 0.2
SAME_EVENT_COSINE = 0.25
EDITED = 0.5
PARTIAL = 0.2


@dataclass(frozen=True)
class Text:
    """A version or a block: its id, its text, and its word 5-grams."""

    id: tuple[str, int]
    text: str
    grams: frozenset[tuple[str, ...]]


def grams(text: str, n: int = 5) -> frozenset[tuple[str, ...]]:
    """The word n-grams of a text, lower-cased and without punctuation; a shorter text is one gram."""
    words = "".join(c if c.isalnum() else " " for c in text.casefold().replace("'", "").replace("’", "")).split()
    return frozenset(tuple(words[i : i + n]) for i in range(max(len(words) - n + 1, 1)))


def version_id(part: Part) -> str:
    """The id of the version that a part is."""
    return f"{part.doc_id}#{part.story}"


def version_text(part: Part) -> str:
    """The blocks of a version, without those that belong to no story."""
    return "\n".join(block.text for block in part.blocks if block.story is not None)


def hashes(fold: Fold) -> wirecopy.LabelTree:
    """Versions are identical when the hash of their folded text is."""
    digests = {version_id(part): hashlib.sha256(fold_text(version_text(part)).encode()).digest() for part in fold.held_out}
    pairs = [
        wirecopy.VersionPair(a=a, b=b, relation="identical")
        for a, b in combinations(sorted(digests), 2)
        if digests[a] == digests[b]
    ]
    return wirecopy.LabelTree(versions=pairs, blocks=[])


def describe(a: Text, b: Text, cosine: float) -> dict[str, float]:
    """What a classifier sees of a pair."""
    common = len(a.grams & b.grams)
    return {
        "jaccard": common / len(a.grams | b.grams),
        "containment": common / min(len(a.grams), len(b.grams)),
        "cosine": cosine,
        "same": float(fold_text(a.text) == fold_text(b.text)),
    }


def pairs_of(texts: Sequence[Text], *, across_documents: bool = False) -> Iterator[tuple[Text, Text, dict[str, float]]]:
    """All pairs of texts with their description, in order."""
    if len(texts) < 2:
        return
    matrix = TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True).fit_transform([text.text for text in texts])
    cosines = (matrix @ matrix.T).toarray()
    for i, j in combinations(range(len(texts)), 2):
        if not across_documents or texts[i].id[0] != texts[j].id[0]:
            yield texts[i], texts[j], describe(texts[i], texts[j], float(cosines[i, j]))


class Relations:
    """A classifier of relations, or thresholds where training lacks a relation that has to be told apart."""

    def __init__(self, rows: Sequence[dict[str, float]], relations: Sequence[str], wanted: set[str]) -> None:
        """Fit where every wanted relation stands in training."""
        self._vectorizer = DictVectorizer()
        self._model = None
        if wanted <= set(relations):
            matrix = self._vectorizer.fit_transform(rows)
            self._model = LogisticRegression(C=100.0, max_iter=1000, class_weight="balanced").fit(matrix, relations)

    def version(self, row: dict[str, float]) -> str:
        """The relation of two versions."""
        if row["same"]:
            return "identical"
        if self._model is not None:
            return str(self._model.predict(self._vectorizer.transform([row]))[0])
        if row["containment"] >= SAME_COPY:
            return "near_duplicate"
        return "same_event" if row["cosine"] >= SAME_EVENT_COSINE else "unrelated"

    def block(self, row: dict[str, float]) -> str:
        """The relation of two blocks that are not the same."""
        if self._model is not None:
            return str(self._model.predict(self._vectorizer.transform([row]))[0])
        if row["jaccard"] >= EDITED:
            return "edited"
        return "partial" if row["containment"] >= PARTIAL else "none"


def overlap(fold: Fold) -> wirecopy.LabelTree:
    """Classify every pair whose first version is held out, then the blocks of those that are related."""
    versions = {version_id(part): part for part in (*fold.held_out, *fold.others) if part.story is not None}
    firsts = {version_id(part) for part in fold.held_out}
    return predict(versions, firsts, *fit(fold.train))


def fit(train: Sequence[Part]) -> tuple[Relations, Relations]:
    """The relation classifiers of versions and of blocks, from training parts."""
    gold = wirecopy.gold_tree()
    listed = {(pair.a, pair.b): pair.relation for pair in gold.versions or ()}
    drawn = {((p.a_doc, p.a_block), (p.b_doc, p.b_block)): p.relation for p in gold.blocks or ()}
    parts = {version_id(part): part for part in train if part.story is not None}
    rows, relations, block_rows, block_relations = [], [], [], []
    for a, b, row in pairs_of(_texts(parts)):
        relation = listed.get((a.id[0], b.id[0]), "unrelated")
        rows.append(row)
        relations.append(relation)
        if relation != "unrelated":
            for one, other, block_row in pairs_of(_blocks([parts[a.id[0]], parts[b.id[0]]]), across_documents=True):
                if not block_row["same"]:
                    block_rows.append(block_row)
                    block_relations.append(drawn.get((one.id, other.id), "none"))
    wanted = {"near_duplicate", "same_event", "unrelated"}
    return Relations(rows, relations, wanted), Relations(block_rows, block_relations, {"none", "partial", "edited"})


def predict(versions: dict[str, Part], firsts: set[str], of_versions: Relations, of_blocks: Relations) -> wirecopy.LabelTree:
    """The relations of the pairs of versions whose first one is in ``firsts``, and of the blocks of related ones."""
    found, aligned = [], []
    for a, b, row in pairs_of(_texts(versions)):
        if a.id[0] not in firsts:
            continue
        relation = of_versions.version(row)
        if relation == "unrelated" or versions[a.id[0]].doc_id == versions[b.id[0]].doc_id:
            continue
        found.append(wirecopy.VersionPair(a=a.id[0], b=b.id[0], relation=relation))
        for one, other, block_row in pairs_of(_blocks([versions[a.id[0]], versions[b.id[0]]]), across_documents=True):
            kind = "none" if block_row["same"] else of_blocks.block(block_row)
            if kind != "none":
                aligned.append(
                    wirecopy.BlockPair(
                        a_doc=one.id[0], a_block=one.id[1], b_doc=other.id[0], b_block=other.id[1], relation=kind
                    )
                )
    return wirecopy.LabelTree(versions=found, blocks=aligned)


def _texts(versions: dict[str, Part]) -> list[Text]:
    return [Text((name, 0), text, grams(text)) for name in sorted(versions) for text in [version_text(versions[name])]]


def _blocks(parts: Sequence[Part]) -> list[Text]:
    blocks = [block for part in parts for block in part.blocks if block.story is not None]
    return [Text((b.doc_id, b.number), b.text, grams(b.text)) for b in sorted(blocks, key=lambda b: (b.doc_id, b.number))]


SYSTEMS = (System("duplicates", "hash", hashes), System("duplicates", "overlap", overlap))

if __name__ == "__main__":
    main(SYSTEMS)
