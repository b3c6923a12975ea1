"""The gate before every parser: what may not even be looked at, found in the text itself."""

import re
import unicodedata
from collections.abc import Iterator

from tree_sitter import Tree

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.policy import Denied
from infinite_instruct.tools.shape import MAX_NESTING, too_deep
from infinite_instruct.tools.syntax import MAX_BYTES, depth, parse, text_of, walk

MAX_LINE = 5_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile(r"[\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_CODING = re.compile(r"^[ \t\f]*#.{0,200}?coding[:=][ \t]*([-\w.]+)")


def own(rule: str, message: str, line: int = 0, column: int = 0) -> Diagnostic:
    """A finding of our own rules; the policy knows them as the tool `text`."""
    return Diagnostic(
        tool="text",
        rule=rule,
        severity=Severity.FATAL,
        line=line,
        column=column,
        message=message[:2_000],
    )


def gate(code: str, language: Language, denied: Denied) -> tuple[Diagnostic, ...]:
    """Why no parser may see this text; empty where they may."""
    fault = _unreadable(code) or _unfit(code) or _too_deep(code, language)
    if fault:
        return (fault,)
    return (*_coding(code, language), *_denied(code, language, denied))


def _unreadable(code: str) -> Diagnostic | None:
    try:
        size = len(code.encode())
    except UnicodeEncodeError as fault:
        line = code.count("\n", 0, fault.start) + 1
        return own("not-utf8", "The text holds half of a character (a lone surrogate).", line)
    if size > MAX_BYTES:
        return own("too-large", f"{size} bytes of code; at most {MAX_BYTES} are checked.")
    return None


def _unfit(code: str) -> Diagnostic | None:
    for number, line in enumerate(code.split("\n"), start=1):
        if len(line) > MAX_LINE:
            return own("too-large", f"A line of {len(line)} characters.", number)
        found = _CONTROL.search(line.removesuffix("\r")) or _INVISIBLE.search(line)
        if found:
            name = unicodedata.name(found[0], f"control character {ord(found[0]):#x}")
            column = found.start() + 1
            return own("control-character", f"It holds {name.lower()}.", number, column)
    return None


def _too_deep(code: str, language: Language) -> Diagnostic | None:
    if too_deep(code) or depth(parse(language, code)) > MAX_NESTING:
        return own("too-deep", f"The code nests deeper than {MAX_NESTING} levels.")
    return None


def _coding(code: str, language: Language) -> Iterator[Diagnostic]:
    lines = code.split("\n")[:2] if language is Language.PYTHON else []
    for number, line in enumerate(lines, start=1):
        found = _CODING.match(line)
        if found and found[1].lower().replace("_", "-") not in {"utf-8", "utf8", "ascii"}:
            yield own("denied-token", f"The encoding {found[1][:40]} hides code.", number)


def _denied(code: str, language: Language, denied: Denied) -> Iterator[Diagnostic]:
    spliced = code.replace("\\\n", "") if language in {Language.C, Language.CPP} else code
    for pattern in denied.text:
        found = re.search(pattern, spliced, re.MULTILINE)
        if found:
            line = spliced.count("\n", 0, found.start()) + 1
            token = found[0].strip()[:40]
            yield own("denied-token", f"`{token}` steers or hides from a checker.", line)
    if denied.words:
        yield from _denied_words(parse(language, code), frozenset(denied.words))


def _denied_words(tree: Tree, words: frozenset[str]) -> Iterator[Diagnostic]:
    for node, _ in walk(tree):
        in_text = "comment" in node.type or "string" in node.type
        if node.child_count == 0 and not in_text and (word := text_of(node)) in words:
            line = node.start_point.row + 1
            yield own("denied-token", f"`{word}` steers or hides from a checker.", line)
