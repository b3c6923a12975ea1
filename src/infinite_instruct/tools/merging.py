"""Whether two keywords are one thing. Rules decide what is sure; the rest is grey, for a model.

Similarity of embeddings never merges: it puts "read CSV" nearer to "write CSV" than "binary search
tree" to "BST". It only tells, when low and no word is shared, that two keywords are strangers.
"""

import re
from collections.abc import Sequence
from itertools import product
from typing import Literal
from zlib import crc32

from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.tools.embedders import Embedder
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.opposites import differing, opposed
from infinite_instruct.tools.phrases import NOMINAL, Phrase, root, take_apart
from infinite_instruct.tools.words import clean, lexicon

MAX_COMPARED = 200
"""Characters of a text that may be a keyword at all."""
STRANGERS_BELOW = 0.15
"""Cosine under which keywords without a common word are different. wordllama puts the synonyms that
no rule knows above it (measured on labelled pairs)."""

_ADJECTIVE_OR_AGENT = re.compile(
    r"(ed|er|or|i[vc]e?|[ai]ble|ly|al|ity|ness|is[mt]|ous|an[ct]e?|en[ct]e?)$"
)
_ABBREVIATION = re.compile(r"\b[A-Z][A-Za-z]?[A-Z]{1,4}s?\b")
_SHORTEST_JOINED = 4

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


def decide(a: str, b: str, similarity: float) -> MergeDecision:
    """Decide a pair from its words.

    Args:
        a: A keyword, in any form.
        b: The other one.
        similarity: Cosine of their embeddings, -1 to 1.

    Returns:
        `same` or `different` where a rule is sure, else `grey`.
    """
    bounded = max(-1.0, min(1.0, similarity))
    decision, why = _decide_texts(a, b, bounded)
    return MergeDecision(decision=decision, similarity=bounded, why=why)


def _decide_texts(a: str, b: str, similarity: float) -> tuple[_Word, str]:
    if (text := clean(a).casefold()) and text == clean(b).casefold():
        return "same", "equal texts"
    if max(len(a), len(b)) > MAX_COMPARED:
        return "different", f"one of them is longer than {MAX_COMPARED} characters"
    return _decide(*_spelt_out(a, b), similarity)


def _spelt_out(a: str, b: str) -> tuple[str, str]:
    """Write abbreviations out whose words the other one has: `GIL`, `global interpreter lock`."""
    return _written_out(a, b), _written_out(b, a)


def _written_out(text: str, other: str) -> str:
    if not _ABBREVIATION.search(text):
        return text
    words = re.findall(r"[^\W_]+", other)
    initials = "".join(word[0].lower() for word in words)
    for found in _ABBREVIATION.findall(text):
        letters = found.removesuffix("s").lower()
        at = initials.find(letters)
        if at >= 0 and len(letters) > 2 and normal_form(found) == found.lower():  # noqa: PLR2004 - "PK" may be many things
            text = text.replace(found, " ".join(words[at : at + len(letters)]))
    return text


def _decide(a: str, b: str, similarity: float) -> tuple[_Word, str]:
    left, right = take_apart(a), take_apart(b)
    if not left.words or not right.words:
        return "different", "one of them has no word"
    if (why := opposed(left, right)) is not None:
        return "different", why
    if (known := _paraphrased(left, right)) is not None:
        return known
    if similarity < STRANGERS_BELOW and not set(left.roots) & set(right.roots):
        return "different", f"no common word and similarity {similarity:.2f} < {STRANGERS_BELOW}"
    return "grey", "words differ and no rule knows them"


def _paraphrased(left: Phrase, right: Phrase) -> tuple[_Word, str] | None:
    """What rules say of two keywords of the same words; None where the words differ."""
    if (
        left.dropped
        and right.dropped
        and ("problem" in left.dropped) != ("problem" in right.dropped)
    ):
        return None  # a "scheduling algorithm" and the "scheduling problem"
    if left.words == right.words:
        return "same", f"equal normal form: {' '.join(left.words)}"
    joined = "".join(left.words)
    if joined == "".join(right.words) and len(joined) >= _SHORTEST_JOINED:
        return "same", "the same letters, written in one word or two"
    return _same_roots(left, right) if left.roots == right.roots else None


def _same_roots(left: Phrase, right: Phrase) -> tuple[_Word, str]:
    """The same roots in another order or inflection: a paraphrase, or another thing."""
    if not _only_inflected(left, right):
        return "grey", "the same stems, but not inflections of one word"
    if left.order == right.order:
        one_word = len(left.content) == 1
        return ("grey", "one word in two forms") if one_word else ("same", "the same words")
    return _reordered(left, right)


def _reordered(left: Phrase, right: Phrase) -> tuple[_Word, str]:
    """`sort list` and `list sorting`; but neither `test function` nor `header file` can turn."""
    if any(lexicon().words.ordering & set(phrase.words) for phrase in (left, right)):
        return "grey", "the same words around a preposition"
    forms = differing(left, right)
    pairs = lexicon().pairs
    compound = any(" ".join(phrase.content) in pairs.compounds for phrase in (left, right))
    if not forms[0] or compound or pairs.verbs_and_nouns & {*forms[0], *forms[1]}:
        return "grey", "the same words in another order"
    return "same", "the same words, one as verb and one as noun"


def _only_inflected(left: Phrase, right: Phrase) -> bool:
    """Whether words differ by verb and action only: sort/sorting, not sort/sorted/sorter."""
    return all(
        _inflections(word, other)
        for word, other in product(*differing(left, right))
        if root(word) == root(other)
    )


def _inflections(word: str, other: str) -> bool:
    short, long = sorted((word, other), key=len)
    if short[:2] != long[:2]:
        return True  # words alike, of other stems
    if not NOMINAL.search(long) and not NOMINAL.search(short):
        return False
    verbs = lexicon().words.verbs
    return all(
        form in verbs
        or NOMINAL.search(form)
        or not _ADJECTIVE_OR_AGENT.search(form)
        or long.startswith(form)
        for form in (short, long)
    )
