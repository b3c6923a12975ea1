"""Tables: a header names the columns."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from infinite_instruct.tools.vocabularies.entries import MAX_DEPTH, MAX_TEXT, Entry, Passed
from infinite_instruct.tools.vocabularies.faults import UnreadableError

_COLUMNS = {
    "text": ("text", "name", "title", "keyword", "word", "term", "topic", "tag"),
    "kind": ("kind",),
    "languages": ("languages", "language", "lang"),
    "domain": ("domain", "field"),
    "parents": ("parents", "parent", "part of", "part_of"),
}
_SEPARATORS = ",;\t|"


def read_csv(lines: Iterable[str], passed: Passed) -> Iterator[Entry]:
    """The entries of a table. Lines that begin with `#` before the header are remarks.

    A table of one column needs no header. Several languages or parents of a word stand between
    `|` or `;`; a parent that has no row of its own is an entry, too.

    Raises:
        UnreadableError: It has several columns and none is named as a word's text.
    """
    rest = iter(lines)
    header = next((line for line in rest if line.strip() and not line.startswith("#")), "")
    separator = max(_SEPARATORS, key=header.count)
    names = _cells(header, separator)
    columns = _columns(names)
    if "text" not in columns:
        if len(names) > 1:
            raise UnreadableError(
                f"none of its columns ({', '.join(names)}) is named text, name, title"
            )
        columns = {"text": 0}
        yield Entry(names[0][:MAX_TEXT] if names else "")
    yield from _rows(csv.reader(rest, delimiter=separator), columns, passed)


def _cells(line: str, separator: str) -> list[str]:
    return [cell.strip() for row in csv.reader([line], delimiter=separator) for cell in row]


def _columns(names: Sequence[str]) -> dict[str, int]:
    lowered = [name.casefold() for name in names]
    return {
        column: lowered.index(found)
        for column, known in _COLUMNS.items()
        if (found := next((name for name in known if name in lowered), None)) is not None
    }


def _rows(rows: Iterator[list[str]], columns: dict[str, int], passed: Passed) -> Iterator[Entry]:
    parents: set[str] = set()
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            passed.count("no row of a table")
            continue
        if any(cell.strip() for cell in row):
            yield from _entries(row, columns, parents)


def _entries(row: list[str], columns: dict[str, int], named: set[str]) -> Iterator[Entry]:
    """A row's entry, after those of its parents that were not named before."""

    def cell(column: str) -> str:
        at = columns.get(column, len(row))
        return row[at].strip()[:MAX_TEXT] if at < len(row) else ""

    languages, parents = _listed(cell("languages")), _listed(cell("parents"))
    for parent in parents:
        if parent not in named:
            named.add(parent)
            yield Entry(parent, (), "", languages, cell("domain"))
    named.add(cell("text"))
    yield Entry(
        cell("text"), parents[:1], cell("kind"), languages, cell("domain"), parents[1:MAX_DEPTH]
    )


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.replace(";", "|").split("|") if part.strip())
