"""Rules for Python's functions: with a body, whole to the end, giving what they promise."""

import ast
import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS
from infinite_instruct.tools.analyzers.python.effects import gives_value
from infinite_instruct.tools.analyzers.python.tree import (
    FUNCTIONS,
    Function,
    PythonTree,
    last_name,
    own_nodes,
    without_docstring,
)
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.analyzers.text.placeholders import (
    NOT_DONE,
    OF_SUBCLASSES,
    is_meant_to_do_nothing,
)

_OPEN_DECORATORS = {"abstractmethod", "abstractproperty", "overload"}
_CLOSED_DECORATORS = {
    "staticmethod", "classmethod", "property", "cached_property", "cache", "lru_cache", "wraps",
    "contextmanager", "asynccontextmanager", "override", "final", "njit", "jit",
}  # fmt: skip
_OPEN_CLASSES = re.compile(r"(?i:base|abstract|interface|protocol|mixin|dummy|null|noop|fake|mock)")
_NO_VALUE = re.compile(r"\b(None|NoReturn|Never|Optional|Any|object)\b")


def python_structure(tree: PythonTree) -> Iterator[Diagnostic]:
    """Hollow functions, promises that are not kept, types that say nothing."""
    hollow = {each for each in tree.functions if is_hollow(each)}
    for node in sorted(hollow, key=_line)[:MAX_DIAGNOSTICS]:
        if not _may_be_hollow(node, tree):
            yield own("placeholder-body", f"`{node.name}` has no body.", node.lineno)
    for node in tree.functions:
        if node.returns is not None and node not in hollow:
            yield from _missing_return(node)
    yield from _only_any(tree)


def _line(node: Function) -> int:
    return node.lineno


def is_hollow(function: Function) -> bool:
    """Whether its body does nothing, or only says that it is not done."""
    if len(function.body) > 3:  # noqa: PLR2004  docstring, a note, `pass`
        return False
    return all(_is_nothing(statement) for statement in without_docstring(function.body))


def is_trivial(function: Function) -> bool:
    """Whether its body only gives back a constant or an argument: hollow beside a TODO."""
    body = [each for each in without_docstring(function.body) if not _is_nothing(each)]
    if not body:
        return True
    value = body[0].value if isinstance(body[0], ast.Return) else None
    plain = isinstance(value, ast.Constant | ast.Name | ast.List | ast.Tuple | ast.Dict)
    return len(body) == 1 and plain and not any(map(_is_built, ast.walk(value or ast.Pass())))


def _is_built(part: ast.AST) -> bool:
    return isinstance(part, ast.Call | ast.Attribute | ast.Subscript | ast.BinOp | ast.Compare)


def _is_nothing(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Return(value=None):
            return True
        case ast.Return(value=ast.Constant(value=value)):
            return value is ...
        case ast.Raise(exc=ast.expr() as raised):
            return _says_not_done(raised, bare=last_name(raised) == "NotImplementedError")
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return _says_not_done(call)
        case _:
            return False


def _says_not_done(call: ast.expr, *, bare: bool = False) -> bool:
    """Whether a message says it; a bare `NotImplementedError` says it without one."""
    match call:
        case ast.Call(args=[ast.Constant(value=str(text)), *_]):
            return bool(NOT_DONE.search(text)) and not OF_SUBCLASSES.search(text)
        case ast.Call(args=[_, *_]):
            return False
        case _:
            return bare


def _may_be_hollow(node: Function, tree: PythonTree) -> bool:
    """Abstract, overloaded, a hook, a fallback, a test, or named for doing nothing."""
    decorators = {last_name(each) for each in node.decorator_list}
    named = node.name.startswith(("__", "test_")) or is_meant_to_do_nothing(node.name)
    if named or decorators & _OPEN_DECORATORS or decorators - _CLOSED_DECORATORS:
        return True
    if node.returns is not None and last_name(node.returns) in {"NoReturn", "Never"}:
        return True
    return _is_fallback(node, tree) or _is_open_method(node, tree) or node.name in tree.names_used


def _is_fallback(node: Function, tree: PythonTree) -> bool:
    """Whether it is one of two with its name, or stands under a condition."""
    again = tree.names_defined[node.name] > 1 and node not in tree.class_of
    return again or node not in tree.standing


def _is_open_method(node: Function, tree: PythonTree) -> bool:
    """Whether subclasses are to fill it in, or it fills in for a base class."""
    owner = tree.class_of.get(node)
    if owner is None:
        return False
    if owner.bases or owner.keywords or _OPEN_CLASSES.search(owner.name):
        return True
    return owner.name in tree.bases or _is_interface(owner) or _is_hook(node, owner)


def _is_interface(owner: ast.ClassDef) -> bool:
    """Whether its methods are only described, or only refuse to be called."""
    methods = [each for each in owner.body if isinstance(each, FUNCTIONS)]
    own_ones = [each for each in methods if not each.name.startswith("__")]
    described = sum(not without_docstring(each.body) for each in own_ones)
    refusing = sum(isinstance(each.body[-1], ast.Raise) for each in own_ones if is_hollow(each))
    return described > 1 or (refusing > 1 and 2 * refusing > len(own_ones))


def _is_hook(node: Function, owner: ast.ClassDef) -> bool:
    """Whether it is a bare `pass` among methods that do something."""
    methods = [each for each in owner.body if isinstance(each, FUNCTIONS)]
    busy = sum(not is_hollow(each) and not each.name.startswith("__") for each in methods)
    is_bare = len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
    return is_bare and node.returns is None and busy > 1


def _missing_return(node: Function) -> Iterator[Diagnostic]:
    if gives_value(node.body[-1]) or any(gives_value(each) for each in own_nodes(node)):
        return
    returns = ast.unparse(node.returns) if node.returns else "None"
    if _NO_VALUE.search(returns):
        return
    message = f"`{node.name}` promises `{returns[:80]}` and returns nothing."
    yield own("missing-return", message, node.lineno)


def _only_any(tree: PythonTree) -> Iterator[Diagnostic]:
    """Functions that are `Any` in all places, where they are most of those with types."""
    named_any = {"Any", *_aliases_of_any(tree)}
    hints = {node: names for node in tree.functions if (names := _hints(node)) - {""}}
    vague = [node for node, names in hints.items() if names <= named_any]
    for node in vague:
        if 2 * len(vague) >= len(hints):
            message = f"`{node.name}` is `Any` in all places: no checker can see a fault in it."
            yield own("only-any", message, node.lineno)


def _aliases_of_any(tree: PythonTree) -> set[str]:
    aliases = [alias for each in tree.imports for alias in getattr(each, "names", ())]
    return {alias.asname for alias in aliases if alias.name == "Any" and alias.asname}


def _hints(node: Function) -> set[str]:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    hints = [each.annotation for each in given if each.arg not in {"self", "cls"}]
    return {last_name(hint) if hint else "" for hint in [*hints, node.returns]} if hints else set()
