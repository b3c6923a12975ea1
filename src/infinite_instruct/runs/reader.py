"""Reading a run's ledger: while it runs, after a kill, without its lock."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from infinite_instruct.domain import Outcome, ProblemType, Rejection, RowPlan, Sample
from infinite_instruct.errors import RunFolderError
from infinite_instruct.events import EVENT, Event
from infinite_instruct.runs.ledger import Ledger
from infinite_instruct.runs.records import Call, Counts, RowSummary, Spending, Tally
from infinite_instruct.runs.sqlite import SqliteLedger

T = TypeVar("T")

_PLAN = TypeAdapter(RowPlan)
_SAMPLE = TypeAdapter(Sample)
_REJECTION = TypeAdapter(Rejection)

_PAGE = 500
"""Rows that are read at a time: outcomes are large."""


class RunReader:
    """A run's ledger, read-only.

    Every method raises RunFolderError when the ledger is damaged or cannot be read.

    Args:
        ledger: That of a run folder; a path is an SQLite file's.

    Raises:
        RunFolderError: It is missing, damaged, or of another version.
    """

    def __init__(self, ledger: Ledger | Path) -> None:
        self.ledger = SqliteLedger(ledger) if isinstance(ledger, Path) else ledger
        self._reading = self.ledger.read()

    def close(self) -> None:
        """Let go of the ledger."""
        self._reading.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def snapshot(self) -> AbstractContextManager[None]:
        """Inside, all reads see the same moment, however the run goes on. May be nested."""
        return self._reading.snapshot()

    def counts(self) -> Counts:
        """How many rows were planned, accepted and rejected."""
        states = {
            str(state): int(number)
            for state, number in self._select("SELECT state, count(*) FROM rows GROUP BY state")
        }
        return Counts(
            planned=sum(states.values()),
            samples=states.get("sample", 0),
            rejections=states.get("rejected", 0),
        )

    def tallies(self) -> Iterator[Tally]:
        """How many rows of each kind there are, by their state."""
        names = tuple(Tally.model_fields)
        kind = ", ".join(names[:-1])
        for values in self._select(f"SELECT {kind}, count(*) FROM rows GROUP BY {kind}"):  # noqa: S608 (our own names)
            yield Tally.model_validate(dict(zip(names, values, strict=True)))

    def snippets_used(self) -> Iterator[tuple[str, ProblemType]]:
        """The ids of snippets with the types of problems that they served for."""
        types = {kind.value: kind for kind in ProblemType}
        query = "SELECT snippet, problem_type FROM rows WHERE snippet != ''"
        return ((str(snippet), types[kind]) for snippet, kind in self._select(query))

    def unfinished(self) -> tuple[RowPlan, ...]:
        """The plans of rows without an outcome, oldest first; as many as were in flight."""
        query = "SELECT id, plan FROM rows WHERE state = 'planned' ORDER BY position"
        return tuple(
            self._parsed(_PLAN, plan, f"the plan of row {row}") for row, plan in self._select(query)
        )

    def plan(self, row: str) -> RowPlan | None:
        """The inputs of one row; None if there is no such row."""
        for (plan,) in self._select("SELECT plan FROM rows WHERE id = :row", row=row):
            return self._parsed(_PLAN, plan, f"the plan of row {row}")
        return None

    def outcomes(self) -> Iterator[Outcome]:
        """All finished rows, in the order of their plans: the same after every resume."""
        columns = "position, id, state, outcome FROM rows WHERE state != 'planned'"
        for _, row, state, outcome in self._pages(columns, "position"):
            yield self._outcome(row, state, outcome)

    def accepted(self) -> tuple[str, ...]:
        """The ids of all accepted rows."""
        return tuple(
            str(row) for (row,) in self._select("SELECT id FROM rows WHERE state = 'sample'")
        )

    def outcome(self, row: str) -> Outcome | None:
        """How one row ended; None while it has not."""
        query = "SELECT state, outcome FROM rows WHERE id = :row AND state != 'planned'"
        for state, outcome in self._select(query, row=row):
            return self._outcome(row, state, outcome)
        return None

    def summaries(self) -> Iterator[RowSummary]:
        """Every row in a line, in the order of their plans."""
        names = tuple(RowSummary.model_fields)
        columns = f"position, {', '.join(names)} FROM rows WHERE true"
        for _, *values in self._pages(columns, "position"):
            yield RowSummary.model_validate(dict(zip(names, values, strict=True)))

    def events(self, row: str) -> Iterator[Event]:
        """What happened to one row, in order; with an empty name, what happened to the run."""
        query = "SELECT json FROM events WHERE row = :row ORDER BY position"
        for (text,) in self._select(query, row=row):
            yield self._parsed(EVENT, text, f"an event of row '{row}'")

    def last_moment(self) -> float:
        """When the last thing happened, in seconds since the epoch; 0 where nothing did."""
        query = "SELECT json FROM events ORDER BY position DESC LIMIT 1"
        for (text,) in self._select(query):
            return self._parsed(EVENT, text, "the last event").at
        return 0.0

    def replayed(self) -> int:
        """Calls whose reply came from the ledger and cost nothing."""
        # Quotes within a JSON text are escaped: no text can look like the field.
        query = (
            "SELECT count(*) FROM events "
            """WHERE kind = 'model-called' AND json LIKE '%"replayed":true%'"""
        )
        return int(self._select(query)[0][0])

    def call(self, key: str) -> Call | None:
        """A finished call with its request and reply; None if there is none."""
        query = (
            "SELECT key, role, model, request, reply, prompt_tokens, completion_tokens, "
            "cost_usd, seconds, at FROM calls WHERE key = :key"
        )
        for values in self._select(query, key=key):
            return Call.model_validate(dict(zip(Call.model_fields, values, strict=True)))
        return None

    def spending(self) -> tuple[Spending, ...]:
        """What was paid, by role and model. A reply found in the ledger was paid once."""
        names = tuple(Spending.model_fields)
        query = f"SELECT {', '.join(names)} FROM spending ORDER BY role, model"  # noqa: S608 (our own names)
        return tuple(
            Spending.model_validate(dict(zip(names, values, strict=True)))
            for values in self._select(query)
        )

    def graph_events(self, after: int = 0) -> Iterator[tuple[int, str]]:
        """The knowledge graph's changes with their sequence numbers, which only grow."""
        columns = "sequence, json FROM graph_events WHERE true"
        for sequence, text in self._pages(columns, "sequence", after):
            yield int(sequence), str(text)

    def graph_size(self) -> int:
        """How many changes made the knowledge graph."""
        return int(self._select("SELECT coalesce(max(sequence), 0) FROM graph_events")[0][0])

    def notes(self) -> dict[str, str]:
        """All notes of the run."""
        return {str(key): str(text) for key, text in self._select("SELECT key, text FROM notes")}

    def _select(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        return self._reading.select(query, values)

    def _pages(self, columns: str, number: str, after: int = 0) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, page by page, in the order of their number, which comes first."""
        query = f"SELECT {columns} AND {number} > :after ORDER BY {number} LIMIT {_PAGE}"
        while page := self._select(query, after=after):
            yield from page
            after = int(page[-1][0])

    def _outcome(self, row: object, state: object, text: object) -> Outcome:
        what = f"the outcome of row {row}"
        if state == "sample":
            return self._parsed(_SAMPLE, text, what)
        return self._parsed(_REJECTION, text, what)

    def _parsed(self, kind: TypeAdapter[T], text: object, what: str) -> T:
        try:
            return kind.validate_json(str(text))
        except ValidationError as error:
            raise RunFolderError(
                f"{self.ledger}: {what} cannot be read ({error.errors()[0]['msg']}).",
                remedy="It was damaged or written by another version: read it with that one.",
            ) from error
