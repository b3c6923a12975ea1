"""A text with its places: tools count bytes or UTF-16 units, people count lines and columns."""

import re
from bisect import bisect_right
from functools import cached_property


class SourceText:
    """A text whose places TypeScript counts in UTF-16 units.

    Args:
        text: The text.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def index(self, units: int) -> int:
        """The place in the text of a place in UTF-16 units."""
        if self._wide is None:
            return units
        return len(self._wide[: 2 * units].decode("utf-16-le", errors="ignore"))

    def place(self, index: int) -> tuple[int, int]:
        """The line and column, from 1; (0, 0) where there is none."""
        if not 0 <= index <= len(self.text):
            return 0, 0
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1

    @cached_property
    def _wide(self) -> bytes | None:
        """The text in UTF-16; None where its units are its characters."""
        is_narrow = self.text.isascii() or max(self.text) < "\U00010000"
        return None if is_narrow else self.text.encode("utf-16-le")

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(end.end() for end in re.finditer("\n", self.text))]
