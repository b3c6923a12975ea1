"""What a reader finds in a vocabulary file: words as they stand there, and what stands above."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_DEPTH = 12
"""Levels of nesting that are told apart; what lies deeper counts as the deepest."""
MAX_TEXT = 400
"""Characters of a text that are kept: far more than a keyword may have, so it is refused."""
GLOSS = re.compile(r"\s*(?:[\u2013\u2014:]|-(?=\s))\s*\S")
"""What parts a linked or bold name from words about it: a dash or a colon."""


class Entry(NamedTuple):
    """One text of a vocabulary file. What is empty, the file does not tell."""

    text: str
    path: tuple[str, ...] = ()
    """The texts that it stands below, outermost first."""
    kind: str = ""
    languages: tuple[str, ...] = ()
    domain: str = ""
    also: tuple[str, ...] = ()
    """More that it is a part of, besides the last of its path."""

    def below(self, text: str) -> "Entry":
        """An entry that stands right below this one and is told nothing of its own."""
        path = (*self.path, self.text) if self.text else self.path
        kind = "" if self.text else self.kind
        return Entry(text[:MAX_TEXT], path[-MAX_DEPTH:], kind, self.languages, self.domain)


@dataclass
class Outline:
    """The texts above the present place of a file, by level."""

    _above: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def enter(self, level: int, text: str) -> Entry:
        """An entry at a level; what follows on deeper levels stands below it."""
        while self._above and self._above[-1][0] >= level:
            self._above.pop()
        path = tuple(above for _, above in self._above)
        if len(path) < MAX_DEPTH:
            self._above.append((level, text[:MAX_TEXT]))
        return Entry(text[:MAX_TEXT], path)


@dataclass
class Passed:
    """What a reader could not make an entry of, counted by reason: nothing is lost silently."""

    counts: Counter[str] = field(default_factory=Counter[str])

    def count(self, reason: str) -> None:
        """Note one more."""
        self.counts[reason] += 1
