"""The gate: what may not enter the data set, whatever its verdict."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from infinite_instruct.domain import Value
from infinite_instruct.tools.redaction import find_secrets

if TYPE_CHECKING:
    from infinite_instruct.tools.contamination import BenchmarkIndex
    from infinite_instruct.tools.similarity import NearDuplicates

NOT_TO_BE_WRITTEN = "secret"
"""The reason of rows whose text must not be written out."""


class Refusal(Value):
    """Why a text may not pass."""

    reason: str
    """A short code named for the problem."""
    detail: str


class Places(Protocol):
    """The places that problems hold against later ones that say the same."""

    async def hold(self, row: str, text: str) -> str | None:
        """Give a row's problem its place; or the row that has it already."""
        ...


@dataclass(frozen=True)
class OwnPlaces:
    """Places in this process."""

    problems: "NearDuplicates"

    async def hold(self, row: str, text: str) -> str | None:
        """As `Places`: a row may come again with a new wording, it is never its own duplicate."""
        return self.problems.add(row, text)


class Gate:
    """Refuses duplicates of earlier problems, tasks of benchmarks, and secrets.

    Args:
        benchmarks: The tasks that may not come again; None for the shipped ones, which are read
            when the first problem comes.
        places: The problems that were posed before; none by default.
    """

    def __init__(self, benchmarks: "BenchmarkIndex | None", places: Places | None = None) -> None:
        self._given = benchmarks
        self._places = _no_places() if places is None else places

    @cached_property
    def _benchmarks(self) -> "BenchmarkIndex":
        if self._given is not None:
            return self._given
        from infinite_instruct.tools.contamination import BenchmarkIndex  # noqa: PLC0415 - numpy's

        return BenchmarkIndex.shipped()

    async def refuse_problem(self, row: str, text: str) -> Refusal | None:
        """Judge a row's problem, and hold its place against later ones."""
        refusal = self._refuse_text(text)
        if refusal is not None:
            return refusal
        earlier = await self._places.hold(row, text)
        if earlier is None:
            return None
        return Refusal(
            reason="near-duplicate", detail=f"It says what the problem of {earlier} says."
        )

    def refuse_answer(self, text: str) -> Refusal | None:
        """Judge an answer."""
        return self._refuse_text(text)

    def _refuse_text(self, text: str) -> Refusal | None:
        secrets = find_secrets(text)
        if secrets:
            kinds = ", ".join(sorted(set(secrets)))
            return Refusal(reason=NOT_TO_BE_WRITTEN, detail=f"It holds what looks like: {kinds}.")
        overlap = self._benchmarks.overlap(text)
        if overlap is None:
            return None
        share = f"{overlap.share:.0%} of its n-grams"
        return Refusal(
            reason="contaminated",
            detail=f"It overlaps with {overlap.benchmark} {overlap.task}: {share}.",
        )


def _no_places() -> Places:
    from infinite_instruct.tools.similarity import NearDuplicates  # noqa: PLC0415 - numpy's too

    return OwnPlaces(NearDuplicates())
