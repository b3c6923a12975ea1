"""Whether a Python text was cut off: what is left often still parses."""

import ast
import builtins
import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.python.effects import does_nothing
from infinite_instruct.tools.analyzers.python.structure import is_hollow
from infinite_instruct.tools.analyzers.python.tree import FUNCTIONS, Function, PythonTree, own_nodes
from infinite_instruct.tools.analyzers.text.gate import own

_CUT = (ast.Name, ast.Attribute, ast.BinOp, ast.Subscript, ast.Compare)
_LAST_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*\Z")
_BUILTINS = frozenset(dir(builtins))
_BUILTIN_FUNCTIONS = frozenset(
    name for name in _BUILTINS if name.islower() and not isinstance(getattr(builtins, name), type)
)


def python_ends(tree: PythonTree, code: str) -> Iterator[Diagnostic]:
    """The first sign that the end is missing."""
    last = _last_statement(tree.module.body)
    if last is not None and (message := _sign(last, tree, code)):
        yield own("cut-off", message, last.lineno)


def _sign(last: ast.stmt, tree: PythonTree, code: str) -> str:
    if _is_begun(code):
        return "The text ends where a next word was begun."
    if isinstance(last, ast.Expr) and isinstance(last.value, _CUT):
        return "The text ends in the middle of a statement."
    if word := _torn_word(last, tree, code):
        return f"The text ends in the middle of a statement, at `{word[:80]}`."
    function = _last_function(tree.module.body)
    return "" if function is None or is_hollow(function) else _lost(function, last)


def _lost(function: Function, last: ast.stmt) -> str:
    """How the text's last function shows that its end is missing."""
    if _is_lost(function, last):
        return "The text ends with a local variable that nothing uses."
    if not function.name.startswith("test") and does_nothing(function):
        return f"`{function.name}` computes and gives nothing back."
    return ""


def _is_begun(code: str) -> bool:
    """Whether a next line or value was begun; behind a `return` it is only an editor's habit."""
    before, _, last = code.rpartition("\n")
    if last.endswith(("return ", "return\t")):
        return True
    done = before.rstrip().rpartition("\n")[2].lstrip().startswith("return")
    return last.isspace() and not done


def _torn_word(last: ast.stmt, tree: PythonTree, code: str) -> str:
    """The text's last word, where it is no whole name: it stands nowhere else and means nothing."""
    found = _LAST_WORD.search(code.rstrip()[-200:])
    value = getattr(last, "value", None)
    if not found or not isinstance(value, ast.expr):
        return ""
    word = found[0]
    named = (node for node in ast.walk(value) if isinstance(node, ast.Name))
    if not any(each.id == word and each.end_lineno == last.end_lineno for each in named):
        return ""
    if word in _BUILTIN_FUNCTIONS:
        operand = isinstance(value, ast.BinOp | ast.Compare)
        return word if operand and not _is_bound(word, tree) else ""
    lone = len(re.findall(rf"\b{word}\b", code)) == 1 and word not in _BUILTINS
    return word if lone and _begins_a_name(word, code) and not _imports_all(tree) else ""


def _begins_a_name(word: str, code: str) -> bool:
    longer = re.search(rf"\b{word}\w", code)
    return longer is not None or any(name.startswith(word) for name in _BUILTINS)


def _is_bound(word: str, tree: PythonTree) -> bool:
    nodes = ast.walk(tree.module)
    names = (node for node in nodes if isinstance(node, ast.Name | ast.arg | ast.alias))
    return any(
        isinstance(each, ast.arg | ast.alias) or isinstance(each.ctx, ast.Store)
        for each in names
        if word in {getattr(each, field, "") for field in ("id", "arg", "name", "asname")}
    )


def _imports_all(tree: PythonTree) -> bool:
    return any(alias.name == "*" for each in tree.imports for alias in getattr(each, "names", ()))


def _is_lost(function: Function, last: ast.stmt) -> bool:
    """Whether its last statement only sets a local variable."""
    if last is not function.body[-1] or not isinstance(last, ast.Assign):
        return False
    if any(isinstance(node, ast.Global | ast.Nonlocal) for node in own_nodes(function)):
        return False
    return all(isinstance(each, ast.Name) for each in last.targets)


def _last_function(body: list[ast.stmt]) -> Function | None:
    """The function or method at the end of the text."""
    last = body[-1]
    if isinstance(last, ast.ClassDef):
        return _last_function(last.body)
    return last if isinstance(last, FUNCTIONS) else None


def _last_statement(body: list[ast.stmt]) -> ast.stmt | None:
    """The statement at the end of the text, however deep it stands."""
    while body:
        last = body[-1]
        handlers: list[ast.ExceptHandler] = getattr(last, "handlers", [])
        cases: list[ast.match_case] = getattr(last, "cases", [])
        below: list[list[ast.stmt]] = [
            *(getattr(last, block, []) for block in ("finalbody", "orelse")),
            *(each.body for each in handlers[-1:]),
            *(each.body for each in cases[-1:]),
            getattr(last, "body", []),
            [],
        ]
        body = next((block for block in below if block), below[-1])
        if not body:
            return last
    return None
