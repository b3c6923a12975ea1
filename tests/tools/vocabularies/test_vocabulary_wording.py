import pytest

from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.tools.vocabularies.wording import (
    guess_kind,
    kind_given,
    place_of,
    refusal,
    tidy,
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Chapter 4: Functions", "Functions"),
        ("Appendix A. Operators", "Operators"),
        ("1.2.3 Hash maps", "Hash maps"),
        ("2. Sorting", "Sorting"),
        ("3 sum problem", "3 sum problem"),
        ("2D arrays", "2D arrays"),
        ("- [x] linked lists", "linked lists"),
        ("• queues", "queues"),
        ("Linked lists ........ 45", "Linked lists"),
        ("Linked lists . . . . 45", "Linked lists"),
        ("Linked lists\t45", "Linked lists"),
        ("Data types¶", "Data types"),
        ("Data types #", "Data types"),
        ("C#", "C#"),
        ("`itertools.chain`", "itertools.chain"),
        ("**deque**:", "deque"),
        ("csv — CSV File Reading and Writing", "csv"),
        ("Part 2 \u2013 Generators", "Generators"),
        ("Introduction to recursion", "recursion"),
        ("How to read a file", "read a file"),
        ("Python - List methods", "List methods"),
        ("Array: two pointers", "Array: two pointers"),
        ("AVL tree - rotation", "AVL tree - rotation"),
        ("deque: a queue that can grow and shrink on both of its ends", "deque"),
        ("std::vector", "std::vector"),
        ("What Is Ownership?", "Ownership"),
        ("\u00bb Annotations", "Annotations"),
        ("  spaces \n in between ", "spaces in between"),
        ("¶", ""),
        ("", ""),
    ],
)
def test_layout_goes_and_the_subject_stays(text: str, told: str) -> None:
    assert tidy(text) == told


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("binary search", None),
        ("str.join()", None),
        ("列表推导式", None),
        ("", "no-word"),
        ("¶", "no-word"),
        ("x" * 400, "too-long"),
        ("red\u202edaer", "control-characters"),
        ("zero\u200bwidth", "control-characters"),
        ("bell\x07", "control-characters"),
        ("M\udce4nner", "not-utf-8"),
        ("Lists are ordered sequences of any values.", "sentence"),
        ("2024", "number"),
        ("https://example.org/lists", "address"),
        ("x", "too-short"),
        ("Table of Contents", "boilerplate"),
        ("Further Reading", "boilerplate"),
        ("Next", "boilerplate"),
        ("Acknowledgments", "boilerplate"),
        ("Chapter 12", "boilerplate"),
        ("Python", "label"),
        ("The Go Programming Language", "label"),
        ("C++ Tutorial", "label"),
        ("Knowledge Points", "label"),
        ("Tasks", "label"),
        ("Exercises", "generic"),
    ],
)
def test_what_says_nothing_is_refused_with_its_reason(text: str, reason: str | None) -> None:
    assert refusal(text) == reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sort a list", KeywordKind.TASK),
        ("Sorting a list", KeywordKind.TASK),
        ("Parsing JSON", KeywordKind.TASK),
        ("Getting user input", KeywordKind.TASK),
        ("remove duplicates", KeywordKind.TASK),
        ("merge the two halves", KeywordKind.TASK),
        ("create an object", KeywordKind.TASK),
        ("Storing lists of values", KeywordKind.TASK),
        ("use recursion", KeywordKind.INSTRUCTION),
        ("Using generators", KeywordKind.INSTRUCTION),
        ("without extra memory", KeywordKind.INSTRUCTION),
        ("handle empty input", KeywordKind.INSTRUCTION),
        ("in ascending order", KeywordKind.INSTRUCTION),
        ("return a new list", KeywordKind.INSTRUCTION),
        ("binary search", KeywordKind.KNOWLEDGE_POINT),
        ("merge sort", KeywordKind.KNOWLEDGE_POINT),
        ("list comprehension", KeywordKind.KNOWLEDGE_POINT),
        ("sorting algorithms", KeywordKind.KNOWLEDGE_POINT),
        ("insert statement", KeywordKind.KNOWLEDGE_POINT),
        ("with statement", KeywordKind.KNOWLEDGE_POINT),
        ("INSERT INTO", KeywordKind.KNOWLEDGE_POINT),
        ("exception handling", KeywordKind.KNOWLEDGE_POINT),
        ("caching strategies", KeywordKind.KNOWLEDGE_POINT),
        ("divide and conquer", KeywordKind.KNOWLEDGE_POINT),
        ("move semantics", KeywordKind.KNOWLEDGE_POINT),
        ("Sorting", KeywordKind.KNOWLEDGE_POINT),
        ("heapq.merge", KeywordKind.KNOWLEDGE_POINT),
        ("循环", KeywordKind.KNOWLEDGE_POINT),
        ("", KeywordKind.KNOWLEDGE_POINT),
    ],
)
def test_kind_follows_the_form(text: str, kind: KeywordKind) -> None:
    assert guess_kind(text) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Task", KeywordKind.TASK),
        ("instructions", KeywordKind.INSTRUCTION),
        ("knowledge_point", KeywordKind.KNOWLEDGE_POINT),
        ("Knowledge Points", KeywordKind.KNOWLEDGE_POINT),
        ("concept", KeywordKind.KNOWLEDGE_POINT),
        ("module", None),
        ("", None),
    ],
)
def test_kind_of_a_field_is_read_in_its_usual_spellings(
    text: str, kind: KeywordKind | None
) -> None:
    assert kind_given(text) is kind


def test_names_above_give_language_kind_and_the_nearest_parent_that_is_a_keyword() -> None:
    place = place_of(("Programming", "Python Tutorial", "1. Data structures", "Chapter 2", "Tasks"))
    assert (place.language, place.kind) == (Language.PYTHON, KeywordKind.TASK)
    assert place.parent == "Data structures"
    assert place_of(("Python", "Go")).language is Language.GO, "the inner one wins"
    assert place_of(()).parent == ""
