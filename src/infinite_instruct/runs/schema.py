"""The ledger's tables, and how its one SQLite file is made and opened."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from infinite_instruct.errors import RunFolderError
from infinite_instruct.runs.faults import faults_named

FORMAT = 1
"""Version of the tables. It grows when older readers would misread them."""

_APPLICATION = 0x49496C64
"""SQLite's application id of our files: `IIld`."""

_TABLES = """
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE calls (
    key TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cost_usd REAL,
    seconds REAL NOT NULL,
    times INTEGER NOT NULL DEFAULT 1,
    at REAL NOT NULL,
    request TEXT NOT NULL,
    reply TEXT NOT NULL
);
-- Sums read this index instead of the replies, which are gigabytes in a long campaign.
CREATE INDEX calls_spent ON calls
    (role, model, times, prompt_tokens, completion_tokens, cost_usd, seconds);
CREATE TABLE rows (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('planned', 'sample', 'rejected')),
    plan TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    outcome TEXT,
    planned_at REAL NOT NULL,
    finished_at REAL
);
CREATE INDEX rows_state ON rows (state);
CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    row TEXT NOT NULL,
    kind TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE INDEX events_row ON events (row, position);
CREATE TABLE graph_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    row TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL);
"""


def create_ledger(path: Path, facts: Mapping[str, str]) -> None:
    """Make an empty ledger with its facts, all in one transaction: after a kill it is whole or new.

    Raises:
        RunFolderError: The folder cannot be written, or the file is something else.
    """
    with faults_named(path):
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(
                f"BEGIN IMMEDIATE; {_TABLES}"
                f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {FORMAT};"
            )
            connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            connection.execute("COMMIT")
        finally:
            connection.close()


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Open an existing ledger.

    A reader takes no lock that a writer would feel, and works while a run goes on or after a kill.

    Raises:
        RunFolderError: There is none, it is damaged, or another version made it.
    """
    with faults_named(path):
        connection = _opened(path, write=write)
        try:
            _check_format(path, connection)
            if write:
                # FULL: a commit survives a power cut. It is SQLite's default, but a build's option.
                connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def is_ledger(path: Path) -> bool:
    """Whether a whole ledger is there; False for one whose making was killed.

    Raises:
        RunFolderError: The file is damaged, or no ledger of ours.
    """
    if not path.exists():
        return False
    with faults_named(path):
        connection = _opened(path)
        try:
            tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        finally:
            connection.close()
    return tables > 0


def read_facts(path: Path) -> dict[str, str]:
    """The facts that the ledger was made with.

    Raises:
        RunFolderError: As `connect`.
    """
    connection = connect(path)
    try:
        with faults_named(path):
            return dict(connection.execute("SELECT key, value FROM facts"))
    finally:
        connection.close()


def fingerprint_fact(fingerprint: Mapping[str, str]) -> str:
    """The fingerprint as it stands in the facts."""
    return json.dumps(dict(sorted(fingerprint.items())))


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


def _check_format(path: Path, connection: sqlite3.Connection) -> None:
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != _APPLICATION:
        raise RunFolderError(
            f"{path} is no ledger of infinite-instruct.",
            remedy="Name a run folder: one that `infinite-instruct run --out` has made.",
        )
    if version != FORMAT:
        raise RunFolderError(
            f"{path} has format {version}; this version reads format {FORMAT}.",
            remedy="Use the version of infinite-instruct that made it (campaign.toml tells).",
        )
