"""What every reason means, and the repair brief that is made of it."""

import tomllib
from functools import cache
from importlib.resources import files

from infinite_instruct.domain import Diagnostic, Severity, Value, Verdict

MAX_BRIEF = 8 * 1024
"""Bytes of a repair brief."""

_MAX_QUOTED = 12
_MAX_LINE = 200


class Finding(Value):
    """One reason, explained in a line each."""

    what: str
    why: str
    repair: str


@cache
def findings() -> dict[str, Finding]:
    """All reasons that a verdict can have."""
    text = files("infinite_instruct.tools.analyzers").joinpath("findings.toml").read_text("utf-8")
    return {code: Finding.model_validate(told) for code, told in tomllib.loads(text).items()}


def repair_brief(verdict: Verdict, code: str) -> str:
    """Tell a model what to repair: reason, remedy, and each fault with its line of the code.

    Args:
        verdict: Why the answer was rejected.
        code: The code that was checked; the lines of the diagnostics are its lines.

    Returns:
        At most MAX_BRIEF bytes. It quotes untrusted text: put it inside a fence.
    """
    told = findings().get(verdict.reason)
    head = [f"{verdict.reason}: {verdict.detail}"]
    if told:
        head += [f"Why it is bad: {told.why}", f"How to repair: {told.repair}"]
    lines = code.split("\n")
    fatal = [each for each in verdict.diagnostics if each.severity is Severity.FATAL]
    quoted = [_quote(each, lines) for each in fatal[:_MAX_QUOTED]]
    more = [f"... and {len(fatal) - _MAX_QUOTED} more."] if len(fatal) > _MAX_QUOTED else []
    return _within("\n".join([*head, *quoted, *more]), MAX_BRIEF)


def _quote(each: Diagnostic, lines: list[str]) -> str:
    place = f"line {each.line}" if each.line else "whole text"
    said = f"- {place}, {each.tool} {each.rule}: {each.message[:500]}"
    if not 1 <= each.line <= len(lines):
        return said
    return f"{said}\n    {lines[each.line - 1][:_MAX_LINE].strip()}"


def _within(text: str, size: int) -> str:
    return text.encode(errors="replace")[:size].decode(errors="ignore")
