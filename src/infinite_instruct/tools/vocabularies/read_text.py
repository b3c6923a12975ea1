"""Plain lists: a word a line, indentation is nesting."""

from collections.abc import Iterable, Iterator

from infinite_instruct.tools.vocabularies.entries import Entry, Outline

_TAB = 8


def read_text(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a plain list; empty lines are none."""
    outline = Outline()
    for line in lines:
        text = line.strip()
        if text:
            wide = line.expandtabs(_TAB)
            yield outline.enter(len(wide) - len(wide.lstrip()), text)
