"""Which sets of keywords were drawn, and which of them came to samples."""

from collections.abc import Iterable

from infinite_instruct.tools.keyword_entry import Draw
from infinite_instruct.tools.keyword_names import NameBook


class DrawBook:
    """All draws by the names of their time, and how often each set was drawn by today's ids."""

    def __init__(self, names: NameBook) -> None:
        self._names = names
        self._draws: set[Draw] = set()
        self._sets: dict[frozenset[str], int] = {}
        self._accepted_rows: set[str] = set()

    def __len__(self) -> int:
        """How many different sets were drawn."""
        return len(self._sets)

    def __contains__(self, ids: frozenset[str]) -> bool:
        return ids in self._sets

    def draw(self, draw: Draw) -> None:
        """Note a set that was drawn for a row, once."""
        if draw.names and draw not in self._draws:
            self._draws.add(draw)
            for name in sorted(draw.names):
                for entry in self._names.both(name):
                    entry.drawn[draw] = None
            self.count([draw])

    def accept(self, draw: Draw) -> None:
        """Note that a row's set came to a sample, once."""
        if draw.row not in self._accepted_rows:
            self._accepted_rows.add(draw.row)
            for name in sorted(draw.names):
                for entry in self._names.both(name):
                    entry.accepted[draw] = None

    def count(self, draws: Iterable[Draw]) -> None:
        """Count sets by the ids that their names have now."""
        for draw in draws:
            ids = self._names.ids_of(draw.names)
            self._sets[ids] = self._sets.get(ids, 0) + 1

    def uncount(self, names: Iterable[str]) -> list[Draw]:
        """Take back the sets with some names, before these get another node."""
        draws = list({draw: None for name in names for draw in self._names.own(name).drawn})
        for draw in draws:
            ids = self._names.ids_of(draw.names)
            self._sets[ids] -= 1
            if not self._sets[ids]:
                del self._sets[ids]
        return draws
