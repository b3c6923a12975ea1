"""Rules for Python's functions: with a body, whole to the end, giving what they promise."""

import ast
import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.gate import own
from infinite_instruct.tools.analyzers.placeholders import NOT_DONE, is_meant_to_do_nothing
from infinite_instruct.tools.analyzers.python_effects import gives_value
from infinite_instruct.tools.analyzers.python_tree import (
    Function,
    PythonTree,
    last_name,
    own_nodes,
    without_docstring,
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
    hollow = [each for each in tree.functions if is_hollow(each)]
    for node in hollow:
        if not _may_be_hollow(node, tree):
            yield own("placeholder-body", f"`{node.name}` has no body.", node.lineno)
    for node in tree.functions:
        if node.returns is not None and node not in hollow:
            yield from _missing_return(node)
    yield from _only_any(tree)


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
            return last_name(raised) == "NotImplementedError" or _says_not_done(raised)
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return _says_not_done(call)
        case _:
            return False


def _says_not_done(call: ast.expr) -> bool:
    match call:
        case ast.Call(args=[ast.Constant(value=str(text))]):
            return bool(NOT_DONE.search(text))
        case _:
            return False


def _may_be_hollow(node: Function, tree: PythonTree) -> bool:
    """Abstract, overloaded, a hook, a fallback, a test, or named for doing nothing."""
    decorators = {last_name(each) for each in node.decorator_list}
    named = node.name.startswith(("__", "test_")) or is_meant_to_do_nothing(node.name)
    if named or decorators & _OPEN_DECORATORS or decorators - _CLOSED_DECORATORS:
        return True
    if sum(each.name == node.name for each in tree.functions) > 1 and node not in tree.class_of:
        return True  # one of them is the fallback of the other
    return _is_open_method(node, tree) or _is_passed_on(node, tree)


def _is_open_method(node: Function, tree: PythonTree) -> bool:
    """Whether subclasses are to fill it in, or it fills in for a base class."""
    owner = tree.class_of.get(node)
    if owner is None:
        return False
    if owner.bases or owner.keywords or _OPEN_CLASSES.search(owner.name):
        return True
    bases = {last_name(base) for each in tree.classes for base in each.bases}
    hooks = {each.func.attr for each in tree.calls if isinstance(each.func, ast.Attribute)}
    return owner.name in bases or node.name in hooks


def _is_passed_on(node: Function, tree: PythonTree) -> bool:
    """Whether it is used as a value, as a callback that does nothing."""
    values = [
        value
        for call in tree.calls
        for value in (*call.args, *(each.value for each in call.keywords))
    ]
    return any(isinstance(each, ast.Name) and each.id == node.name for each in values)


def _missing_return(node: Function) -> Iterator[Diagnostic]:
    returns = ast.unparse(node.returns) if node.returns else "None"
    if _NO_VALUE.search(returns) or any(gives_value(each) for each in own_nodes(node)):
        return
    message = f"`{node.name}` promises `{returns[:80]}` and returns nothing."
    yield own("missing-return", message, node.lineno)


def _only_any(tree: PythonTree) -> Iterator[Diagnostic]:
    """Functions that are `Any` in all places, where no function says more."""
    hints = {node: _hints(node) for node in tree.functions}
    if not all(names <= {"Any", ""} for names in hints.values()):
        return
    for node, names in hints.items():
        if names == {"Any"}:
            message = f"`{node.name}` is `Any` in all places: no checker can see a fault in it."
            yield own("only-any", message, node.lineno)


def _hints(node: Function) -> set[str]:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    hints = [each.annotation for each in given if each.arg not in {"self", "cls"}]
    return {last_name(hint) if hint else "" for hint in [*hints, node.returns]} if hints else set()
