"""Vectors in memory, compared one by one: exact, and for some thousands faster than any index."""

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

_FIRST_ROOM = 64

Vector = npt.NDArray[np.float32]


class FreshVectors:
    """Vectors by name, all of one length."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        """Where each is; the longest here come first."""
        self._names: list[str] = []
        self._room: npt.NDArray[np.float32] = np.empty((0, 0), np.float32)

    def put(self, name: str, vector: Sequence[float]) -> None:
        """Keep a vector, in place of an earlier one of this name."""
        row = self._rows.pop(name, len(self._names))
        if row == len(self._names):
            self._names.append(name)
            self._grow(len(vector))
        self._rows[name] = row
        self._room[row] = vector

    def drop(self, name: str) -> None:
        """Forget a name; an unknown one is passed over."""
        row = self._rows.pop(name, None)
        if row is None:
            return
        last = self._names.pop()
        if last != name:
            self._names[row], self._rows[last] = last, row
            self._room[row] = self._room[len(self._names)]

    def oldest(self, count: int) -> list[tuple[str, Vector]]:
        """Those that are longest here, at most so many."""
        return [(name, self._room[row]) for name, row in islice(self._rows.items(), count)]

    def nearest(
        self, vectors: Sequence[Sequence[float]], count: int
    ) -> list[list[tuple[str, float]]]:
        """For each vector at most `count` names with their cosine, in no order."""
        if not self._names:
            return [[] for _ in vectors]
        known = self._room[: len(self._names)]
        # One by one: of several at once the last digits differ with their company.
        return [self._best(known @ np.asarray(each, np.float32), count) for each in vectors]

    def _best(self, similar: Vector, count: int) -> list[tuple[str, float]]:
        rows: Iterable[int] = range(len(similar))
        if count < len(similar):
            rows = np.argpartition(similar, -count)[-count:].tolist()
        return [(self._names[row], float(similar[row])) for row in rows]

    def _grow(self, length: int) -> None:
        have = len(self._room)
        if len(self._names) > have:
            room = np.empty((max(_FIRST_ROOM, 2 * have), length), np.float32)
            if have:
                room[:have] = self._room
            self._room = room

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __len__(self) -> int:
        return len(self._names)
