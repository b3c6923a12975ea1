"""Which sets of keywords were drawn, and which of them came to samples."""

from array import array
from collections.abc import Iterable, Iterator

from infinite_instruct.tools.drawn_sets import DrawnSets
from infinite_instruct.tools.keyword_names import NameBook
from infinite_instruct.tools.numbers import Numbering, NumberLists, Numbers
from infinite_instruct.tools.row_numbers import RowNumbers


class DrawBook:
    """All draws by the names of their time, and which sets were drawn by today's ids.

    A draw, for a row and of a difficulty, is a number here.
    """

    def __init__(self, names: NameBook) -> None:
        self._names = names
        self._rows = RowNumbers()
        self._last = array("I")
        """The newest draw of each row."""
        self._before = array("I")
        """Of each draw the one before it for its row; itself where it is the first."""
        self._members = NumberLists()
        """Of each draw the names, in ascending order."""
        self._difficulties = Numbering()
        self._levels = array("I")
        self._sets = DrawnSets(self._ids_of)
        """By today's ids."""
        self._accepted = Numbers()
        """Rows that came to a sample."""

    def __len__(self) -> int:
        """How many different sets were drawn."""
        return len(self._sets)

    def __contains__(self, ids: frozenset[str]) -> bool:
        return all(name in self._names for name in ids) and self._packed(ids) in self._sets

    def difficulty(self, draw: int) -> str:
        """How hard a problem was wanted of a draw; empty where nobody said."""
        return self._difficulties[self._levels[draw]]

    def draw(self, row: str, names: frozenset[str], difficulty: str) -> None:
        """Note a set that was drawn for a row, once."""
        if not names:
            return
        draw = self._enter(self._rows.enter(row), names, difficulty)
        if draw in self._names.own(min(names)).drawn:
            return
        for name in names:
            for entry in self._names.both(name):
                entry.drawn.add(draw)
        self.count([draw])

    def accept(self, row: str, names: frozenset[str], difficulty: str) -> None:
        """Note that a row's set came to a sample, once."""
        number = self._rows.enter(row)
        draw = self._enter(number, names, difficulty)
        if number in self._accepted:
            return
        self._accepted.add(number)
        for name in names:
            for entry in self._names.both(name):
                entry.accepted.add(draw)

    def _enter(self, row: int, names: frozenset[str], difficulty: str) -> int:
        """The number of a draw; a new one where there is none like it."""
        members = self._numbers(names)
        level = self._difficulties.enter(difficulty)
        for draw in self._of(row):
            if self._members[draw] == members and self._levels[draw] == level:
                return draw
        return self._append(row, members, level)

    def _of(self, row: int) -> Iterator[int]:
        """The draws of a row: one, unless something went wrong."""
        if row == len(self._last):
            return
        draw = self._last[row]
        yield draw
        while self._before[draw] != draw:
            draw = self._before[draw]
            yield draw

    def _append(self, row: int, members: Numbers, level: int) -> int:
        draw = len(self._levels)
        self._members.append(members)
        self._levels.append(level)
        if row == len(self._last):
            self._last.append(draw)
        self._before.append(self._last[row])
        self._last[row] = draw
        return draw

    def count(self, draws: Iterable[int]) -> None:
        """Count sets by the ids that their names have now."""
        for draw in draws:
            self._sets.add(draw)

    def uncount(self, names: Iterable[str]) -> list[int]:
        """Take back the sets with some names, before these get another node."""
        draws = sorted({draw for name in names for draw in self._names.own(name).drawn})
        for draw in reversed(draws):  # the newest are found first
            self._sets.remove(draw)
        return draws

    def _ids_of(self, draw: int) -> bytes:
        names = (self._names.name(number) for number in self._members[draw])
        return self._packed(self._names.ids_of(names))

    def _packed(self, ids: frozenset[str]) -> bytes:
        return self._numbers(ids).tobytes()

    def _numbers(self, names: Iterable[str]) -> Numbers:
        return Numbers(self._names.number(name) for name in names)
