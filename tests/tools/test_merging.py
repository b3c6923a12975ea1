import json
from pathlib import Path

import pytest

from infinite_instruct.tools.embedders import WordLlamaEmbedder
from infinite_instruct.tools.merging import decide

PAIRS = Path(__file__).parents[2] / ".." / "shared" / "data" / "keyword-pairs.jsonl"


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("hash map", "HashMaps"),
        ("sort a list", "list sorting"),
        ("string reversal", "reverse a string"),
        ("scope of variables", "variable scope"),
        ("two pointers", "two-pointer technique"),
        ("type hints", "type annotations (Python)"),
        ("greatest common divisor", "GCD"),
    ],
)
def test_paraphrases_are_one_even_where_vectors_are_far(a: str, b: str) -> None:
    assert decide(a, b, 0.1).decision == "same"


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ("read CSV file", "write CSV file", "siblings"),
        ("BFS", "DFS", "siblings"),
        ("min heap", "max heap", "siblings"),
        ("left join", "right join", "siblings"),
        ("for loop", "while loop", "siblings"),
        ("serialization", "deserialization", "opposites"),
        ("2D array", "3D array", "siblings"),
        ("HTTP 404", "HTTP 500", "numbers"),
        ("string to list conversion", "list to string conversion", "other way round"),
        ("null", "not null", "negates"),
        ("HTML head", "HTML heading", "stem"),
        ("", "", "no word"),
    ],
)
def test_siblings_and_opposites_differ_however_near_they_are(a: str, b: str, why: str) -> None:
    decision = decide(a, b, 1.0)
    assert decision.decision == "different"
    assert why in decision.why


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("file header", "header file"),
        ("test function", "function testing"),
        ("parse tree", "tree parsing"),
        ("list of dictionaries", "dictionary of lists"),
        ("pointer to array", "array of pointers"),
        ("sorted list", "list sorting"),
        ("list iterator", "list iteration"),
        ("linked list", "doubly linked list"),
    ],
)
def test_what_no_rule_is_sure_of_goes_to_the_model(a: str, b: str) -> None:
    assert decide(a, b, 1.0).decision != "same"


def test_strangers_differ_by_low_similarity_alone() -> None:
    assert decide("garbage collector", "date picker", 0.05).decision == "different"
    assert decide("garbage collector", "memory reclamation", 0.4).decision == "grey"


def test_the_order_of_a_pair_does_not_matter() -> None:
    for a, b in (("sort a list", "list sorting"), ("lock", "unlock"), ("pointer", "smart pointer")):
        assert decide(a, b, 0.5).decision == decide(b, a, 0.5).decision


ODD = [
    "",
    " ",
    "\u202e",
    "😀",
    "()",
    "a",
    "C",
    "C++",
    "c#",
    "--",
    "a" * 300,
    "\x00map",
    "数据库",
    "İ",
]


@pytest.mark.parametrize("a", ODD, ids=repr)
def test_any_text_is_decided_and_equals_only_itself(a: str) -> None:
    for b in ODD:
        decision = decide(a, b, float("nan") if a == "()" else 2.0).decision
        assert decision in {"same", "different", "grey"}
        assert decision == "same" if a == b and a.strip("\u202e ") else decision != "same"


@pytest.mark.parametrize(
    ("a", "b", "decision"),
    [
        pytest.param("insertion sort", "insertion order", "grey", id="a name's word"),
        pytest.param("nested while loop", "nested loop", "grey", id="a keyword in a name"),
        pytest.param("scheduling algorithm", "scheduling problem", "grey", id="problem"),
        pytest.param("row number", "number of rows", "grey", id="counted"),
        pytest.param("sum of squares", "square of sums", "different", id="turned"),
        pytest.param("SHA-1", "SHA1", "same", id="a number joined"),
        pytest.param("-- comment", "# comment", "different", id="signs"),
        pytest.param("closures in Rust", "Rust closures", "same", id="one language"),
        pytest.param("closures in Rust", "Swift closures", "different", id="two languages"),
        pytest.param("sqlite_version()", "version()", "grey", id="a language within a name"),
        pytest.param("GIL", "global interpreter lock", "same", id="initials"),
    ],
)
def test_names_are_no_mere_bags_of_words(a: str, b: str, decision: str) -> None:
    assert decide(a, b, 0.6).decision == decision


@pytest.mark.skipif(not PAIRS.exists(), reason="the labelled pairs are not here")
def test_precision_on_labelled_pairs_without_a_model() -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text().splitlines()]
    left, right = (WordLlamaEmbedder().embed([pair[side] for pair in pairs]) for side in "ab")
    right_ones = wrong_ones = missed = 0
    for pair, one, other in zip(pairs, left, right, strict=True):
        similarity = sum(x * y for x, y in zip(one, other, strict=True))
        decision = decide(pair["a"], pair["b"], similarity).decision
        right_ones += decision == "same" and pair["same"]
        wrong_ones += decision == "same" and not pair["same"]
        missed += decision == "different" and pair["same"]
    assert right_ones / (right_ones + wrong_ones) >= 0.95
    assert right_ones >= 20, "rules alone should find half of the synonyms"
    assert missed <= 2, "a synonym called different never reaches the model"
