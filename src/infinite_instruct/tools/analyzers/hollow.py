"""Functions without a body of their own, in every language but Python, which has its own rules."""

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.gate import own
from infinite_instruct.tools.analyzers.placeholders import HINT, NOT_DONE, is_meant_to_do_nothing
from infinite_instruct.tools.shape import body_of, definition_of, function_nodes, is_empty, name_of
from infinite_instruct.tools.syntax import text_of

_OPENS_HOLLOW = re.compile(
    r"\{\s*(?:\}|//|/\*|#)|(?i:implement|todo|unsupported|supported yet|\?\?\?|stub)"
)
"""Without one of these no function of a language with braces is hollow."""
_WITHOUT_BRACES = {Language.RUBY}

_FAILS = re.compile(
    r"^[{=>\s]*(?:return\s)?\s*(?:throw|raise|panic|todo!|unimplemented!|TODO\b|fatalError|die\b|error"
    r"|assert|abort|console\.|print|System\.|fmt\.|log\.|echo|NSLog|std::cerr|\?\?\?|preconditionFail)"
)
_SAYS = re.compile(
    rf"todo!|unimplemented!|\bTODO\(|\?\?\?|{NOT_DONE.pattern}|supported yet", re.IGNORECASE
)
_UNSUPPORTED = re.compile(r"throw new (?:\w+\.)?UnsupportedOperationException\(\s*\)")
_OF_SUBCLASSES = re.compile(
    r"(?i:subclass|overrid|abstract|derived class|child class|inherit|interface)"
)
_CONSTANT = re.compile(
    r"^(?:return\b)?\s*(?:null|nil|None|nullptr|undefined|-?\d[\d._]*[fFlLuUdD]?|true|false|''|\"\""
    r"|\[\]|\{\}|\(\)|default|String::new\(\)|Vec::new\(\)|vec!\[\]|new \w+(?:<\w*>)?\(\)|\w+\{\}"
    r"|Ok\(\(\)\)|array\(\)|\"[^\"]{0,40}\")?\s*;?$"
)
_VOID = re.compile(r"^(?:[:\s]|->)*(?:static |inline |constexpr |virtual )*"
                   r"(?:void|Void|Unit|\(\)|!|never|Never|undefined|Task|ValueTask|Promise<void>"
                   r"|any|unknown|Future<void>|None|mixed|static|self)$")  # fmt: skip
_CONSTRUCTORS = ("constructor", "init_declaration")
_INHERITS = re.compile(r"\b(?:extends|implements|override|@Override|impl\s+[\w:<>]+\s+for)\b")


def hollow_functions(tree: Tree, code: str, language: Language) -> Iterator[Diagnostic]:
    """Functions that promise a value and are empty, or only say that they are not done."""
    if language not in _WITHOUT_BRACES and not _OPENS_HOLLOW.search(code):
        return
    nodes = list(function_nodes(tree, language))
    alone = len(nodes) == 1
    for node in nodes:
        if message := _fault(node, language, alone=alone):
            said = f"`{name_of(node)[:80]}` {message}"
            yield own("placeholder-body", said, node.start_point.row + 1)


def _fault(node: Node, language: Language, *, alone: bool) -> str:
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
    return "only says that it is not done." if _is_not_done(node, body, statements) else ""


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
    if node.type in _CONSTRUCTORS or _OF_SUBCLASSES.search(text_of(node)[:2_000]):
        return False
    if _SAYS.search(said):
        return True
    return bool(_UNSUPPORTED.match(said)) and not _stands_for_another(node)


def _stands_for_another(node: Node) -> bool:
    """Whether it overrides a method, which it may refuse to support."""
    above = node.parent.parent if node.parent else None
    head = text_of(above)[:300].partition("{")[0] if above else ""
    return bool(_INHERITS.search(head) or _INHERITS.search(text_of(node)[:200]))


def _owes_more(node: Node, definition: Node, language: Language, *, alone: bool) -> bool:
    """Whether an empty body is a fault: a value is promised, or it is all that there is."""
    name = name_of(node)
    if definition.type.startswith(_CONSTRUCTORS) or name in {"main", "constructor", "initialize"}:
        return False
    if language in {Language.C, Language.CPP}:
        said = definition.child_by_field_name("type")
        return said is not None and not _VOID.match(text_of(said))
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
