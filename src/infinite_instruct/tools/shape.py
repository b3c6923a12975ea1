"""What a text defines, by its syntax tree: functions with parameters, comments, size."""

import re
from collections.abc import Iterator
from itertools import accumulate

from tree_sitter import Node, Tree

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.syntax import MAX_BYTES, nodes_of, parse, text_of, walk

MAX_NESTING = 200
"""Brackets or tree levels; ordinary code stays below 40, and deeper input kills parsers."""

FUNCTIONS = (
    "function_definition", "function_declaration", "function_item", "method_declaration",
    "method_definition", "method", "singleton_method", "local_function_statement",
    "generator_function_declaration", "constructor_declaration", "compact_constructor_declaration",
    "init_declaration", "secondary_constructor", "variable_declarator", "public_field_definition",
    "field_definition", "subroutine_declaration_statement", "method_declaration_statement",
    "create_function", "pair", "assignment_expression",
)  # fmt: skip
"""Kinds of nodes, of all grammars, that may define a named function."""

_TYPES = (
    "class_declaration", "class_definition", "class_specifier", "struct_specifier", "impl_item",
    "trait_item", "interface_declaration", "class", "module", "struct_declaration",
    "record_declaration", "enum_declaration", "object_declaration", "protocol_declaration",
    "trait_declaration", "abstract_class_declaration",
)  # fmt: skip
COMMENTS = ("comment", "line_comment", "block_comment", "multiline_comment", "html_comment")
"""Kinds of nodes, of all grammars, that are comments."""

_HELD = {"variable_declarator", "public_field_definition", "field_definition", "pair",
         "assignment_expression"}  # fmt: skip
_NAMES = ("identifier", "property_identifier", "field_identifier", "word", "name", "constant",
          "simple_identifier", "operator_name", "destructor_name", "type_identifier")  # fmt: skip
_BARE = {"function_declaration", "init_declaration"}
_NO_PARAMETERS = ("self", "cls", "this")
_PARAMETERS = {"function_value_parameters", "formal_parameters", "parameters", "parameter_list"}
_OPTIONAL = re.compile(r"default|optional|spread|splat|rest|variadic|block_parameter|assignment")


class Function(Value):
    """A function, method or named arrow that a text defines."""

    name: str
    line: int
    parameters: int | None
    """How many it takes, without the receiver; None where the grammar does not tell."""
    required: int = 0
    """How many of them have no default."""
    takes_more: bool = False
    """Whether it takes any number."""
    empty: bool
    """Whether its body holds nothing but comments."""
    owner: str = ""
    """The class or type in which it stands."""

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        if self.parameters is None or (self.takes_more and count >= self.required):
            return True
        return self.required <= count <= self.parameters


def too_deep(text: str) -> bool:
    """Whether brackets nest so deep that no parser should see the text (any language)."""
    opened = text.count("(") + text.count("[") + text.count("{")
    if opened <= MAX_NESTING:
        return False
    brackets = re.findall(r"[()\[\]{}]", text)
    steps = (1 if each in "([{" else -1 for each in brackets)
    return max(accumulate(steps, _level), default=0) > MAX_NESTING


def _level(level: int, step: int) -> int:
    return max(0, level + step)


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
    nodes = list(function_nodes(tree, language))
    owners = _owners(nodes, tree, language)
    found = (_function(node, owner) for node, owner in zip(nodes, owners, strict=True))
    return tuple(function for function in found if function)


def function_nodes(tree: Tree, language: Language) -> Iterator[Node]:
    """The nodes that define named functions."""
    for node in nodes_of(tree, language, FUNCTIONS):
        if node.type not in _HELD or held_function(node) is not None:
            yield node


def held_function(node: Node) -> Node | None:
    """The arrow or anonymous function that a variable, field or property is set to."""
    value = node.child_by_field_name("value") or node.child_by_field_name("right")
    return value if value is not None and "function" in value.type else None


def definition_of(node: Node) -> Node:
    """The node with parameters and body: of `const f = () => 1` it is the arrow."""
    return (held_function(node) if node.type in _HELD else None) or node


def comments_of(tree: Tree, language: Language) -> list[Node]:
    """All comments."""
    return nodes_of(tree, language, COMMENTS)


def weight(text: str, language: Language) -> int:
    """How much code a text holds: its tokens, without comments and strings' insides."""
    tree = tree_of(text, language)
    if tree is None or len(text) > MAX_BYTES:
        return 0
    leaves = (node for node, _ in walk(tree) if node.child_count == 0)
    return sum("comment" not in node.type and "string" not in node.type for node in leaves)


