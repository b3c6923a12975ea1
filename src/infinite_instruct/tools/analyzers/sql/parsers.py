"""Answer rounds of SQL texts by SQLite's parser and by sqlglot. Run as a child process.

A request is a dialect and a text; an answer names the parser in its `rule`. SQLite only compiles
(`EXPLAIN`), in an empty database in memory, and may neither set pragmas nor open files.
The protocol is told in `parser_worker`.
"""

import json
import logging
import re
import sqlite3
import sys
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import errors, exp

Fault = dict[str, str | int]

DIALECTS = {
    "mysql": ("mysql",),
    "tsql": ("tsql",),
    "sql": ("", "mysql", "postgres", "sqlite", "tsql", "bigquery", "snowflake", "oracle", "spark"),
}
STARTS = frozenset(
    """
    add backup begin bulk call checkpoint close dbcc deallocate declare deny disable enable exec
    execute fetch goto if
    list lock open optimize output print purge raiserror reconfigure rename repair replace restore
    return revert save shutdown throw undrop unload use waitfor while
    """.split()  # noqa: SIM905  forty lines of one word otherwise
)
"""What starts statements that sqlglot reads as a name."""
MAX_PARTS = 2_000
"""Semicolons inside one statement: each makes SQLite read the statement again."""

_SYNTAX = (
    *("syntax error", "incomplete input", "unrecognized token", "duplicate column name"),
    *("clause is required before", "clause should come after", "must have the same number of"),
    *("do not have the same number of result columns",),
)
_BARRED = {sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH}
_NO_TABLE = re.compile(r"no such table: (?:main\.)?(\w{1,60})$")
_COMMENTS = re.compile(r"\A(?:\s|--[^\n]*\n?|/\*(?s:.*?)(?:\*/|\Z))+")


_WANTING = {"ALIAS", "AND", "COMMA", "EQ", "FROM", "JOIN", "L_PAREN", "NEQ", "OR", "THEN", "WHERE"}
"""Kinds of words that something must follow (not `SET x ON`, `FOR UPDATE`, `GRANT SELECT, ...`)."""


class TooLongError(Exception):
    """A statement that would take too long to split."""


def by_sqlite(text: str) -> str:
    """Why SQLite's parser does not take the text; empty where it does."""
    connection = sqlite3.connect(":memory:", cached_statements=0)
    connection.set_authorizer(_authorize)
    try:
        return next(filter(None, (_compiled(connection, each) for each in _statements(text))), "")
    finally:
        connection.close()


def _compiled(connection: sqlite3.Connection, statement: str) -> str:
    said = _said(connection, f"EXPLAIN {statement}")
    if "syntax error" in said and re.search(r"\bexplain\b", statement, re.IGNORECASE):
        said = _said(connection, statement) if _only_explains(statement) else said
    return said if any(word in said for word in _SYNTAX) else ""


def _only_explains(statement: str) -> bool:
    return _bare(statement).lower().startswith("explain")


def _bare(statement: str) -> str:
    """The statement without the comments before it."""
    return _COMMENTS.sub("", statement)


def _said(connection: sqlite3.Connection, statement: str) -> str:
    """SQLite's error; a trigger is read to its end only where its table exists."""
    said = ""
    for _ in range(3):
        try:
            connection.execute(statement).close()
        except (sqlite3.Error, sqlite3.Warning) as fault:
            said = str(fault)
        else:
            return ""
        missing = _NO_TABLE.search(said)
        if not missing or "trigger" not in statement.lower():
            break
        connection.execute(f'CREATE TABLE "{missing[1]}" (a)')
    return said


def _authorize(action: int, *_about: object) -> int:
    return sqlite3.SQLITE_DENY if action in _BARRED else sqlite3.SQLITE_OK


def _statements(text: str) -> Iterator[str]:
    """The text cut behind the semicolons at which SQLite finds a statement complete."""
    begun, parts = "", 0
    for part in text.split(";"):
        begun, parts = f"{begun}{part};", parts + 1
        if parts > MAX_PARTS:
            raise TooLongError
        if sqlite3.complete_statement(begun):
            yield from [begun[:-1]] if _bare(begun[:-1]) else []
            begun, parts = "", 0
    yield from [begun[:-1]] if _bare(begun[:-1]) else []


