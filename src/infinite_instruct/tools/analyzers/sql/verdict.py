"""One verdict from what several parsers say of a text."""

import re
from collections.abc import Sequence
from itertools import combinations

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.parser_worker import Parsed, Said

OWN = {
    Language.POSTGRESQL: ("postgresql", "plpgsql"),
    Language.SQLITE: ("sqlite",),
    Language.MYSQL: ("mysql",),
}
"""The parsers that know a dialect by its whole grammar."""

_QUOTED = re.compile(r"near \"(.{1,200}?)\"", re.DOTALL)
_END = ("end of input", "incomplete input")


def taken(said: Sequence[Parsed]) -> bool:
    """Whether the parser that was asked last takes the text."""
    return bool(said) and not said[-1].faults and not said[-1].failure


def refusal(said: Sequence[Parsed], language: Language) -> Said | str:
    """Why the text is no SQL, or why that is not known.

    A database's own parser decides about its dialect; for MySQL sqlglot must agree. For the others
    sqlglot must fail in every dialect, and two parsers must stop at the same word: a statement of a
    strange dialect stops them at different ones.
    """
    faults = [fault for each in said for fault in each.faults]
    own = [fault for fault in faults if fault.rule in OWN.get(language, ())]
    sqlglot = [fault for fault in faults if fault.rule == "sqlglot"]
    others = [fault for fault in faults if fault.rule not in {"sqlglot", "unknown"}]
    if own and (sqlglot or language is not Language.MYSQL):
        return own[0]
    for one, other in combinations([*others, *sqlglot] if sqlglot else [], 2):
        if _agree(one, other):
            return one
    names = " and ".join(sorted({fault.rule for fault in others + sqlglot})) or "none"
    return f"its parsers disagree: refused by {names}"


def _agree(one: Said, other: Said) -> bool:
    same_line = one.line == other.line or 0 in {one.line, other.line}
    return same_line and _word(one) == _word(other)


def _word(fault: Said) -> str:
    """The word at which a parser stopped."""
    if _is_end(fault):
        return ""
    found = _QUOTED.search(fault.message)
    return found[1].lower() if found else fault.message


def _is_end(fault: Said) -> bool:
    return any(word in fault.message for word in _END)
