"""The names that Python code needs from outside, by CPython's own parser and symbol tables."""

import ast
import builtins
import symtable
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import cast

from infinite_instruct.tools.seeds.cut import ImportStatement
from infinite_instruct.tools.seeds.names import Names

_BUILTINS = frozenset(dir(builtins)) | {"__name__"}
_PARSE_ERRORS = (SyntaxError, ValueError, RecursionError, MemoryError)


@lru_cache(maxsize=1)
def _parsed(code: str) -> ast.Module | None:
    """As `parse_quietly`, for trees that nobody changes: a candidate is looked at twice."""
    return parse_quietly(code)


def parse_quietly(code: str) -> ast.Module | None:
    """Its syntax tree; None when Python cannot parse it. Old escapes warn on nobody's screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(code)
        except _PARSE_ERRORS:
            return None


def read(code: str) -> Names | None:
    """The names that a piece of code needs; None when Python cannot compile it."""
    tree = _parsed(code)
    if tree is None:
        return None
    try:
        free = _free_names(symtable.symtable(code, "<seed>", "exec"))
        nodes = _walk(tree)
        annotated = _names_in_quoted_annotations(nodes)
    except _PARSE_ERRORS:
        return None
    bound = {node.name for node in tree.body if isinstance(node, _DEFINITION)}
    outside = (free | annotated) - bound - _BUILTINS
    return Names(free=frozenset(outside), missing_members=frozenset(_missing_members(nodes)))


def _walk(node: ast.AST) -> list[ast.AST]:
    """A node and all below it, in no order to rely on.

    Three times as fast as `ast.walk`: contexts and operators, half of a tree's nodes, have nothing
    below them that anybody here asks for, and are left out.
    """
    found = [node]
    for each in found:
        for name in each._fields:
            below: object = getattr(each, name, None)
            if isinstance(below, list):
                items = cast("list[object]", below)
                found.extend(item for item in items if isinstance(item, ast.AST))
            elif isinstance(below, ast.AST) and not isinstance(below, _MARKS):
                found.append(below)
    return found


_MARKS = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop)
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _free_names(module: symtable.SymbolTable) -> set[str]:
    """All names that are looked up in the module, or declared global, and not assigned there."""
    defined = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned()}
    used: set[str] = set()
    tables = [module]
    while tables:
        table = tables.pop()
        tables.extend(table.get_children())
        used |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if (table is module or symbol.is_global())
            and (symbol.is_referenced() or symbol.is_declared_global())
        }
    return used - defined


def _names_in_quoted_annotations(nodes: Iterable[ast.AST]) -> set[str]:
    """Names in annotations that are strings, which symbol tables do not see."""
    quoted = (
        part.value
        for annotation in _annotations(nodes)
        for part in _walk(annotation)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )
    parsed = filter(None, map(parse_quietly, quoted))
    return {node.id for each in parsed for node in _walk(each) if isinstance(node, ast.Name)}


def _annotations(nodes: Iterable[ast.AST]) -> Iterator[ast.expr]:
    for node in nodes:
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            if not _is_literal(node.annotation):
                yield node.annotation
        elif isinstance(node, _FUNCTION) and node.returns and not _is_literal(node.returns):
            yield node.returns


def _is_literal(annotation: ast.expr) -> bool:
    """`Literal["a"]` holds values, no names."""
    return isinstance(annotation, ast.Subscript) and "Literal" in ast.unparse(annotation.value)


def _missing_members(nodes: Iterable[ast.AST]) -> set[str]:
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    return {name for each in classes for name in _missing_in_class(each)}


def _missing_in_class(node: ast.ClassDef) -> set[str]:
    """Members read through `self`, `cls` or `super()` that no reader of this class can see."""
    methods = [_Method(each) for each in node.body if isinstance(each, _FUNCTION)]
    visible = {name for statement in node.body for name in _bound_by(statement)}
    visible |= {name for base in node.bases for name in _members_of_builtin(base)}
    visible |= set(dir(object))
    missing = _properties_without_getter(node)
    for method in methods:
        elsewhere = {name for other in methods if other is not method for name in other.stored}
        missing |= method.reads_first() - visible - elsewhere
    return missing


class _Method:
    """The members that a method stores and reads, each with the first line where it does."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        parameters = [*node.args.posonlyargs, *node.args.args]
        self._receiver = parameters[0].arg if parameters else ""
        self.stored: dict[str, int] = {}
        self.read: dict[str, int] = {}
        parts = _walk(node)
        updated = {id(part.target) for part in parts if isinstance(part, ast.AugAssign)}
        for part in parts:
            if isinstance(part, ast.Attribute):
                self._note(part, is_read=id(part) in updated)

    def _note(self, part: ast.Attribute, *, is_read: bool) -> None:
        through_super = _is_super(part.value)
        if not through_super and not _is_name(part.value, self._receiver):
            return
        is_store = isinstance(part.ctx, ast.Store) and not through_super and not is_read
        lines = self.stored if is_store else self.read
        lines[part.attr] = min(part.lineno, lines.get(part.attr, part.lineno))

    def reads_first(self) -> set[str]:
        """Members that it reads before it stores them; on one line the reading comes first."""
        return {name for name, line in self.read.items() if self.stored.get(name, line) >= line}


