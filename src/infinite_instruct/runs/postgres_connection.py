"""A connection to a run's schema, made anew where it was lost."""

import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import psycopg
from loguru import logger

from infinite_instruct.errors import InfiniteInstructError, RunFolderError, RunInUseError
from infinite_instruct.runs.ledger import StatementError, Values

Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")

_OWN_FAULTS = (psycopg.IntegrityError, psycopg.DataError)
"""Faults of one statement; every other error is the database's."""
_PLACEHOLDER = re.compile(r"'[^']*'|:([a-z_]+)")
_LONGEST_PAUSE = 2.0
_AWAY = "See that the server is there, then go on: nothing that was finished is lost."
_REFUSED = "Check user and password: it is taken from the URL of --store, PGPASSWORD or ~/.pgpass."
_REMEDIES = {
    "53100": "Free some space at the server, then resume: nothing that was finished is lost.",
    "3D000": "Make the database first: CREATE DATABASE …",
    "42501": "Let the user make schemas: GRANT CREATE ON DATABASE … TO …",
    "42P01": "Its tables are not there: restore the schema from a copy.",
    "3F000": "Its tables are not there: restore the schema from a copy.",
    "28P01": _REFUSED,
    "28000": _REFUSED,
}


class Place(Protocol):
    """What is connected to; its text names it."""

    @property
    def patience(self) -> float:
        """Seconds that a lost connection is waited for."""
        ...

    def connect(self) -> Connection:
        """Connect."""
        ...


def fault_of(place: object, error: psycopg.Error) -> RunFolderError:
    """The error that names the database, what happened there and what to do."""
    text = " ".join(str(error).split())
    refused = "password" in text or "authentication" in text
    remedy = _REMEDIES.get(error.sqlstate or "", _REFUSED if refused else _AWAY)
    return RunFolderError(f"{place}: {text}.", remedy=remedy)


@contextmanager
def faults_of(place: object) -> Generator[None]:
    """Turn what psycopg raises into errors that name the database.

    Raises:
        RunFolderError: Instead of psycopg.Error.
    """
    try:
        yield
    except psycopg.Error as error:
        raise fault_of(place, error) from error


class PostgresStatements:
    """Statements of ours on a connection, in PostgreSQL's writing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def select(self, query: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """As `Statements.select`."""
        return self._connection.execute(_translated(query), _storable(values)).fetchall()

    def execute(self, statement: str, values: Values | None = None) -> None:
        """As `Statements.execute`."""
        self._connection.execute(_translated(statement), _storable(values))

    def changes(self, statement: str, values: Values) -> int:
        """As `Statements.changes`."""
        # Rows, not their number: that comes only at the end of a pipeline.
        query = _translated(f"{statement} RETURNING 1")
        return len(self._connection.execute(query, _storable(values)).fetchall())


class PostgresReader:
    """A connection to read with.

    Raises:
        RunFolderError: The database cannot be reached, or refuses.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._given_up = threading.Event()
        self._in_snapshot = False
        with faults_of(place):
            self._connection = self._opened()

    def select(self, query: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """As `Database.select`."""
        return self._patiently(lambda: PostgresStatements(self._connection).select(query, values))

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """As `Database.snapshot`. A connection that is lost inside is not made anew."""
        if self._in_snapshot:
            yield
            return
        begin = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        self._patiently(lambda: self._connection.execute(begin))
        self._in_snapshot = True
        try:
            yield
        finally:
            self._in_snapshot = False
            with suppress(psycopg.Error):  # nothing was written
                self._connection.execute(b"COMMIT")

    def give_up(self) -> None:
        """As `Database.give_up`."""
        self._given_up.set()

    def close(self) -> None:
        """As `Database.close`."""
        self._connection.close()

    def _opened(self) -> Connection:
        connection = self._place.connect()
        connection.execute(b"SET default_transaction_read_only = on")
        return connection

    def _patiently(self, action: Callable[[], T]) -> T:
        while True:
            try:
                return action()
            except psycopg.Error as error:
                self._mend(error)

    def _mend(self, error: psycopg.Error) -> None:
        """Connect again where the connection was lost; else tell the error.

        Raises:
            StatementError: The statement is at fault.
            RunFolderError: The database is; or it did not come back in time.
        """
        if isinstance(error, _OWN_FAULTS):
            raise StatementError(str(error)) from error
        if self._in_snapshot or not self._connection.closed:
            raise fault_of(self._place, error) from error
        logger.warning("The connection to {} was lost: {}", self._place, error)
        self._reconnect(fault_of(self._place, error))

    def _reconnect(self, fault: InfiniteInstructError) -> None:
        until, pause = time.monotonic() + self._place.patience, 0.1
        while time.monotonic() + pause < until and not self._given_up.wait(pause):
            try:
                self._connection = self._opened()
            except psycopg.OperationalError as error:
                fault = fault_of(self._place, error)
            except RunInUseError as error:
                fault = error
            else:
                return
            pause = min(2 * pause, _LONGEST_PAUSE)
        raise fault


@lru_cache(maxsize=256)
def _translated(statement: str) -> bytes:
    """A statement with psycopg's placeholders; what stands in quotes is left alone."""
    escaped = statement.replace("%", "%%")
    found = _PLACEHOLDER.sub(lambda m: f"%({m[1]})s" if m[1] else m[0], escaped)
    return found.encode()


def _storable(values: Values | None) -> Values:
    """Texts without the one character that PostgreSQL refuses: NUL."""
    return {
        name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
        for name, value in (values or {}).items()
    }
