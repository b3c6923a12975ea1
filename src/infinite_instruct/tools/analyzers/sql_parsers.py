"""Parse SQL files with two parsers and print what each says, as JSON. Run as a child process.

SQLite compiles nothing here: an authorizer denies every statement after its parser took it.
"""

import json
import sqlite3
import sys
from pathlib import Path

DIALECTS = ("", "postgres", "mysql", "sqlite", "tsql", "bigquery", "snowflake", "oracle", "hive")
_SYNTAX = ("syntax error", "incomplete input", "unrecognized token", "one statement at a time")


def by_sqlglot(text: str) -> str:
    """Why no dialect takes the text; empty where one does."""
    import sqlglot  # noqa: PLC0415  the child may find it missing
    from sqlglot import errors, exp  # noqa: PLC0415

    said = ""
    for dialect in DIALECTS:
        try:
            statements = sqlglot.parse(text, read=dialect or None)
        except (errors.SqlglotError, RecursionError) as fault:
            said = said or str(fault)[:500]
            continue
        if any(each is not None for each in statements) and not any(
            isinstance(each, exp.Command) for each in statements
        ):
            return ""
        said = said or "it is no statement that the parser knows"
    return said


def by_sqlite(text: str) -> str:
    """Why SQLite's parser does not take the text; empty where it does."""
    connection = sqlite3.connect(":memory:")
    connection.set_authorizer(_deny)
    for statement in _statements(text):
        try:
            connection.execute(statement)
        except (sqlite3.Error, sqlite3.Warning) as fault:
            if any(word in str(fault) for word in _SYNTAX):
                return str(fault)[:500]
    return ""


def _deny(*_about: object) -> int:
    return sqlite3.SQLITE_DENY


def _statements(text: str) -> list[str]:
    """The text cut behind the semicolons at which SQLite finds a statement complete."""
    found, begun = [], ""
    for part in text.split(";")[:1000]:
        begun += part
        if sqlite3.complete_statement(begun + ";"):
            found.append(begun)
            begun = ""
        else:
            begun += ";"
    return [*found, begun] if begun.strip("; \n\t") else found


def main() -> None:
    """Judge the file that the first argument names."""
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    print(json.dumps({"sqlglot": by_sqlglot(text), "sqlite": by_sqlite(text)}))  # noqa: T201  the answer


if __name__ == "__main__":
    main()
