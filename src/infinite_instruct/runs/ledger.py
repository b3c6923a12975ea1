"""The seam between a run's store and its database: what SQLite and PostgreSQL both do.

Statements are written once, with `:name` placeholders and in the words that both databases know.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

Values = Mapping[str, object]


class StatementError(Exception):
    """One statement is at fault, not the database: others can go on."""


class Statements(Protocol):
    """What a write may do within its transaction."""

    def select(self, query: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        ...

    def execute(self, statement: str, values: Values | None = None) -> None:
        """Change something."""
        ...

    def changes(self, statement: str, values: Values) -> int:
        """Change something, and tell how many rows were changed."""
        ...


Work = Callable[[Statements], object]
"""One write. It may run twice: after a rollback, or after a lost connection."""


class Database(Protocol):
    """One connection. A fault of the database is a RunFolderError that names it."""

    def select(self, query: str, values: Values | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Inside, all reads see the same moment. May be nested."""
        ...

    def give_up(self) -> None:
        """Wait no longer for a lost connection. Any thread may call it."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class WritableDatabase(Database, Protocol):
    """The one connection that writes."""

    def transact(self, works: Sequence[Work]) -> None:
        """Do all of it or nothing, exactly once; on disk when this returns.

        Raises:
            StatementError: One of them is at fault; nothing was done.
        """
        ...


class Lookup(Protocol):
    """Finds replies by their keys, for the event loop."""

    async def find(self, key: str) -> str | None:
        """The reply, as JSON, if there is one."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Ledger(Protocol):
    """Where a run's ledger is. Its text names it in messages, without any password."""

    @property
    def folder(self) -> Path:
        """The run folder that it belongs to."""
        ...

    def exists(self) -> bool:
        """Whether a whole ledger is there; False for one whose making was killed.

        Raises:
            RunFolderError: What is there is damaged, or none of ours.
        """
        ...

    def create(self, facts: Mapping[str, str]) -> None:
        """Make an empty one with its facts: after a kill it is whole, or not there.

        Raises:
            RunFolderError: It cannot be written.
        """
        ...

    def migrate(self) -> None:
        """Bring one of an older version to today's format, all or nothing."""
        ...

    def read(self) -> Database:
        """Open it to read: also while a run goes on, or after a kill.

        Raises:
            RunFolderError: It is missing, damaged, or of another format.
        """
        ...

    def write(self) -> WritableDatabase:
        """Open it to write.

        Raises:
            RunInUseError: Another process writes into it.
            RunFolderError: As `read`.
        """
        ...

    def lookup(self) -> Lookup:
        """Open it to find replies."""
        ...

    def drop(self) -> None:
        """Remove it with all that it holds."""
        ...
