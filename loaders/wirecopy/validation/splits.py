"""The splits: every document in exactly one, as the manifest says, and nothing shared between two."""

from collections.abc import Iterable, Iterator, Sequence

from wirecopy.derive import related_pairs
from wirecopy.findings import Finding, nearest, quoted
from wirecopy.labels import LabelFile, LabelTree
from wirecopy.validation.codes import note
from wirecopy.validation.context import Context, segments_of

_FILE = "splits.json"


def check_splits(files: Sequence[LabelFile], context: Context) -> list[Finding]:
    """What is wrong with the lists of ``splits.json``; leaks are looked for once the lists themselves are right."""
    if context.splits is None or context.known is None:
        return []
    findings = []
    homes: dict[str, str] = {}
    for split, ids in context.splits.items():
        for doc_id in ids:
            if doc_id in homes:
                message = f"{quoted(doc_id)} stands in {homes[doc_id]} and again in {split}, expected one split"
                findings.append(note("split-document-twice", _FILE, message, "keep one of the two", record=doc_id))
            elif doc_id not in context.known:
                message = f"no document {quoted(doc_id)} in the corpus, expected an id of the manifest"
                message += f" ({nearest(doc_id, context.known)})"
                findings.append(note("split-unknown-document", _FILE, message, "drop the id", record=doc_id))
            homes.setdefault(doc_id, split)
    for doc_id in sorted(context.known - context.strangers - homes.keys()):
        message = f"{quoted(doc_id)} stands in no split, expected one"
        findings.append(note("split-missing-document", _FILE, message, "add it to the split of its story", record=doc_id))
    for doc_id, document in context.corpus.items():
        home = homes.get(doc_id, document.entry.split)
        if home != document.entry.split:
            message = f"{quoted(doc_id)} stands in {home}, expected {document.entry.split} as in the manifest"
            remedy = "correct the list, or run `make manifest`"
            findings.append(note("split-manifest-mismatch", _FILE, message, remedy, record=doc_id))
    return findings or list(_check_leaks(files, homes))


def _check_leaks(files: Sequence[LabelFile], homes: dict[str, str]) -> Iterator[Finding]:
    """Stories in two splits; then, since they follow from those, utterances and related versions in two splits."""
    stories = ((label.story, doc_id) for doc_id, labels in segments_of(files).items() for label in labels)
    leaks = list(_check_shared("story", stories, homes))
    if not leaks:
        quotations = [(line.record, file) for file in files if file.layer == "quotes" for line in file.lines]
        utterances = ((quotation.utterance, str(file.doc_id)) for quotation, file in quotations)
        leaks = list(_check_shared("utterance", utterances, homes))
        pairs = [line.record for file in files if file.name == "duplicates/versions.jsonl" for line in file.lines]
        ends = [
            (f"{pair.a} {pair.relation} {pair.b}", version.partition("#")[0])
            for pair in related_pairs(LabelTree(versions=pairs))
            for version in (pair.a, pair.b)
        ]
        leaks += _check_shared("relation", ends, homes)
    yield from leaks


def _check_shared(what: str, uses: Iterable[tuple[str | None, str]], homes: dict[str, str]) -> Iterator[Finding]:
    """Names that documents of two splits use."""
    first: dict[str, str] = {}
    leaking: set[str] = set()
    for name, doc_id in uses:
        if name is None:
            continue
        other = first.setdefault(name, doc_id)
        if homes[other] != homes[doc_id] and name not in leaking:
            leaking.add(name)
            message = (
                f"{what} {quoted(name)} stands in {homes[other]} ({quoted(other)}) and in {homes[doc_id]} ({quoted(doc_id)}), "
                f"expected one split"
            )
            yield note("split-leak", _FILE, message, "move the documents that share it into one split", record=name)
