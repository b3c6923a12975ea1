"""Whether a text was cut off: by its brackets, where the grammar alone may not reject."""

import re
from collections.abc import Iterator

from tree_sitter import Tree

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.shape import COMMENTS
from infinite_instruct.tools.syntax import nodes_of

_LITERALS = (
    *COMMENTS, "string", "string_literal", "char_literal", "raw_string_literal", "regex",
    "template_string", "jsx_text", "system_lib_string",
)  # fmt: skip
_BRANCH = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|else|endif)\b")
_BRACKET = re.compile(r"[()\[\]{}]")
_PAIRS = {")": "(", "]": "[", "}": "{"}


def cut_off(tree: Tree, code: str, language: Language) -> Iterator[Diagnostic]:
    """Brackets that are never closed. Only a text whose syntax is broken has them."""
    if not tree.root_node.has_error:
        return
    waiting: list[tuple[str, int]] = []
    for number, line in enumerate(_first_branches(_without_literals(tree, code, language)), 1):
        for bracket in _BRACKET.findall(line):
            if bracket in "([{":
                waiting.append((bracket, number))
            elif waiting and waiting[-1][0] == _PAIRS[bracket]:
                waiting.pop()
            else:
                return  # closed too often: the compiler will tell
    if waiting:
        bracket, number = waiting[-1]
        yield own("cut-off", f"The `{bracket}` is never closed.", number)


def _without_literals(tree: Tree, code: str, language: Language) -> str:
    data = bytearray(code.encode())
    for node in nodes_of(tree, language, _LITERALS):
        lines = data.count(b"\n", node.start_byte, node.end_byte)
        size = node.end_byte - node.start_byte
        data[node.start_byte : node.end_byte] = (b"\n" * lines).rjust(size)
    return data.decode()


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
