import pytest

from infinite_instruct.tools.keywords import junk_reason, normal_form, supported_by


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("Hash-Maps", "hash map", id="case, hyphen, plural"),
        pytest.param("hashmap", "hash map", id="compound"),
        pytest.param("BFS", "breadth first search", id="abbreviation"),
        pytest.param("Breadth-first search (BFS)", "breadth first search", id="gloss"),
        pytest.param("sort a list", "sort list", id="article"),
        pytest.param("\uff26\uff35\uff2c\uff2c width", "full width", id="NFKC"),
        pytest.param("zero\u200bwidth \u202espace", "zerowidth space", id="format characters"),
        pytest.param("Dijkstra\u2019s algorithm", "dijkstra algorithm", id="possessive"),
        pytest.param("matrices", "matrix", id="irregular plural"),
        pytest.param("classes", "class", id="-es"),
        pytest.param("process", "process", id="no plural"),
        pytest.param("pandas", "pandas", id="a name in -s"),
        pytest.param("memoisation", "memoization", id="British"),
        pytest.param("C++ templates", "c++ template", id="C++"),
        pytest.param("node.js", "node.js", id="dot inside"),
        pytest.param("двоичный поиск", "двоичный поиск", id="Cyrillic"),
        pytest.param("()", "", id="no word"),
    ],
)
def test_equal_keywords_have_one_normal_form(text: str, normal: str) -> None:
    assert normal_form(text) == normal


@pytest.mark.parametrize("pair", [("==", "!="), ("C", "C++"), ("A* search", "a search")])
def test_symbols_that_carry_the_meaning_stay(pair: tuple[str, str]) -> None:
    assert normal_form(f"{pair[0]} operator") != normal_form(f"{pair[1]} operator")


def test_the_normal_form_is_its_own_normal_form() -> None:
    for text in ("Hash-Maps", "BFS", "type annotations (Python)", "file I/O", "SQL CTEs"):
        once = normal_form(text)
        assert normal_form(once) == once


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("binary search", None, id="good"),
        pytest.param("== operator", None, id="operator"),
        pytest.param("Python code", "generic", id="language and code"),
        pytest.param("Go", "generic", id="a language"),
        pytest.param("", "no-word", id="empty"),
        pytest.param("42", "number", id="number"),
        pytest.param("x" * 10_000, "too-long", id="long"),
        pytest.param("bell\x07 sort", "control-characters", id="control"),
        pytest.param("\u202egnirts", "control-characters", id="bidi"),
        pytest.param("Write a loop over it.", "sentence", id="sentence"),
        pytest.param("how to read all the lines of many files", "sentence", id="nine words"),
    ],
)
def test_junk_is_refused_with_its_reason(text: str, reason: str | None) -> None:
    assert junk_reason(text) == reason


PROBLEM = (
    "Write a function `merge_sorted_lists` that concatenates two lists of integers, sorts them "
    "by breadth-first search, and caches the result in a dictionary."
)


@pytest.mark.parametrize(
    ("keyword", "supported"),
    [
        ("list concatenation", True),
        ("sorting", True),
        ("BFS", True),
        ("merging lists", True),
        ("dict", True),
        ("binary search", False),
        ("hash map", False),
        ("the", False),
        ("", False),
    ],
)
def test_a_keyword_needs_its_words_in_the_problem(keyword: str, supported: bool) -> None:  # noqa: FBT001 - parametrized
    assert supported_by(keyword, PROBLEM) is supported


def test_scripts_without_spaces_are_supported_as_they_stand() -> None:
    assert supported_by("哈希表", "请使用哈希表实现缓存")
    assert not supported_by("链表", "请使用哈希表实现缓存")
