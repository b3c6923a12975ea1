"""Rules that need Python's own tree: bodies, ends, code that no checker reaches."""

import ast
import re
import warnings
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.gate import own

Function = ast.FunctionDef | ast.AsyncFunctionDef

_PLATFORMS = ("win", "linux", "darwin", "cygwin", "aix", "freebsd", "emscripten", "wasi")


def compile_python(code: str) -> ast.Module | Diagnostic:
    """Python's own parser and compiler; nothing is run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code)
            compile(tree, "sample.py", "exec", dont_inherit=True)
    except SyntaxError as fault:
        return own("syntax", f"{fault.msg}", fault.lineno or 0, max(0, fault.offset or 0))
    except (ValueError, RecursionError, MemoryError) as fault:
        return own("syntax", f"It cannot be compiled: {type(fault).__name__}.")
    return tree


def python_structure(tree: ast.Module) -> Iterator[Diagnostic]:
    """All structural findings of a module."""
    yield from _hollow_functions(tree)
    yield from _cut_off(tree)
    yield from _hidden(tree)
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield from _missing_return(node)
            yield from _only_any(node)
        elif isinstance(node, ast.Call):
            yield from _code_in_string(node)


def _hollow_functions(tree: ast.Module) -> Iterator[Diagnostic]:
    open_ones = _meant_to_be_open(tree)
    for node in ast.walk(tree):
        if isinstance(node, Function) and node not in open_ones and _is_hollow(node):
            yield own("placeholder-body", f"`{node.name}` has no body.", node.lineno)


def _meant_to_be_open(tree: ast.Module) -> set[ast.AST]:
    """Functions that may be empty: abstract, overloaded, protocol, base class, dunder, test."""
    bases = {
        _last_name(base)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and (node.name in bases or node.bases or node.keywords):
            found.update(child for child in node.body if isinstance(child, Function))
        elif isinstance(node, Function) and _may_be_empty(node):
            found.add(node)
    return found


def _may_be_empty(node: Function) -> bool:
    decorators = {_last_name(decorator) for decorator in node.decorator_list}
    named = node.name.startswith(("__", "test_"))
    return named or bool(decorators & {"abstractmethod", "overload", "abstractproperty"})


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2].partition("[")[0]


def _is_hollow(node: Function) -> bool:
    body = _without_docstring(node.body)
    return all(_is_nothing(statement) for statement in body)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            return body[1:]
        case _:
            return body


def _is_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        return ast.unparse(statement.exc).startswith("NotImplementedError")
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, ast.Pass)


def _cut_off(tree: ast.Module) -> Iterator[Diagnostic]:
    last = _last_statement(tree.body)
    cut = (ast.Name, ast.Attribute, ast.BinOp, ast.Subscript, ast.Compare)
    if isinstance(last, ast.Expr) and isinstance(last.value, cut):
        yield own("cut-off", "The text ends in the middle of a statement.", last.lineno)
    elif tree.body and isinstance(tree.body[-1], Function) and _is_lost(tree.body[-1]):
        message = "The text ends with a local variable that nothing uses."
        yield own("cut-off", message, tree.body[-1].body[-1].lineno)


def _is_lost(function: Function) -> bool:
    """Whether its last statement only sets a local variable."""
    last = function.body[-1]
    shared = any(isinstance(node, ast.Global | ast.Nonlocal) for node in own_nodes(function))
    targets = last.targets if isinstance(last, ast.Assign) else []
    return bool(targets) and not shared and all(isinstance(each, ast.Name) for each in targets)


def _last_statement(body: list[ast.stmt]) -> ast.stmt | None:
    """The statement at the end of the text, however deep it stands."""
    if not body:
        return None
    blocks = ("finalbody", "orelse", "body")
    inner: list[list[ast.stmt]] = [getattr(body[-1], block, []) for block in blocks]
    below = next((block for block in inner if block), None)
    return _last_statement(below) if below else body[-1]


def _missing_return(node: Function) -> Iterator[Diagnostic]:
    returns = ast.unparse(node.returns) if node.returns else "None"
    promised = not re.search(r"\b(None|NoReturn|Never|Optional|Any|object)\b", returns)
    if promised and not _is_hollow(node) and not any(_gives(each) for each in own_nodes(node)):
        message = f"`{node.name}` promises `{returns[:80]}` and returns nothing."
        yield own("missing-return", message, node.lineno)


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (*Function.__args__, ast.ClassDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def _gives(node: ast.AST) -> bool:
    if isinstance(node, ast.While):  # `while True` never comes to the end
        return isinstance(node.test, ast.Constant) and bool(node.test.value)
    is_return = isinstance(node, ast.Return) and node.value is not None
    return is_return or isinstance(node, ast.Yield | ast.YieldFrom | ast.Raise)


def _only_any(node: Function) -> Iterator[Diagnostic]:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    hints = [each.annotation for each in given if each.arg not in {"self", "cls"}]
    names = {_last_name(hint) if hint else "" for hint in [*hints, node.returns]}
    if hints and names == {"Any"}:
        message = f"`{node.name}` is `Any` in all places: no checker can see a fault in it."
        yield own("only-any", message, node.lineno)


def _code_in_string(node: ast.Call) -> Iterator[Diagnostic]:
    called = node.func.id if isinstance(node.func, ast.Name) else ""
    literal = bool(node.args) and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
    if called in {"exec", "eval", "compile"} and literal:
        yield own("hidden-code", f"`{called}` of a text hides code from the checkers.", node.lineno)


def _hidden(tree: ast.Module) -> Iterator[Diagnostic]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While) and _never(node.test):
            test = ast.unparse(node.test)[:80]
            yield own(
                "hidden-code", f"`{test}` is never true: no checker looks inside.", node.lineno
            )
        elif isinstance(node, Function):
            yield from _after_end(_start(node), node.name)
    yield from _after_end(tree.body, "the module")


def _start(node: Function) -> list[ast.stmt]:
    """The body, where its first statement ends it."""
    body = _without_docstring(node.body)
    return body if body and _ends(body[0]) else []


def _never(test: ast.expr) -> bool:
    if isinstance(test, ast.Constant):
        return not test.value
    said = ast.unparse(test)
    found = re.fullmatch(r"sys\.platform(?: == |\.startswith\()['\"](\w*)['\"]\)?", said)
    return found is not None and not found[1].startswith(_PLATFORMS)


def _after_end(body: list[ast.stmt], where: str) -> Iterator[Diagnostic]:
    """Code behind a statement that always ends the block it stands in."""
    for number, statement in enumerate(body[:-1], start=1):
        if _ends(statement):
            dead = sum(
                isinstance(node, ast.stmt) for each in body[number:] for node in ast.walk(each)
            )
            rule = "hidden-code" if dead > 1 else "unreachable-code"
            yield own(rule, f"Nothing of {where} is reached after this line.", statement.lineno)
            return


def _ends(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Assert):
        return isinstance(statement.test, ast.Constant) and not statement.test.value
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return ast.unparse(statement.value.func) in {"sys.exit", "exit", "quit", "os._exit"}
    return isinstance(statement, ast.Return | ast.Raise)
