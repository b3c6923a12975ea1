"""Markdown: headings, list items at any depth, links that stand by themselves."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from infinite_instruct.tools.vocabularies.entries import GLOSS, Entry, Outline
from infinite_instruct.tools.vocabularies.read_html import read_html

if TYPE_CHECKING:
    from markdown_it.token import Token

_PIECE = 200_000
"""Characters that are parsed at a time, about: memory stays bounded."""
_BLOCK = re.compile(r"(#{1,6}|[-*+]|\d{1,9}[.)])\s")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_DEEPEST_HEADING = 6
_NESTING = 100
_FRONT_MATTER = 100
"""Lines in which the data at the head of a file must end."""
_SHOWN = frozenset(("text", "code_inline", "softbreak", "hardbreak"))
_OPENERS = frozenset(("link_open", "strong_open"))
_CLOSERS = frozenset(("link_close", "strong_close"))


def read_markdown(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a document; a paragraph is one only where it holds nothing but links."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - a run without such a file needs it not

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    outline = Outline()
    for piece in _pieces(_without_front_matter(lines)):
        yield from _entries(parser.parse(piece), outline)


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """The text in pieces, cut before a heading or an item at the margin, never in a fence."""
    piece: list[str] = []
    size = 0
    fence = ""
    for line in lines:
        if size > _PIECE and not fence and _BLOCK.match(line):
            yield "".join(piece)
            piece, size = [], 0
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        piece.append(line)
        size += len(line)
    yield "".join(piece)


def _without_front_matter(lines: Iterable[str]) -> Iterator[str]:
    rest = iter(lines)
    head = list(islice(rest, 1))
    if head and head[0].rstrip() == "---":
        head += islice(rest, _FRONT_MATTER)
        ends = [at for at, line in enumerate(head) if at and line.rstrip() in {"---", "..."}]
        head = head[ends[0] + 1 :] if ends else head
    yield from head
    yield from rest


def _entries(tokens: "Sequence[Token]", outline: Outline) -> Iterator[Entry]:
    depth = level = 0
    for token in tokens:
        if token.type.endswith("_list_open"):
            depth += 1
        elif token.type.endswith("_list_close"):
            depth -= 1
        elif token.type == "heading_open":
            level = int(token.tag[1:])
        elif token.type == "list_item_open":
            level = _DEEPEST_HEADING + depth
        elif token.type == "inline":
            titled = [_title(token)] if level else _links(token.children or [])
            for text in filter(None, titled):
                yield outline.enter(level or _DEEPEST_HEADING + depth + 1, text)
            level = 0  # what follows in an item is prose
        elif token.type == "html_block":
            for entry in read_html([token.content]):
                yield outline.enter(_DEEPEST_HEADING + depth + 1, entry.text)


def _title(inline: "Token") -> str:
    """The text of a heading or an item; of `[lists](…) - how to …` only what is linked."""
    children = [token for token in inline.children or [] if token.type != "text" or token.content]
    text = _plain(children)
    ends = [at for at, token in enumerate(children) if token.type in _CLOSERS]
    if ends and children[0].type in _OPENERS:
        head, rest = _plain(children[: ends[0]]), _plain(children[ends[0] :])
        return head if GLOSS.match(rest) else text
    return text


def _links(children: "Sequence[Token]") -> list[str]:
    """The texts of a paragraph's links, where it holds nothing else."""
    texts: list[str] = []
    inside: list[Token] | None = None
    for token in children:
        if token.type == "link_open":
            inside = []
        elif token.type == "link_close" and inside is not None:
            texts.append(_plain(inside))
            inside = None
        elif inside is not None:
            inside.append(token)
        elif any(letter.isalnum() for letter in _plain([token])):
            return []
    return texts


def _plain(tokens: "Iterable[Token]") -> str:
    parts = (
        " " if token.type.endswith("break") else token.content
        for token in tokens
        if token.type in _SHOWN
    )
    return "".join(parts).strip()
