"""Labels drawn with the mouse on text that is hard to count come back as what was meant, in every layer."""

import hashlib
from collections.abc import Sequence

import pytest
from browser.page import Labelling
from wirecopy.corpus import Corpus, Document, ManifestEntry
from wirecopy.derive import Version
from wirecopy.labels import BlockLabel, BlockPair, LabelTree, Mention, Quotation, Span, VersionPair
from wirecopy.labelstudio.client import connect
from wirecopy.labelstudio.duplicates import PairView
from wirecopy.labelstudio.export import pull
from wirecopy.labelstudio.tasks import Registries, make_tasks

REGISTRIES = Registries(
    entities={"ana-roy": "Ana Roy", "le-monde-paper": "Le Monde", "lima": "Lima"},
    stories={"port-strike": ("Port strike", ("walkout", "talks"))},
)
# Emoji and joiners before and inside spans, combining marks, no-break spaces, CRLF, runs of blank lines, tabs and double
# spaces, text that looks like HTML, letters from right to left, curly quotation marks.
HARD = (
    "👩‍👩‍👧 flags: Ana 👋🏽 Roy lands in Lima\r\n"
    "Jose\u0301 Nu\u0301n\u0303ez and Mr\u00a0Kofi\u00a0Mensah spoke.\r\n"
    "\n\n\n \n"
    "“We will pay 👍🏿,” Ana 👋🏽 Roy told Le Monde.  “Not\ttoday.”\n"
    "Acme\tCorp  Ltd and <b>Rosa</b> &amp; <i>Luz</i> &lt; 3\n"
    "\t\u00a0Then محمود الكعبي said the port would close 🚢.  \n"
    "© 2024 'Acme' <script>alert(1)</script>"
)


def corpus_of(**texts: str) -> Corpus:
    documents = {}
    for doc_id, text in texts.items():
        raw = text.encode()
        digest = hashlib.sha256(raw).hexdigest()
        path = f"wild/{doc_id}.txt"
        entry = ManifestEntry(doc_id, path, digest, len(raw), len(text), "wild", "wild", None, None, "en", "ours", ())
        documents[doc_id] = Document(doc_id, text, entry)
    return Corpus(documents)


