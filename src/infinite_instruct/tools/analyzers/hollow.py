"""Functions without a body of their own, in every language but Python, which has its own rules."""

import re
from collections.abc import Iterator, Mapping, Sequence

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.gate import own
from infinite_instruct.tools.analyzers.placeholders import (
    HINT,
    NOT_DONE,
    OF_SUBCLASSES,
    is_meant_to_do_nothing,
)
from infinite_instruct.tools.shape import body_of, definition_of, function_nodes, is_empty, name_of
from infinite_instruct.tools.syntax import text_of

_OPENS_HOLLOW = re.compile(r"\{\s*(?:\}|//|/\*|#)")
_SAYS_HOLLOW = ("implement", "todo", "unsupported", "supported yet", "???")
"""Without one of these (lower case) no function of a language with braces is hollow."""
_WITHOUT_BRACES = {Language.RUBY}

_FAILS = re.compile(
    r"^[{=>\s]*(?:return\s)?\s*(?:throw|raise|panic|todo!|unimplemented!|TODO\b|fatalError|die\b|error"
    r"|assert|abort|console\.|print|System\.|fmt\.|log\.|echo|NSLog|std::cerr|\?\?\?|preconditionFail)"
)
_SAYS = re.compile(
    rf"todo!|unimplemented!|\bTODO\(|\?\?\?|{NOT_DONE.pattern}|supported yet", re.IGNORECASE
)
_UNSUPPORTED = re.compile(r"throw new (?:\w+\.)?UnsupportedOperationException\(\s*\)")
_CONSTANT = re.compile(
    r"^(?:return\b)?\s*(?:null|nil|None|nullptr|undefined|-?\d[\d._]*[fFlLuUdD]?|true|false|''|\"\""
    r"|\[\]|\{\}|\(\)|default|String::new\(\)|Vec::new\(\)|vec!\[\]|new \w+(?:<\w*>)?\(\)|\w+\{\}"
    r"|Ok\(\(\)\)|array\(\)|\"[^\"]{0,40}\")?\s*;?$"
)
_VOID = re.compile(r"^(?:[:\s]|->)*(?:static |inline |constexpr |virtual )*"
                   r"(?:void|Void|Unit|\(\)|!|never|Never|undefined|Task|ValueTask|Promise<void>"
                   r"|any|unknown|Future<void>|None|mixed|static|self|asserts\b.*)$")  # fmt: skip
_CLASS_BODIES = {"class_body", "body_statement", "declaration_list", "class_declaration"}
_MACRO = re.compile(r"[A-Z][A-Z0-9_]+")
_REFUSES = "only says that it is not done."
_CONSTRUCTORS = ("constructor", "init_declaration")
_INHERITS = re.compile(r"\b(?:extends|implements|override|@Override|impl\s+[\w:<>]+\s+for)\b")


def hollow_functions(tree: Tree, lower: str, language: Language) -> Iterator[Diagnostic]:
    """Functions that promise a value and are empty, or only say that they are not done.

    Args:
        tree: The text's tree.
        lower: The text in lower case.
        language: Its language.
    """
    if not _may_be_hollow(lower, language):
        return
    nodes = list(function_nodes(tree, language))
    faults = {node: said for node in nodes if (said := _fault(node, language, len(nodes)))}
    for node, said in faults.items():
        if said != _REFUSES or not _is_for_others(node, nodes, faults, language):
            message = f"`{name_of(node)[:80]}` {said}"
            yield own("placeholder-body", message, node.start_point.row + 1)


def _may_be_hollow(lower: str, language: Language) -> bool:
    if language in _WITHOUT_BRACES or _OPENS_HOLLOW.search(lower):
        return True
    return any(word in lower for word in _SAYS_HOLLOW)


def _is_for_others(
    node: Node, nodes: Sequence[Node], faults: Mapping[Node, str], language: Language
) -> bool:
    """Whether others are to write it, where the language has no word for that.

    Most methods of its class refuse to be called, or, as is usual in Ruby, one among others does.
    """
    if node.parent is None or node.parent.type not in _CLASS_BODIES:
        return False
    beside = [each for each in nodes if each.parent == node.parent]
    refusing = sum(faults.get(each) == _REFUSES for each in beside)
    if language is Language.RUBY:
        return len(beside) > 1
    return refusing > 1 and 2 * refusing > len(beside)


