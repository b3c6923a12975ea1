"""What a text defines, by its syntax tree: functions with parameters, comments, size."""

from collections.abc import Iterator

from tree_sitter import Node, Tree

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.syntax import MAX_BYTES, parse, text_of, walk

MAX_NESTING = 200
"""Brackets or tree levels; ordinary code stays below 40, and deeper input kills parsers."""

_FUNCTION_WORDS = ("function", "method", "constructor")
_NOT_FUNCTIONS = ("call", "invocation", "type", "signature", "reference", "name", "pointer")
_NAMES = ("identifier", "property_identifier", "field_identifier", "word", "name", "constant")
_NO_PARAMETERS = ("self", "cls", "this")


class Function(Value):
    """A function, method or named arrow that a text defines."""

    name: str
    line: int
    parameters: int | None
    """How many it takes, without the receiver; None where the grammar does not tell."""
    empty: bool
    """Whether its body holds nothing but comments."""


def too_deep(text: str) -> bool:
    """Whether brackets nest so deep that no parser should see the text (any language)."""
    level = 0
    for character in text:
        if character in "([{":
            level += 1
            if level > MAX_NESTING:
                return True
        elif character in ")]}":
            level = max(0, level - 1)
    return False


def tree_of(text: str, language: Language) -> Tree | None:
    """The syntax tree; None where the text is too large, too deep or no text."""
    try:
        return None if too_deep(text) else parse(language, text)
    except ValueError:
        return None


def functions_of(text: str, language: Language) -> tuple[Function, ...]:
    """All functions that a text defines, in order; none where it cannot be parsed."""
    tree = tree_of(text, language)
    if tree is None:
        return ()
    return tuple(found for node, _ in walk(tree) if (found := _function(node)))


def comments_of(tree: Tree) -> Iterator[Node]:
    """All comments."""
    return (node for node, _ in walk(tree) if "comment" in node.type and node.is_named)


def weight(text: str, language: Language) -> int:
    """How much code a text holds: its tokens, without comments and strings' insides."""
    tree = tree_of(text, language)
    if tree is None or len(text) > MAX_BYTES:
        return 0
    leaves = (node for node, _ in walk(tree) if node.child_count == 0)
    return sum("comment" not in node.type and "string" not in node.type for node in leaves)


def _function(node: Node) -> Function | None:
    definition = _definition(node)
    name = _name(node) if definition else ""
    if definition is None or not name:
        return None
    body = definition.child_by_field_name("body")
    parameters = _parameters(definition)
    return Function(
        name=name,
        line=node.start_point.row + 1,
        parameters=None if parameters is None else _count(parameters),
        empty=body is not None and all("comment" in child.type for child in body.named_children),
    )


def _definition(node: Node) -> Node | None:
    """The node with parameters and body: of `const f = () => 1` it is the arrow."""
    if node.type in {"variable_declarator", "public_field_definition"}:
        value = node.child_by_field_name("value")
        arrow = value is not None and ("function" in value.type)
        return value if arrow else None
    spoken = any(word in node.type for word in _FUNCTION_WORDS)
    return None if not spoken or any(word in node.type for word in _NOT_FUNCTIONS) else node


def _name(node: Node) -> str:
    """Its name; C and C++ keep it inside declarators."""
    inner = node.child_by_field_name("name")
    while inner is None and (below := node.child_by_field_name("declarator")) is not None:
        node = below
        inner = node.child_by_field_name("name") or (node if node.type in _NAMES else None)
    if inner is None:
        return ""
    return text_of(inner).rpartition("::")[2]


def _parameters(definition: Node) -> Node | None:
    found = definition.child_by_field_name("parameters")
    while found is None and (below := definition.child_by_field_name("declarator")) is not None:
        definition = below
        found = definition.child_by_field_name("parameters")
    return found


def _count(parameters: Node) -> int:
    count = 0
    for child in parameters.named_children:
        words = text_of(child).split(":")[0].split()
        separator = child.type.endswith(("separator", "comment"))
        if separator or (words and words[-1].strip("&*") in _NO_PARAMETERS) or words == ["void"]:
            continue
        count += max(1, len(child.children_by_field_name("name")))  # Go: `a, b int` is one node
    return count
