"""Whether C or C++ was cut off: by its brackets, since macros may hide its syntax."""

import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.gate import own

_NO_CODE = re.compile(
    r"//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)"
    r"|\"(?:[^\"\\\n]|\\[\s\S])*(?:\"|$)|'(?:[^'\\\n]|\\[\s\S])*(?:'|$)",
    re.MULTILINE,
)
_RAW = re.compile(r"R\"([^()\\\s]{0,16})\(")
_BRANCH = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b", re.MULTILINE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def cut_off(code: str) -> Iterator[Diagnostic]:
    """Brackets that are never closed. Ask only where the syntax is broken, too."""
    if _RAW.search(code):
        return  # a raw text may hold any bracket
    bare = _NO_CODE.sub(_same_lines, code)
    waiting: list[tuple[str, int]] = []
    for number, line in enumerate(_first_branches(bare), start=1):
        for bracket in re.findall(r"[()\[\]{}]", line):
            if bracket in "([{":
                waiting.append((bracket, number))
            elif waiting and waiting[-1][0] == _PAIRS[bracket]:
                waiting.pop()
            else:
                return  # closed too often: the compiler will tell
    if waiting:
        bracket, number = waiting[-1]
        yield own("cut-off", f"The `{bracket}` is never closed.", number)


def _same_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _first_branches(code: str) -> Iterator[str]:
    """The lines, of `#if ... #else ... #endif` only the first part: each may open a block."""
    skipped: list[bool] = []
    for line in code.split("\n"):
        directive = _BRANCH.match(line)
        if directive is None:
            yield "" if any(skipped) or line.lstrip().startswith("#") else line
            continue
        if directive[1].startswith("if"):
            skipped.append(False)
        elif skipped and directive[1] == "endif":
            skipped.pop()
        elif skipped:
            skipped[-1] = True
        yield ""
