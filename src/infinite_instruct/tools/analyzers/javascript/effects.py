"""Functions that compute something and give it to nobody: their `return` is missing.

A function is such a one where it takes something, returns and throws nothing, and all that it does
happens to its own variables: no foreign call, no write to anything that came from outside. Where
that is not certain, it is left in peace.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.source_text import SourceText
from infinite_instruct.tools.syntax import parse, text_of

_TELLS = re.compile(r"@param\b|\breturns?\b", re.IGNORECASE)
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function_declaration"})
_NESTED = _FUNCTIONS | {"method_definition", "generator_function", "class", "class_declaration"}
_EFFECTS = frozenset({
    "throw_statement", "yield_expression", "await_expression", "this", "super", "import",
    "class_declaration", "class", "debugger_statement", "jsx_element", "jsx_self_closing_element",
    "generator_function_declaration", "generator_function", "spread_element", "with_statement",
    "for_in_statement.await", "ERROR",
})  # fmt: skip
_VALUES = frozenset({
    "array", "object", "number", "string", "template_string", "true", "false", "null", "undefined",
    "binary_expression", "unary_expression", "regex", "new_expression",
})  # fmt: skip
_MADE = frozenset({"Array", "Map", "Set", "Date", "RegExp", "Uint8Array", "Int32Array"})
_PURE = frozenset({"parseInt", "parseFloat", "isNaN", "isFinite", "Number", "String", "Boolean"})
_LIBRARY = frozenset({"Math", "Number", "String", "JSON", "BigInt", "Array"})
_COPYING = frozenset(
    {"slice", "split", "concat", "fill", "from", "keys", "values", "entries", "map"}
)
_READING = _COPYING | frozenset({
    "at", "charAt", "charCodeAt", "codePointAt", "endsWith", "startsWith", "includes", "indexOf",
    "lastIndexOf", "join", "match", "padEnd", "padStart", "repeat", "substring", "test", "toFixed",
    "toLowerCase", "toUpperCase", "toString", "trim", "trimEnd", "trimStart", "has",
})  # fmt: skip
_CHANGING = frozenset(
    {"push", "pop", "shift", "unshift", "reverse", "sort", "splice", "add", "set"}
)


def functions_without_result(source: SourceText, language: Language) -> Iterator[Diagnostic]:
    """Named functions of the text's own level that have neither a result nor an effect."""
    tree = parse(language, source.text)
    for name, function in _named(tree.root_node):
        body, parameters = _parts(function)
        if body is None or not parameters:
            continue
        is_idle = _Body(text_of(name), parameters).is_idle(body)
        if is_idle or (_is_empty(body) and _is_documented(name)):
            yield Diagnostic(
                tool="tsc",
                rule="no-result",
                severity=Severity.FATAL,
                line=name.start_point.row + 1,
                column=name.start_point.column + 1,
                message=f"`{text_of(name)[:80]}` returns nothing and changes nothing.",
            )


