"""Reading a run's ledger: while it runs, after a kill, without its lock."""

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from infinite_instruct.domain import Outcome, Rejection, RowPlan, Sample
from infinite_instruct.errors import RunFolderError
from infinite_instruct.events import EVENT, Event
from infinite_instruct.runs.faults import faults_named
from infinite_instruct.runs.records import Call, Counts, Spending
from infinite_instruct.runs.schema import connect

T = TypeVar("T")

_PLAN = TypeAdapter(RowPlan)
_SAMPLE = TypeAdapter(Sample)
_REJECTION = TypeAdapter(Rejection)

_SPENDING = """
SELECT role, model, sum(times), sum(prompt_tokens), sum(completion_tokens),
       coalesce(sum(cost_usd), 0.0), sum(CASE WHEN cost_usd IS NULL THEN times ELSE 0 END),
       sum(seconds)
FROM calls GROUP BY role, model ORDER BY role, model
"""


class RunReader:
    """A run's ledger, read-only.

    Every method raises RunFolderError when the file is damaged or cannot be read.

    Args:
        path: The `ledger.sqlite` of a run folder.

    Raises:
        RunFolderError: It is missing, damaged, or of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reading = connect(path)

    def close(self) -> None:
        """Let go of the file."""
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

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Inside, all reads see the same moment, however the run goes on. May be nested."""
        if self._reading.in_transaction:
            yield
            return
        with faults_named(self.path):
            self._reading.execute("BEGIN")
        try:
            yield
        finally:
            self._reading.execute("COMMIT")

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

    def unfinished(self) -> tuple[RowPlan, ...]:
        """The plans of rows without an outcome, oldest first; as many as were in flight."""
        query = "SELECT id, plan FROM rows WHERE state = 'planned' ORDER BY position"
        return tuple(
            self._parsed(_PLAN, plan, f"the plan of row {row}") for row, plan in self._select(query)
        )

    def plan(self, row: str) -> RowPlan | None:
        """The inputs of one row; None if there is no such row."""
        for (plan,) in self._select("SELECT plan FROM rows WHERE id = ?", row):
            return self._parsed(_PLAN, plan, f"the plan of row {row}")
        return None

    def outcomes(self) -> Iterator[Outcome]:
        """All finished rows, in the order of their plans: the same after every resume."""
        query = "SELECT id, state, outcome FROM rows WHERE state != 'planned' ORDER BY position"
        for row, state, outcome in self._select(query):
            yield self._outcome(row, state, outcome)

    def accepted(self) -> tuple[str, ...]:
        """The ids of all accepted rows."""
        return tuple(
            str(row) for (row,) in self._select("SELECT id FROM rows WHERE state = 'sample'")
        )

    def outcome(self, row: str) -> Outcome | None:
        """How one row ended; None while it has not."""
        query = "SELECT state, outcome FROM rows WHERE id = ? AND state != 'planned'"
        for state, outcome in self._select(query, row):
            return self._outcome(row, state, outcome)
        return None

    def progress(self) -> Iterator[tuple[RowPlan, str, str]]:
        """Every row's plan, state (planned, sample, rejected) and reason, in order."""
        for row, plan, state, reason in self._select(
            "SELECT id, plan, state, reason FROM rows ORDER BY position"
        ):
            yield self._parsed(_PLAN, plan, f"the plan of row {row}"), str(state), str(reason)

    def events(self, row: str) -> Iterator[Event]:
        """What happened to one row, in order; with an empty name, what happened to the run."""
        query = "SELECT json FROM events WHERE row = ? ORDER BY position"
        for (text,) in self._select(query, row):
            yield self._parsed(EVENT, text, f"an event of row '{row}'")

    def last_moment(self) -> float:
        """When the last thing happened, in seconds since the epoch; 0 where nothing did."""
        query = "SELECT json FROM events ORDER BY position DESC LIMIT 1"
        for (text,) in self._select(query):
            return self._parsed(EVENT, text, "the last event").at
        return 0.0

    def replayed(self) -> int:
        """Calls whose reply came from the ledger and cost nothing."""
        query = (
            "SELECT count(*) FROM events "
            "WHERE kind = 'model-called' AND json_extract(json, '$.replayed')"
        )
        return int(next(self._select(query))[0])

    def call(self, key: str) -> Call | None:
        """A finished call with its request and reply; None if there is none."""
        query = (
            "SELECT key, role, model, request, reply, prompt_tokens, completion_tokens, "
            "cost_usd, seconds, at FROM calls WHERE key = ?"
        )
        for values in self._select(query, key):
            return Call.model_validate(dict(zip(Call.model_fields, values, strict=True)))
        return None

    def spending(self) -> tuple[Spending, ...]:
        """What was paid, by role and model. A reply found in the ledger was paid once."""
        names = tuple(Spending.model_fields)
        return tuple(
            Spending.model_validate(dict(zip(names, values, strict=True)))
            for values in self._select(_SPENDING)
        )

    def graph_events(self, after: int = 0) -> Iterator[tuple[int, str]]:
        """The knowledge graph's changes with their sequence numbers, which only grow."""
        query = "SELECT sequence, json FROM graph_events WHERE sequence > ? ORDER BY sequence"
        for sequence, text in self._select(query, after):
            yield int(sequence), str(text)

    def notes(self) -> dict[str, str]:
        """All notes of the run."""
        return {str(key): str(text) for key, text in self._select("SELECT key, text FROM notes")}

    def _select(self, query: str, *values: str | float) -> Iterator[tuple[Any, ...]]:
        with faults_named(self.path):
            cursor: sqlite3.Cursor = self._reading.execute(query, values)
            # `yield from` would close the cursor of a list that is read halfway, perhaps after the
            # connection: a fault that hides the real one.
            for found in cursor:  # noqa: UP028
                yield found

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
                f"{self.path}: {what} cannot be read ({error.errors()[0]['msg']}).",
                remedy="It was damaged or written by another version: read it with that one.",
            ) from error
