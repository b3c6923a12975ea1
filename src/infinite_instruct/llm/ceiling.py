"""How many calls may be on their way at one endpoint: as many as it bears."""

_SMALLEST_WINDOW = 8
_SUSTAINED = 0.5
"""More refused calls of a window than this lower the ceiling."""
_CALM = 0.25
"""While fewer are refused, each answer raises it by one."""


class Ceiling:
    """Halved by sustained refusal, and doubled in each round of answers once that has ended.

    Scattered refusals cost nothing. Calls are judged in windows of about as many as are on their
    way. A window only has calls that began after the ceiling was last lowered: those from before
    tell nothing about it, and one burst of refusals would lower it again and again.

    Args:
        limit: The highest, 1 or more; it begins there.
    """

    def __init__(self, limit: int) -> None:
        self.height = limit
        self._limit = limit
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
        if not refused and self._refused < _CALM * self._ended:
            self.height = min(self._limit, self.height + 1)
        return self._ended >= max(_SMALLEST_WINDOW, self._peak) and self._judge()

    def _judge(self) -> bool:
        lowered = self._refused > _SUSTAINED * self._ended
        if lowered:
            self.height = max(1, min(self.height, self._peak) // 2)
            self._window += 1
        self._ended = self._refused = self._peak = 0
        return lowered
