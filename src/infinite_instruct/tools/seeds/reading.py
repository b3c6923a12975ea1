"""What a reading of seeds gives: snippets, and a tally of what was left out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Protocol

from pydantic import Field

from infinite_instruct.domain import Snippet, Value
from infinite_instruct.tools.seeds.reasons import MEANINGS, Reason


class Tally(Value):
    """How far a reading has come."""

    files: int = 0
    """Files and rows that were read and cut."""
    candidates: int = 0
    kept: int = 0
    redacted: int = 0
    """Kept snippets in which something was replaced."""
    skipped: Mapping[str, int] = Field(default_factory=dict[str, int])
    """Reason -> how many files, rows and candidates were left out for it."""

    def explain(self) -> str:
        """What was read and why the rest was left out, the commonest reasons first."""
        head = f"{self.files} files, {self.candidates} candidates, {self.kept} snippets kept."
        lines = [
            f"  {count:>7}  {reason}: {MEANINGS[Reason(reason)]}"
            for reason, count in Counter(self.skipped).most_common(10)
        ]
        return "\n".join([head, *lines])


class Reading(Protocol):
    """The snippets of some seeds, in their order."""

    @property
    def tally(self) -> Tally:
        """Of the snippets that were given so far."""
        ...

    def first(self) -> Snippet | None:
        """The first one, which `iter` still gives; None where there is none."""
        ...

    def at_hand(self) -> bool:
        """Whether the next one is there already."""
        ...

    def __iter__(self) -> Iterator[Snippet]:
        """All of them."""
        ...
