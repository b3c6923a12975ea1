"""The one connection that writes: it holds the run's lock, and no commit is lost or doubled."""

import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

import psycopg

from infinite_instruct.errors import RunFolderError, RunInUseError
from infinite_instruct.runs.ledger import Work
from infinite_instruct.runs.postgres_connection import (
    Connection,
    Place,
    PostgresReader,
    PostgresStatements,
)

_MARK = """
INSERT INTO facts (key, value) VALUES ('commit', :mark)
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
_OWNER = b"""
SELECT activity.application_name FROM pg_locks JOIN pg_stat_activity activity USING (pid)
WHERE locktype = 'advisory' AND granted AND database = (
    SELECT oid FROM pg_database WHERE datname = current_database()
) AND (classid::bigint << 32 | objid::bigint) = %s
"""
_END_OURS = b"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = %s AND pid <> pg_backend_pid()
"""


class LockedPlace(Place, Protocol):
    """What is connected to, with the number of its lock."""

    @property
    def number(self) -> int:
        """Of the advisory lock."""
        ...


class PostgresWriter(PostgresReader):
    """A connection to write with.

    The lock belongs to the session. So a new session that got it knows that the old one is gone,
    and that its last commit is there or never will be; the mark, a number that each transaction
    leaves, tells which.

    Raises:
        RunInUseError: Another process writes into the run.
        RunFolderError: The database cannot be reached, or refuses.
    """

    def __init__(self, place: LockedPlace) -> None:
        self._lock = place.number
        self._session = f"{socket.gethostname()[:30]}:{os.getpid()} {secrets.token_hex(4)}"
        self._commits = 0
        self._seen = ""
        super().__init__(place)
        self.transact([])

    def transact(self, works: Sequence[Work]) -> None:
        """As `Database.transact`."""
        self._commits += 1
        while True:
            try:
                self._commit(works)
            except psycopg.Error as error:
                self._roll_back()
                self._mend(error)
                if self._seen == self._mark:
                    return  # the lost connection took the answer only
            except BaseException:
                self._roll_back()
                raise
            else:
                return

    @property
    def _mark(self) -> str:
        return f"{self._session} {self._commits}"

    def _commit(self, works: Sequence[Work]) -> None:
        statements = PostgresStatements(self._connection)
        with self._connection.pipeline():  # without a way there and back for each statement
            statements.execute("BEGIN")
            for work in works:
                work(statements)
            statements.execute(_MARK, {"mark": self._mark})
            statements.execute("COMMIT")

    def _roll_back(self) -> None:
        with suppress(psycopg.Error):  # a lost connection rolls back by itself
            self._connection.rollback()

    def _opened(self) -> Connection:
        connection = self._place.connect()
        try:
            self._take_lock(connection)
            self._read_mark(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_lock(self, connection: Connection) -> None:
        connection.execute("SELECT set_config('application_name', %s, false)", (self._session,))
        # Some servers are set to acknowledge what is not on their disk yet.
        if _one(connection, b"SHOW synchronous_commit") == "off":
            connection.execute(b"SET synchronous_commit = on")
        if _one(connection, b"SELECT pg_try_advisory_lock(%s)", self._lock):
            return
        owner = _one(connection, _OWNER, self._lock) or "another process"
        if owner == self._session:
            # Ours, cut off, and the server has not noticed.
            connection.execute(_END_OURS, (self._session,))
        raise RunInUseError(
            f"{self._place} is in use by {owner}.",
            remedy="Wait for it, or stop it: a run has one writer.",
        )

    def _read_mark(self, connection: Connection) -> None:
        """See which commit was the last, and that it was ours.

        Raises:
            RunFolderError: Another process has written meanwhile.
        """
        mark = str(_one(connection, b"SELECT value FROM facts WHERE key = 'commit'"))
        if self._seen not in {"", mark} and not mark.startswith(f"{self._session} "):
            raise RunFolderError(
                f"Another process has gone on with {self._place} while the connection was lost.",
                remedy="Resume the run when that one has ended.",
            )
        self._seen = mark


def _one(connection: Connection, query: bytes, *values: object) -> Any:  # noqa: ANN401 (any column)
    found = connection.execute(query, values or None).fetchone()
    return found[0] if found else None
