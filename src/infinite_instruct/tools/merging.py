"""Whether two keywords are one thing. Rules decide what is sure; the rest is grey, for a model.

Similarity of embeddings never merges: it puts "read CSV" nearer to "write CSV" than "binary search
tree" to "BST". It only tells, when low and no word is shared, that two keywords are strangers.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import product
from typing import Literal
from zlib import crc32

from pydantic import Field

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.embedders import Embedder
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.words import lexicon, stem

MAX_COMPARED = 200
"""Characters of a text that may be a keyword at all."""
STRANGERS_BELOW = 0.3
"""Cosine under which keywords without a common word are different. wordllama puts the synonyms that
no rule knows above it (measured on labelled pairs)."""

_NOMINAL = re.compile(r"(ing|ion|ment|[sv]al)$")
_ADJECTIVE_OR_AGENT = re.compile(
    r"(ed|er|or|i[vc]e?|[ai]ble|ly|al|ity|ness|is[mt]|ous|an[ct]e?|en[ct]e?)$"
)
_OPPOSING_PREFIXES = ("un", "de", "dis", "non", "im", "in", "ir", "anti")


_Word = Literal["same", "different", "grey"]


class MergeDecision(Value):
    """What was decided on a pair of keywords, and on what grounds."""

    decision: _Word
    similarity: float = Field(ge=-1, le=1)
    why: str


class GreyPair(Value):
    """Two keywords that rules cannot tell apart or together."""

    a: str
    """The new one."""
    b: str
    """The known one."""
    similarity: float


class Ruling(Value):
    """An opinion on a grey pair."""

    pair: GreyPair
    same: bool
    why: str


def control_pair(asked: Sequence[GreyPair]) -> GreyPair:
    """A pair that is different for certain, to see whether who is asked can tell.

    Which one hangs on what is asked, so that the same question is the same request.
    """
    controls = lexicon().pairs.controls
    spelt = "\n".join(f"{pair.a}\t{pair.b}" for pair in asked)
    a, b = controls[crc32(spelt.encode(errors="replace")) % len(controls)]
    return GreyPair(a=a, b=b, similarity=0.5)


def decide(a: str, b: str, similarity: float) -> MergeDecision:
    """Decide a pair from its words.

    Args:
        a: A keyword, in any form.
        b: The other one.
        similarity: Cosine of their embeddings, -1 to 1.

    Returns:
        `same` or `different` where a rule is sure, else `grey`.
    """
    decision, why = _decide(a, b, similarity)
    bounded = max(-1.0, min(1.0, similarity))
    return MergeDecision(decision=decision, similarity=bounded, why=why)


def compare(a: str, b: str, embedder: Embedder) -> MergeDecision:
    """Decide a pair from its words and the embeddings of its normal forms.

    Raises:
        InfiniteInstructError: The embedder cannot be used.
    """
    one, other = embedder.embed([embedded_form(a), embedded_form(b)])
    return decide(a, b, sum(x * y for x, y in zip(one, other, strict=True)))


def embedded_form(keyword: str) -> str:
    """What is embedded of a keyword: its normal form, so that it never changes."""
    return normal_form(keyword[:MAX_COMPARED])


def _decide(a: str, b: str, similarity: float) -> tuple[Literal["same", "different", "grey"], str]:
    if max(len(a), len(b)) > MAX_COMPARED:
        return "different", f"one of them is longer than {MAX_COMPARED} characters"
    left, right = _phrase(a), _phrase(b)
    if not left.words or not right.words:
        return "different", "one of them has no word"
    if left.words == right.words:
        return "same", f"equal normal form: {' '.join(left.words)}"
    if why := _opposed(left, right):
        return "different", why
    if left.stems == right.stems:
        return _same_stems(left, right)
    if not left.stems.keys() & right.stems.keys() and similarity < STRANGERS_BELOW:
        return "different", f"no common word and similarity {similarity:.2f} < {STRANGERS_BELOW}"
    return "grey", "words differ and no rule knows them"


class _Phrase(Value):
    """A keyword taken apart."""

    words: tuple[str, ...]
    """Its words in order, with prepositions, without a last one that only says "technique"."""
    content: tuple[str, ...]
    """Without prepositions."""
    stems: Counter[str]


def _phrase(text: str) -> _Phrase:
    known = lexicon().words
    words = tuple(_unqualified(normal_form(text)).split())
    if len(words) > 1 and words[-1] in known.weightless:
        words = words[:-1]
    # "two pointers" is its own thing: numbers are content here.
    content = tuple(w for w in words if w not in known.stop or w.isdigit() or w == "two") or words
    return _Phrase(words=words, content=content, stems=Counter(stem(word) for word in content))


def _unqualified(normal: str) -> str:
    """Drop a language that only says where: `primary key in sql`, `type hint python`."""
    match = re.fullmatch(rf"(.+?) (?:in )?({_languages()})", normal)
    return match[1] if match else normal


@cache
def _languages() -> str:
    return "|".join(re.escape(language.value) for language in Language)


def _opposed(left: _Phrase, right: _Phrase) -> str | None:
    """Why two keywords must not merge, however near they are."""
    for word, other in product(_alone(left, right), _alone(right, left)):
        if _siblings(word, other):
            return f"'{word}' and '{other}' are siblings or opposites"
    for word, other in product(*_differing(left, right)):
        if frozenset((word, other)) in lexicon().pairs.homographs:
            return f"'{word}' and '{other}' share no more than a stem"
    numbers = _numbers(left), _numbers(right)
    if numbers[0] != numbers[1] and all(numbers):
        return f"numbers differ: {', '.join(numbers[0])} and {', '.join(numbers[1])}"
    negating = lexicon().words.negating
    if bool(negating & set(left.words)) != bool(negating & set(right.words)):
        return "one negates"
    return None


def _alone(phrase: _Phrase, other: _Phrase) -> list[str]:
    """The words of a keyword, prepositions too, of which the other has no form at all."""
    known = {stem(word) for word in other.words}
    return [word for word in phrase.words if stem(word) not in known]


def _differing(left: _Phrase, right: _Phrase) -> tuple[list[str], list[str]]:
    """The words of each that the other does not have, in the order of the text."""
    return (
        [word for word in left.content if word not in right.content],
        [word for word in right.content if word not in left.content],
    )


def _numbers(phrase: _Phrase) -> list[str]:
    return sorted(word for word in phrase.words if any(c.isdigit() for c in word))


def _siblings(word: str, other: str) -> bool:
    groups = _groups()
    if groups.get(stem(word), frozenset()) & groups.get(stem(other), frozenset()):
        return True
    short, long = sorted((word, other), key=len)
    prefixes = (long.removesuffix(short),) if long.endswith(short) else ()
    return any(prefix in _OPPOSING_PREFIXES for prefix in prefixes)


@cache
def _groups() -> dict[str, frozenset[int]]:
    """The sibling groups of each stem."""
    groups: dict[str, frozenset[int]] = {}
    for number, members in enumerate(lexicon().pairs.siblings):
        for member in members:
            key = stem(member)
            groups[key] = groups.get(key, frozenset()) | {number}
    return groups


def _same_stems(left: _Phrase, right: _Phrase) -> tuple[_Word, str]:
    """The same stems in another order or inflection: a paraphrase, or another thing."""
    known = lexicon().words
    if not _only_inflected(left, right):
        return "grey", "the same stems, but not inflections of one word"
    prepositions = [known.ordering & set(phrase.words) for phrase in (left, right)]
    if [stem(w) for w in left.content] == [stem(w) for w in right.content]:
        return _inflected(left) if prepositions[0] == prepositions[1] else _GREY_PREPOSITION
    if all(known.reversing & found for found in prepositions):
        return "different", "the same words, the other way round"
    if _of_turned(left, right):
        return "same", "'a of b' is 'b a'"
    return _GREY_PREPOSITION if any(prepositions) else _reordered(left, right)


_GREY_PREPOSITION: tuple[Literal["grey"], str] = ("grey", "the same words around a preposition")


def _inflected(phrase: _Phrase) -> tuple[Literal["same", "grey"], str]:
    if len(phrase.content) == 1:
        return "grey", "one word in two forms"
    return "same", "the same words, inflected"


def _reordered(left: _Phrase, right: _Phrase) -> tuple[Literal["same", "grey"], str]:
    """`sort list` and `list sorting`; but neither `test function` nor `header file` can turn."""
    forms = _differing(left, right)
    pairs = lexicon().pairs
    compound = any(" ".join(phrase.content) in pairs.compounds for phrase in (left, right))
    if not forms[0] or compound or pairs.verbs_and_nouns & {*forms[0], *forms[1]}:
        return "grey", "the same words in another order"
    return "same", "the same words, one as verb and one as noun"


def _only_inflected(left: _Phrase, right: _Phrase) -> bool:
    """Whether words differ by verb and action only: sort/sorting, not sort/sorted/sorter."""
    return all(
        _inflections(word, other)
        for word, other in product(*_differing(left, right))
        if stem(word) == stem(other)
    )


def _inflections(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if not _NOMINAL.search(long) and not _NOMINAL.search(short):
        return False
    return all(
        _NOMINAL.search(form) or not _ADJECTIVE_OR_AGENT.search(form) or long.startswith(form)
        for form in (short, long)
    )


def _of_turned(left: _Phrase, right: _Phrase) -> bool:
    """`scope of variable` is `variable scope`: `of` between the two words, in one of them."""
    shapes = sorted((left.words, right.words), key=len)
    return [len(words) for words in shapes] == [2, 3] and shapes[1][1] == "of"
