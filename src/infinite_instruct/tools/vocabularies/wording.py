"""The words of a vocabulary file: cleared of layout, judged, and typed by simple rules."""

import re
import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from infinite_instruct.domain import KeywordKind, Language, Value
from infinite_instruct.tools.keywords import junk_reason, normal_form
from infinite_instruct.tools.languages import language_of_tag
from infinite_instruct.tools.words import tokens

_NUMBERED = r"(?:\d+(?:\.\d+)*|[ivxlc]+|[a-z])"
_LAYOUT = re.compile(
    rf"^(?:(?:chapter|section|part|lesson|unit|module|appendix|step|day|week|lecture|topic)"
    rf"\s+{_NUMBERED}(?!\w|\.\d)\s*[.:)\u2013\u2014-]*\s*"
    r"|\d+(?:\.\d+)+[.)]?\s+|\d+[.)]\s+|\(?[a-z]\)\s+|\u00a7\s*[\d.]+\s*"
    r"|[-*+\u2022\u25e6\u25aa\u2023\u25cf\u2013\u00bb\u203a\u2192\u25b6]\s+"
    r"|\[[ xX]\]\s+|#{1,6}\s+)",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\s*[.\u2026]){3,}\s*\d*$|(?<=\S)\s*\t\s*\d+$")
_PERMALINK = re.compile(r"(?:\s*[\u00b6\U0001f517]|\s+#)$")
_WORD = re.compile(r"[^\W\d_][^\W\d_']*")
_QUOTES = "`\"'\u201c\u201d\u2018\u2019"
_GLOSS = re.compile(r"\s[\u2013\u2014]\s")
_WORDY = re.compile(r"\s-\s|:\s")
_A_PAIR = 2
_KINDS = {
    "task": KeywordKind.TASK,
    "instruction": KeywordKind.INSTRUCTION,
    "knowledge point": KeywordKind.KNOWLEDGE_POINT,
}
_MORE_KINDS = {
    "constraint": KeywordKind.INSTRUCTION,
    "knowledge": KeywordKind.KNOWLEDGE_POINT,
    "concept": KeywordKind.KNOWLEDGE_POINT,
    "topic": KeywordKind.KNOWLEDGE_POINT,
    "kp": KeywordKind.KNOWLEDGE_POINT,
}


class _Words(Value):
    boilerplate: frozenset[str]
    leads: tuple[str, ...]
    verbs: frozenset[str]
    verbs_or_nouns: frozenset[str]
    determiners: frozenset[str]
    how: frozenset[str]
    things: tuple[str, ...]


@cache
def _words() -> _Words:
    path = files("infinite_instruct.tools.vocabularies") / "data" / "words.toml"
    return _Words.model_validate(tomllib.loads(path.read_text("utf-8")))


@cache
def _boilerplate() -> frozenset[str]:
    return frozenset(normal_form(heading) for heading in _words().boilerplate)


@lru_cache(maxsize=10_000)
def tidy(text: str) -> str:
    """A text without what belongs to its document: numbers, bullets, leaders, quotes, glosses.

    >>> tidy("1.2. Introduction to Lists ........ 45"), tidy("csv \u2014 CSV File Reading")
    ('Lists', 'csv')
    """
    plain = _PERMALINK.sub("", _LEADERS.sub("", text.strip()))
    plain = " ".join(plain.split())
    plain = _unquoted(_stripped(plain).rstrip(":?!").rstrip())
    parts = _GLOSS.split(plain)
    if len(parts) > 1:
        return next((part for part in parts if junk_reason(part) is None), plain)
    parts = _WORDY.split(plain, maxsplit=1)
    if len(parts) > 1 and (kind_named(parts[0]) or language_of_tag(parts[0])):
        return parts[1]
    # Only where the whole can be no keyword: the head may be shared by many.
    return parts[0] if len(parts) > 1 and junk_reason(plain) in {"sentence", "too-long"} else plain


def _stripped(text: str) -> str:
    while (short := _LAYOUT.sub("", text, count=1)) != text and short:
        text = short
    lead = next((lead for lead in _words().leads if text.lower().startswith(f"{lead} ")), "")
    return text[len(lead) :].lstrip() or text


