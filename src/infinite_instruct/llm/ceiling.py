"""How many calls may be on their way at one endpoint: as many as it bears."""

import math

_SMALLEST_WINDOW = 8
_SUSTAINED = 0.5
"""More refused calls of a window than this lower the ceiling."""
_CUT = 0.75
"""Half would leave an endpoint idle that refuses what is a little too much."""
_CALM = 0.25
"""Fewer refused calls raise it again: by a share of the window that doubles, up to all of it."""
_FIRST_RISE = 1 / 16
"""Careful at first, since it was too high just now; but from 1 to 128 it takes 20 round trips."""


class Ceiling:
    """Lowered by sustained refusal; once that has ended it rises, ever faster.

    Scattered refusals cost nothing. Calls are judged in windows of about as many as are on their
    way. A window only has calls that began after the ceiling was last lowered: those from before
    tell nothing about it, and one burst of refusals would lower it again and again.

    Args:
        limit: The highest, 1 or more; it begins there.
    """

    def __init__(self, limit: int) -> None:
        self.height = limit
        self._limit = limit
        self._rise = 1.0
        self._window = self._ended = self._refused = self._peak = 0

    def start(self, in_flight: int) -> int:
        """A call begins, with so many on their way, itself counted; gives its window for `end`."""
        self._peak = max(self._peak, in_flight)
        return self._window

    def end(self, window: int, *, refused: bool) -> bool:
        """A call ended; says whether the ceiling was lowered by that."""
        if window != self._window:
            return False
        self._ended += 1
        self._refused += refused
        return self._ended >= max(_SMALLEST_WINDOW, self._peak) and self._judge()

    def _judge(self) -> bool:
        lowered = self._refused > _SUSTAINED * self._ended
        if lowered:
            self.height = max(1, int(min(self.height, self._peak) * _CUT))
            self._rise = _FIRST_RISE
            self._window += 1
        elif self._refused < _CALM * self._ended:
            self.height = min(self._limit, self.height + math.ceil(self._rise * self._ended))
            self._rise = min(1.0, self._rise * 2)
        self._ended = self._refused = self._peak = 0
        return lowered
