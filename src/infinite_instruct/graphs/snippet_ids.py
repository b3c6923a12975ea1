"""Ids of snippets as whole numbers: they are the beginning of a hash, and there are many."""

import re
from array import array

_HASHED = re.compile("s[0-9a-f]{12}")


def number_of(name: str) -> int | None:
    """The number below 2^48 that an id says; None where it is another text."""
    return int(name[1:], 16) if _HASHED.fullmatch(name) else None


class SnippetIds:
    """A list of ids that only grows: 8 bytes each; a list of texts takes 70."""

    def __init__(self) -> None:
        self._numbers = array("Q")
        self._others: dict[int, str] = {}
        """The ids that say no number, by their place."""

    def append(self, name: str) -> None:
        """Keep one more."""
        number = number_of(name)
        if number is None:
            self._others[len(self)] = name
        self._numbers.append(number or 0)

    def __getitem__(self, at: int) -> str:
        other = self._others.get(at)
        return f"s{self._numbers[at]:012x}" if other is None else other

    def __len__(self) -> int:
        return len(self._numbers)
