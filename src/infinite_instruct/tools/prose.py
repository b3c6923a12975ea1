"""Checks for answers in words: there, whole, and an answer rather than a refusal."""

import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.text.gate import own

MIN_WORDS = 12
MIN_CHARACTERS = 60

_REFUSAL = re.compile(
    r"^\W{0,5}(i'?m sorry|i am sorry|sorry,|i apologi[sz]e|i can(no|')t\b|i can not\b|i am unable"
    r"|i'?m unable|i'?m not able|as an ai\b|as a language model|unfortunately,? i can)",
    re.IGNORECASE,
)


def prose_faults(text: str) -> Iterator[Diagnostic]:
    """What is wrong with an explanation, as far as its text tells."""
    words = text.split()
    start = text.strip()[:200].replace("\u2019", "'")
    if not words:
        yield own("empty-answer", "The answer is empty.")
    elif _REFUSAL.match(start):
        yield own("refusal", f"It begins with `{' '.join(words[:6])[:60]}`.")
    elif len(words) < MIN_WORDS and len("".join(words)) < MIN_CHARACTERS:
        yield own("too-short", f"{len(words)} words; an explanation needs {MIN_WORDS}.")
