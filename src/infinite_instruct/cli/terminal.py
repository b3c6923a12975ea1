"""The terminal: colours and bars for people, plain lines for pipes."""

import io
import sys
import unicodedata
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def console(*, stderr: bool = False) -> Console:
    """A console without markup: what is printed comes from models and files."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def table(*columns: str, title: str = "") -> Table:
    """A table with these columns; those named with a leading `#` hold numbers."""
    heading = f"\n{title}" if title else None
    made = Table(title=heading, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column.lstrip("#"), justify="right" if column.startswith("#") else "left")
    return made


def plain(text: str) -> str:
    """A text without the control characters that could drive a terminal."""
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf"}
    )


@contextmanager
def outliving_its_terminal() -> Generator[None]:
    """Inside, to say something that nobody can read any more is no fault.

    A run must not end, or lose rows, because a terminal was closed or a pipe's reader has left.
    """
    with redirect_stdout(_lasting(sys.stdout)), redirect_stderr(_lasting(sys.stderr)):
        yield


class _Lasting(io.FileIO):
    """An open file that takes what it is given, and drops what it cannot write."""

    def write(self, data: "ReadableBuffer") -> int:
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _lasting(stream: TextIO) -> TextIO:
    try:
        raw = _Lasting(stream.fileno(), "w", closefd=False)
    except (OSError, ValueError):
        return stream  # no file, or closed: whoever put it there knows
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stream.encoding, errors="replace", line_buffering=True
    )
