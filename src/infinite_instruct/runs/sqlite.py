"""A ledger in one SQLite file of the run folder."""

import sqlite3
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.faults import fault, faults_named
from infinite_instruct.runs.ledger import StatementError, Values, Work
from infinite_instruct.runs.migrations import MIGRATIONS
from infinite_instruct.runs.schema import FORMAT, refuse_format, tables

_APPLICATION = 0x49496C64
"""SQLite's application id of our files: `IIld`."""
_OWN_FAULTS = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
"""Faults of one statement; every other database error is the file's."""
_FIND = "SELECT reply FROM calls WHERE key = :key"


class SqliteDatabase:
    """One connection to a ledger's file."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection

    def select(self, query: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """As `Database.select`."""
        with self._faults():
            return self._connection.execute(query, values or {}).fetchall()

    def execute(self, statement: str, values: Values | None = None) -> None:
        """As `Database.execute`."""
        self.changes(statement, values or {})

    def changes(self, statement: str, values: Values) -> int:
        """As `Database.changes`."""
        with self._faults():
            return self._connection.execute(statement, values).rowcount

    def transact(self, works: Sequence[Work]) -> None:
        """As `Database.transact`."""
        self.execute("BEGIN IMMEDIATE")
        try:
            for work in works:
                work(self)
            self.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled back already.
            if self._connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """As `Database.snapshot`."""
        if self._connection.in_transaction:
            yield
            return
        self.execute("BEGIN")
        try:
            yield
        finally:
            self.execute("COMMIT")

    def give_up(self) -> None:
        """As `Database.give_up`: a file is never waited for."""

    def close(self) -> None:
        """As `Database.close`."""
        self._connection.close()

    @contextmanager
    def _faults(self) -> Generator[None]:
        try:
            yield
        except _OWN_FAULTS as error:
            raise StatementError(str(error)) from error
        except sqlite3.Error as error:
            raise fault(self._path, error) from error


@dataclass(frozen=True)
class SqliteLookup:
    """Finds replies at once: one lookup in an index takes less than a hop to a thread."""

    database: SqliteDatabase

    async def find(self, key: str) -> str | None:
        """As `Lookup.find`."""
        found = self.database.select(_FIND, {"key": key})
        return str(found[0][0]) if found else None

    def close(self) -> None:
        """As `Lookup.close`."""
        self.database.close()


@dataclass(frozen=True)
class SqliteLedger:
    """A ledger in a file.

    Readers take no lock that a writer would feel, and work on read-only media, too.
    """

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def folder(self) -> Path:
        """As `Ledger.folder`."""
        return self.path.parent

    def exists(self) -> bool:
        """As `Ledger.exists`."""
        if not self.path.exists():
            return False
        with faults_named(self.path), closing(_opened(self.path)) as connection:
            count: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        return count > 0

    def create(self, facts: Mapping[str, str]) -> None:
        """As `Ledger.create`."""
        with faults_named(self.path), closing(_made(self.path)) as connection:
            connection.executescript(
                f"BEGIN IMMEDIATE; {tables('INTEGER PRIMARY KEY AUTOINCREMENT')}"
                f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT};"
            )
            connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            connection.execute("COMMIT")

    def migrate(self) -> None:
        """As `Ledger.migrate`."""
        with faults_named(self.path), closing(_opened(self.path, write=True)) as connection:
            version: int = connection.execute("PRAGMA user_version").fetchone()[0]
            for older in range(version, FORMAT) if _is_ours(connection) else ():
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(
                    f"BEGIN IMMEDIATE; {MIGRATIONS[older]}"
                    f"PRAGMA user_version = {older + 1}; COMMIT;"
                )

    def read(self) -> SqliteDatabase:
        """As `Ledger.read`."""
        return self._connect(write=False)

    def write(self) -> SqliteDatabase:
        """As `Ledger.write`. The run folder's lock is the file's, too."""
        return self._connect(write=True)

    def lookup(self) -> SqliteLookup:
        """As `Ledger.lookup`, on a connection of its own.

        On the reader's, an outcome list that is read halfway would hide all later replies, and
        they would be paid again.
        """
        return SqliteLookup(self.read())

    def drop(self) -> None:
        """As `Ledger.drop`: the file goes with its folder."""

    def _connect(self, *, write: bool) -> SqliteDatabase:
        with faults_named(self.path):
            connection = _opened(self.path, write=write)
            try:
                self._check(connection)
                if write:
                    # FULL: a commit survives a power cut. The default, but a build's option.
                    connection.execute("PRAGMA synchronous = FULL")
            except BaseException:
                connection.close()
                raise
        return SqliteDatabase(self.path, connection)

    def _check(self, connection: sqlite3.Connection) -> None:
        if not _is_ours(connection):
            raise RunFolderError(
                f"{self.path} is no ledger of infinite-instruct.",
                remedy="Name a run folder: one that `infinite-instruct run --out` has made.",
            )
        refuse_format(self.path, connection.execute("PRAGMA user_version").fetchone()[0])


def _is_ours(connection: sqlite3.Connection) -> bool:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return application == _APPLICATION


def _made(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open the file and read its head: SQLite itself opens at the first statement only."""
    log = path.with_name(f"{path.name}-wal")
    try:
        return _first_read(path, "mode=rw" if write else "mode=ro")
    except sqlite3.OperationalError:
        if write or log.exists():
            raise
        # On read-only media SQLite can't make the index of its log; without a log none is needed.
        return _first_read(path, "mode=ro&immutable=1")


def _first_read(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA user_version")
    except BaseException:
        connection.close()
        raise
    return connection
