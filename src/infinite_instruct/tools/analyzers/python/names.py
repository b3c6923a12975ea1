"""Rules that are one word for two things, told apart by Python's own tree."""

import ast
import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.python.tree import own_nodes

_REDEFINED = frozenset({"F811", "no-redef"})
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Definition = _Function | ast.ClassDef


def told_apart(findings: Findings, code: str) -> Findings:
    """The findings under more exact rules.

    `F811` and `no-redef` of an import or a variable, where nothing is lost, end in `-other`; `F821`
    of a variable that gets its value later in the same function is `F823`.
    """
    if not any(each.rule in {*_REDEFINED, "F821"} for each in findings.diagnostics):
        return findings
    tree = ast.parse(code)  # the text was compiled before
    lines = frozenset(_definition_lines(tree))
    told = tuple(
        each.model_copy(update={"rule": _rule(each, tree, lines)}) for each in findings.diagnostics
    )
    return findings.model_copy(update={"diagnostics": told})


def _rule(each: Diagnostic, tree: ast.Module, definitions: frozenset[int]) -> str:
    if each.rule in _REDEFINED and each.line not in definitions:
        return f"{each.rule}-other"
    name = re.fullmatch(r"Undefined name `(\w+)`", each.message)
    is_early = each.rule == "F821" and name and name[1] in _given_around(tree, each.line)
    return "F823" if is_early else each.rule


def _definition_lines(tree: ast.Module) -> Iterator[int]:
    """Where functions and classes begin, from the first decorator to the name."""
    for node in ast.walk(tree):
        if isinstance(node, _Definition):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield from range(first, node.lineno + 1)


def _given_around(tree: ast.Module, line: int) -> frozenset[str]:
    """The variables of the innermost function around a line, or of the module."""
    around = [
        node
        for node in ast.walk(tree)
        if isinstance(node, _Function) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    inside = max(around, key=lambda node: node.lineno, default=None)
    nodes = own_nodes(inside) if inside else ast.walk(tree)
    return frozenset(
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
