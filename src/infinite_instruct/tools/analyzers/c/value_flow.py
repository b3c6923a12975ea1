"""C++ whose flow of values has to be followed: only there a compiler must go beyond its parser.

Following it doubles the cost of a text, for every function of the library that it instantiates.
A text is let off only where each local has a value from the start and each function ends in
`return`; whatever is not understood here is followed.
"""

import re
from collections.abc import Iterator

from tree_sitter import Node, Tree

from infinite_instruct.domain import Language
from infinite_instruct.tools.syntax import parse, text_of, walk

_LITERALS = frozenset({"number_literal", "char_literal", "true", "false"})
_ENDS = frozenset({"return_statement", "throw_statement", "co_return_statement"})
_WITHOUT_VALUE = frozenset({"identifier", "array_declarator", "pointer_declarator"})
_HAVE_VALUES = frozenset(
    [
        "string",
        "wstring",
        "u16string",
        "u32string",
        "string_view",
        "stringstream",
        "ostringstream",
        "istringstream",
        "ifstream",
        "ofstream",
        "fstream",
        "vector",
        "deque",
        "list",
        "forward_list",
        "set",
        "multiset",
        "map",
        "multimap",
        "unordered_set",
        "unordered_multiset",
        "unordered_map",
        "unordered_multimap",
        "stack",
        "queue",
        "priority_queue",
        "pair",
        "tuple",
        "optional",
        "variant",
        "any",
        "function",
        "unique_ptr",
        "shared_ptr",
        "weak_ptr",
        "bitset",
        "complex",
        "mutex",
        "recursive_mutex",
        "shared_mutex",
        "condition_variable",
        "thread",
        "jthread",
        "promise",
        "future",
        "atomic_flag",
        "mt19937",
        "mt19937_64",
        "random_device",
        "default_random_engine",
        "regex",
        "smatch",
        "exception_ptr",
    ]
)
_ALLOCATES = re.compile(r"\b(new|malloc|realloc|alloca|aligned_alloc)\b")
_STATEMENT_IN_MACRO = re.compile(r"[;{}]|\b(return|throw|goto)\b")


def must_be_followed(code: str) -> bool:
    """Whether a local of C++ may lack a value, or a function may end without one."""
    tree = parse(Language.CPP, code)
    return (
        tree.root_node.has_error
        or bool(_ALLOCATES.search(code))
        or any(_may_lack_value(node) for node, _ in walk(tree))
    )


def ends_of_enum_switches(code: str, language: Language) -> frozenset[int]:
    """The last lines of bodies that end in a `switch` over names, without `default`.

    Right where it has a case for each name, and gcc warns where one is missing; but it warns of
    the body's end, too.
    """
    bodies = _bodies(parse(language, code))
    return frozenset(body.end_point.row + 1 for body in bodies if _ends_in_enum_switch(body))


def _may_lack_value(node: Node) -> bool:
    if node.type in {"preproc_def", "preproc_function_def"}:
        value = node.child_by_field_name("value")
        return value is not None and bool(_STATEMENT_IN_MACRO.search(text_of(value)))
    if node.type == "declaration":
        return _is_left_open(node)
    if node.type == "function_definition":
        return _may_fall_off(node)
    return node.type == "lambda_expression" and _returns(node) and not _ends_in_return(node)


def _is_left_open(declaration: Node) -> bool:
    kind = declaration.child_by_field_name("type")
    declarators = declaration.children_by_field_name("declarator")
    points = any(each.type == "pointer_declarator" for each in declarators)
    is_open = any(each.type in _WITHOUT_VALUE for each in declarators)
    return is_open and (points or kind is None or _class_name(kind) not in _HAVE_VALUES)


def _class_name(kind: Node) -> str:
    """`vector` of `std::vector<int>`."""
    return text_of(kind).partition("<")[0].rpartition("::")[2].strip()


def _may_fall_off(function: Node) -> bool:
    kind = function.child_by_field_name("type")
    declarator = function.child_by_field_name("declarator")
    if kind is None or declarator is None:
        return False  # a constructor, destructor or conversion
    is_void = text_of(kind) == "void" and declarator.type == "function_declarator"
    return not is_void and not _is_main(declarator) and not _ends_in_return(function)


def _is_main(declarator: Node) -> bool:
    name = declarator.child_by_field_name("declarator")
    return name is not None and text_of(name) == "main"


def _ends_in_return(function: Node) -> bool:
    body = function.child_by_field_name("body")
    last = _last_statement(body) if body is not None else None
    return body is None or (last is not None and last.type in _ENDS)


def _returns(function: Node) -> bool:
    return "return" in text_of(function)


def _last_statement(body: Node) -> Node | None:
    statements = [each for each in body.named_children if each.type != "comment"]
    return statements[-1] if statements else None


def _bodies(tree: Tree) -> Iterator[Node]:
    return (node for node, _ in walk(tree) if node.type == "compound_statement")


def _ends_in_enum_switch(body: Node) -> bool:
    last = _last_statement(body)
    switched = (
        last.child_by_field_name("body") if last and last.type == "switch_statement" else None
    )
    cases = [] if switched is None else switched.named_children
    values = [c.child_by_field_name("value") for c in cases if c.type == "case_statement"]
    return bool(values) and all(v is not None and v.type not in _LITERALS for v in values)