class _Body:
    """What one function does, told by the roots of all that it touches.

    Args:
        name: The function's own name: it may call itself.
        parameters: Names that come from outside: what they hold is not its own.
    """

    def __init__(self, name: str, parameters: frozenset[str]) -> None:
        self._name = name
        self._local: set[str] = set(parameters)
        self._foreign: set[str] = set(parameters)

    def is_idle(self, body: Node) -> bool:
        """Whether it returns nothing and does nothing that anyone could see."""
        statements = body.named_children
        if _is_empty(body) or statements[-1].type == "return_statement":
            return False
        nodes = list(_inside(body))
        if any(node.type in _EFFECTS or _gives(node, is_nested) for node, is_nested in nodes):
            return False
        for node, _ in nodes:
            self._declare(node)
        return all(self._is_private(node) for node, _ in nodes)

    def _declare(self, node: Node) -> None:
        """Note a variable, and whether all that it ever holds is made in the function."""
        is_new = node.type == "variable_declarator"
        if not is_new and node.type != "assignment_expression":
            return
        name = node.child_by_field_name("name" if is_new else "left")
        if name is None or name.type != "identifier":
            return
        if is_new:
            self._local.add(text_of(name))
        if not _is_made(node.child_by_field_name("value" if is_new else "right")):
            self._foreign.add(text_of(name))

    def _is_private(self, node: Node) -> bool:
        """Whether what a node does stays in the function."""
        if node.type in {"assignment_expression", "augmented_assignment_expression"}:
            return self._is_private_target(node.child_by_field_name("left"))
        if node.type == "update_expression":
            return self._is_private_target(node.child_by_field_name("argument"))
        if node.type == "new_expression":
            made = node.child_by_field_name("constructor")
            return made is not None and text_of(made) in _MADE
        if node.type == "unary_expression":
            return not text_of(node).startswith("delete")
        return node.type != "call_expression" or self._is_private_call(node)

    def _is_private_target(self, target: Node | None) -> bool:
        if target is None:
            return False
        if target.type == "identifier":
            return text_of(target) in self._local
        is_part = target.type in {"member_expression", "subscript_expression"}
        return is_part and self._is_own(_root(target))

    def _is_own(self, name: str) -> bool:
        return name in self._local and name not in self._foreign

    def _is_private_call(self, node: Node) -> bool:
        called = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if called is None or arguments is None or called.type == "import":
            return False
        if called.type == "identifier":
            return text_of(called) in _PURE or text_of(called) == self._name
        method = called.child_by_field_name("property")
        if called.type != "member_expression" or method is None:
            return False
        if any(each.type == "identifier" for each in arguments.named_children) and (
            text_of(method) in {"map", "from", "sort"}
        ):
            return False  # a function from elsewhere may be called
        root, name = _root(called), text_of(method)
        return root in _LIBRARY or name in _READING or (name in _CHANGING and self._is_own(root))


def _named(root: Node) -> Iterator[tuple[Node, Node]]:
    """The functions of the text's own level, exported or not, with their names."""
    for child in root.named_children:
        outer = child.child_by_field_name("declaration") if "export" in child.type else child
        if outer is None:
            continue
        for node in [outer, *outer.named_children]:
            name = node.child_by_field_name("name")
            value = node if node.type in _FUNCTIONS else node.child_by_field_name("value")
            if name is not None and value is not None and value.type in _FUNCTIONS:
                yield name, value


def _parts(function: Node) -> tuple[Node | None, frozenset[str]]:
    body = function.child_by_field_name("body")
    parameters = function.child_by_field_name("parameters")
    single = function.child_by_field_name("parameter")
    is_async = any(child.type == "async" for child in function.children)
    if body is None or body.type != "statement_block" or is_async:
        return None, frozenset()
    if function.child_by_field_name("return_type") is not None:
        return None, frozenset()  # the compiler knows
    holder = parameters or single
    return body, _names(holder) if holder is not None else frozenset()


def _is_empty(body: Node) -> bool:
    return all("comment" in each.type for each in body.named_children)


def _is_documented(name: Node) -> bool:
    """Whether a comment above a function tells its parameters or its result."""
    node = name
    while (parent := node.parent) is not None and parent.type != "program":
        node = parent
    above = node.prev_named_sibling
    return above is not None and "comment" in above.type and bool(_TELLS.search(text_of(above)))


def _names(node: Node) -> frozenset[str]:
    inside = [node, *(each for each, _ in _inside(node))]
    return frozenset(text_of(each) for each in inside if each.type == "identifier")


def _inside(node: Node) -> Iterator[tuple[Node, bool]]:
    """All nodes below one, each with whether it is in a nested function."""
    stack = [(child, False) for child in node.children]
    while stack:
        each, is_nested = stack.pop()
        yield each, is_nested
        below = is_nested or each.type in _NESTED
        stack += [(child, below) for child in each.children]


def _gives(node: Node, is_nested: bool) -> bool:  # noqa: FBT001  of one walk only
    return node.type == "return_statement" and not is_nested and node.named_child_count > 0


def _is_made(value: Node | None) -> bool:
    """Whether a value is made on the spot, so that nobody else holds it."""
    if value is None:
        return True
    if value.type == "call_expression":
        called = value.child_by_field_name("function")
        method = called.child_by_field_name("property") if called is not None else None
        return method is not None and text_of(method) in _COPYING
    return value.type in _VALUES


def _root(node: Node) -> str:
    """The variable at the head of `a.b[c]`."""
    while (inner := node.child_by_field_name("object")) is not None:
        node = inner
    return text_of(node) if node.type == "identifier" else ""