def _unquoted(text: str) -> str:
    for mark in (*_QUOTES, "**", "__"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
            text = text[len(mark) : -len(mark)]
    if text[:1] == "\u201c" and text[-1:] == "\u201d":
        text = text[1:-1]
    return text


@lru_cache(maxsize=10_000)
def refusal(text: str) -> str | None:
    """Why a tidy text can be no keyword of a vocabulary, as a short code; None for a good one.

    A `label` is none, but tells the kind or the language of what stands below it.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "not-utf-8"
    if "://" in text or text.startswith("www."):
        return "address"
    if kind_named(text) or language_labelled(text):
        return "label"
    if reason := junk_reason(text):
        return reason
    name = normal_form(text)
    if len(name) == 1 and name.isascii():
        return "too-short"
    empty = name in _boilerplate() or _LAYOUT.fullmatch(text)
    return "boilerplate" if empty else None


def language_labelled(text: str) -> Language | None:
    """The language that a label names: `Python`, `The Go Programming Language`."""
    if junk_reason(text) != "generic":
        return None
    named = {found for word in tokens(text) if (found := language_of_tag(word))}
    return named.pop() if len(named) == 1 else None


def kind_named(text: str) -> KeywordKind | None:
    """The kind that a label names: `Tasks`, `knowledge_point`."""
    return _KINDS.get(normal_form(text))


def kind_given(text: str) -> KeywordKind | None:
    """The kind that a field names; more words are known there than in headings."""
    return kind_named(text) or _MORE_KINDS.get(normal_form(text))


class Place(Value):
    """What stands above an entry tells of it."""

    kind: KeywordKind | None = None
    language: Language | None = None
    parent: str = ""
    """The nearest of them that is a keyword itself."""


@lru_cache(maxsize=10_000)
def place_of(path: tuple[str, ...]) -> Place:
    """Read the names above an entry from the innermost outwards: labels, and its parent."""
    names = [tidy(text) for text in reversed(path)]
    kinds = (kind_named(name) for name in names)
    languages = (language_labelled(name) for name in names)
    parents = (name for name in names if refusal(name) is None)
    return Place(
        kind=next(filter(None, kinds), None),
        language=next(filter(None, languages), None),
        parent=next(parents, ""),
    )


def guess_kind(text: str) -> KeywordKind:
    """What a word is by its form.

    Words that begin like `use`, `without`, `handle`, `in` say how: an Instruction. An imperative
    verb or its -ing form with an object is a Task, but for names of things that begin so (`insert
    statement`, `sorting algorithm`, `INSERT INTO`). All else is a Knowledge Point.

    >>> guess_kind("Sorting a list").value, guess_kind("without recursion").value
    ('task', 'instruction')
    >>> guess_kind("sorting algorithms").value
    'knowledge_point'
    """
    known = _words()
    plain = _WORD.findall(text)
    if len(plain) == 1 or not plain or plain[0].isupper():
        return KeywordKind.KNOWLEDGE_POINT
    first = plain[0].lower()
    determined = plain[1].lower() in known.determiners
    if _is_thing(text) and not determined:
        return KeywordKind.KNOWLEDGE_POINT
    if first in known.how:
        return KeywordKind.INSTRUCTION
    # "Storing lists of values" acts; "caching strategies" may be things.
    clear = determined or (len(plain) > _A_PAIR and first.endswith("ing"))
    verbs = known.verbs | known.verbs_or_nouns if clear else known.verbs
    return KeywordKind.TASK if _bases(first) & verbs else KeywordKind.KNOWLEDGE_POINT


def _is_thing(text: str) -> bool:
    return " ".join(tokens(text)).endswith(tuple(f" {thing}" for thing in _words().things))


def _bases(word: str) -> frozenset[str]:
    """What a word may be a form of: `sorting` of `sort`, `getting` of `get`, `using` of `use`."""
    stem = word.removesuffix("ing")
    doubled = stem[:-1] if stem[-1:] == stem[-2:-1] else stem
    return frozenset((word, stem, doubled, f"{stem}e") if stem != word else (word,))
