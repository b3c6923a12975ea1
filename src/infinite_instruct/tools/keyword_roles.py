"""Which keywords have which kind in which language: lists to draw from at random."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import overload

from infinite_instruct.tools.keyword_entry import Entry, Role


@dataclass(slots=True)
class _Named:
    """The names in one role, and when each came into it: two lists take less than one of pairs."""

    names: list[str] = field(default_factory=list[str])
    moments: "array[int]" = field(default_factory=lambda: array("Q"))


class Roles:
    """A list for each kind and language, oldest first, without scans: position by bisection."""

    def __init__(self) -> None:
        self._named: defaultdict[Role, _Named] = defaultdict(_Named)

    def take(self, name: str, role: Role, moment: int) -> None:
        """Enter a name in the place that its moment gives it; no other has this moment."""
        named = self._named[role]
        at = bisect_left(named.moments, moment)
        named.moments.insert(at, moment)
        named.names.insert(at, name)

    def enter(self, name: str, entry: Entry) -> None:
        """Enter a name in all its roles."""
        for role, moment in entry.roles.items():
            self.take(name, role, moment)

    def leave(self, entry: Entry) -> None:
        """Take a name out of all its roles."""
        for role, moment in entry.roles.items():
            named = self._named[role]
            at = bisect_left(named.moments, moment)
            del named.moments[at], named.names[at]

    def of(self, *roles: Role) -> Sequence[str]:
        """The names in each role, oldest first; a view that changes with them."""
        return Names(*(self._named[role].names for role in dict.fromkeys(roles)))


class Names(Sequence[str]):
    """The names of lists, one list after the other, without a copy."""

    def __init__(self, *parts: Sequence[str]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self._parts)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        place = at if at >= 0 else at + len(self)
        for part in self._parts:
            if 0 <= place < len(part):
                return part[place]
            place -= len(part)
        raise IndexError(at)
