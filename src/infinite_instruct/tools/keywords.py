"""What a keyword is: its normal form, when it is junk, and whether a problem's text supports it."""

import re
from functools import cache, lru_cache

from infinite_instruct.domain import Language
from infinite_instruct.tools.words import clean, lexicon, stem, tokens

MAX_CHARACTERS = 60
MAX_WORDS = 7
_REMEMBERED = 200
"""Characters of a text whose normal form is kept: the same ones come again and again."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_SENTENCE_END = re.compile(r"\S+\s\S.*\w[.!?]\s*$")
_BRACKETED = re.compile(r"^([^()]+)\(([^()]+)\)$")


def normal_form(text: str) -> str:
    """The form in which equal keywords are equal: case, plural, punctuation, abbreviations.

    Order stays and stems are not cut: what this joins is joined without a question.

    Args:
        text: A keyword as a model or a vocabulary wrote it; anything.

    Returns:
        Words in lower case between single spaces; empty where the text has no word.

    >>> normal_form("Hash-Maps"), normal_form("hashmap"), normal_form("BFS")
    ('hash map', 'hash map', 'breadth first search')
    """
    return _form_of_short(text) if len(text) <= _REMEMBERED else _form(text)


@lru_cache(maxsize=100_000)
def _form_of_short(text: str) -> str:
    return _form(text)


def _form(text: str) -> str:
    bracketed = _BRACKETED.match(clean(text))
    words = tokens(_unglossed(*bracketed.groups()) if bracketed else text)
    return " ".join(words)


def _unglossed(head: str, gloss: str) -> str:
    """Drop a gloss that says the head again: `breadth-first search (BFS)`."""
    words, inside = tokens(head), tokens(gloss)
    initials = "".join(word[0] for word in words)
    repeats = words[-len(inside) :] == inside or "".join(inside) == initials
    return head if repeats else f"{head} ({gloss})"


def junk_reason(text: str) -> str | None:
    """Why a text cannot be a keyword, as a short code; None for a good one.

    >>> junk_reason("Python code"), junk_reason("binary search")
    ('generic', None)
    """
    if len(text) > MAX_CHARACTERS:
        return "too-long"
    if _CONTROL.search(text):
        return "control-characters"
    words = tokens(text)
    if not any(character.isalnum() for word in words for character in word):
        return "no-word"
    if len(words) > MAX_WORDS or _SENTENCE_END.search(text):
        return "sentence"
    if "".join(words).replace(".", "").isdigit():
        return "number"
    return "generic" if _says_nothing(words) else None


def _says_nothing(words: tuple[str, ...]) -> bool:
    known = lexicon().words
    if " ".join(words) in known.terms:
        return False
    empty = known.generic | known.stop | known.articles | known.weightless | _language_names()
    return all(word in empty for word in words)


@cache
def _language_names() -> frozenset[str]:
    return frozenset(language.value for language in Language) | {"c++", "c#", "js", "bash"}


def supported_by(keyword: str, problem_text: str) -> bool:
    """Whether the text of a problem has every content word of a keyword, in any inflection.

    >>> supported_by("sorting lists", "Write a function that sorts a list of numbers.")
    True
    >>> supported_by("hash map", "Write a function that sorts a list of numbers.")
    False
    """
    if not keyword.isascii() and clean(keyword).casefold() in clean(problem_text).casefold():
        return True  # scripts without spaces between words, like Chinese
    wanted = _content(keyword)
    return bool(wanted) and wanted <= _all_stems(problem_text)


def shares_a_word(text: str, other: str, but: str) -> bool:
    """Whether two texts have a content word in common that is none of a keyword's.

    >>> shares_a_word("a heap keeps the jobs in order", "Run the jobs by urgency.", but="heap")
    True
    """
    return bool((_content(text) - _content(but)) & _all_stems(other))


def _content(keyword: str) -> frozenset[str]:
    known = lexicon().words
    empty = known.stop | known.articles
    words = [word for word in normal_form(keyword).split() if word not in empty]
    weighty = [word for word in words if word not in known.weightless] or words
    return frozenset(stem(word) for word in weighty)


@lru_cache(maxsize=256)
def _all_stems(text: str) -> frozenset[str]:
    # Identifiers count by their parts: `merge_sorted_lists`, `mergeSortedLists`.
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", text)
    return frozenset(stem(word) for word in (*tokens(text), *tokens(parted)))
