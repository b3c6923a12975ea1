"""LangGraph's checkpoints of each row, for those who want to travel in time.

Off by default: the ledger already makes a killed run go on without paying twice, and the saver
costs 2.5 to 5 ms a row of two nodes. What is read back may only be one of our own types.
"""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from infinite_instruct import domain
from infinite_instruct.domain import Value
from infinite_instruct.errors import MissingToolError, RunFolderError
from infinite_instruct.graphs.state import Dropped


def row_types() -> tuple[type, ...]:
    """Every type that a row's state may hold: checkpoints with others are refused."""
    told = (each for each in vars(domain).values() if isinstance(each, type))
    ours = (each for each in told if issubclass(each, Value | StrEnum))
    return (*(each for each in ours if each.__module__ == domain.__name__), Dropped)


@asynccontextmanager
async def open_checkpoints(path: Path) -> AsyncGenerator[BaseCheckpointSaver[str]]:
    """A saver that keeps the state after each node in a SQLite file, a thread for each row.

    Raises:
        MissingToolError: LangGraph's SQLite saver is not installed.
        RunFolderError: The file cannot be read or written.
    """
    try:
        import aiosqlite  # noqa: PLC0415 - of an extra
        from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver  # noqa: PLC0415
    except ImportError as error:
        raise MissingToolError(
            "Checkpoints need LangGraph's SQLite saver, which is not installed.",
            remedy="pip install 'infinite-instruct[checkpoint]', or run without --checkpoint.",
        ) from error
    strict = JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=row_types())
    async with aiosqlite.connect(path) as connection:
        saver = AsyncSqliteSaver(connection, serde=strict)
        try:
            await saver.setup()
        except sqlite3.Error as error:
            raise RunFolderError(
                f"{path}: {error}.",
                remedy="Delete it and resume: it is for travel in time; no row depends on it.",
            ) from error
        yield saver
