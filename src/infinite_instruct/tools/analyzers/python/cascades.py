"""Findings that only follow from an import nobody could look into, or that failed as foreseen."""

import ast
from collections.abc import Iterable, Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.python.imports import imports_of
from infinite_instruct.tools.analyzers.python.packages import Packages

_UNDEFINED = frozenset({"name-defined", "reportUndefinedVariable", "unresolved-reference"})
_ARGUMENTS = frozenset(
    {
        *("call-arg", "arg-type", "call-overload", "reportCallIssue", "reportArgumentType"),
        *("too-many-positional-arguments", "missing-argument", "unknown-argument"),
        *("invalid-argument-type", "no-matching-overload"),
    }
)
_CATCH_IMPORTS = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_Import = ast.Import | ast.ImportFrom


def without_cascades(
    found: Iterable[Diagnostic], code: str, packages: Packages | None
) -> tuple[Diagnostic, ...]:
    """The findings that stand by themselves.

    Left out are names that an unknown package's `import *` may bring, arguments of classes that an
    unknown decorator makes (as attrs does), and imports whose failure the code catches.
    """
    found = tuple(found)
    if not found:
        return found
    tree = ast.parse(code)  # the text was compiled before
    has_star = _takes_all_of_unknown(tree, packages)
    made = _lines(_calls_of_made_classes(tree, packages))
    caught = _lines(_caught_imports(tree))
    return tuple(
        each
        for each in found
        if not (has_star and each.rule in _UNDEFINED)
        and not (each.line in made and each.rule in _ARGUMENTS)
        and each.line not in caught
    )


def _takes_all_of_unknown(tree: ast.Module, packages: Packages | None) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.names[0].name == "*"
        and _is_unknown(node, packages)
        for node in ast.walk(tree)
    )


def _is_unknown(node: _Import, packages: Packages | None) -> bool:
    unresolved, _ = imports_of(ast.Module([node], []), packages)
    return bool(unresolved)


def _calls_of_made_classes(tree: ast.Module, packages: Packages | None) -> Iterator[ast.Call]:
    """Calls of classes under a decorator from an unknown package; inside them, of `cls`."""
    unknown = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, _Import) and _is_unknown(node, packages)
        for alias in node.names
    }
    made = [
        node
        for node in (ast.walk(tree) if unknown else ())
        if isinstance(node, ast.ClassDef)
        and any(_root(each) in unknown for each in node.decorator_list)
    ]
    names = {node.name for node in made}
    yield from (call for call in _calls(tree) if _root(call.func) in names)
    yield from (call for node in made for call in _calls(node) if _root(call.func) == "cls")


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _root(node: ast.expr) -> str:
    """`attr` of `@attr.s(slots=True)`."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _caught_imports(tree: ast.Module) -> Iterator[_Import]:
    """Imports in a `try` that goes on without them, and those that it goes on with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Try) and any(_catches_imports(each) for each in node.handlers):
            blocks = [node.body, *(each.body for each in node.handlers)]
            inner = (child for block in blocks for each in block for child in ast.walk(each))
            yield from (child for child in inner if isinstance(child, _Import))


def _catches_imports(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {each.id for each in kinds if isinstance(each, ast.Name)}
    return handler.type is None or bool(names & _CATCH_IMPORTS)


def _lines(nodes: Iterable[ast.stmt | ast.expr]) -> frozenset[int]:
    return frozenset(
        line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    )
