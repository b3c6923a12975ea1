"""What client programs take out of a script before the database sees it: mysql, sqlcmd, sqlite3.

psql's own commands are known to the PostgreSQL child, which tries them after the text as it is.
"""

import re

from infinite_instruct.domain import Language

_DELIMITER = re.compile(r"[ \t]*delimiter[ \t]+([$|/;@&^!%]{1,10})[ \t]*", re.IGNORECASE)
_GO = re.compile(r"[ \t]*go[ \t]*", re.IGNORECASE)
_DOT = re.compile(r"\.[a-z]")


def without_client_commands(text: str, language: Language) -> str:
    """The text as the database gets it, each line where it was."""
    if language is Language.POSTGRESQL:
        return text
    lines = text.split("\n")
    if language is Language.SQLITE:
        return "\n".join(_without_dots(lines))
    return "\n".join(_without_delimiters(lines))


def _without_delimiters(lines: list[str]) -> list[str]:
    """`DELIMITER //` lines gone and the delimiter a semicolon; `GO` ends a batch."""
    kept: list[str] = []
    end = ";"
    for line in lines:
        if changed := _DELIMITER.fullmatch(line):
            end = changed[1]
            kept.append("")
        elif _GO.fullmatch(line):
            kept.append(";")
        else:
            kept.append(line if end == ";" else line.replace(end, ";"))
    return kept


def _without_dots(lines: list[str]) -> list[str]:
    """`.mode csv` and the like, which stand only between statements."""
    kept: list[str] = []
    between = True
    for line in lines:
        is_command = between and bool(_DOT.match(line))
        kept.append("" if is_command else line)
        told = line.strip()
        between = is_command or (between and not told) or told.endswith(";")
    return kept
