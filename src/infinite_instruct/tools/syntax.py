"""Syntax trees by tree-sitter. Trees are walked by cursors: recursion dies on deep input."""

import threading
from collections.abc import Iterator
from functools import cache, partial
from typing import cast

from tree_sitter import Node, Parser, Query, QueryCursor, Tree
from tree_sitter_language_pack import SupportedLanguage, get_language, get_parser

from infinite_instruct.domain import Language
from infinite_instruct.tools.languages import spec_of
from infinite_instruct.tools.trial import survives

MAX_BYTES = 256 * 1024
"""Larger texts are not parsed: 7 MB of brackets cost tree-sitter 1.3 GB and 12 s."""
_ROUNDS = 200
_BYTES_A_ROUND = 10
"""A parser counts rounds of 100 steps: 9,000 real files took at most 1 for 35 bytes. Recovery from
certain faults takes the square: 16 kB of `<!--` in C took 54 s."""
_SMALL = 1_500
"""Bytes of a text that is not watched, since it cannot take long, and of what is read at once."""
_RUN = 2_000
"""Signs (commas, minuses) that may stand side by side without a name or a number between them."""
_TRIED = 8 * 1024
"""Bytes of a text that is parsed in a child first: one round, too, may take time and memory by the
square, and no deadline of ours comes between. 64 kB of `a<` in Java took 4 GB."""
_DOUBTFUL = 300
"""Signs that may mean two things each: with more, a child tries a text of any size. 4 kB of `a=>`
in Java, which are 2,700, took 4 s and 650 MB; a page of code has some fifty."""
_ALL_BUT_SIGNS = bytes(set(range(256)) - set(b"<>=?"))


class EndlessParseError(ValueError):
    """A parser was stopped; how early, depends on the text alone."""


class _Parsers(threading.local):
    """This thread's own: one parser that two threads use at once crashes the process."""

    def __init__(self) -> None:
        self.known: dict[Language, Parser] = {}
        self.window = bytearray()
        """What a parser reads now: it never lets go of what a callback gives it, so that is one."""


_PARSERS = _Parsers()


def _parser(language: Language) -> Parser:
    known = _PARSERS.known
    if language not in known:
        known[language] = get_parser(cast("SupportedLanguage", spec_of(language).grammar))
    return known[language]


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
        EndlessParseError: Its faults keep the parser, or would keep its queries, busy without end.
    """
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise ValueError(f"{len(data)} bytes are more than the {MAX_BYTES} that are parsed")
    parser = _parser(language)
    doubtful = len(data) > _TRIED or len(data.translate(None, _ALL_BUT_SIGNS)) > _DOUBTFUL
    if doubtful and not survives(partial(parser.parse, data)):
        raise EndlessParseError("The parser did not survive it.")
    is_safe = doubtful or len(data) <= _SMALL  # a child came to its end with it, or it is short
    tree = parser.parse(data) if is_safe else _parse_watched(parser, data)
    if tree.root_node.descendant_count > _RUN and _has_endless_run(tree):
        raise EndlessParseError(f"More than {_RUN} signs stand side by side.")
    return tree


def _parse_watched(parser: Parser, data: bytes) -> Tree:
    rounds, window = 0, _PARSERS.window
    limit = _ROUNDS + len(data) // _BYTES_A_ROUND

    def is_endless(*_: object) -> bool:
        nonlocal rounds
        rounds += 1
        return rounds > limit

    def read(offset: int, _: object) -> bytearray:
        window[:] = data[offset : offset + _SMALL]
        return window

    try:
        tree = parser.parse(read, progress_callback=is_endless)
    except ValueError as fault:
        parser.reset()  # otherwise it goes on with this text at its next
        raise EndlessParseError("The parser found no end.") from fault
    # Nodes of a tree with its bytes at hand give their text a hundred times faster, and those of a
    # tree with a callback never let go of it. Anew, faults take the same rounds: no more than now.
    return parser.parse(data) if tree.root_node.has_error else parser.parse(data, tree)


def _has_endless_run(tree: Tree) -> bool:
    """Whether thousands of signs are neighbours: a query takes the square of them."""
    waiting = [tree.root_node]
    while waiting:
        children = waiting.pop().children
        run = 0
        for child in children if len(children) > _RUN else ():
            run = 0 if child.is_named else run + 1
            if run > _RUN:
                return True
        waiting.extend(child for child in children if child.descendant_count > _RUN)
    return False


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
