"""Syntax trees by tree-sitter. Trees are walked by cursors: recursion dies on deep input."""

from collections.abc import Iterator
from functools import cache
from typing import cast

from tree_sitter import Node, Parser, Tree
from tree_sitter_language_pack import SupportedLanguage, get_parser

from infinite_instruct.domain import Language
from infinite_instruct.tools.languages import spec_of

MAX_BYTES = 256 * 1024
"""Larger texts are not parsed: 7 MB of brackets cost tree-sitter 1.3 GB and 12 s."""


@cache
def _parser(language: Language) -> Parser:
    return get_parser(cast("SupportedLanguage", spec_of(language).grammar))


def parse(language: Language, text: str) -> Tree:
    """Parse a text of at most MAX_BYTES.

    Raises:
        ValueError: The text is larger, or holds lone surrogates.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes are more than the {MAX_BYTES} that are parsed")
    return _parser(language).parse(data)


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


def depth(tree: Tree) -> int:
    """The depth of the tree; ordinary code stays below 40."""
    return max(level for _, level in walk(tree))


def first_error(tree: Tree) -> Node | None:
    """The first node that is an error or that the parser had to invent; None in a clean tree."""
    if not tree.root_node.has_error:
        return None
    faults = (node for node, _ in walk(tree) if node.is_error or node.is_missing)
    return next(faults, tree.root_node)


def text_of(node: Node) -> str:
    """The source text of a node."""
    return (node.text or b"").decode(errors="replace")
