"""The names of keywords: which are one node, and what is known of each.

What is known is kept for each name alone, however names are merged; a node of several names has the
sum besides. So a merge can be undone: sums are made again from their parts.
"""

from collections.abc import Iterable, Iterator

from infinite_instruct.tools.graph_events import Merged
from infinite_instruct.tools.keyword_entry import Entry
from infinite_instruct.tools.numbers import Numbering


class NameBook:
    """All names that were ever entered, in their normal form."""

    def __init__(self) -> None:
        self._names = Numbering()
        self._entries: list[Entry] = []
        """By the numbers of the names."""
        self._merges: dict[str, Merged] = {}
        """By the name that went."""
        self._ids: dict[str, str] = {}
        """The node of each name that went."""
        self._groups: dict[str, list[str]] = {}
        """The names of each node that has several; its id is the first."""
        self._sums: dict[str, Entry] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        """The ids of all nodes, oldest first."""
        return (name for name in self._names if name not in self._merges)

    def __len__(self) -> int:
        return len(self._names) - len(self._merges)

    def id_of(self, name: str) -> str:
        """The id of the node that a name belongs to; an unknown name is its own."""
        return self._ids.get(name, name)

    def ids_of(self, names: Iterable[str]) -> frozenset[str]:
        """The ids of the nodes that names belong to."""
        return frozenset(self._ids.get(name, name) for name in names)

    def names(self, node: str) -> list[str]:
        """All names of a node, its id first."""
        return self._groups.get(node) or [node]

    def own(self, name: str) -> Entry:
        """What is known of one name alone; entered where it is new."""
        return self._entries[self.number(name)]

    def number(self, name: str) -> int:
        """The number that stands for a name; it is entered where it is new."""
        number = self._names.enter(name)
        if number == len(self._entries):
            self._entries.append(Entry())
        return number

    def name(self, number: int) -> str:
        """The name that a number stands for."""
        return self._names[number]

    def all_of(self, node: str) -> Entry:
        """What is known of a node by all its names."""
        return self._sums.get(node) or self._entries[self._names.of(node)]

    def both(self, name: str) -> tuple[Entry, ...]:
        """Where news of a name has to be written: its own record and its node's."""
        own = self.own(name)
        sums = self._sums.get(self._ids.get(name, name))
        return (own,) if sums is None else (own, sums)

    def join(self, source: str, target: str, why: str) -> None:
        """Make one node of two: the first's id becomes another name of the second."""
        if target not in self._sums:
            self._sums[target] = Entry()
            self._sums[target].absorb(self.own(target))
        self._sums[target].absorb(self.all_of(source))
        going = self.names(source)
        self._groups[target] = [*self.names(target), *going]
        self._ids.update(dict.fromkeys(going, target))
        self._groups.pop(source, None)
        self._sums.pop(source, None)
        self._merges[source] = Merged(source=source, target=target, why=why)

    def part(self, name: str) -> None:
        """Undo the merge of a name."""
        node, going = self.id_of(name), self.below(name)
        names = [each for each in self._groups.pop(node) if each not in going]
        self._sums.pop(node)
        del self._merges[name]
        self._gather(node, names)
        self._gather(name, list(going))

    def below(self, name: str) -> dict[str, None]:
        """The names that became another name of one, directly or through others; itself first."""
        names = self.names(self.id_of(name))
        targets: dict[str, list[str]] = {}
        for each in names:
            if each in self._merges:
                targets.setdefault(self._merges[each].target, []).append(each)
        found, open_ends = {name}, [name]
        while open_ends:
            more = targets.get(open_ends.pop(), [])
            found.update(more)
            open_ends += more
        return {name: None} | {each: None for each in names if each in found}

    def _gather(self, node: str, names: list[str]) -> None:
        """Make one node of names, from what is known of each."""
        self._ids.pop(node, None)
        if len(names) > 1:
            self._ids.update((name, node) for name in names if name != node)
            self._groups[node] = names
            self._sums[node] = Entry()
            for name in names:
                self._sums[node].absorb(self.own(name))

    def merge_of(self, name: str) -> Merged | None:
        """The merge in which a name went; None where it is its own node."""
        return self._merges.get(name)

    def merges_into(self, node: str) -> tuple[Merged, ...]:
        """The merges that made a node, oldest first."""
        return tuple(self._merges[name] for name in self.names(node) if name != node)

    @property
    def merged(self) -> int:
        """How many names are another name of a node."""
        return len(self._merges)
