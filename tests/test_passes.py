"""Agreement on trees small enough to count by hand."""

from collections.abc import Sequence

import pytest
import wirecopy
from wirecopy.labels import BlockLabel, LabelTree, Mention
from wirecopy.passes import agreement

DOC = "004_9a33665743d46027"


def blocks(roles: Sequence[str]) -> LabelTree:
    labels = [BlockLabel(block=i, role=role, story="s" if role == "body" else None) for i, role in enumerate(roles)]
    return LabelTree(segments={DOC: labels})


def test_kappa_over_roles_is_what_the_table_gives() -> None:
    # 20 blocks. a: 10 body, 10 related. b: 12 body, 8 related. They agree on 10 body and 8 related, so p_o = 18/20 = .9;
    # p_e = (10/20)(12/20) + (10/20)(8/20) = .3 + .2 = .5; kappa = (.9 - .5) / (1 - .5) = .8.
    a = blocks(["body"] * 10 + ["related"] * 10)
    b = blocks(["body"] * 12 + ["related"] * 8)
    result = agreement(a, b)
    assert result["kappa"]["role"] == {"value": pytest.approx(0.8), "units": 20}
    assert result["documents"] == 1


def test_alpha_over_tokens_is_what_the_coincidences_give() -> None:
    document = wirecopy.corpus()[DOC]
    tokens = wirecopy.tokenize(document.text)
    n = len(tokens)
    mentions = [Mention(start=start, end=end, type="GPE") for start, end in tokens[:2]]
    a = LabelTree(entities={DOC: mentions})
    b = LabelTree(entities={DOC: mentions[:1]})
    # Of n tokens one differs: a says GPE, b says none. Coincidences: 2 for GPE with GPE, 1 + 1 off the diagonal, 2n - 4 for
    # none with none. n_GPE = 3, n_none = 2n - 3, all 2n values. D_o = 2 / 2n; D_e = 2 * 3 * (2n - 3) / (2n (2n - 1)).
    observed = 2 / (2 * n)
    expected = 2 * 3 * (2 * n - 3) / (2 * n * (2 * n - 1))
    result = agreement(a, b)
    assert result["alpha"]["entities"] == {"value": pytest.approx(1 - observed / expected), "units": n}


def test_a_tree_agrees_with_itself_wholly() -> None:
    tree = wirecopy.gold_tree()
    result = agreement(tree, tree)
    assert {values["value"] for values in [*result["kappa"].values(), *result["alpha"].values()]} == {1.0}


def test_trees_without_a_common_layer_or_document_cannot_be_compared() -> None:
    tree = wirecopy.gold_tree()
    with pytest.raises(ValueError, match="share no layer: one has entities, the other quotes"):
        agreement(LabelTree(entities=tree.entities), LabelTree(quotes=tree.quotes))
    with pytest.raises(ValueError, match="share no document"):
        agreement(LabelTree(entities=tree.entities), LabelTree(entities={}))
