"""The gate before every parser: what may not even be looked at, found in the text itself."""

import re
import unicodedata
from collections.abc import Iterator

from tree_sitter import Tree

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.policy import Denied
from infinite_instruct.tools.shape import MAX_NESTING, too_deep
from infinite_instruct.tools.syntax import MAX_BYTES, is_deeper, text_of, walk

MAX_LINE = 5_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]|(?<!\n)\x0c|\x0c(?=[ \t\w])")
"""A form feed alone starts a page; elsewhere it resets what Python counts as indentation."""
_INVISIBLE = re.compile(r"[\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_ORDINARY = bytes([9, 10, 13, *range(32, 127)])
_CODING = re.compile(r"^[ \t\f]*#.{0,200}?coding[:=][ \t]*([-\w.]+)")
_ENCODINGS = {"utf-8", "utf8", "ascii", "us-ascii"}


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
    """Why no parser may see this text; empty where they may, as far as its characters tell."""
    fault = _unreadable(code) or _unfit(code)
    if fault is None and too_deep(code):
        fault = too_deep_fault()
    if fault:
        return (fault,)
    return (*_coding(code, language), *_denied(code, language, denied))


def tree_gate(tree: Tree, code: str, denied: Denied) -> tuple[Diagnostic, ...]:
    """Why no tool may see this text, as its tree tells."""
    if is_deeper(tree, MAX_NESTING):
        return (too_deep_fault(),)
    words = frozenset(word for word in denied.words if word in code)
    return tuple(_denied_words(tree, words)) if words else ()


def too_deep_fault() -> Diagnostic:
    """The finding on a text that nests too deep."""
    return own("too-deep", f"The code nests deeper than {MAX_NESTING} levels.")


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
    longest = max(code.split("\n"), key=len)
    if len(longest) > MAX_LINE:
        line = code.count("\n", 0, code.index(longest)) + 1
        return own("too-large", f"A line of {len(longest)} characters.", line)
    if code.isascii() and not code.encode().translate(None, _ORDINARY):
        return None
    found = _CONTROL.search(code) or _INVISIBLE.search(code) or _TAGS.search(code)
    return _unseen(code, found) if found else None


def _unseen(code: str, found: re.Match[str]) -> Diagnostic:
    name = unicodedata.name(found[0], f"control character {ord(found[0]):#x}")
    line = code.count("\n", 0, found.start()) + 1
    column = found.start() - code.rfind("\n", 0, found.start())
    return own("control-character", f"It holds {name.lower()}.", line, column)


def _coding(code: str, language: Language) -> Iterator[Diagnostic]:
    if language is not Language.PYTHON or "coding" not in code:
        return
    for number, line in enumerate(code.split("\n", 2)[:2], start=1):
        found = _CODING.match(line)
        if found and found[1].lower().replace("_", "-") not in _ENCODINGS:
            yield own("denied-token", f"The encoding {found[1][:40]} hides code.", number)


def _denied(code: str, language: Language, denied: Denied) -> Iterator[Diagnostic]:
    spliced = code.replace("\\\n", "") if language in {Language.C, Language.CPP} else code
    for pattern in denied.text:
        found = re.search(pattern, spliced, re.MULTILINE)
        if found:
            line = spliced.count("\n", 0, found.start()) + 1
            token = found[0].strip()[:40]
            yield own("denied-token", f"`{token}` steers or hides from a checker.", line)


def _denied_words(tree: Tree, words: frozenset[str]) -> Iterator[Diagnostic]:
    for node, _ in walk(tree):
        in_text = "comment" in node.type or "string" in node.type
        if node.child_count == 0 and not in_text and (word := text_of(node)) in words:
            line = node.start_point.row + 1
            yield own("denied-token", f"`{word}` steers or hides from a checker.", line)