def body_of(definition: Node) -> Node | None:
    """Its body; None of abstract methods and declarations."""
    body = definition.child_by_field_name("body")
    if body is None:
        named = definition.named_children
        body = next((child for child in named if child.type in {"function_body", "block"}), None)
    return body


def is_empty(body: Node) -> bool:
    """Whether a block holds nothing but comments."""
    is_block = (body.text or b"").startswith(b"{")
    return is_block and all("comment" in child.type for child in body.named_children)


def name_of(node: Node) -> str:
    """Its name; C and C++ keep it inside declarators."""
    if node.type in {"pair", "assignment_expression"}:
        inner = node.child_by_field_name("key") or node.child_by_field_name("left")
        return text_of(inner).rpartition(".")[2].strip("'\"") if inner else ""
    inner = node.child_by_field_name("name")
    while inner is None and (below := node.child_by_field_name("declarator")) is not None:
        node = below
        inner = node.child_by_field_name("name") or (node if node.type in _NAMES else None)
    if inner is None:
        inner = next((child for child in node.named_children if child.type in _NAMES), None)
    return text_of(inner).rpartition("::")[2].rpartition(".")[2] if inner else ""


def _function(node: Node, owner: str) -> Function | None:
    definition = definition_of(node)
    name = name_of(node)
    if not name:
        return None
    body = body_of(definition)
    taken = _taken(definition)
    return Function(
        name=name,
        line=node.start_point.row + 1,
        parameters=None if taken is None else len(taken),
        required=0 if taken is None else sum(not _is_optional(each) for each in taken),
        takes_more=taken is not None and any(_is_open(each) for each in taken),
        empty=body is not None and is_empty(body),
        owner=owner,
    )


def _owners(nodes: list[Node], tree: Tree, language: Language) -> Iterator[str]:
    """The class or type in which each function stands, innermost; empty outside of all."""
    types = iter(nodes_of(tree, language, _TYPES))
    upcoming = next(types, None)
    around: list[Node] = []
    for node in nodes:
        while upcoming is not None and upcoming.start_byte <= node.start_byte:
            around.append(upcoming)
            upcoming = next(types, None)
        while around and around[-1].end_byte <= node.start_byte:
            around.pop()
        owner = around[-1] if around else None
        named = owner and (owner.child_by_field_name("name") or owner.child_by_field_name("type"))
        yield text_of(named) if named else ""


def _taken(definition: Node) -> list[list[Node]] | None:
    """Its parameters without the receiver, each as the nodes between two commas."""
    lone = definition.child_by_field_name("parameter")  # of an arrow: `x => x`
    if lone is not None:
        return [[lone]]
    listed = definition.child_by_field_name("parameters")
    while listed is None and (below := definition.child_by_field_name("declarator")) is not None:
        definition = below
        listed = definition.child_by_field_name("parameters")
    if listed is None:
        listed = next((each for each in definition.children if each.type in _PARAMETERS), None)
    if listed is not None:
        groups = _between_commas(listed.children)
        return [each for group in groups for each in _each_name(group)]
    if definition.type in {"method", "singleton_method"}:
        return []  # Ruby: `def f`
    kinds = [child.type for child in definition.children]
    if "(" in kinds and ")" in kinds and definition.type in _BARE:  # Swift
        return _between_commas(definition.children[kinds.index("(") : kinds.index(")")])
    return None


def _between_commas(children: list[Node]) -> list[list[Node]]:
    groups: list[list[Node]] = [[]]
    for child in children:
        if child.type == ",":
            groups.append([])
        elif child.type not in {"(", ")", "|"} and "comment" not in child.type:
            groups[-1].append(child)
    return [group for group in groups if group]


def _each_name(group: list[Node]) -> list[list[Node]]:
    words = " ".join(text_of(each) for each in group).partition(":")[0].split()
    if words == ["void"] or group[-1].type.endswith("separator"):
        return []
    if words and words[-1].strip("&*") in _NO_PARAMETERS:
        return []
    return [group] * max(1, len(group[-1].children_by_field_name("name")))  # Go: `a, b int`


def _is_optional(group: list[Node]) -> bool:
    marked = any(each.type == "=" or _OPTIONAL.search(each.type) for each in group)
    fields = ("default_value", "value", "default")
    default = (each.child_by_field_name(field) for each in group for field in fields)
    return marked or any(default) or _is_open(group)


def _is_open(group: list[Node]) -> bool:
    """Whether it takes any number. A `*` in C and Go is of the type."""
    said = " ".join(text_of(each)[:200] for each in group).partition("=")[0]
    starred = said.startswith("*") and group[-1].type != "parameter_declaration"
    return starred or "..." in said or bool(re.search(r"\b(vararg|params)\b", said))
