"""What was found in a text before, on disk: a data set that is filtered again costs no compiler.

A cache only: where it cannot be read or written it is empty, and nobody is told more than that.
"""

import contextlib
import hashlib
import sqlite3
import sys
import time
import weakref
from pathlib import Path

from platformdirs import user_cache_path

MOST_TEXTS = 500_000
"""About 200 MB; the oldest tenth goes when there are more."""

_PENDING, _SECONDS = 500, 2.0
_TABLE = "CREATE TABLE IF NOT EXISTS found (key BLOB PRIMARY KEY, found TEXT NOT NULL)"
_OLDEST = "DELETE FROM found WHERE rowid IN (SELECT rowid FROM found ORDER BY rowid LIMIT ?)"


def default_file() -> Path:
    """Where findings are kept unless the settings say otherwise."""
    return user_cache_path("infinite-instruct") / "findings.sqlite"


def rules_identity() -> str:
    """What our own rules are: the size and time of every file of theirs, and the Python's version.

    Python's own compiler and library decide, too.
    """
    files = sorted(path for path in Path(__file__).parent.rglob("*") if path.is_file())
    states = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr((sys.version, states)).encode()).hexdigest()


class FindingsCache:
    """Findings by their key, kept in a file that several processes may share.

    Args:
        file: The SQLite file; made where it is missing, made anew where it is damaged.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._pending: dict[bytes, str] = {}
        self._written = time.monotonic()
        self._connection = self._open_whole()
        if self._connection is not None:  # whoever ends without `close` loses nothing either
            weakref.finalize(self, _write, self._connection, self._pending)

    def get(self, key: bytes) -> str | None:
        """What was kept under the key; None where nothing was."""
        if key in self._pending:
            return self._pending[key]
        if self._connection is None:
            return None
        with contextlib.suppress(sqlite3.Error):
            found = self._connection.execute("SELECT found FROM found WHERE key = ?", (key,))
            row = found.fetchone()
            return str(row[0]) if row else None
        return None

    def put(self, key: bytes, found: str) -> None:
        """Keep it; it is on disk within seconds, or after `flush`."""
        if self._connection is None:
            return
        self._pending[key] = found
        if len(self._pending) >= _PENDING or time.monotonic() - self._written > _SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write what is pending; what cannot be written is forgotten."""
        self._written = time.monotonic()
        if self._connection is not None:
            _write(self._connection, self._pending)

    def close(self) -> None:
        """Write what is pending and let the file go."""
        self.flush()
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _open_whole(self) -> sqlite3.Connection | None:
        with contextlib.suppress(OSError, sqlite3.Error):
            try:
                return self._open()
            except sqlite3.OperationalError:  # locked, no rights, a full disk: no damage
                return None
            except sqlite3.DatabaseError:
                for ending in ("", "-wal", "-shm"):
                    self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
                return self._open()
        return None

    def _open(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, timeout=5, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")  # losing it costs only time
            with connection:
                connection.execute(_TABLE)
                (count,) = connection.execute("SELECT count(*) FROM found").fetchone()
                if count > MOST_TEXTS:
                    connection.execute(_OLDEST, (count - MOST_TEXTS * 9 // 10,))
        except sqlite3.Error:
            connection.close()
            raise
        return connection


def _write(connection: sqlite3.Connection, pending: dict[bytes, str]) -> None:
    rows = list(pending.items())
    pending.clear()
    if rows:
        with contextlib.suppress(sqlite3.Error), connection:
            connection.executemany("INSERT OR REPLACE INTO found VALUES (?, ?)", rows)
