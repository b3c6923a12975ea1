"""Rustc's JSON, read into diagnostics of the texts that it compiled."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from pydantic import BaseModel

from infinite_instruct.domain import Diagnostic, Severity, Value
from infinite_instruct.tools.analyzers.base import clean_message

_MISSING_CRATE = re.compile(
    r"(?:unlinked crate|undeclared crate or module|missing crate) `(\w+)`"
    r"|could not find `(\w+)` in the list of imported crates"
)
_CANNOT_LOAD = re.compile(r"can't find crate for `(\w+)`")
_ALIKE = re.compile(r"unresolved import `(\w+)`")
_LONG_PATH = re.compile(r"\b(?:std|core|alloc)::(?:\w+::)*(?=[A-Z]\w*)")
_SYNTAX = re.compile(
    r"expected |unexpected |this file contains an unclosed|mismatched closing|unknown start of"
    r"|missing |unterminated|no rules expected|.* is not followed by|found |invalid |.*keyword"
)
_NAME = re.compile(r"cannot find (macro|attribute|derive macro)")
_RESOLUTION = ("E0432", "E0433", "E0425", "E0412", "E0405")
_SUMMARY = ("aborting due to", "Some errors have detailed", "For more information about")
_MAX_LABELS = 3


class _Code(BaseModel):
    code: str


class _Expansion(BaseModel):
    span: "_Span"


class _Span(BaseModel):
    file_name: str
    line_start: int
    column_start: int
    is_primary: bool
    label: str | None = None
    expansion: _Expansion | None = None


class _Note(BaseModel):
    message: str


class _Said(BaseModel):
    message: str
    level: str
    code: _Code | None = None
    spans: list[_Span] = []
    children: list[_Note] = []


class RustError(Value):
    """One error, and which text it is about."""

    file: str
    """The text's file; empty where rustc names none."""
    diagnostic: Diagnostic
    crate: str = ""
    """The crate that was not found, where that is all that is wrong."""


def read_errors(output: str, files: Sequence[str]) -> list[RustError]:
    """The errors in what rustc wrote.

    Args:
        output: A JSON object a line.
        files: The names of the texts; all else is the compiler's own.

    Raises:
        ValueError: It is not what rustc writes.
    """
    known = frozenset(files)
    said = [_Said.model_validate_json(line) for line in output.splitlines() if line.strip()]
    return [
        _error(each, known)
        for each in said
        if each.level.startswith("error") and not each.message.startswith(_SUMMARY)
    ]


def _error(said: _Said, known: frozenset[str]) -> RustError:
    own = [(span, place) for span in said.spans if (place := _own_place(span, known))]
    first = next((pair for pair in own if pair[0].is_primary), None)
    file = PurePath(first[1].file_name).name if first else ""
    rule = _rule(said)
    return RustError(
        file=file,
        diagnostic=Diagnostic(
            tool="rustc",
            rule=rule,
            severity=Severity.WARNING if _is_raised_lint(said, rule) else Severity.FATAL,
            line=first[1].line_start if first else 0,
            column=first[1].column_start if first else 0,
            message=_message(said, rule, own, file)
            if first or not said.spans
            else "It fails elsewhere.",
        ),
        crate=_crate(said),
    )


def _own_place(span: _Span, known: frozenset[str]) -> _Span | None:
    """The place in a text: a macro of the standard library's stands where it is called."""
    place: _Span | None = span
    while place is not None and PurePath(place.file_name).name not in known:
        place = place.expansion.span if place.expansion else None
    return place


def _rule(said: _Said) -> str:
    if said.code is not None:
        return said.code.code
    if _NAME.match(said.message):
        return "unknown-macro"
    return "syntax" if _SYNTAX.match(said.message) else "error"


def _is_raised_lint(said: _Said, rule: str) -> bool:
    """A lint is an error by its own nature, or because the text wants it to be one."""
    is_lint = rule == rule.lower() and said.code is not None
    return is_lint and not any("on by default" in note.message for note in said.children)


def _message(said: _Said, rule: str, own: list[tuple[_Span, _Span]], file: str) -> str:
    """What is wrong, with the labels; never the hints, which tell of the other texts."""
    labels = list(_labels(own))
    text = clean_message(": ".join([said.message, *labels]).replace(f"{PurePath(file).stem}::", ""))
    text = text.replace(PurePath(file).stem, "sample") if file else text
    return text if rule in _RESOLUTION else _LONG_PATH.sub("", text)


def _labels(own: list[tuple[_Span, _Span]]) -> Iterator[str]:
    ordered = sorted(own, key=lambda pair: not pair[0].is_primary)
    for span, place in ordered[:_MAX_LABELS]:
        if span.label:
            yield span.label if span.is_primary else f"{span.label} (line {place.line_start})"


def _crate(said: _Said) -> str:
    code = said.code.code if said.code else ""
    if code == "E0463":
        found = _CANNOT_LOAD.match(said.message)
        return found[1] if found else ""
    if code not in {"E0432", "E0433"}:
        return ""
    for span in said.spans:
        if span.is_primary and (named := _MISSING_CRATE.search(span.label or "")):
            return named[1] or named[2]
    # Where std has a module of this name, rustc says so in place of the label.
    alike = _ALIKE.fullmatch(said.message) if code == "E0432" else None
    return alike[1] if alike and not any(s.label for s in said.spans if s.is_primary) else ""
