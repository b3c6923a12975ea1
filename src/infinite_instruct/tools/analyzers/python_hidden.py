"""Python code that no checker and no run comes to."""

import ast
import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.gate import own
from infinite_instruct.tools.analyzers.python_tree import PythonTree

_PLATFORMS = ("win", "linux", "darwin", "cygwin", "aix", "freebsd", "openbsd", "netbsd", "sunos",
              "emscripten", "wasi", "android", "ios", "java", "cli", "os2", "riscos", "atheos",
              "hp-ux", "irix", "unixware", "mac", "msys", "dragonfly", "solaris",
              "haiku")  # fmt: skip
_PLATFORM = re.compile(r"(?:sys\.)?platform(?: == |\.startswith\()['\"]([^'\"]*)['\"]\)?")
_FUTURE = re.compile(r"sys\.version_info(?:\[0\]|\.major)? (?:>=|>|==) \(?([4-9]|\d\d)\b")
_EXITS = {"sys.exit", "exit", "quit", "os._exit", "os.abort"}
_RUNNERS = {"exec", "eval", "compile"}


def python_hidden(tree: PythonTree) -> Iterator[Diagnostic]:
    """All of it."""
    if not any(_is_code(each) for each in tree.module.body):
        yield own("hidden-code", "It holds only comments and texts: there is no code.")
    for test in tree.tests:
        if _never(test.test) and not _is_idiom(test):
            said = ast.unparse(test.test)[:80]
            yield own(
                "hidden-code", f"`{said}` is never true: no checker looks inside.", test.lineno
            )
    for each in tree.logic:
        if isinstance(each.values[0], ast.Constant):
            message = "What follows a constant in a condition is always or never looked at."
            yield own("hidden-code", message, each.lineno)
    yield from _code_in_text(tree)
    yield from _dead(tree)


def _is_code(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return not is_text and not isinstance(statement, ast.Pass)


def _never(test: ast.expr) -> bool:
    """Whether it is false without running it, so that checkers skip what it guards."""
    match test:
        case ast.Constant(value=value):
            return not value
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return not items
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _always(operand)
        case ast.BoolOp(op=operator, values=values):
            some = any if isinstance(operator, ast.And) else all
            return some(_never(each) for each in values)
        case _:
            return _compares_false(test)


def _always(test: ast.expr) -> bool:
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True  # so says every checker
        case _:
            return False


def _compares_false(test: ast.expr) -> bool:
    match test:
        case ast.Compare(
            left=ast.Constant(value=left), ops=[op], comparators=[ast.Constant(value=right)]
        ):
            if isinstance(op, ast.Eq | ast.Is):
                return left != right
            return isinstance(op, ast.NotEq | ast.IsNot) and left == right
        case ast.Compare() | ast.Call():
            return _names_no_platform(ast.unparse(test))
        case _:
            return False


def _names_no_platform(said: str) -> bool:
    if _FUTURE.match(said):
        return True
    found = _PLATFORM.fullmatch(said)
    return found is not None and not found[1].lower().startswith(_PLATFORMS)


def _is_idiom(test: ast.If | ast.While | ast.IfExp) -> bool:
    """`if False: yield` makes a generator, `if False: import x` speaks to type checkers."""
    if not isinstance(test, ast.If):
        return False
    if isinstance(test.test, ast.UnaryOp) and not isinstance(test.test.operand, ast.Constant):
        return not any(hasattr(each, "body") for each in test.body)
    plain = (ast.Import, ast.ImportFrom, ast.Pass)
    return all(isinstance(each, plain) or _is_yield(each) for each in test.body)


def _is_yield(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, ast.Yield | ast.YieldFrom | ast.Await)


def _code_in_text(tree: PythonTree) -> Iterator[Diagnostic]:
    for call in tree.calls:
        match call.func:
            case (
                ast.Name(id=name)
                | ast.Attribute(value=ast.Name(id="builtins" | "__builtins__"), attr=name)
            ) if name in _RUNNERS and call.args and _is_text(call.args[0], tree.module):
                message = f"`{name}` of a text hides code from the checkers."
                yield own("hidden-code", message, call.lineno)
            case _:
                pass


def _is_text(node: ast.expr, module: ast.Module) -> bool:
    """Whether it is a literal, or a variable that only ever holds one."""
    match node:
        case ast.Constant(value=str() | bytes()):
            return True
        case ast.JoinedStr(values=values):
            return not any(isinstance(each, ast.FormattedValue) for each in values)
        case ast.Name(id=name):
            values = list(_assigned(name, module))
            return bool(values) and all(_is_text(each, ast.Module([], [])) for each in values)
        case _:
            return False


def _assigned(name: str, module: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(module):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    yield node.value


def _dead(tree: PythonTree) -> Iterator[Diagnostic]:
    """Code behind a statement that always ends the block it stands in."""
    for block in tree.blocks:
        for number, statement in enumerate(block[:-1], start=1):
            if _ends(statement):
                yield from _dead_part(block[number:], statement.lineno)
                break


def _dead_part(dead: list[ast.stmt], line: int) -> Iterator[Diagnostic]:
    nodes = [node for each in dead for node in ast.walk(each)]
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return  # it makes the function a generator
    statements = sum(isinstance(node, ast.stmt) for node in nodes)
    rule = "hidden-code" if statements > 1 else "unreachable-code"
    yield own(rule, "Nothing of its block is reached after this line.", line)


def _ends(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return True
        case ast.Assert(test=test):
            return isinstance(test, ast.Constant) and not test.value
        case ast.Expr(value=ast.Call(func=ast.Name() | ast.Attribute() as called)):
            return ast.unparse(called) in _EXITS
        case _:
            return False
