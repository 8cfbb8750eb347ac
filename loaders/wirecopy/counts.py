"""The figures of the corpus and its labels: what ``wirecopy stats`` prints and ``annotations/statistics.json`` holds."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wirecopy.corpus import Corpus, load_corpus
from wirecopy.derive import components, identical_blocks, labelled, related_pairs, story_runs, versions
from wirecopy.labels import ENTITY_TYPES, QUOTE_TYPES, ROLES, VERSION_RELATIONS, LabelTree, gold_tree


def _by(names: Iterable[str], counts: Counter[str]) -> dict[str, int]:
    return {name: counts[name] for name in names}


def statistics(tree: LabelTree | None = None, *, corpus: str | Path | Corpus | None = None) -> dict[str, Any]:
    """Counts over all documents that are labelled, and for each split that holds any, as a JSON object.

    ``words`` counts runs between white space. ``entities.ids`` and ``quotes.utterances`` count distinct ids.
    ``blocks.identical`` counts the computed alignments between related versions, ``edited`` and ``partial`` the drawn ones.
    """
    labels = tree or gold_tree()
    documents = labelled(load_corpus(corpus), labels)
    return {
        "all": _figures(documents, labels),
        "splits": {split: _figures(documents.split(split), labels) for split in documents.split_names},
    }


def _figures(corpus: Corpus, tree: LabelTree) -> dict[str, Any]:
    segments = {doc_id: (tree.segments or {}).get(doc_id, ()) for doc_id in corpus}
    quotes = [quotation for doc_id in corpus for quotation in (tree.quotes or {}).get(doc_id, ())]
    mentions = [mention for doc_id in corpus for mention in (tree.entities or {}).get(doc_id, ())]
    blocks = [label for labels in segments.values() for label in labels]
    held = versions(segments)
    pairs = [pair for pair in related_pairs(tree) if pair.a in held and pair.b in held]
    relations = Counter(pair.relation for pair in pairs)
    relations["unrelated"] = len(held) * (len(held) - 1) // 2 - len(pairs)
    drawn = Counter(pair.relation for pair in tree.blocks or () if pair.a_doc in corpus and pair.b_doc in corpus)
    identical = sum(1 for pair in pairs for _ in identical_blocks(held[pair.a], held[pair.b], corpus))
    return {
        "documents": len(corpus),
        "components": len(set(components(segments, corpus).values())),
        "stories": len({version.story for version in held.values()}),
        "versions": len(held),
        "bytes": sum(document.entry.bytes for document in corpus.values()),
        "chars": sum(len(document.text) for document in corpus.values()),
        "words": sum(len(document.text.split()) for document in corpus.values()),
        "segments": {
            "blocks": len(blocks),
            "story_segments": sum(len(story_runs(labels, len(labels))) for labels in segments.values()),
            "topics": len({(label.story, label.topic) for label in blocks if label.topic is not None}),
            "roles": _by(ROLES, Counter(label.role for label in blocks)),
        },
        "quotes": {
            "quotations": len(quotes),
            "types": _by(QUOTE_TYPES, Counter(quotation.type for quotation in quotes)),
            "with_cue": sum(quotation.cue is not None for quotation in quotes),
            "with_source": sum(quotation.source is not None for quotation in quotes),
            "with_speaker": sum(quotation.speaker is not None for quotation in quotes),
            "speakers": len({quotation.speaker for quotation in quotes} - {None}),
            "utterances": len({quotation.utterance for quotation in quotes} - {None}),
        },
        "entities": {
            "mentions": len(mentions),
            "types": _by(ENTITY_TYPES, Counter(mention.type for mention in mentions)),
            "ids": len({mention.entity for mention in mentions} - {None}),
        },
        "duplicates": {
            "versions": _by(VERSION_RELATIONS, relations),
            "blocks": {"partial": drawn["partial"], "edited": drawn["edited"], "identical": identical},
        },
    }
