"""Code that a macro takes and gives to nobody: no compiler looks at it (C, C++, Rust)."""

import re
from collections.abc import Iterator

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.syntax import nodes_of, text_of

_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(.*)$", re.MULTILINE)
_TO_NOTHING = re.compile(r"\([^)]{0,200}\)\s*(?:#\s*\w+|\(\(?void\)?\s*0\)|//.*|/\*.*)?")
"""What stands behind the name of a macro that drops its arguments, or makes a text of them."""
_RULE_TO_NOTHING = re.compile(r":\s*(?:tt|item|block|stmt)\b[^=]*=>\s*[({\[]\s*[)}\]]")
_FUNCTION = re.compile(r"\bfn\s+\w+")
_MAKES_TEXT = "stringify"
_MAX_ARGUMENTS = 256 * 1024
_MANY = 200
"""Macros or calls that are looked at."""


def swallowed_code(tree: Tree, code: str, language: Language) -> Iterator[Diagnostic]:
    """All of it."""
    if language in {Language.C, Language.CPP} and "define" in code:
        yield from _in_c(code)
    if language is Language.RUST and ("macro_rules" in code or _MAKES_TEXT in code):
        yield from _in_rust(tree)


def _in_c(code: str) -> Iterator[Diagnostic]:
    bodies: dict[str, list[str]] = {}
    for name, body in _DEFINE.findall(code.replace("\\\n", "  "))[:_MANY]:
        bodies.setdefault(name, []).append(body.strip())
    # A macro with two bodies is one of a debugging and one of a plain build.
    empty = [name for name, (first, *more) in bodies.items() if not more and _drops(first)]
    for name in empty:
        for found in re.finditer(rf"\b{name}\s*\(", code):
            if "{" in _arguments(code, found.end()):
                line = code.count("\n", 0, found.start()) + 1
                yield own("hidden-code", f"`{name[:80]}` drops the code in it.", line)
                break


def _drops(body: str) -> bool:
    return _TO_NOTHING.fullmatch(body) is not None


def _arguments(code: str, start: int) -> str:
    """The text up to the bracket that closes the one before it."""
    depth = 1
    for found in re.compile(r"[()]").finditer(code, start, start + _MAX_ARGUMENTS):
        depth += 1 if found[0] == "(" else -1
        if not depth:
            return code[start : found.start()]
    return ""


def _in_rust(tree: Tree) -> Iterator[Diagnostic]:
    macros = nodes_of(tree, Language.RUST, ("macro_definition",))[:_MANY]
    empty = {_name(each) for each in macros if _RULE_TO_NOTHING.search(text_of(each))}
    for call in nodes_of(tree, Language.RUST, ("macro_invocation",))[: 10 * _MANY]:
        macro = call.child_by_field_name("macro")
        name = text_of(macro).rpartition("::")[2] if macro is not None else ""
        if name in {*empty, _MAKES_TEXT} and _FUNCTION.search(text_of(call)):
            line = call.start_point.row + 1
            yield own("hidden-code", f"`{name[:80]}!` drops the code in it.", line)


def _name(macro: Node) -> str:
    named = macro.child_by_field_name("name")
    return text_of(named) if named is not None else ""
