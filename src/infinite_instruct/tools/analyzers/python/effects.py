"""What a Python function gives or does: one that does neither was cut off, or lost its return."""

import ast
from collections.abc import Iterator

from infinite_instruct.tools.analyzers.python.tree import FUNCTIONS, Function, last_name, own_nodes

PURE = frozenset(
    {
        "abs", "all", "any", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod",
        "enumerate", "filter", "float", "format", "frozenset", "getattr", "hasattr", "hash",
        "hex", "int", "isinstance", "issubclass", "len", "list", "map", "max", "min", "oct",
        "ord", "pow", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum",
        "tuple", "type", "zip", "Counter", "defaultdict", "deque", "OrderedDict",
    }
)  # fmt: skip
"""What computes and does nothing else."""
_PURE_METHODS = frozenset(
    {
        "split", "rsplit", "splitlines", "strip", "lstrip", "rstrip", "lower", "upper", "title",
        "swapcase", "capitalize", "replace", "join", "items", "keys", "values", "get", "index",
        "count", "find", "rfind", "startswith", "endswith", "isdigit", "isalpha", "isalnum",
        "isupper", "islower", "isspace", "format", "zfill", "copy", "most_common", "bit_length",
        "union", "intersection", "difference",
    }
)  # fmt: skip
_FRESH = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Constant)
_ACTS = (
    ast.Raise, ast.Assert, ast.Delete, ast.Global, ast.Nonlocal, ast.With, ast.AsyncWith, ast.Await,
    ast.Yield, ast.YieldFrom, ast.Import, ast.ImportFrom, ast.AsyncFor,
)  # fmt: skip


def gives_value(node: ast.AST) -> bool:
    """Whether a function with this node keeps its promise, or never comes to its end."""
    if isinstance(node, ast.While):
        return isinstance(node.test, ast.Constant) and bool(node.test.value)
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Constant) and not node.test.value
    is_return = isinstance(node, ast.Return) and node.value is not None
    return is_return or isinstance(node, ast.Yield | ast.YieldFrom | ast.Raise)


def does_nothing(function: Function) -> bool:
    """Whether all that it computes is lost: nothing is returned, called, or changed outside."""
    if gives_value(function.body[-1]):
        return False
    nodes = list(own_nodes(function))
    fresh = set(_fresh_names(nodes))
    return not any(gives_value(node) or _acts(node, fresh) for node in nodes)


def _fresh_names(nodes: list[ast.AST]) -> Iterator[str]:
    """Local variables that were made here, so that nobody else sees a change of them."""
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            made = isinstance(node.value, _FRESH) or (
                isinstance(node.value, ast.Call) and last_name(node.value) in PURE
            )
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (each.id for each in targets if made and isinstance(each, ast.Name))


def _acts(node: ast.AST, fresh: set[str]) -> bool:
    if isinstance(node, ast.Call):
        return not _is_harmless(node.func, fresh)
    if isinstance(node, ast.Attribute | ast.Subscript):
        return isinstance(node.ctx, ast.Store) and not _is_of(node.value, fresh)
    return isinstance(node, _ACTS) or (isinstance(node, FUNCTIONS) and bool(node.decorator_list))


def _is_harmless(called: ast.expr, fresh: set[str]) -> bool:
    if isinstance(called, ast.Name):
        return called.id in PURE
    if not isinstance(called, ast.Attribute):
        return False
    is_math = isinstance(called.value, ast.Name) and called.value.id == "math"
    return is_math or called.attr in _PURE_METHODS or _is_of(called.value, fresh)


def _is_of(node: ast.expr, fresh: set[str]) -> bool:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in fresh
