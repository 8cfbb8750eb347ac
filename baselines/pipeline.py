"""The whole chain: a raw file in, the trained systems of all four tasks one after the other, scored end to end.

Stories found in the raw files become the versions whose duplicates are looked for; mentions found become the speakers of
quotations. Nothing of the gold labels of a held-out story is used to find it: borders come from the whole raw file. Ids are the
system's own. In `wild` the stories that different folds hold out are not compared with each other.
"""

from collections.abc import Sequence
from dataclasses import replace

import duplicates
import entities
import quotes
import segments
import wirecopy
from common import Block, Fold, Part, System, main


def chain(fold: Fold) -> wirecopy.LabelTree:
    """Label the held-out blocks; duplicates are looked for among the stories that were found."""
    labelled = segments.headlines(fold)
    named = entities.tokens(fold)
    spoken = quotes.classifiers(fold)
    doc_ids = list(labelled.segments or {})
    found = {}
    for doc_id in doc_ids:
        for part in _found_parts(doc_id, (labelled.segments or {})[doc_id]):
            found[duplicates.version_id(part)] = part
    pairs = duplicates.predict(found, set(found), *duplicates.fit(fold.train))
    own = {doc_id: _own_speakers((spoken.quotes or {})[doc_id], (named.entities or {})[doc_id]) for doc_id in doc_ids}
    return replace(labelled, entities=named.entities, quotes=own, versions=pairs.versions, blocks=pairs.blocks)


def _found_parts(doc_id: str, labels: Sequence[wirecopy.BlockLabel]) -> list[Part]:
    """The stories of a document as parts, from predicted labels and the raw text alone."""
    document = wirecopy.corpus()[doc_id]
    parts = []
    for story in sorted({label.story for label in labels if label.story is not None}):
        blocks = tuple(
            Block(doc_id, label.block, 0, document.block_text(label.block), label.role, story, label.topic, (), ())
            for label in labels
            if label.story == story
        )
        parts.append(Part(doc_id, story, blocks))
    return parts


def _own_speakers(spoken: Sequence[wirecopy.Quotation], named: Sequence[wirecopy.Mention]) -> list[wirecopy.Quotation]:
    """Quotations with the id of the predicted mention inside their source as speaker, none where there is no such mention."""
    result = []
    for quotation in spoken:
        source = quotation.source
        inside = [m for m in named if source is not None and m.start < source.end and source.start < m.end]
        best = max(inside, key=lambda m: (m.type == "PERSON", m.end - m.start, -m.start), default=None)
        result.append(replace(quotation, speaker=best.entity if best else None))
    return result


SYSTEMS = (System("pipeline", "chain", chain),)

if __name__ == "__main__":
    main(SYSTEMS)
