"""Python's own tree of a text: parsed, compiled, and surveyed in one pass. Nothing is run."""

import ast
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from symtable import symtable
from typing import Any, cast

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.text.gate import own, too_deep_fault
from infinite_instruct.tools.shape import MAX_NESTING

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

_LEAVES: frozenset[type] = frozenset(
    {ast.Name, ast.Constant, ast.Pass, ast.alias, ast.Load, ast.Store, ast.Del, str, type(None)}
)
_MAX_SCOPES = 1_000
"""Python's compiler takes the square of the time for scopes that look alike: 9,000 took 12 s."""
_COMPREHENSIONS = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_BLOCKS = frozenset({"body", "orelse", "finalbody"})


class PythonTree:
    """A module's tree, with the nodes that the rules ask for by their kind."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self.functions: list[Function] = []
        self.classes: list[ast.ClassDef] = []
        self.tests: list[ast.If | ast.While | ast.IfExp] = []
        self.logic: list[ast.BoolOp] = []
        self.calls: list[ast.Call] = []
        self.imports: list[ast.stmt] = []
        self._comprehensions: list[ast.expr] = []
        self.blocks: list[list[ast.stmt]] = []
        """The bodies of more than one statement."""
        self.is_too_deep = not self._survey()
        self.class_of = {child: each for each in self.classes for child in each.body}
        """The class of each method."""

    def _survey(self) -> bool:
        """Collect level by level; False where there are too many levels."""
        wanted = self._wanted()
        level: list[Any] = [self.module]
        for _ in range(MAX_NESTING):
            below: list[Any] = []
            for node in level:  # it grows: an `elif` is on the level of its `if`
                kind = cast("type[object]", type(node))
                if kind in _LEAVES:
                    continue
                if kind in wanted:
                    wanted[kind].append(node)
                for name, value in node.__dict__.items():
                    if isinstance(value, ast.AST):
                        below.append(value)
                    elif value.__class__ is list:
                        self._enter(name, value, level, below)
            if not below:
                return True
            level = below
        return False

    def _enter(self, name: str, nodes: list[Any], level: list[Any], below: list[Any]) -> None:
        (level if name == "orelse" else below).extend(nodes)
        if name in _BLOCKS and len(nodes) > 1:
            self.blocks.append(nodes)

    def _wanted(self) -> dict[type, list[Any]]:
        """Where the nodes of each kind are collected."""
        return {
            **dict.fromkeys(FUNCTIONS, self.functions),
            ast.ClassDef: self.classes,
            **dict.fromkeys((ast.If, ast.While, ast.IfExp), self.tests),
            ast.BoolOp: self.logic,
            **dict.fromkeys(_COMPREHENSIONS, self._comprehensions),
            ast.Call: self.calls,
            **dict.fromkeys((ast.Import, ast.ImportFrom), self.imports),
        }

    @property
    def scopes(self) -> int:
        """How many code objects the compiler would make."""
        return len(self.functions) + len(self.classes) + len(self._comprehensions)

    @cached_property
    def names_defined(self) -> Counter[str]:
        """How often each function's name is defined."""
        return Counter(each.name for each in self.functions)

    @cached_property
    def bases(self) -> set[str]:
        """The classes that others are made from."""
        return {last_name(base) for each in self.classes for base in each.bases}

    @cached_property
    def standing(self) -> set[ast.stmt]:
        """The statements that stand under no condition, in the module or its definitions."""
        owners = (self.module, *self.classes, *self.functions)
        return {statement for owner in owners for statement in owner.body}

    @cached_property
    def names_used(self) -> set[str]:
        """What is passed on as a value, or looked up in an object; a plain call is neither."""
        called = {id(call.func) for call in self.calls}
        nodes = list(ast.walk(self.module))
        names = (node for node in nodes if isinstance(node, ast.Name) and id(node) not in called)
        members = (node.attr for node in nodes if isinstance(node, ast.Attribute))
        return {*(name.id for name in names), *members}

    @cached_property
    def texts(self) -> dict[str, list[str]]:
        """The texts of each variable that only ever holds literal texts."""
        held: dict[str, list[str]] = {}
        other = Counter[str]()
        for node in ast.walk(self.module):
            if isinstance(node, ast.arg):
                other[node.arg] += 1
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                other[node.id] += 1
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                for target in node.targets:
                    if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                        held.setdefault(target.id, []).append(node.value.value)
        return {name: texts for name, texts in held.items() if len(texts) == other[name]}


def compile_python(code: str) -> PythonTree | Diagnostic:
    """Python's own parser and compiler. The text has passed the gate."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = PythonTree(ast.parse(code))
            if tree.is_too_deep:
                return too_deep_fault()
            if tree.scopes <= _MAX_SCOPES:
                compile(tree.module, "sample.py", "exec", dont_inherit=True)
            else:
                symtable(code, "sample.py", "exec")
    except SyntaxError as fault:
        return own("syntax", f"{fault.msg}", fault.lineno or 0, max(0, fault.offset or 0))
    except (ValueError, RecursionError, MemoryError) as fault:
        return own("syntax", f"It cannot be compiled: {type(fault).__name__}.")
    return tree


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements behind a docstring."""
    match body[:1]:
        case [ast.Expr(value=ast.Constant(value=str()))]:
            return body[1:]
        case _:
            return body


def last_name(node: ast.expr) -> str:
    """`c` of `a.b.c`, `c[d]` and `c(d)`; empty for others."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
