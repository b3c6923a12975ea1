"""Lines of a file or a pipe, as they come, however long the file or a line is."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Generator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Protocol, cast

from infinite_instruct.errors import SettingsError

MAX_LINE = 4 * 1024 * 1024
"""Bytes of a line; what is longer is cut there."""

_CHUNK = 256 * 1024
_CHUNKS_AHEAD = 4


class Stream(Protocol):
    """What bytes are read from."""

    def read1(self, size: int = ..., /) -> bytes:
        """What is there, at least one byte; empty at the end."""
        ...


@contextmanager
def opened(where: str) -> Generator[Stream]:
    """A file, or stdin for `-`.

    Raises:
        SettingsError: It cannot be read.
    """
    if where == "-":
        yield cast("Stream", sys.stdin.buffer)
        return
    with _open(Path(where)) as file:
        yield file


def _open(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror}.",
            remedy="Name a JSONL file, or - for stdin.",
        ) from error


async def read_lines(stream: Stream) -> AsyncIterator[bytes]:
    """Lines without their ends, each as soon as it is whole; a slow pipe stalls nobody.

    Raises:
        SettingsError: The input breaks off with a fault.
    """
    rest, cut = b"", False
    async for chunk in _chunks(stream):
        *whole, tail = chunk.split(b"\n")
        for part in whole:
            yield (rest + part)[:MAX_LINE]
            rest, cut = b"", False
        # Of a line that is too long only the beginning is kept.
        rest = rest if cut else rest + tail
        cut = len(rest) > MAX_LINE
    if rest:
        yield rest[:MAX_LINE]


async def _chunks(stream: Stream) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes | OSError] = asyncio.Queue(_CHUNKS_AHEAD)

    def read_some() -> bytes | OSError:
        try:
            return stream.read1(_CHUNK)
        except OSError as fault:
            return fault

    def read() -> None:
        more = True
        while more:
            chunk = read_some()
            asyncio.run_coroutine_threadsafe(chunks.put(chunk), loop).result()
            more = isinstance(chunk, bytes) and bool(chunk)

    def read_until_nobody_listens() -> None:
        with contextlib.suppress(ValueError, RuntimeError, CancelledError):  # closed meanwhile
            read()

    threading.Thread(target=read_until_nobody_listens, daemon=True).start()
    while chunk := await chunks.get():
        if isinstance(chunk, OSError):
            raise SettingsError(
                f"The input cannot be read on: {chunk.strerror}.",
                remedy="What was judged so far is written; see whether the file is whole.",
            ) from chunk
        yield chunk
