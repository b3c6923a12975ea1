"""Words of keywords and problems: tokens, singulars, stems, and the lexicon that knows them."""

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import Protocol, cast

from infinite_instruct.domain import Value

_TOKEN = re.compile(
    r"[^\W_]+(?:\.[^\W_]+)*(?:\+\+|[#*])?"  # words, with what makes C++, C#, A* and node.js names
    r"|(?<!\S)(?:[=<>!+*%&|^~?@:-]{2,3}|[=<>+*%|^~?@])(?!\S)"  # operators that stand alone: ==, ->
)
_LONGEST_PHRASE = 4
_CONTROLS = dict.fromkeys([*range(32), 127], " ")
"""Those of ASCII, where nothing else is folded or left out."""


class _Words(Value):
    singulars: frozenset[str]
    generic: frozenset[str]
    terms: frozenset[str]
    weightless: frozenset[str]
    articles: frozenset[str]
    stop: frozenset[str]
    ordering: frozenset[str]
    reversing: frozenset[str]
    negating: frozenset[str]
    belonging: frozenset[str]
    named: frozenset[str]
    opening: frozenset[str]
    verbs: frozenset[str]
    uncounted: frozenset[str]
    instruments: frozenset[str]
    heads: frozenset[str]
    modifiers: frozenset[str]


class _Pairs(Value):
    siblings: tuple[frozenset[str], ...]
    alike: tuple[tuple[str, ...], ...]
    homographs: tuple[frozenset[str], ...]
    compounds: frozenset[str]
    verbs_and_nouns: frozenset[str]
    controls: tuple[tuple[str, str], ...]


class Lexicon(Value):
    """The data file `data/keywords.toml`; its comments tell what each list means."""

    same: dict[str, str]
    singular: dict[str, str]
    verb: dict[str, str]
    words: _Words
    pairs: _Pairs


@cache
def lexicon() -> Lexicon:
    """The lexicon that the package carries."""
    path = files("infinite_instruct.tools") / "data" / "keywords.toml"
    return Lexicon.model_validate(tomllib.loads(path.read_text("utf-8")))


def clean(text: str) -> str:
    """NFKC, without control and format characters (zero width, bidi); one space between words."""
    if text.isascii():
        return " ".join(text.translate(_CONTROLS).split())
    folded = unicodedata.normalize("NFKC", text)
    kept = (_printable(character) for character in folded)
    return " ".join("".join(kept).split())


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf":
        return ""
    return " " if category in {"Cc", "Cs", "Zl", "Zp"} else character


def tokens(text: str) -> tuple[str, ...]:
    """The words in lower case and singular, without articles, known synonyms replaced.

    >>> tokens("BFS on Linked-Lists")
    ('breadth', 'first', 'search', 'on', 'linked', 'list')
    """
    plain = re.sub(r"['\u2019]s?\b", "", clean(text).casefold()).replace("&", " and ")
    words = tuple(singular(word) for word in _TOKEN.findall(plain))
    return _replace_phrases(_without_articles(words))


def _without_articles(words: tuple[str, ...]) -> tuple[str, ...]:
    articles, last = lexicon().words.articles, len(words) - 1
    # "a" is an article only before another word: else it is a name ("vitamin A", "A").
    return tuple(word for at, word in enumerate(words) if word not in articles or at == last)


@lru_cache(maxsize=100_000)
def singular(word: str) -> str:
    """The singular and the American spelling of one lower-case word."""
    words = lexicon()
    if (irregular := words.singular.get(word)) is not None:
        return irregular
    word = re.sub(r"isation(s?)$", r"ization\1", word)
    if len(word) <= 3 or word in words.words.singulars or not word.isascii():  # noqa: PLR2004 - "os", "dns"
        return word
    if word.endswith("ies") and len(word) > 4:  # noqa: PLR2004 - "ties" is no "ty"
        return f"{word[:-3]}y"
    if re.search(r"(ch|sh|x|ss|zz)es$", word):
        return word[:-2]
    return word if re.search(r"(ss|us|is|[^s]\.js|[^s])$", word) else word[:-1]


def _replace_phrases(words: tuple[str, ...]) -> tuple[str, ...]:
    phrases = _phrases()
    out: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            found = phrases.get(words[at : at + length])
            if found is not None or length == 1:
                out.extend(found or words[at : at + 1])
                at += length
                break
    return tuple(out)


@cache
def _phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    return {tuple(left.split()): tuple(right.split()) for left, right in lexicon().same.items()}


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


@cache
def _stemmer() -> _Stemmer:
    import snowballstemmer  # type: ignore[import-untyped]  # noqa: PLC0415 - it loads all languages

    return cast("_Stemmer", snowballstemmer.stemmer("english"))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Porter2 stem; `multiply` and `multiplication` fall together, too."""
    stemmed = _stemmer().stemWord(word)
    return stemmed.removesuffix("i") if len(stemmed) > 4 else stemmed  # noqa: PLR2004 - "api"
