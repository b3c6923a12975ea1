"""Syntax trees by tree-sitter. Trees are walked by cursors: recursion dies on deep input."""

from collections.abc import Iterator
from functools import cache
from typing import cast

from tree_sitter import Node, Parser, Query, QueryCursor, Tree
from tree_sitter_language_pack import SupportedLanguage, get_language, get_parser

from infinite_instruct.domain import Language
from infinite_instruct.tools.languages import spec_of

MAX_BYTES = 256 * 1024
"""Larger texts are not parsed: 7 MB of brackets cost tree-sitter 1.3 GB and 12 s."""


@cache
def _parser(language: Language) -> Parser:
    return get_parser(cast("SupportedLanguage", spec_of(language).grammar))


@cache
def _query(language: Language, kinds: tuple[str, ...]) -> Query | None:
    """Finds nodes of these kinds, as far as the grammar has them."""
    grammar = get_language(cast("SupportedLanguage", spec_of(language).grammar))
    numbers = range(grammar.node_kind_count)
    known = {grammar.node_kind_for_id(each) for each in numbers if grammar.node_kind_is_named(each)}
    wanted = [f"({kind}) @found" for kind in kinds if kind in known]
    return Query(grammar, " ".join(wanted)) if wanted else None


def parse(language: Language, text: str) -> Tree:
    """Parse a text of at most MAX_BYTES.

    Raises:
        ValueError: The text is larger, or holds lone surrogates.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes are more than the {MAX_BYTES} that are parsed")
    return _parser(language).parse(data)


def nodes_of(tree: Tree, language: Language, kinds: tuple[str, ...]) -> list[Node]:
    """All nodes of these kinds, in the order of the text; found by tree-sitter's own engine."""
    query = _query(language, kinds)
    if query is None:
        return []
    found = QueryCursor(query).captures(tree.root_node).get("found", [])
    return sorted(found, key=_start)


def walk(tree: Tree) -> Iterator[tuple[Node, int]]:
    """All nodes with their depth, parents first, in the order of the text."""
    cursor = tree.walk()
    depth = 0
    while True:
        if cursor.node is not None:
            yield cursor.node, depth
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1


def is_deeper(tree: Tree, levels: int) -> bool:
    """Whether the tree has more levels. Parts with too few nodes for that are not looked into."""
    waiting = [(tree.root_node, 0)]
    while waiting:
        node, level = waiting.pop()
        if level > levels:
            return True
        if level + node.descendant_count > levels:
            waiting.extend((child, level + 1) for child in node.children)
    return False


def first_error(tree: Tree) -> Node | None:
    """The first node that is an error or that the parser had to invent; None in a clean tree."""
    node = tree.root_node if tree.root_node.has_error else None
    while node is not None and not (node.is_error or node.is_missing):
        below = next((child for child in node.children if child.has_error), None)
        if below is None:
            return node
        node = below
    return node


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode(errors="replace")


def _start(node: Node) -> int:
    return node.start_byte
