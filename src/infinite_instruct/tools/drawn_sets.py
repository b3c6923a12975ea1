"""Which sets were drawn, found by what the draws hold: no set is kept a second time."""

from array import array
from collections.abc import Callable, Iterator

_NONE = 0
_FIRST = 64


class DrawnSets:
    """A hash table of draws, by their sets: 8 bytes a draw and 4 to 8 a place; a dict takes 130.

    Args:
        set_of: The set of a draw, as bytes; it may change while the draw is out of here.
    """

    def __init__(self, set_of: Callable[[int], bytes]) -> None:
        self._set_of = set_of
        self._first = array("I", [_NONE]) * _FIRST
        """Of each place the newest draw, plus 1: a set's hash tells its place."""
        self._next = array("I")
        """Of each draw the one before it in its place, plus 1."""
        self._hashes = array("I")
        """Of each draw, so that few sets have to be compared."""
        self._draws = self._sets = 0

    def __len__(self) -> int:
        """How many different sets there are."""
        return self._sets

    def __contains__(self, wanted: bytes) -> bool:
        mark = _hash(wanted)
        return any(
            self._hashes[draw] == mark and self._set_of(draw) == wanted
            for draw in self._at(mark % len(self._first))
        )

    def add(self, draw: int) -> None:
        """Enter a draw that is not here; others may have the same set."""
        its_own = self._set_of(draw)
        self._sets += its_own not in self
        if self._draws == len(self._first):
            self._spread()
        missing = array("I", [_NONE]) * (draw + 1 - len(self._next))
        self._next.extend(missing)
        self._hashes.extend(missing)
        self._hashes[draw] = _hash(its_own)
        self._link(draw)
        self._draws += 1

    def remove(self, draw: int) -> None:
        """Take out a draw that is here, before its set becomes another."""
        place = self._hashes[draw] % len(self._first)
        later = next((each for each in self._at(place) if self._next[each] == draw + 1), None)
        if later is None:
            self._first[place] = self._next[draw]
        else:
            self._next[later] = self._next[draw]
        self._draws -= 1
        self._sets -= self._set_of(draw) not in self

    def _at(self, place: int) -> Iterator[int]:
        """The draws in a place, newest first."""
        link = self._first[place]
        while link != _NONE:
            yield link - 1
            link = self._next[link - 1]

    def _link(self, draw: int) -> None:
        place = self._hashes[draw] % len(self._first)
        self._next[draw], self._first[place] = self._first[place], draw + 1

    def _spread(self) -> None:
        """Make twice as many places, so that each has a draw or two."""
        old = [draw for place in range(len(self._first)) for draw in self._at(place)]
        self._first = array("I", [_NONE]) * (2 * len(self._first))
        for draw in old:
            self._link(draw)


def _hash(some: bytes) -> int:
    """Its low bits tell the place; no file can foresee which (`PYTHONHASHSEED`)."""
    return hash(some) & 0xFFFF_FFFF