def _properties_without_getter(node: ast.ClassDef) -> set[str]:
    """`@x.setter` where no `x` stands before it."""
    seen: set[str] = set()
    missing: set[str] = set()
    for statement in node.body:
        for part in getattr(statement, "decorator_list", []):
            if isinstance(part, ast.Attribute) and part.attr in {"setter", "deleter", "getter"}:
                missing |= {ast.unparse(part.value)} - seen
        seen |= _bound_by(statement)
    return missing


def _bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement of a class body makes members."""
    if isinstance(statement, _DEFINITION):
        return {statement.name}
    return {
        part.id
        for part in _walk(statement)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }


def _members_of_builtin(base: ast.expr) -> list[str]:
    known = isinstance(base, ast.Name) and getattr(builtins, base.id, None)
    return dir(known) if isinstance(known, type) else []


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _is_name(node.func, "super")


def imports(text: str) -> tuple[ImportStatement, ...] | None:
    """The imports of a module, one name each; None when Python cannot parse it."""
    tree = parse_quietly(text)
    return None if tree is None else tuple(_imports_of(tree.body))


def _imports_of(statements: list[ast.stmt]) -> Iterator[ImportStatement]:
    """Imports at the module's level, also under `if` and `try`, without those of functions."""
    pending = list(reversed(statements))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _one_by_one(node)
        elif isinstance(node, ast.If | ast.Try):
            handled = [each for handler in getattr(node, "handlers", []) for each in handler.body]
            pending.extend(reversed([*node.body, *handled, *node.orelse]))


def _one_by_one(node: ast.Import | ast.ImportFrom) -> Iterator[ImportStatement]:
    for alias in node.names:
        single: ast.stmt
        path = ""
        if isinstance(node, ast.Import):
            single = ast.Import(names=[alias])
            path = "" if alias.asname else alias.name
        else:
            single = ast.ImportFrom(module=node.module, names=[alias], level=node.level)
        name = (alias.asname or alias.name).split(".")[0]
        yield ImportStatement(text=ast.unparse(single), names=frozenset({name}), path=path)


def is_placeholder(code: str) -> bool:
    """Whether its functions only pass, say that they are missing, or store what they are given."""
    tree = _parsed(code)
    nodes = _walk(tree) if tree else []
    functions = [node for node in nodes if isinstance(node, _FUNCTION)]
    return bool(functions) and all(_is_empty(function.body) for function in functions)


def _is_empty(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Raise) and "NotImplemented" in ast.unparse(node))
        or (isinstance(node, ast.Assign | ast.AnnAssign) and _only_stores(node))
        for node in body
    )


def _only_stores(node: ast.Assign | ast.AnnAssign) -> bool:
    """`self.x = x`, `self.xs = []`: a constructor's book-keeping, without a computation."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    computes = (ast.Call, ast.BinOp, ast.IfExp, ast.BoolOp, ast.Compare, ast.comprehension)
    calm = node.value is None or not any(isinstance(each, computes) for each in _walk(node.value))
    return calm and all(isinstance(each, ast.Attribute) for each in targets)
