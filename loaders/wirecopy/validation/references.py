"""References: every document, block, story, topic, entity and version that a label names exists."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from wirecopy.corpus import data_root
from wirecopy.derive import versions
from wirecopy.findings import Finding, FindingsError, nearest, quoted
from wirecopy.labels import BlockLabel, BlockPair, LabelFile, Line, Mention, Quotation, VersionPair, read_tree
from wirecopy.validation.codes import note
from wirecopy.validation.context import Context, segments_of


def check_references(files: Sequence[LabelFile], context: Context, *, broken: frozenset[str]) -> list[Finding]:
    """What labels name and nothing defines; ``broken`` names the segments files that cannot say which versions exist."""
    stories = _stories_by_document(files)
    findings: list[Finding] = []
    for file in files:
        if file.doc_id is not None and file.doc_id not in context.corpus:
            findings.extend(_unknown_document(file.name, None, file.doc_id, context))
            continue
        for line in file.lines:
            record = line.record
            if isinstance(record, BlockLabel):
                findings.extend(_check_block_label(file, line, record, context))
            elif isinstance(record, Quotation):
                findings.extend(_check_entity(file.name, line, "speaker", record.speaker, context))
            elif isinstance(record, Mention):
                findings.extend(_check_mention(file.name, line, record, context))
            elif isinstance(record, VersionPair):
                findings.extend(_check_version_pair(file.name, line, record, context, stories, broken))
            else:
                findings.extend(_check_block_pair(file.name, line, record, context))
    return findings


def _stories_by_document(files: Sequence[LabelFile]) -> Mapping[str, set[str]]:
    """The stories of every document by the tree's own segments; where it has no such layer, by the gold labels."""
    segments: Mapping[str, Sequence[BlockLabel]] = segments_of(files)
    if not segments and any(file.name == "duplicates/versions.jsonl" for file in files):
        try:
            segments = read_tree(data_root() / "annotations").segments or {}
        except (FileNotFoundError, FindingsError):
            segments = {}
    stories: dict[str, set[str]] = {doc_id: set() for doc_id in segments}
    for version in versions(segments).values():
        stories[version.doc_id].add(version.story)
    return stories


def _unknown_document(name: str, line: Line | None, doc_id: str, context: Context) -> Iterator[Finding]:
    if context.known is not None and doc_id not in context.known:
        message = (
            f"no document {quoted(doc_id)} in the corpus, expected an id of the manifest ({nearest(doc_id, context.known)})"
        )
        yield note("unknown-document", name, message, "name a document of the corpus, or drop the labels", line=line)


def _unknown_block(name: str, line: Line, doc_id: str, block: int, context: Context) -> Iterator[Finding]:
    count = len(context.corpus[doc_id].blocks)
    if not 0 <= block < count:
        message = f"no block {block} in {quoted(doc_id)}, expected a number from 0 to {count - 1}"
        yield note("unknown-block", name, message, "count the lines that are not empty, from 0", line=line)


def _check_block_label(file: LabelFile, line: Line, label: BlockLabel, context: Context) -> Iterator[Finding]:
    yield from _unknown_block(file.name, line, str(file.doc_id), label.block, context)
    if context.topics is None or label.story is None:
        return
    if label.story not in context.topics:
        message = (
            f"no story {quoted(label.story)} in stories.json, expected a known one ({nearest(label.story, context.topics)})"
        )
        yield note(
            "unknown-story",
            file.name,
            message,
            "take a known story or add it; a system that has names of its own is scored all the same",
            line=line,
        )
    elif label.topic is not None and label.topic not in context.topics[label.story]:
        topics = context.topics[label.story]
        message = (
            f"no topic {quoted(label.topic)} in story {quoted(label.story)}, "
            f"expected one of its list ({nearest(label.topic, topics)})"
        )
        yield note("unknown-topic", file.name, message, "take a topic of that story, or add it to stories.json", line=line)


# A system may use ids of its own in every mention: each is looked up once.
_nearest = lru_cache(maxsize=4096)(nearest)


def _check_entity(name: str, line: Line, key: str, entity: str | None, context: Context) -> Iterator[Finding]:
    if entity is not None and context.entity_types is not None and entity not in context.entity_types:
        message = (
            f"{key} is {quoted(entity)}, expected an id of entities.json ({_nearest(entity, tuple(context.entity_types))})"
        )
        yield note(
            "unknown-entity",
            name,
            message,
            "take a known id or add it; a system that has ids of its own is scored all the same",
            line=line,
        )


def _check_mention(name: str, line: Line, mention: Mention, context: Context) -> Iterator[Finding]:
    if mention.entity is None and context.gold:
        message = f"{mention.type} {mention.start}:{mention.end} has no entity, expected an id of entities.json"
        yield note("missing-entity-id", name, message, "name the thing that the mention names", line=line)
    yield from _check_entity(name, line, "entity", mention.entity, context)


def _check_version_pair(
    name: str, line: Line, pair: VersionPair, context: Context, stories: Mapping[str, set[str]], broken: frozenset[str]
) -> Iterator[Finding]:
    right = True
    for version in dict.fromkeys((pair.a, pair.b)):
        doc_id, _, story = version.partition("#")
        if doc_id not in context.corpus:
            right = False
            yield from _unknown_document(name, line, doc_id, context)
        elif not {"segments", f"segments/{doc_id}.jsonl"} & broken and story not in stories.get(doc_id, ()):
            right = False
            known = [f"{doc_id}#{own}" for own in stories.get(doc_id, ())]
            message = (
                f"no version {quoted(version)}, "
                f"expected <doc_id>#<story> with a block of that story ({nearest(version, known)})"
            )
            yield note("unknown-version", name, message, "name a version that the segments hold", line=line)
    if right and pair.a >= pair.b:
        message = f"a is {quoted(pair.a)} and b is {quoted(pair.b)}, expected a to sort before b"
        yield note("pair-order", name, message, "swap the two, or drop a pair of one version with itself", line=line)


def _check_block_pair(name: str, line: Line, pair: BlockPair, context: Context) -> Iterator[Finding]:
    right = True
    for doc_id, block in ((pair.a_doc, pair.a_block), (pair.b_doc, pair.b_block)):
        wrong = list(
            _unknown_block(name, line, doc_id, block, context)
            if doc_id in context.corpus
            else _unknown_document(name, line, doc_id, context)
        )
        right = right and not wrong
        yield from wrong
    if right and pair.a_doc == pair.b_doc:
        message = f"both blocks stand in {quoted(pair.a_doc)}, expected two documents"
        yield note("pair-of-one-document", name, message, "drop the pair: repeats inside a document are not aligned", line=line)
    elif right and pair.a_doc > pair.b_doc:
        message = f"a_doc is {quoted(pair.a_doc)} and b_doc is {quoted(pair.b_doc)}, expected a_doc to sort before b_doc"
        yield note("pair-order", name, message, "swap the two sides", line=line)
