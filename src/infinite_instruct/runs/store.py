"""The store of a run: one SQLite file, one writer, nothing lost or doubled after a kill."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path

from infinite_instruct.domain import Outcome, Rejection, RowPlan
from infinite_instruct.events import Event, RowStarted
from infinite_instruct.runs.faults import faults_named
from infinite_instruct.runs.jsontext import json_line, utf8
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.schema import connect
from infinite_instruct.runs.writer import GroupWriter

_ADD_CALL = """
INSERT INTO calls (key, role, model, request, reply, prompt_tokens, completion_tokens,
                   cost_usd, seconds, at)
VALUES (:key, :role, :model, :request, :reply, :prompt_tokens, :completion_tokens,
        :cost_usd, :seconds, :at)
-- Two rows may ask the same at once and both pay: the first reply stays, both are counted.
ON CONFLICT (key) DO UPDATE SET
    times = times + 1,
    prompt_tokens = prompt_tokens + excluded.prompt_tokens,
    completion_tokens = completion_tokens + excluded.completion_tokens,
    cost_usd = cost_usd + excluded.cost_usd,
    seconds = seconds + excluded.seconds
"""
_FIND = "SELECT reply FROM calls WHERE key = ?"
_ADD_ROW = "INSERT OR IGNORE INTO rows (id, state, plan, planned_at) VALUES (?, 'planned', ?, ?)"
_FINISH = """
UPDATE rows SET state = ?, reason = ?, outcome = ?, finished_at = ?
WHERE id = ? AND state = 'planned'
"""
_ADD_GRAPH_EVENT = "INSERT INTO graph_events (row, json) VALUES (?, ?)"
_ADD_NOTE = """
INSERT INTO notes (key, text) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET text = excluded.text
"""
_FORGET_STORY = """
DELETE FROM events WHERE row = ?1 AND row IN (SELECT id FROM rows WHERE state = 'planned')
"""


class RunStore(RunReader):
    """A run's ledger, read and written. What an awaited method stored survives a kill -9.

    Writes that run at the same time share one commit, on a thread of their own: the event loop
    never waits for the disk. A write goes on when the task that awaits it is cancelled: a reply
    that was paid is kept. Every write raises RunFolderError when the disk is full or read-only;
    from then on all are refused, so that what is there tells one story and can be resumed.

    Args:
        path: The `ledger.sqlite` of a run folder whose lock this process holds.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writer = GroupWriter(path)
        # Lookups have their own connection: on the reader's, an outcome list that is read halfway
        # would hide all later replies, and they would be paid again.
        self._looking = connect(path)

    def close(self) -> None:
        """Commit all that is pending and let go of the file.

        Raises:
            RunFolderError: An emitted event could not be written.
        """
        # The last connection to close folds the write-ahead log into the file: the writer can.
        super().close()
        self._looking.close()
        self._writer.close()

    async def find(self, key: str) -> str | None:
        """The reply, as JSON, to the request with this key, if it was ever finished."""
        # One lookup in an index takes microseconds: less than a hop to a thread.
        with faults_named(self.path):
            found = self._looking.execute(_FIND, (key,)).fetchone()
        return None if found is None else str(found[0])

    async def record(self, call: Call) -> None:
        """Keep a finished call; when this returns, it is on disk."""
        values = call.model_dump()
        values.update(request=utf8(call.request), reply=utf8(call.reply))
        await _done(self._writer.submit(lambda db: db.execute(_ADD_CALL, values)))

    async def plan_row(self, plan: RowPlan, graph_events: Sequence[str] = ()) -> None:
        """Keep a row's inputs, before its first call, with what planning it changed in the graph.

        Both or neither: a set that was drawn for no row would be lost to the rows to come. And in
        the order of the calls: after a kill the rows are those that were planned first.

        Raises:
            ValueError: A row with this id is planned already.
        """
        values = (plan.id, json_line(plan), time.time())
        changes = [("", utf8(text)) for text in graph_events]

        def add(database: sqlite3.Connection) -> None:
            if database.execute(_ADD_ROW, values).rowcount != 1:
                raise ValueError(f"row {plan.id} is planned already")
            database.executemany(_ADD_GRAPH_EVENT, changes)

        await _done(self._writer.submit(add))

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
        values = (state, reason, json_line(outcome), time.time(), outcome.id)
        changes = [(outcome.id, utf8(text)) for text in graph_events]

        def finish(database: sqlite3.Connection) -> None:
            if database.execute(_FINISH, values).rowcount != 1:
                raise ValueError(f"row {outcome.id} is not in flight")
            database.executemany(_ADD_GRAPH_EVENT, changes)

        await _done(self._writer.submit(finish))

    async def add_graph_events(self, graph_events: Sequence[str]) -> None:
        """Keep changes of the graph that belong to no row, like those of a vocabulary."""
        changes = [("", utf8(text)) for text in graph_events]
        await _done(self._writer.submit(lambda db: db.executemany(_ADD_GRAPH_EVENT, changes)))

    async def note(self, key: str, text: str) -> None:
        """Keep a fact about the run, in place of an earlier one with the same key."""
        values = (key, utf8(text))
        await _done(self._writer.submit(lambda db: db.execute(_ADD_NOTE, values)))

    async def flush(self) -> None:
        """Wait until all that was emitted is on disk, and seen by readers."""
        await _done(self._writer.submit(lambda _: None))

    def emit(self, event: Event) -> None:
        """Keep what happened; it is on disk within a moment, at the latest as its row ends.

        A row that is started again forgets what happened before: its calls are replayed from the
        ledger, and its story is told once.
        """
        values = (utf8(event.row), event.kind, json_line(event))
        again = isinstance(event, RowStarted)

        def add(database: sqlite3.Connection) -> None:
            if again:
                database.execute(_FORGET_STORY, values[:1])
            database.execute("INSERT INTO events (row, kind, json) VALUES (?, ?, ?)", values)

        self._writer.post(add)


async def _done(write: Future[None]) -> None:
    """Wait for a commit. The shield lets it go on when the waiting task is cancelled."""
    await asyncio.shield(asyncio.wrap_future(write))
