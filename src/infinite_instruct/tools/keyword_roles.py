"""Which keywords have which kind in which language: lists to draw from at random."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import overload

from infinite_instruct.tools.keyword_entry import Entry, Role


class Roles:
    """A list for each kind and language, oldest first, without scans: position by bisection."""

    def __init__(self) -> None:
        self._named: dict[Role, list[tuple[int, str]]] = {}

    def take(self, name: str, role: Role, moment: int) -> None:
        """Enter a name in the place that its moment gives it."""
        insort(self._named.setdefault(role, []), (moment, name))

    def enter(self, name: str, entry: Entry) -> None:
        """Enter a name in all its roles."""
        for role, moment in entry.roles.items():
            self.take(name, role, moment)

    def leave(self, name: str, entry: Entry) -> None:
        """Take a name out of all its roles."""
        for role, moment in entry.roles.items():
            names = self._named[role]
            del names[bisect_left(names, (moment, name))]

    def of(self, *roles: Role) -> Sequence[str]:
        """The names in each role, oldest first; a view that changes with them."""
        return Names(*(self._named.get(role, []) for role in dict.fromkeys(roles)))


class Names(Sequence[str]):
    """The names of lists of moments and names, one list after the other, without a copy."""

    def __init__(self, *parts: Sequence[tuple[int, str]]) -> None:
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
                return part[place][1]
            place -= len(part)
        raise IndexError(at)
