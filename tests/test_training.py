"""Training code as a user would write it, from the rows of `load_dataset` alone."""

import numpy as np
import wirecopy
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score


def test_a_token_classifier_trains_on_tokens_and_beats_the_majority() -> None:
    rows = wirecopy.load_dataset("tokens", split="wild")
    names = rows.features["ner_tags"].feature.names

    def features(tokens: list[str], i: int) -> dict[str, str | bool]:
        before = tokens[i - 1] if i else "^"
        after = tokens[i + 1] if i + 1 < len(tokens) else "$"
        return {"word": tokens[i], "title": tokens[i].istitle(), "upper": tokens[i].isupper(), "before": before, "after": after}

    held_out = [row["doc_id"].startswith("002") for row in rows]
    parts: dict[bool, tuple[list[dict[str, str | bool]], list[str]]] = {False: ([], []), True: ([], [])}
    for row, out in zip(rows, held_out, strict=True):
        parts[out][0].extend(features(row["tokens"], i) for i in range(len(row["tokens"])))
        parts[out][1].extend(names[tag] for tag in row["ner_tags"])
    vectorizer = DictVectorizer()
    model = LogisticRegression(max_iter=300).fit(vectorizer.fit_transform(parts[False][0]), parts[False][1])
    predicted = model.predict(vectorizer.transform(parts[True][0]))
    labels = sorted(set(parts[True][1]) - {"O"})
    assert f1_score(parts[True][1], predicted, labels=labels, average="micro") > 0.5


def test_a_pair_classifier_trains_on_duplicates() -> None:
    pairs = wirecopy.load_dataset("duplicates", split="wild")
    texts = TfidfVectorizer().fit([*pairs["a_text"], *pairs["b_text"]])
    a, b = texts.transform(pairs["a_text"]), texts.transform(pairs["b_text"])
    cosine = np.asarray(a.multiply(b).sum(axis=1))
    same_copy = [
        pairs.features["relation"].int2str(relation) in ("identical", "near_duplicate") for relation in pairs["relation"]
    ]
    model = LogisticRegression(C=100.0).fit(cosine, same_copy)
    assert model.score(cosine, same_copy) == 1.0


def test_batches_come_out_as_numpy_arrays() -> None:
    rows = wirecopy.load_dataset("tokens", split="wild").select_columns(["starts", "ner_tags"]).with_format("numpy")
    batch = next(iter(rows.iter(batch_size=4)))
    assert len(batch["ner_tags"]) == 4
    assert batch["ner_tags"][0].dtype.kind == "i"
