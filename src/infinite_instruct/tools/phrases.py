"""A keyword taken apart: its words, what they come down to, and in which order they are meant.

`sort a list`, `list sorting` and `sorting of lists` are meant in one order: what is done stands
last, and what stands behind `of`, `in` or `for` goes before what it belongs to.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

from infinite_instruct.domain import Language
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.words import clean, lexicon, singular, stem

_SYMBOLS = re.compile(r"[=<>!+*%&|^~?@#$]+|[-:.>=/]{2,}|(?<!\S)[-./](?!\S)")
NOMINAL = re.compile(r"(ing|ion|ment|[sv]al|sis|ison)$")
"""Nouns of actions."""
_RAW = re.compile(r"[^\W_]+")
_IDENTIFIER = re.compile(r"\w*_\w*(\(\))?")
"""A name in code, of several words: `sqlite_version()` is another function than `version()`."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A keyword taken apart."""

    words: tuple[str, ...]
    """Its words as they stand, with prepositions; without the language and what says nothing."""
    content: tuple[str, ...]
    """Without prepositions."""
    roots: tuple[str, ...]
    """What its content comes down to, in alphabetical order."""
    forms: tuple[tuple[str, str], ...]
    """Each word with what it comes down to."""
    order: tuple[str, ...]
    """The roots in the order in which they are meant: the action last."""
    acts: bool
    """Whether it is an action, as `sort a list` and `list sorting`; a `merge sort` is a thing."""
    languages: frozenset[str]
    """The languages that it says it is about: `closures in JavaScript`."""
    dropped: frozenset[str]
    """What was left out as saying nothing: `algorithm`, `problem`."""
    symbols: frozenset[str]
    """Runs of operator characters: `++` of `++i`."""


@lru_cache(maxsize=20_000)
def take_apart(text: str) -> Phrase:
    """The parts of a keyword, in any form."""
    words, languages = _split_words(normal_form(text)), frozenset[str]()
    if not _IDENTIFIER.fullmatch(clean(text)):
        words, languages = _without_language(words)
    whole, words = words, _without_light(words)
    acts_first = _acts_first(_RAW.findall(clean(text).casefold()))
    return Phrase(
        words=words,
        content=content_of(words),
        roots=tuple(sorted(root(word) for word in content_of(words))),
        forms=tuple((word, root(word)) for word in words),
        order=tuple(_ordered(words, acts_first=acts_first)),
        acts=acts_first or (bool(words) and _names_action(words[-1])),
        languages=languages,
        dropped=frozenset(whole) - frozenset(words),
        symbols=frozenset(_SYMBOLS.findall(clean(text))),
    )


def _split_words(normal: str) -> tuple[str, ...]:
    # Members count by their parts, "array.map"; but "node.js" and "3.12" are names.
    parted = re.sub(r"(?<=[^\W\d])\.(?!js\b)(?=[^\W\d])", " ", normal)
    return tuple(parted.split())


def _names_action(word: str) -> bool:
    return bool(NOMINAL.search(word)) and is_verb(word)


def content_of(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without prepositions; those of a `while loop` or an `in operator` are names."""
    stop, named = lexicon().words.stop, lexicon().words.named
    kept = (
        word
        for word, after in zip(words, (*words[1:], "")[: len(words)], strict=True)
        if word not in stop or f"{word} {after}" in named
    )
    return tuple(kept) or words


def root(word: str) -> str:
    """What a word comes down to: its stem, that of its verb, and of words alike the first one."""
    stemmed = stem(word)
    return _roots().get(stemmed, stemmed)


@cache
def _roots() -> dict[str, str]:
    """Stems that come down to another one."""
    known = lexicon()
    roots = {stem(noun): stem(verb) for noun, verb in known.verb.items()}
    for first, *others in known.pairs.alike:
        target = roots.get(stem(first), stem(first))
        roots |= {stem(other): target for other in others}
    return roots


def is_verb(word: str) -> bool:
    """Whether a word says what is done, as verb or as noun."""
    return root(word) in _verbs()


@cache
def _verbs() -> frozenset[str]:
    return frozenset(root(verb) for verb in lexicon().words.verbs)


@cache
def _languages() -> frozenset[str]:
    # "shell" is a word of its own.
    names = {language.value for language in Language} - {"shell", "cpp", "csharp"}
    return frozenset(names | {"c++", "c#"})


def _without_language(words: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Drop a language that only says where: `primary key in sql`, `python list comprehension`."""
    known = _languages()
    if len(words) > 1 and words[-1] in known:
        rest = words[:-2] if len(words) > 2 and words[-2] in {"in", "for"} else words[:-1]  # noqa: PLR2004
        return rest, frozenset({words[-1]})
    if len(words) > 1 and words[0] in known and words[1] not in lexicon().words.stop:
        return words[1:], frozenset({words[0]})
    return words, frozenset(words) & known


def _without_light(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop what only says "technique" at the end, or "implementing" at the beginning."""
    known = lexicon().words
    while len(words) > 1 and words[-1] in known.weightless:
        words = words[:-1]
    if len(words) > 2 and words[-2:] == ("data", "structure"):  # noqa: PLR2004 - it has a name, too
        words = words[:-2]
    if len(words) > 2 and words[-2:] == ("design", "pattern"):  # noqa: PLR2004 - it has a name, too
        words = (*words[:-2], "pattern")
    while len(words) > 1 and words[0] in known.opening:
        words = words[1:]
        words = words[1:] if len(words) > 1 and words[0] in {"of", "with", "to"} else words
    return words


def _acts_first(raw: Sequence[str]) -> bool:
    """Whether a text begins with a verb that has its object behind it: `sort a list`.

    A verb is no more than the noun's neighbour in `search trees`, `parse tree`, `training sets`:
    an article, a preposition or a plural must show that the noun is its object.
    """
    known = lexicon()
    gerund = bool(raw) and re.fullmatch(r"\w{3,}ing", raw[0])
    if len(raw) < 2 or not (gerund or is_verb(singular(raw[0]))):  # noqa: PLR2004
        return False
    first, second, *others = raw
    if second in known.words.articles | known.words.stop | {"if"}:
        return True
    if {"to", "into"} & set(others):
        return True
    ambiguous = first in known.pairs.verbs_and_nouns
    nouns = list(takewhile(lambda word: word not in known.words.stop, raw[1:]))
    noun = singular(nouns[-1])
    plural = noun != nouns[-1] or noun in known.words.uncounted
    return plural and not ambiguous and noun not in known.words.instruments


def _ordered(words: tuple[str, ...], *, acts_first: bool) -> list[str]:
    action: tuple[str, ...] = ()
    if acts_first and (is_verb(words[0]) or words[0].endswith("ing")):
        action, words = words[:1], words[1:]
    elif len(words) > 1 and is_verb(words[-1]) and not acts_first:
        before = lexicon().words.belonging & set(words[:-1])
        action, words = (words[-1:], words[:-1]) if not before else (action, words)
    return [root(word) for word in (*_turned(words), *action)]


def _turned(words: tuple[str, ...]) -> list[str]:
    """`scope of variable` as `variable scope`; `string to integer` stays as it is."""
    known = lexicon().words
    if "and" in words:
        at = words.index("and")
        either = sorted((_turned(words[:at]), _turned(words[at + 1 :])))
        return [word for part in either for word in part]
    parts: list[list[str]] = [[]]
    for word in words:
        if word in known.belonging:
            parts.append([])
        elif word not in known.stop or (word in known.ordering and parts[-1]):
            parts[-1].append(word)
    return [word for part in reversed(parts) for word in part]