def by_sqlglot(text: str, dialect: str) -> Fault | None:
    """Why no variant of the dialect takes the text, told by the one that reads most of it."""
    faults: list[Fault] = []
    for variant in DIALECTS[dialect]:
        fault = _parsed(text, variant) or next(_strays(text, variant), None)
        if fault is None or fault["rule"] == "unknown":
            return fault
        faults.append(fault)
    strays = [next(_strays(text, variant), None) for variant in DIALECTS[dialect]]
    told = [each for each in strays if each]
    return told[0] if len(told) == len(strays) else max(faults, key=_place)


def _strays(text: str, variant: str) -> Iterator[Fault]:
    """What sqlglot overlooks: `SELEC a` is an expression to it, `(1,,2)` a list of two."""
    try:
        words = sqlglot.tokenize(text, read=variant or None)
    except errors.SqlglotError:
        return
    # The general variant takes `SELECT a, FROM t`, as BigQuery and DuckDB do.
    ending = {"SEMICOLON", "COMMA"} | ({"FROM"} if variant else set[str]())
    before = "SEMICOLON"
    for word in words:
        kind = word.token_type.name
        place = (word.line, word.col - len(word.text) + 1)
        if before == "SEMICOLON" and kind == "VAR" and word.text.lower() not in STARTS:
            yield _fault("sqlglot", f'no statement starts like this, near "{word.text}"', *place)
        if before in _WANTING and kind in ending:
            yield _fault("sqlglot", f'something is missing near "{word.text}"', *place)
        before = kind
    if before in _WANTING:
        yield _fault("sqlglot", "something is missing at end of input", words[-1].line, 1)


def _parsed(text: str, variant: str) -> Fault | None:
    try:
        statements = sqlglot.parse(text, read=variant or None)
    except errors.ParseError as fault:
        return _told(fault.errors[0], text) if fault.errors else _fault("sqlglot", str(fault))
    except errors.SqlglotError as fault:
        return _fault("sqlglot", str(fault))
    if any(isinstance(node, exp.Command) for each in statements if each for node in each.walk()):
        return _fault("unknown", "It is a statement that sqlglot does not read.")
    return None


def _told(error: dict[str, Any], text: str) -> Fault:
    """One of sqlglot's errors; its columns are those of a word's end."""
    word = str(error.get("highlight") or "")
    line, end = int(error.get("line") or 0), int(error.get("col") or 0)
    lines = text.rstrip().split("\n")
    at_end = line == len(lines) and end >= len(lines[-1])
    where = "end of input" if at_end else f'near "{word[:200]}"'
    message = f"{str(error.get('description'))[:300]} at or {where}"
    return _fault("sqlglot", message, line, max(1, end - len(word) + 1))


def _place(fault: Fault) -> tuple[int, int]:
    return int(str(fault["line"])), int(str(fault["column"]))


def _fault(rule: str, message: str, line: int = 0, column: int = 0) -> Fault:
    return {"rule": rule, "line": line, "column": column, "message": message[:500]}


def judge(dialect: str, text: str) -> list[Fault]:
    """What each parser of the dialect finds."""
    said = by_sqlite(text) if dialect != "tsql" else ""
    if not said and dialect in {"sqlite", "sql"}:
        return []
    fault = by_sqlglot(text, dialect) if dialect != "sqlite" else None
    return [*([_fault("sqlite", said)] if said else []), *([fault] if fault else [])]


def main() -> None:
    """Answer until stdin ends."""
    sys.setrecursionlimit(20_000)  # 49 nested parentheses are too many for the usual one
    logging.disable()
    while count := sys.stdin.readline():
        for line in [sys.stdin.readline() for _ in range(int(count))]:
            dialect, text = json.loads(line)
            sys.stdout.write(json.dumps(judge(dialect, text)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
