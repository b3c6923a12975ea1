"""The store of a run: one ledger, one writer, nothing lost or doubled after a kill."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from infinite_instruct.domain import Outcome, Rejection, RowKind, RowPlan
from infinite_instruct.events import Event, RowStarted
from infinite_instruct.runs.jsontext import json_line, utf8
from infinite_instruct.runs.ledger import Ledger, Statements
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.writer import GroupWriter

_ADD_CALL = """
INSERT INTO calls (key, role, model, request, reply, prompt_tokens, completion_tokens,
                   cost_usd, seconds, at)
VALUES (:key, :role, :model, :request, :reply, :prompt_tokens, :completion_tokens,
        :cost_usd, :seconds, :at)
-- Two rows may ask the same at once and both pay: the first reply stays, both are counted.
ON CONFLICT (key) DO UPDATE SET
    times = calls.times + 1,
    prompt_tokens = calls.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = calls.completion_tokens + excluded.completion_tokens,
    cost_usd = calls.cost_usd + excluded.cost_usd,
    seconds = calls.seconds + excluded.seconds
"""
_SPEND = """
INSERT INTO spending (role, model, calls, prompt_tokens, completion_tokens, cost_usd, unpriced,
                      seconds)
VALUES (:role, :model, 1, :prompt_tokens, :completion_tokens, :dollars, :unpriced, :seconds)
ON CONFLICT (role, model) DO UPDATE SET
    calls = spending.calls + 1,
    prompt_tokens = spending.prompt_tokens + excluded.prompt_tokens,
    completion_tokens = spending.completion_tokens + excluded.completion_tokens,
    cost_usd = spending.cost_usd + excluded.cost_usd,
    unpriced = spending.unpriced + excluded.unpriced,
    seconds = spending.seconds + excluded.seconds
"""
_ADD_ROW = """
INSERT INTO rows (id, state, plan, planned_at, origin, problem_type, direction, language,
                  difficulty, snippet)
VALUES (:id, 'planned', :plan, :at, :origin, :problem_type, :direction, :language,
        :difficulty, :snippet)
