"""Functions without a body of their own, in every language but Python, which has its own rules."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.analyzers.text.placeholders import (
    HINT,
    MAX_NOTE,
    NOT_DONE,
    OF_SUBCLASSES,
    is_meant_to_do_nothing,
)
from infinite_instruct.tools.shape import body_of, definition_of, function_nodes, is_empty, name_of
from infinite_instruct.tools.syntax import text_of

_OPENS_HOLLOW = re.compile(r"\{\s*(?:\}|//|/\*|#)")
_SAYS_HOLLOW = ("implement", "todo", "unsupported", "supported yet", "???", "fatalerror()")
"""Without one of these (lower case) no function of a language with braces is hollow."""
_WITHOUT_BRACES = {Language.RUBY}

_FAILS = re.compile(
    r"^[{=>\s]*(?:return\s)?\s*(?:throw|raise|panic|todo!|unimplemented!|TODO\b|fatalError|die\b|error"
    r"|assert|abort|console\.|print|System\.|fmt\.|log\.|echo|NSLog|std::cerr|\?\?\?|preconditionFail"
    r"|return\b[^\n]{0,60}\b(?:errors\.New|fmt\.Errorf|Err|Promise\.reject)\()"
)
_SAYS = re.compile(
    rf"todo!|unimplemented!|\bTODO\(|\?\?\?|fatalError\(\)|{NOT_DONE.pattern}|supported yet",
    re.IGNORECASE,
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
_BLOCKS = {"statements", "block", "body_statement", "statement_list"}
_EMPTY = "has no body."
_MANY = 1_000
"""Functions of one text whose classes are looked up: each look costs as many steps."""
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
    beside = Counter(each.parent for each in (nodes[:_MANY] if faults else ()))
    refusing = Counter(node.parent for node in list(faults)[:_MANY] if faults[node] == _REFUSES)
    for node, said in list(faults.items())[:MAX_DIAGNOSTICS]:
        above = node.parent
        if said == _REFUSES and _is_for_others(beside[above], refusing[above], above, language):
            continue
        message = f"`{name_of(node)[:80]}` {said}"
        yield own("placeholder-body", message, node.start_point.row + 1)


def _may_be_hollow(lower: str, language: Language) -> bool:
    if language in _WITHOUT_BRACES or _OPENS_HOLLOW.search(lower):
        return True
    return any(word in lower for word in _SAYS_HOLLOW)


def _is_for_others(beside: int, refusing: int, above: Node | None, language: Language) -> bool:
    """Whether others are to write it, where the language has no word for that.

    Most methods of its class refuse to be called, or, as is usual in Ruby, one among others does.
    """
    if above is None or above.type not in _CLASS_BODIES:
        return False
    if language is Language.RUBY:
        return beside > 1
    return refusing > 1 and 2 * refusing > beside


def _fault(node: Node, language: Language, functions: int) -> str:
    """What is wrong with a function; empty where it has a body, or may be without."""
    definition = definition_of(node)
    body = body_of(definition)
    if body is None:
        is_empty_ruby = definition.type in {"method", "singleton_method"}
        return _EMPTY if is_empty_ruby and _owes_more(node, language, functions) else ""
    statements = _statements(body)
    if len(statements) > 2:  # noqa: PLR2004  a message and a constant
        return ""
    if _is_trivial(statements) and any(map(_is_hint, _comments(node, body))):
        return "has only a note where its body should be."
    if not statements:
        return _EMPTY if is_empty(body) and _owes_more(node, language, functions) else ""
    return _REFUSES if _is_not_done(node, body, statements) else ""


def _is_hint(comment: Node) -> bool:
    return bool(HINT.search(text_of(comment)[:MAX_NOTE]))


def _statements(body: Node) -> list[Node]:
    """The statements of a body, or its expression."""
    inner = [child for child in body.named_children if "comment" not in child.type]
    while len(inner) == 1 and inner[0].type in _BLOCKS:
        inner = [child for child in inner[0].named_children if "comment" not in child.type]
    is_block = (body.text or b"")[:1] in {b"{", b"="}
    return inner if is_block or body.type in {"body_statement", "block"} else [body]


def _comments(node: Node, body: Node) -> list[Node]:
    inside = [*body.named_children, *node.named_children]
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


def _owes_more(node: Node, language: Language, functions: int) -> bool:
    """Whether an empty body is a fault: a value is promised, or it is all that there is."""
    definition = definition_of(node)
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
    return untyped and functions == 1 and at_top and takes and not is_meant_to_do_nothing(name)


def _promises_in_c(definition: Node, name: str) -> bool:
    """Whether a value is promised; a macro before it may say anything."""
    said = definition.child_by_field_name("type")
    if said is None or definition.has_error or not name or name.startswith(("~", "operator")):
        return False
    kind = text_of(said)
    return not (_VOID.match(kind) or _MACRO.fullmatch(kind) or kind == name)
