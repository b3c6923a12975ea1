"""What each snippet served for, by its id."""

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from infinite_instruct.domain import ProblemType
from infinite_instruct.graphs.snippet_ids import number_of

_KINDS = len(ProblemType)
_BITS = {kind: 1 << at for at, kind in enumerate(ProblemType)}
_ALL = (1 << _KINDS) - 1
_PARTS = 256
"""Sorted arrays, told apart by the ends of the ids: those are hashes, so each has its share."""


class Served:
    """The problem types of each snippet: 8 bytes a snippet; a dict takes 100."""

    def __init__(self) -> None:
        self._parts = [array("Q") for _ in range(_PARTS)]
        """In order: the number of an id, and in the lowest bits its types."""
        self._others: dict[str, int] = {}
        """The types of the ids that say no number."""

    def note(self, name: str, kind: ProblemType) -> None:
        """Note that a snippet served."""
        number = number_of(name)
        if number is None:
            self._others[name] = self._others.get(name, 0) | _BITS[kind]
            return
        part = self._parts[number % _PARTS]
        at = bisect_left(part, number << _KINDS)
        if at < len(part) and part[at] >> _KINDS == number:
            part[at] |= _BITS[kind]
        else:
            part.insert(at, number << _KINDS | _BITS[kind])

    def lets(self, name: str, types: Sequence[ProblemType], most: int) -> bool:
        """Whether a snippet served for at most so many types, and can serve for one of these."""
        served = self._types(name)
        return served.bit_count() <= most and any(not served & _BITS[kind] for kind in types)

    def free(self, name: str, types: Sequence[ProblemType]) -> list[ProblemType]:
        """The types of these for which a snippet has not served, in their order."""
        served = self._types(name)
        return [kind for kind in types if not served & _BITS[kind]]

    def __contains__(self, name: str) -> bool:
        return self._types(name) > 0

    def __bool__(self) -> bool:
        return bool(self._others) or any(self._parts)

    def _types(self, name: str) -> int:
        number = number_of(name)
        if number is None:
            return self._others.get(name, 0)
        part = self._parts[number % _PARTS]
        at = bisect_left(part, number << _KINDS)
        found = at < len(part) and part[at] >> _KINDS == number
        return part[at] & _ALL if found else 0