ON CONFLICT (id) DO NOTHING
"""
_FINISH = """
UPDATE rows SET state = :state, reason = :reason, outcome = :outcome, finished_at = :at
WHERE id = :id AND state = 'planned'
"""
_ADD_GRAPH_EVENT = "INSERT INTO graph_events (row, json) VALUES (:row, :json)"
_ADD_NOTE = """
INSERT INTO notes (key, text) VALUES (:key, :text)
ON CONFLICT (key) DO UPDATE SET text = excluded.text
"""
_ADD_EVENT = "INSERT INTO events (row, kind, json) VALUES (:row, :kind, :json)"
_FORGET_STORY = """
DELETE FROM events WHERE row = :row AND row IN (SELECT id FROM rows WHERE state = 'planned')
"""


_OF_PLAN = {"id", *RowKind.model_fields}
"""What of a plan has its own column."""


class RunStore(RunReader):
    """A run's ledger, read and written. What an awaited method stored survives a kill -9.

    Writes that run at the same time share one commit, on a thread of their own: the event loop
    never waits for the disk. A write goes on when the task that awaits it is cancelled: a reply
    that was paid is kept. Every write raises RunFolderError when the disk is full or read-only;
    from then on all are refused, so that what is there tells one story and can be resumed.

    Args:
        ledger: That of a run folder whose lock this process holds; a path is an SQLite file's.

    Raises:
        RunInUseError: Another process writes into it.
        RunFolderError: It is missing, damaged, or of another version.
    """

    def __init__(self, ledger: Ledger | Path) -> None:
        super().__init__(ledger)
        with ExitStack() as opening:
            opening.callback(super().close)
            self._lookup = self.ledger.lookup()
            opening.callback(self._lookup.close)
            self._writer = GroupWriter(self.ledger)
            opening.pop_all()

    def close(self) -> None:
        """Commit all that is pending and let go of the ledger.

        Raises:
            RunFolderError: An emitted event could not be written.
        """
        # The last connection to close folds the write-ahead log into the file: the writer can.
        super().close()
        self._lookup.close()
        self._writer.close()

    async def find(self, key: str) -> str | None:
        """The reply, as JSON, to the request with this key, if it was ever finished."""
        return await self._lookup.find(key)

    async def record(self, call: Call) -> None:
        """Keep a finished call; when this returns, it is on disk."""
        values = call.model_dump()
        values.update(
            request=utf8(call.request),
            reply=utf8(call.reply),
            dollars=call.cost_usd or 0.0,
            unpriced=int(call.cost_usd is None),
        )

        def add(database: Statements) -> None:
            database.execute(_ADD_CALL, values)
            database.execute(_SPEND, values)

        await self._writer.write(add)

    async def plan_row(self, plan: RowPlan, graph_events: Sequence[str] = ()) -> None:
        """Keep a row's inputs, before its first call, with what planning it changed in the graph.

        Both or neither: a set that was drawn for no row would be lost to the rows to come. And in
        the order of the calls: after a kill the rows are those that were planned first.

        Raises:
            ValueError: A row with this id is planned already.
        """
        values = plan.model_dump(include=_OF_PLAN) | {
            "plan": json_line(plan),
            "at": time.time(),
            "snippet": plan.snippet.id if plan.snippet else "",
        }
        changes = _changes("", graph_events)

        def add(database: Statements) -> None:
            if database.changes(_ADD_ROW, values) != 1:
                raise ValueError(f"row {plan.id} is planned already")
            for change in changes:
                database.execute(_ADD_GRAPH_EVENT, change)

        await self._writer.write(add)

    async def finish_row(self, outcome: Outcome, graph_events: Sequence[str] = ()) -> None:
        """Keep how a row ended with what it changed in the graph: both, or neither.

        Its events that were emitted before are on disk then, too.

        Raises:
            ValueError: No row with this id is planned, or it has ended already.
        """
        if isinstance(outcome, Rejection):
            state, reason = "rejected", utf8(outcome.reason)
        else:
            state, reason = "sample", ""
        values = {
            "id": outcome.id,
            "state": state,
            "reason": reason,
            "outcome": json_line(outcome),
            "at": time.time(),
        }
        changes = _changes(outcome.id, graph_events)

        def finish(database: Statements) -> None:
            if database.changes(_FINISH, values) != 1:
                raise ValueError(f"row {outcome.id} is not in flight")
            for change in changes:
                database.execute(_ADD_GRAPH_EVENT, change)

        await self._writer.write(finish)

    async def add_graph_events(self, graph_events: Sequence[str]) -> None:
        """Keep changes of the graph that belong to no row, like those of a vocabulary."""
        changes = _changes("", graph_events)

        def add(database: Statements) -> None:
            for change in changes:
                database.execute(_ADD_GRAPH_EVENT, change)

        await self._writer.write(add)

    async def note(self, key: str, text: str) -> None:
        """Keep a fact about the run, in place of an earlier one with the same key."""
        values = {"key": key, "text": utf8(text)}
        await self._writer.write(lambda db: db.execute(_ADD_NOTE, values))

    async def flush(self) -> None:
        """Wait until all that was emitted is on disk, and seen by readers."""
        await self._writer.write(lambda _: None)

    def emit(self, event: Event) -> None:
        """Keep what happened; it is on disk within a moment, at the latest as its row ends.

        A row that is started again forgets what happened before: its calls are replayed from the
        ledger, and its story is told once.
        """
        values = {"row": utf8(event.row), "kind": event.kind, "json": json_line(event)}
        again = isinstance(event, RowStarted)

        def add(database: Statements) -> None:
            if again:
                database.execute(_FORGET_STORY, values)
            database.execute(_ADD_EVENT, values)

        self._writer.post(add)


def _changes(row: str, graph_events: Sequence[str]) -> list[dict[str, str]]:
    return [{"row": row, "json": utf8(text)} for text in graph_events]
