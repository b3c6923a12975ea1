"""Lines of a file that may be anything: decoded, and never longer than a bound."""

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from infinite_instruct.tools.vocabularies.entries import Passed

MAX_LINE = 100_000
"""Characters of a line that are read; the rest of it is passed over."""

_PIECE = 16_000


def encoding_of(head: bytes) -> str:
    """UTF-16 where a mark says so, else UTF-8."""
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return "utf-16" if head.startswith(marks) else "utf-8-sig"


def open_text(path: Path) -> TextIO:
    """A file as text. Bytes that are no UTF-8 become lone surrogates: their words are refused."""
    with path.open("rb") as file:
        encoding = encoding_of(file.read(4))
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    return path.open(encoding=encoding, errors=errors, newline=None)


def lines_of(path: Path, passed: Passed) -> Iterator[str]:
    """The lines, each at most `MAX_LINE` characters, whatever the file holds."""
    with open_text(path) as file:
        while line := file.readline(MAX_LINE):
            yield line
            if len(line) == MAX_LINE and not line.endswith("\n"):
                passed.count("rest-of-a-long-line")
            while len(line) == MAX_LINE and not line.endswith("\n"):
                line = file.readline(MAX_LINE)


def pieces_of(path: Path) -> Iterator[str]:
    """The whole text in pieces, for a form in which lines mean nothing."""
    with open_text(path) as file:
        while piece := file.read(_PIECE):
            yield piece
