"""The terminal: colours and bars for people, plain lines for pipes."""

import unicodedata

from rich.console import Console
from rich.table import Table


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
