"""Cut a text into candidates by its syntax tree: functions, methods, types, queries."""

import re
import textwrap
from collections.abc import Iterator
from typing import Literal

from pydantic import Field
from tree_sitter import Node, QueryCursor

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.seeds.grammar import Grammar, candidates_query, grammar_of
from infinite_instruct.tools.syntax import MAX_BYTES, is_deeper, parse, text_of

_MAX_DEPTH = 200
"""Ordinary code stays below 40; parents are looked up from the root, so that depth costs."""
_MAX_CANDIDATES = 2_000

_NOTICE = re.compile(r"copyright|licen[cs]e|^#!", re.IGNORECASE)
"""Comments of a file, not of what comes first in it."""

Kind = Literal["function", "type", "query"]
_KINDS: tuple[Kind, ...] = ("function", "type", "query")


class Candidate(Value):
    """A piece of code that may become a snippet."""

    kind: Kind
    name: str
    code: str
    """Free of the file's indentation; a method stands in its class header."""
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
    inside: tuple[int, int]
    """Its bytes in the text: a type holds its methods."""
    broken: bool = False
    """Whether the parser found an error in it."""

    @property
    def lines(self) -> int:
        """How long it is."""
        return self.code.count("\n") + 1


class ImportStatement(Value):
    """An import of a file."""

    text: str
    names: frozenset[str]
    """What it brings."""
    path: str = ""
    """What code must also hold to need it: `import a.b` brings `a`, but is for `a.b`."""


class Cut(Value):
    """What a text was cut into."""

    candidates: tuple[Candidate, ...]
    imports: tuple[ImportStatement, ...]


def cut(language: Language, text: str) -> Cut:
    """Cut a text of at most `syntax.MAX_BYTES`; nothing is found in a deeper one than 200."""
    grammar = grammar_of(language)
    source = text if text.startswith(grammar.prefix.strip() or text) else grammar.prefix + text
    source_bytes = source.encode()
    if len(source_bytes) > MAX_BYTES:
        return Cut(candidates=(), imports=())
    try:
        tree = parse(language, source)
    except ValueError:  # endless
        return Cut(candidates=(), imports=())
    if is_deeper(tree, _MAX_DEPTH):
        return Cut(candidates=(), imports=())
    matches = QueryCursor(candidates_query(language)).matches(tree.root_node)
    found = [captures for _, captures in matches]
    shift = source.count("\n") - text.count("\n")
    return Cut(
        candidates=tuple(_candidates(found, source_bytes, grammar, shift)),
        imports=tuple(_imports(found, grammar)),
    )


_Captures = dict[str, list[Node]]


def _candidates(
    found: list[_Captures], source: bytes, grammar: Grammar, shift: int
) -> Iterator[Candidate]:
    """Candidates in the order of the text, none inside a function: those are no use alone."""
    classes = {
        node.id for each in found for node in [*each.get("type", []), *each.get("class", [])]
    }
    function_end = 0
    for kind, node, name in _pieces(found)[:_MAX_CANDIDATES]:
        if node.start_byte < function_end:
            continue
        if kind == "function":
            function_end = node.end_byte
        owner = _ancestor(node, classes) if kind == "function" else None
        code, first = _code(node, owner, source, grammar)
        yield Candidate(
            kind=kind,
            name=name,
            code=code,
            first_line=max(1, first + 1 - shift),
            last_line=max(1, node.end_point.row + 1 - shift),
            inside=(node.start_byte, node.end_byte),
            broken=node.has_error,
        )


def _pieces(found: list[_Captures]) -> list[tuple[Kind, Node, str]]:
    """The captured candidates, outer ones first, each node once."""
    pieces: dict[tuple[int, int], tuple[Kind, Node, str]] = {}
    for captures in found:
        for kind in _KINDS:
            for node in captures.get(kind, []):
                name = text_of(captures["name"][0]) if "name" in captures else ""
                pieces.setdefault((node.start_byte, -node.end_byte), (kind, node, name))
    return [pieces[span] for span in sorted(pieces)]


def _ancestor(node: Node, wanted: set[int]) -> Node | None:
    parent = node.parent
    while parent is not None and parent.id not in wanted:
        parent = parent.parent
    return parent


def _code(node: Node, owner: Node | None, source: bytes, grammar: Grammar) -> tuple[str, int]:
    """The text of a candidate, with the comments before it, and its first row."""
    whole = node.parent if node.parent and node.parent.type == "export_statement" else node
    first = _leading(whole)
    after = node.next_sibling
    last = after if after is not None and after.type == ";" else node
    code = _dedented(source, first.start_byte, last.end_byte)
    if owner is None:
        return code, first.start_point.row
    header = _header(owner, source, grammar)
    inner = textwrap.indent(code, "    ")
    return "\n".join(filter(None, [header, inner, grammar.closer])), first.start_point.row


def _leading(node: Node) -> Node:
    """The first of the comments and attributes which stand directly above a node."""
    first = node
    above = node.prev_sibling
    while above is not None and _belongs(above, first):
        first, above = above, above.prev_sibling
    return first


def _belongs(above: Node, below: Node) -> bool:
    adjacent = above.end_point.row + (above.end_point.column > 0) >= below.start_point.row
    before = above.prev_sibling
    trails = before is not None and before.end_point.row == above.start_point.row
    told = "comment" in above.type and not _NOTICE.search(text_of(above))
    return (told or above.type == "attribute_item") and adjacent and not trails


def _dedented(source: bytes, start: int, end: int) -> str:
    """A piece of the text, moved to the left edge."""
    line_start = source.rfind(b"\n", 0, start) + 1
    margin = source[line_start:start]
    indented = margin.strip() == b""
    piece = source[line_start if indented else start : end].decode(errors="replace")
    return textwrap.dedent(piece.expandtabs(4) if b"\t" in margin else piece).rstrip()


def _header(owner: Node, source: bytes, grammar: Grammar) -> str:
    """A class without its body: `class Stack(Base):`, `impl<T> Stack<T> {`."""
    body = _body(owner)
    end = body.start_byte if body is not None else owner.end_byte
    header = " ".join(source[owner.start_byte : end].decode(errors="replace").split())
    opens = grammar.header_opens
    return header if header.endswith(opens) else f"{header} {opens}"


def _body(owner: Node) -> Node | None:
    """The body of a class, also of one behind `template <…>`."""
    for node in (owner, *owner.named_children):
        if node.type.endswith("body"):
            return node
        if body := node.child_by_field_name("body"):
            return body
    return None


def _imports(found: list[_Captures], grammar: Grammar) -> Iterator[ImportStatement]:
    for captures in found:
        for node in captures.get("import", []):
            text = grammar.import_keyword + text_of(node).strip()
            brought = {_last_segment(text_of(name)) for name in captures.get("imported", [])}
            provided = {
                name
                for part, names in grammar.provided.items()
                if part in text
                for name in names.split()
            }
            yield ImportStatement(text=text, names=frozenset(brought | provided))


def _last_segment(name: str) -> str:
    """The last part of a path: `List` of `java.util.List`, `strings` of `"a/strings"`."""
    plain = name.strip("\"'<>` ")
    for separator in "/\\:.":
        plain = plain.rsplit(separator, 1)[-1]
    return plain
