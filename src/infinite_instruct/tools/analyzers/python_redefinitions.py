"""A lost definition, and an import or a variable that only stands twice: the tools mix them."""

import ast

from infinite_instruct.tools.analyzers.base import Findings

_RULES = frozenset({"F811", "no-redef"})
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def redefinitions_told_apart(findings: Findings, code: str) -> Findings:
    """The findings, where `F811` and `no-redef` of no function or class end in `-other`."""
    if not any(each.rule in _RULES for each in findings.diagnostics):
        return findings
    lines = _definition_lines(code)
    told = tuple(
        each.model_copy(update={"rule": f"{each.rule}-other"})
        if each.rule in _RULES and each.line not in lines
        else each
        for each in findings.diagnostics
    )
    return findings.model_copy(update={"diagnostics": told})


def _definition_lines(code: str) -> frozenset[int]:
    return frozenset(
        line
        for node in ast.walk(ast.parse(code))
        if isinstance(node, _Definition)
        for line in range(min([node.lineno, *_decorator_lines(node)]), node.lineno + 1)
    )


def _decorator_lines(node: _Definition) -> list[int]:
    return [each.lineno for each in node.decorator_list]
