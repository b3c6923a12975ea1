"""Precision and recall on labelled pairs. The rules were written with all parts but `held-out` in
sight; of that one only the counts were looked at.
"""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.merging import compare
from infinite_instruct.tools.words import lexicon

PAIRS = Path(__file__).parents[1] / "fixtures" / "keyword-pairs.jsonl"
PARTS = ("tuning", "held-out", "second", "third", "fourth")


@cache
def counts(part: str) -> Counter[tuple[bool, str]]:
    embedder = WordLlamaEmbedder()
    rows = [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]
    return Counter(
        (row["same"], compare(row["a"], row["b"], embedder).decision)
        for row in rows
        if row["part"] == part
    )


@pytest.mark.parametrize("part", PARTS)
def test_rules_alone_are_precise_and_find_most(part: str) -> None:
    found = counts(part)
    merged = found[True, "same"] + found[False, "same"]
    synonyms = sum(found[True, decision] for decision in ("same", "grey", "different"))
    assert found[True, "same"] / merged >= 0.98
    assert found[True, "same"] / synonyms >= 0.6


@pytest.mark.parametrize("part", PARTS)
def test_a_model_that_is_right_on_the_grey_zone_finds_nearly_all(part: str) -> None:
    found = counts(part)
    right = found[True, "same"] + found[True, "grey"]
    assert right / (right + found[True, "different"]) >= 0.95
    assert right / (right + found[False, "same"]) >= 0.98


def test_most_of_what_differs_is_known_without_a_question() -> None:
    found = counts("held-out")
    assert found[False, "different"] / (found[False, "different"] + found[False, "grey"]) > 0.7


def test_the_order_of_a_pair_does_not_matter() -> None:
    embedder = WordLlamaEmbedder()
    for line in PAIRS.read_text("utf-8").splitlines():
        row = json.loads(line)
        there, back = (
            compare(*pair, embedder) for pair in ((row["a"], row["b"]), (row["b"], row["a"]))
        )
        assert there.decision == back.decision, line


def test_a_normal_form_is_its_own() -> None:
    for line in PAIRS.read_text("utf-8").splitlines():
        row = json.loads(line)
        forms = [normal_form(row["a"]), normal_form(row["b"])]
        assert [normal_form(form) for form in forms] == forms


@pytest.mark.parametrize("known", lexicon().same.items(), ids=lambda known: known[0])
def test_what_the_lexicon_says_holds_and_is_final(known: tuple[str, str]) -> None:
    left, right = known
    assert normal_form(left) == right, "another entry takes a part of it"
    assert normal_form(right) == right, "a normal form has to be its own"
