"""Rows as whole numbers, however many: their ids are counts, which need not be kept as texts."""

import re
from array import array

_COUNTED = re.compile("r([0-9]{6}|[1-9][0-9]{6,8})")

_GAP = 16
_ROOM = 16_384
"""A count has its place up to so many for each row, and some more: an array with so many gaps still
takes less than texts. Ids are read from files, so that one may lie anywhere."""


def row_id(count: int) -> str:
    """The id of a campaign's row, from its count: `r000123`."""
    return f"r{count:06d}"


def count_of(row: str) -> int | None:
    """The count of a row; None where no count below a billion gives this id."""
    found = _COUNTED.fullmatch(row)
    return int(found[1]) if found else None


class RowNumbers:
    """A number for each row, from 0 on in the order in which they come, and back.

    Ids by counts take 8 bytes where most rows come, no more than 68; any other text is kept.
    """

    def __init__(self) -> None:
        self._counts = array("I")
        """Of each number; it means nothing where the row is one of the others."""
        self._numbers = array("I")
        """Of each count, plus 1; 0 where it has none."""
        self._others: dict[int, str] = {}
        """Rows with other ids, and those whose count lies too far ahead."""
        self._numbers_of_others: dict[str, int] = {}

    def enter(self, row: str) -> int:
        """The number of a row, which gets one where it is new."""
        count = count_of(row)
        known = self._find(row, count)
        return self._append(row, count) if known is None else known

    def of(self, row: str) -> int:
        """The number of a row.

        Raises:
            KeyError: It has none.
        """
        known = self._find(row, count_of(row))
        if known is None:
            raise KeyError(row)
        return known

    def __getitem__(self, number: int) -> str:
        other = self._others.get(number)
        return row_id(self._counts[number]) if other is None else other

    def __contains__(self, row: str) -> bool:
        return self._find(row, count_of(row)) is not None

    def __len__(self) -> int:
        return len(self._counts)

    def _find(self, row: str, count: int | None) -> int | None:
        if count is not None and count < len(self._numbers) and self._numbers[count]:
            return self._numbers[count] - 1
        return self._numbers_of_others.get(row)

    def _append(self, row: str, count: int | None) -> int:
        number = len(self._counts)
        if count is None or count > _GAP * number + _ROOM:
            self._others[number], self._numbers_of_others[row] = row, number
        else:
            self._numbers.extend(array("I", [0]) * (count + 1 - len(self._numbers)))
            self._numbers[count] = number + 1
        self._counts.append(count or 0)
        return number