def _fault(node: Node, language: Language, functions: int) -> str:
    alone = functions == 1
    definition = definition_of(node)
    body = body_of(definition)
    if body is None:
        ruby = definition.type in {"method", "singleton_method"}
        return (
            "has no body." if ruby and _owes_more(node, definition, language, alone=alone) else ""
        )
    statements = _statements(body)
    if len(statements) > 2:  # noqa: PLR2004  a message and a constant
        return ""
    if any(HINT.search(text_of(each)) for each in _comments(node, body)) and _is_trivial(
        statements
    ):
        return "has only a note where its body should be."
    if not statements:
        return (
            "has no body."
            if is_empty(body) and _owes_more(node, definition, language, alone=alone)
            else ""
        )
    return _REFUSES if _is_not_done(node, body, statements) else ""


def _statements(body: Node) -> list[Node]:
    """The statements of a body, or its expression."""
    inner = [child for child in body.named_children if "comment" not in child.type]
    while len(inner) == 1 and inner[0].type in {
        "statements",
        "block",
        "body_statement",
        "statement_list",
    }:
        inner = [child for child in inner[0].named_children if "comment" not in child.type]
    is_block = (body.text or b"")[:1] in {b"{", b"="}
    return inner if is_block or body.type in {"body_statement", "block"} else [body]


def _comments(node: Node, body: Node) -> list[Node]:
    inside = [*body.named_children]
    for each in body.named_children:
        inside += each.named_children if each.type in {"statements", "statement_list"} else []
    found = [each for each in inside if "comment" in each.type]
    behind = node.next_named_sibling
    if behind is not None and "comment" in behind.type and _same_line(behind, body):
        found.append(behind)
    return found


def _same_line(behind: Node, body: Node) -> bool:
    return behind.start_point.row == body.end_point.row


def _is_trivial(statements: Sequence[Node]) -> bool:
    return all(
        _CONSTANT.match(said) or (_FAILS.match(said) and each.type != "return_statement")
        for each in statements
        if (said := text_of(each)[:120])
    )


def _is_not_done(node: Node, body: Node, statements: list[Node]) -> bool:
    said = text_of(statements[0])[:300]
    if len(statements) == 2 and not _CONSTANT.match(text_of(statements[1])[:80]):  # noqa: PLR2004
        return False
    if not _FAILS.match(said) and not _FAILS.match(text_of(body)[:300]):
        return False
    if node.type in _CONSTRUCTORS or OF_SUBCLASSES.search(text_of(node)[:2_000]):
        return False
    if _SAYS.search(said):
        return "abstract" not in _head_of_class(node)
    return bool(_UNSUPPORTED.match(said)) and not _stands_for_another(node)


def _stands_for_another(node: Node) -> bool:
    """Whether it overrides a method, which it may refuse to support."""
    return bool(_INHERITS.search(_head_of_class(node)) or _INHERITS.search(text_of(node)[:200]))


def _head_of_class(node: Node) -> str:
    above = node.parent.parent if node.parent else None
    return text_of(above)[:1_000].partition("{")[0] if above else ""


def _owes_more(node: Node, definition: Node, language: Language, *, alone: bool) -> bool:
    """Whether an empty body is a fault: a value is promised, or it is all that there is."""
    name = name_of(node)
    if definition.type.startswith(_CONSTRUCTORS) or name in {"main", "constructor", "initialize"}:
        return False
    if language in {Language.C, Language.CPP}:
        return _promises_in_c(definition, name)
    fields = ["type"] if language is Language.JAVA else ["returns", "return_type", "result"]
    promised = next((p for each in fields if (p := definition.child_by_field_name(each))), None)
    if promised is None and language in {Language.KOTLIN, Language.SWIFT}:
        promised = next((each for each in definition.children if each.type == "user_type"), None)
    if promised is not None:
        return not _VOID.match(text_of(promised))
    untyped = language in {Language.JAVASCRIPT, Language.RUBY, Language.PHP}
    listed = definition.child_by_field_name("parameters")
    takes = listed is not None and listed.named_child_count > 0
    at_top = node.parent is not None and node.parent.type in {
        "program",
        "lexical_declaration",
        "export_statement",
    }
    return untyped and alone and at_top and takes and not is_meant_to_do_nothing(name)


def _promises_in_c(definition: Node, name: str) -> bool:
    """Whether a value is promised; a macro before it may say anything."""
    said = definition.child_by_field_name("type")
    if said is None or definition.has_error or not name or name.startswith(("~", "operator")):
        return False
    kind = text_of(said)
    return not (_VOID.match(kind) or _MACRO.fullmatch(kind) or kind == name)
