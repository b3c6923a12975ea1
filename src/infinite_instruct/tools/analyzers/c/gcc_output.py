"""What gcc says of a sample, as diagnostics."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from infinite_instruct.domain import Diagnostic, Severity, Value
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS, clean_message

_SAID = re.compile(
    r"(?P<file>[^\s:][^:\n]{0,400}):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?:"
    r" (?P<level>fatal error|error|warning|note): (?P<message>.*)"
)
_CALLED = re.compile(r":(\d{1,9})(?::(\d{1,9}))?:   (?:recursively )?required (?:from|by)")
_FLAG = re.compile(r" \[-W(?:error=)?([\w+=-]+)\]$")
_BY_REFERENCE = re.compile(r"note: +by argument \d")
_NO_SUCH_FILE = re.compile(r"(\S{1,200}): No such file or directory")


class Said(Value):
    """What the compiler said."""

    diagnostics: tuple[Diagnostic, ...] = ()
    unresolved: frozenset[int] = frozenset()
    """Lines of the warnings that stand for unknown headers, where the compiler came to them."""
    absent: frozenset[str] = frozenset()
    """Headers that this compiler does not have."""

    @property
    def is_error(self) -> bool:
        """Whether it refuses the text."""
        return any(each.severity is Severity.FATAL for each in self.diagnostics)


class _Message(Value):
    rule: str
    pattern: str
    certain: bool = False
    first: bool = False


def read_output(output: str, file: str, tool: str) -> Said:
    """Read what gcc wrote to stderr.

    Args:
        output: With `-fdiagnostics-plain-output`.
        file: The sample's name, as the compiler knows it.
        tool: Whose diagnostics they are.
    """
    found = list(_diagnostics(output.splitlines(), file, tool))
    told = [each for each in found if each.rule != "cpp"]
    errors = [each for each in told if each.severity is Severity.FATAL]
    absent = (_NO_SUCH_FILE.match(each.message) for each in found)
    return Said(
        # Where an error is, what is warned of is often its echo: the flow ends at it.
        diagnostics=tuple((errors or told)[:MAX_DIAGNOSTICS]),
        unresolved=frozenset(each.line for each in found if each.rule == "cpp"),
        absent=frozenset(each[1] for each in absent if each),
    )


def certain_errors(said: Said) -> list[Diagnostic]:
    """The errors that are ones whatever stands in the headers that are missing."""
    return [
        each
        for number, each in enumerate(said.diagnostics)
        if (kind := _kind_of(each.message)) and (kind.certain or (kind.first and number == 0))
    ]


def is_final(said: Said) -> bool:
    """Whether no other standard would take the text."""
    kind = _kind_of(said.diagnostics[0].message) if said.is_error else None
    return kind is not None and kind.first


def _diagnostics(lines: list[str], file: str, tool: str) -> Iterator[Diagnostic]:
    """Those of the sample's lines; of the headers' only what the sample made of their templates."""
    where = (0, 0)
    for number, line in enumerate(lines):
        called = _CALLED.match(line.removeprefix(file)) if line.startswith(f"{file}:") else None
        if called:
            where = (int(called[1]), int(called[2] or 0))
            continue
        said = _SAID.fullmatch(line)
        if not said or said["level"] == "note":
            continue
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if said["file"] == file:
            place = (int(said["line"]), int(said["column"] or 0))
            yield _diagnostic(tool, said["level"], place, said["message"], following)
        elif said["level"] != "warning":
            yield _diagnostic(tool, said["level"], where, said["message"], following)
        where = (0, 0)


def _diagnostic(
    tool: str, level: str, place: tuple[int, int], message: str, following: str
) -> Diagnostic:
    is_error = level != "warning"
    return Diagnostic(
        tool=tool,
        rule=_rule_of_error(message) if is_error else _rule_of_warning(message, following),
        severity=Severity.FATAL if is_error else Severity.WARNING,
        line=place[0],
        column=place[1],
        message=clean_message(message),
    )


def _rule_of_error(message: str) -> str:
    found = _kind_of(message)
    return found.rule if found else "error"


def _rule_of_warning(message: str, following: str) -> str:
    flag = _FLAG.search(message)
    if not flag:
        return "warning"
    if flag[1] == "return-type" and "control reaches end" in message:
        return "control-reaches-end"
    if flag[1] == "maybe-uninitialized" and _BY_REFERENCE.search(following):
        return "passed-uninitialized"  # whether the function reads it is not known
    return flag[1]


def _kind_of(message: str) -> _Message | None:
    return next((each for each, pattern in _messages() if pattern.search(message)), None)


@cache
def _messages() -> tuple[tuple[_Message, re.Pattern[str]], ...]:
    text = (
        files("infinite_instruct.tools.analyzers")
        .joinpath("c/gcc_messages.toml")
        .read_text("utf-8")
    )
    known = [_Message.model_validate(each) for each in tomllib.loads(text)["message"]]
    return tuple((each, re.compile(each.pattern)) for each in known)
