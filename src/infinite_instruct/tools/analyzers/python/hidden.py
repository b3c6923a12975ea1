"""Python code that no checker and no run comes to."""

import ast
import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.python.tree import PythonTree
from infinite_instruct.tools.analyzers.text.gate import own

_PLATFORMS = ("win", "linux", "darwin", "cygwin", "aix", "freebsd", "openbsd", "netbsd", "sunos",
              "emscripten", "wasi", "android", "ios", "java", "cli", "os2", "riscos", "atheos",
              "hp-ux", "irix", "unixware", "mac", "msys", "dragonfly", "solaris", "haiku",
              "vxworks", "serenityos", "os400", "zos", "os390", "beos", "qnx", "osf", "hpux",
              "gnu")  # fmt: skip
_PLATFORM = re.compile(r"sys\.platform(?: == |\.startswith\()['\"]([^'\"]*)['\"]\)?")
_FUTURE = re.compile(r"sys\.version_info(?:\[0\]|\.major)? (?:>=|>|==) \(?([4-9]|\d\d)\b")
_EXITS = {"sys.exit", "exit", "quit", "os._exit", "os.abort"}
_SLIP = 2
_LAST_WORDS = (ast.Return, ast.Raise, ast.Pass)
_RUNNERS = {"exec", "eval", "compile"}


def python_hidden(tree: PythonTree) -> Iterator[Diagnostic]:
    """All of it."""
    if not any(_is_code(each) for each in tree.module.body):
        yield own("hidden-code", "It holds only comments and texts: there is no code.")
    for test in tree.tests:
        if _never(test.test) and not _is_idiom(test):
            said = f"`{ast.unparse(test.test)[:80]}` is never true: no checker looks inside."
            yield own("hidden-code", said, test.lineno)
        elif isinstance(test.test, ast.Constant) and test.orelse:
            message = "What stands behind `else` is never looked at."
            yield own("hidden-code", message, test.lineno)
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
        case ast.Compare(left=named) | ast.Call(func=named) if _is_of_sys(named):
            return _names_no_platform(ast.unparse(test))
        case _:
            return False


def _is_of_sys(node: ast.expr) -> bool:
    """Whether it begins with `sys.`: others need not be written out."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "sys"


def _names_no_platform(said: str) -> bool:
    if _FUTURE.match(said):
        return True
    found = _PLATFORM.fullmatch(said)
    return found is not None and not found[1].lower().startswith(_PLATFORMS)


def _is_idiom(test: ast.If | ast.While | ast.IfExp) -> bool:
    """`if False: yield` makes a generator, `if False: import x` speaks to type checkers."""
    if isinstance(test, ast.IfExp):
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
                | ast.Attribute(value=ast.Call(func=ast.Name(id="__import__")), attr=name)
                | ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name))])
            ) if name in _RUNNERS and call.args:
                text = _text(call.args[0], tree)
                if text and not _is_harmless(text, name, len(call.args)):
                    message = f"`{name}` of a text hides code from the checkers."
                    yield own("hidden-code", message, call.lineno)
            case _:
                pass


def _is_harmless(text: str, runner: str, arguments: int) -> bool:
    """An import made at run time, or a look into another namespace."""
    is_import = text.startswith(("import ", "from ")) and not {"\n", ";"} & set(text)
    return is_import or (runner == "eval" and arguments > 1 and text.strip("()").isidentifier())


def _text(node: ast.expr, tree: PythonTree) -> str:
    """The text of a literal, or of a variable that only ever holds literals; empty for others."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(data)):
            return data.decode(errors="replace")
        case ast.JoinedStr(values=[ast.Constant(value=str(text))]):
            return text
        case ast.Name(id=name):
            return "\n".join(tree.texts.get(name, []))
        case _:
            return ""


def _dead(tree: PythonTree) -> Iterator[Diagnostic]:
    """Code behind a statement that always ends the block it stands in."""
    for block in tree.blocks:
        for number, statement in enumerate(block[:-1], start=1):
            if _ends(statement):
                yield from _dead_part(block[number:], statement)
                break


def _dead_part(dead: list[ast.stmt], end: ast.stmt) -> Iterator[Diagnostic]:
    nodes = [node for each in dead for node in ast.walk(each)]
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in nodes):
        return  # it makes the function a generator
    statements = sum(isinstance(node, ast.stmt) for node in nodes)
    # Two are a slip. Behind `assert False`, which checkers obey, one is already hidden from them.
    hides = statements > (0 if isinstance(end, ast.Assert) else _SLIP) and not isinstance(
        dead[0], _LAST_WORDS
    )
    rule = "hidden-code" if hides else "unreachable-code"
    yield own(rule, "Nothing of its block is reached after this line.", end.lineno)


def _ends(statement: ast.stmt) -> bool:
    match statement:
        case ast.Return() | ast.Raise() | ast.Break() | ast.Continue():
            return True
        case ast.While(test=ast.Constant(value=value)):
            return bool(value) and not any(isinstance(e, ast.Break) for e in ast.walk(statement))
        case ast.Assert(test=test):
            return isinstance(test, ast.Constant) and not test.value
        case ast.Expr(value=ast.Call(func=ast.Name() | ast.Attribute() as called)):
            return ast.unparse(called) in _EXITS
        case _:
            return False
