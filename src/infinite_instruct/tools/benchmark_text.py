"""Texts of benchmarks and problems as hashed n-grams: no text can be read back from them."""

import hashlib
import re

LONG, SHORT = 8, 5
"""Words in an n-gram. 13 (GPT-3) misses tasks of one sentence: MBPP's median has 14 words. 8 with a
share of the task is Llama 3's choice; texts under LONG_FROM words need 5 to have several."""
LONG_FROM = 16
MAX_CHARACTERS = 200_000
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CALLED = re.compile(r"\b[^\W\d]\w*(?=\s?\()")
"""A name before a bracket: functions are renamed first where a task is copied."""


def words_of(text: str) -> list[str]:
    """The words in lower case: no punctuation, no layout, identifiers in their parts.

    Names of functions, where they are defined or called, all become one word.
    """
    plain = _CALLED.sub(" f ", text[:MAX_CHARACTERS])
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", plain)
    return [word.casefold() for word in _WORD.findall(parted)]


def hashes_of(words: list[str], size: int) -> set[int]:
    """The n-grams of a size, each as 40 bits of BLAKE2: two differing n-grams hardly ever meet."""
    encoded = [word.encode(errors="replace") for word in words]
    grams = (b" ".join(encoded[at : at + size]) for at in range(len(words) - size + 1))
    # Found once, not once for each: most of the time of a look at a text is spent here.
    blake2b, number = hashlib.blake2b, int.from_bytes
    return {number(blake2b(gram, digest_size=5).digest(), "big") for gram in grams}


def task_hashes(text: str) -> set[int]:
    """The n-grams by which a benchmark's text is known: of one size, by its length."""
    words = words_of(text)
    return hashes_of(words, LONG if len(words) >= LONG_FROM else SHORT)