def place(text: str, words: str, occurrence: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(words, start + 1)
    return start, start + len(words)


def open_project(task: str, corpus: Corpus, annotator: str, segmented: LabelTree | None = None) -> tuple[str, list[int]]:
    """Push a task's project and give its number and the numbers of its tasks."""
    tasks = make_tasks(
        task,
        corpus=corpus,
        doc_ids=list(corpus),
        annotator=annotator,
        prelabels=[],
        registries=REGISTRIES,
        segmented=segmented or LabelTree(),
    )
    server = connect()
    pushed = server.push(task, annotator, tasks)
    assert pushed.added == len(tasks)
    return str(pushed.project), [held["id"] for held in server.export(str(pushed.project)).tasks]


def pulled(project: str, corpus: Corpus, annotator: str) -> LabelTree:
    result = pull([connect().export(project)], corpus=corpus)
    assert [str(finding) for finding in result.findings] == []
    return result.trees[annotator]


MENTIONS = [
    ("Ana 👋🏽 Roy", 0, "PERSON", "ana-roy"),
    ("Lima", 0, "GPE", None),
    ("Jose\u0301 Nu\u0301n\u0303ez", 0, "PERSON", "jose-nunez"),
    ("Kofi\u00a0Mensah", 0, "PERSON", None),
    ("Ana 👋🏽 Roy", 1, "PERSON", None),
    ("Le Monde", 0, "ORG", "le-monde-paper"),
    ("Acme\tCorp  Ltd", 0, "ORG", None),
    ("Rosa", 0, "PERSON", None),
    ("Luz", 0, "PERSON", None),
    ("محمود الكعبي", 0, "PERSON", "mahmud"),
    ("Acme", 1, "ORG", None),
]


def test_mentions_are_where_the_mouse_drew_them(browser: Labelling) -> None:
    corpus = corpus_of(hard=HARD)
    project, (task,) = open_project("entities", corpus, "mouse")
    browser.open(int(project), task)
    meant = []
    for words, occurrence, kind, entity in MENTIONS:
        start, end = place(HARD, words, occurrence)
        browser.draw(kind, start, end)
        if entity is not None:
            browser.select_region(start)
            browser.pick(entity) if entity in REGISTRIES.entities else browser.write("another-id", entity)
        meant.append(Mention(start=start, end=end, text=words, type=kind, entity=entity))
    browser.submit()
    found = pulled(project, corpus, "mouse")
    assert found.entities is not None
    assert list(found.entities["hard"]) == sorted(meant, key=lambda mention: mention.start)


def quotation(kind: str, content: str, cue: str | None, source: str | None, speaker: str | None, utterance: str) -> Quotation:
    start, end = place(HARD, content)
    spans = [
        None if words is None else Span(start=place(HARD, words)[0], end=place(HARD, words)[1], text=words)
        for words in (cue, source)
    ]
    return Quotation(
        start=start, end=end, text=content, type=kind, cue=spans[0], source=spans[1], speaker=speaker, utterance=utterance
    )


def test_quotations_keep_cue_source_and_speaker_whichever_way_the_arrow_was_drawn(browser: Labelling) -> None:
    corpus = corpus_of(hard=HARD)
    project, (task,) = open_project("quotes", corpus, "mouse")
    browser.open(int(project), task)
    meant = [
        quotation("direct", "“We will pay 👍🏿,”", "told", None, "ana-roy", "we-pay"),
        quotation("fragment", "“Not\ttoday.”", "told", None, None, "we-pay"),
        quotation("indirect", "the port would close 🚢", "said", "محمود الكعبي", "mahmud", "port-closes"),
    ]
    for words, label in (("told", "cue"), ("said", "cue"), ("محمود الكعبي", "source")):
        browser.draw(label, *place(HARD, words))
    for number, said in enumerate(meant):
        browser.draw(said.type, said.start, said.end)
        browser.select_region(said.start)
        if said.speaker is not None:
            browser.pick(said.speaker) if said.speaker in REGISTRIES.entities else browser.write("another-id", said.speaker)
        browser.write("what-is-said", str(said.utterance))
        for part in (said.cue, said.source):
            if part is not None:
                ends = (said.start, part.start) if number % 2 else (part.start, said.start)
                browser.tie(*ends)
    browser.submit()
    found = pulled(project, corpus, "mouse").quotes
    assert found is not None
    assert list(found["hard"]) == meant


def test_lines_drawn_roughly_are_whole_blocks(browser: Labelling) -> None:
    corpus = corpus_of(hard=HARD)
    project, (task,) = open_project("segments", corpus, "mouse")
    browser.open(int(project), task)
    drawn: Sequence[tuple[str, str, str, str | None]] = [
        ("headline", "flags", "Roy", "port-strike"),
        ("metadata", "and Mr", "spoke", "port-strike"),
        # From the middle of one line to the middle of the next but one.
        ("body", "We will", "Then", "port-strike/walkout"),
        ("boilerplate", "2024", "alert", None),
    ]
    for role, first, last, where in drawn:
        begin, stop = place(HARD, first)[0], place(HARD, last)[1]
        browser.draw(role, begin, stop)
        if where is not None:
            browser.select_region(begin)
            browser.page.locator("[data-testid^=select-trigger]").first.click()
            browser.page.locator("[role=option]").get_by_text(where, exact=True).first.click()
    browser.submit()
    roles = ["headline", "metadata", "body", "body", "body", "boilerplate"]
    meant = [
        BlockLabel(
            block=block,
            role=role,
            story=None if role == "boilerplate" else "port-strike",
            topic="walkout" if role == "body" else None,
        )
        for block, role in enumerate(roles)
    ]
    assert pulled(project, corpus, "mouse") == LabelTree(segments={"hard": meant})


def test_a_pair_keeps_its_relation_and_the_lines_that_were_tied(browser: Labelling) -> None:
    other = HARD.replace("lands in Lima", "landed in Lima 🛬").replace("spoke.", "spoke. They left.")
    corpus = corpus_of(left=HARD, right=other)
    labels = [BlockLabel(block=block, role="body", story="port-strike", topic="walkout") for block in range(6)]
    segmented = LabelTree(segments={"left": labels, "right": labels})
    project, (task,) = open_project("duplicates", corpus, "mouse", segmented)
    versions = [Version(f"{doc_id}#port-strike", doc_id, "port-strike", tuple(range(6)), ()) for doc_id in corpus]
    view = PairView(versions[0], versions[1], corpus)
    browser.open(int(project), task)
    browser.choose("near_duplicate")
    for block, label, lines in ((0, "edited", ("0 ·",)), (1, "partial", ("1 ·", "2 ·"))):
        start = view.b_spans[block].start
        browser.draw(label, start + 2, start + 12, text=1)
        browser.select_region(start + 4, text=1)
        browser.pick(*lines)
    browser.submit()
    tied = ((0, 0, "edited"), (1, 1, "partial"), (2, 1, "partial"))
    meant = [BlockPair(a_doc="left", a_block=a, b_doc="right", b_block=b, relation=kind) for a, b, kind in tied]
    assert pulled(project, corpus, "mouse") == LabelTree(
        versions=[VersionPair(a="left#port-strike", b="right#port-strike", relation="near_duplicate")], blocks=meant
    )


@pytest.mark.parametrize("task", ["entities", "quotes", "segments"])
def test_a_text_of_60000_characters_is_labelled_to_its_end(browser: Labelling, task: str) -> None:
    line = "Ana 👋🏽 Roy said the port would close; Jose\u0301 heard it.\n\n"
    text = line * (60_000 // len(line) + 1)
    corpus = corpus_of(long=text)
    project, (number,) = open_project(task, corpus, "long")
    browser.open(int(project), number)
    last = text.rindex("Ana")
    if task == "entities":
        browser.draw("PERSON", last, last + 10)
        meant = LabelTree(entities={"long": [Mention(start=last, end=last + 10, text="Ana 👋🏽 Roy", type="PERSON")]})
    elif task == "quotes":
        start = text.index("the port", last)
        browser.draw("indirect", start, start + 20)
        content = text[start : start + 20]
        meant = LabelTree(quotes={"long": [Quotation(start=start, end=start + 20, text=content, type="indirect")]})
    else:
        blocks = len(corpus["long"].blocks)
        first = text.index("Roy")

        browser.draw("boilerplate", first, first + 3)
        browser.draw("related", last, last + 3)
        browser.submit()
        found = pull([connect().export(project)], corpus=corpus)
        assert {finding.code for finding in found.findings} == {"block-unlabelled"}
        assert len(found.findings) == blocks - 2
        return
    browser.submit()
    assert pulled(project, corpus, "long") == meant
