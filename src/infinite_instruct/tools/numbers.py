"""Texts and sets as whole numbers: a graph of 100,000 problems is mostly references to them."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Self, cast

if TYPE_CHECKING:
    _Array = array[int]
else:
    _Array = array  # cannot be subscripted before Python 3.12

_FEW = 8
"""Entering a number by itself takes about as long as sorting so many."""


class Numbers(_Array):
    """Different numbers up to four billion, the lowest first: 4 bytes each; a set takes 60."""

    __slots__ = ()

    def __new__(cls, numbers: Iterable[int] = ()) -> Self:
        """Begin with some."""
        return cast("Self", super().__new__(cls, "I", dict.fromkeys(sorted(numbers))))

    def add(self, number: int) -> None:
        """Enter a number; quickest where it is the highest, as those of new things are."""
        if not self or number > self[-1]:
            self.append(number)
        elif number not in self:
            self.insert(bisect_left(self, number), number)

    def join(self, others: "Numbers") -> None:
        """Enter several."""
        if len(others) * _FEW < len(self):
            for number in others:
                self.add(number)
        else:
            self[:] = Numbers((*self, *others))

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        at = bisect_left(self, number)
        return at < len(self) and self[at] == number


class NumberLists:
    """Short lists of numbers, each under the next number, for good: one array for all.

    It ends at four billion numbers in all, which are 16 GB.
    """

    def __init__(self) -> None:
        self._all = array("I")
        self._ends = array("I", [0])

    def append(self, numbers: Iterable[int]) -> None:
        """Keep a list."""
        self._all.extend(numbers)
        self._ends.append(len(self._all))

    def __getitem__(self, at: int) -> "array[int]":
        return self._all[self._ends[at] : self._ends[at + 1]]

    def __len__(self) -> int:
        return len(self._ends) - 1


class Numbering:
    """A number for each text, from 0 on in the order in which they come, and back."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []

    def enter(self, text: str) -> int:
        """The number of a text, which gets one where it is new."""
        number = self._numbers.setdefault(text, len(self._texts))
        if number == len(self._texts):
            self._texts.append(text)
        return number

    def of(self, text: str) -> int:
        """The number of a text.

        Raises:
            KeyError: It has none.
        """
        return self._numbers[text]

    def __getitem__(self, number: int) -> str:
        return self._texts[number]

    def __contains__(self, text: str) -> bool:
        return text in self._numbers

    def __iter__(self) -> Iterator[str]:
        """The texts, oldest first."""
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
