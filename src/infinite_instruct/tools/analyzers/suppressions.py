"""Comments that switch checkers off: found, counted, and neutralised before the check."""

import re

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language, Value
from infinite_instruct.tools.analyzers.gate import own
from infinite_instruct.tools.syntax import parse, text_of, walk

_COMMENT = re.compile(
    r"type:\s*ignore|\b(mypy|pyright|basedpyright|pyre|ty|ruff|flake8|pylint|isort)\s*:"
    r"|\bpyre-(ignore|fixme|strict|unsafe)|\bnoqa\b|pragma:\s*no\b"
    r"|@ts-(no-?check|ignore|expect-error)|\b(eslint|oxlint|tslint|jshint|biome)-?(disable|ignore)"
    r"|\bshellcheck\s+disable|\bsqlfluff:|\bNOLINT|\bnolint\b|\$FlowFixMe|\bphpcs:|@phpstan-ignore"
    r"|\brubocop:disable|//go:build|//\s*\+build|\bsuppress\s+\w*warning",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"@SuppressWarnings|@file:Suppress|@Suppress\b|#!?\[\s*(allow|expect)\b|no_type_check"
    r"|\bas any$"
)
_HOLDERS = ("annotation", "attribute_item", "decorator", "as_expression")


class Neutralised(Value):
    """A text whose suppression comments have no power, at the same length and lines."""

    code: str
    found: tuple[Diagnostic, ...]


def neutralise(code: str, language: Language) -> Neutralised:
    """Blank every comment that suppresses findings. The text has passed the gate."""
    tree = parse(language, code)
    comments = [node for node, _ in walk(tree) if _suppresses(node)]
    data = bytearray(code.encode())
    for node in comments:
        data[node.start_byte : node.end_byte] = _blank(node)
    found = [_finding(node) for node in comments] + _elsewhere(tree)
    return Neutralised(code=data.decode(), found=tuple(found))


def _suppresses(node: Node) -> bool:
    is_comment = "comment" in node.type and node.child_count == 0
    return is_comment and bool(_COMMENT.search(text_of(node)))


def _blank(node: Node) -> bytes:
    """The comment's own marks with nothing in it: a part left over would change the layout."""
    old = node.text or b""
    opening = 2 if old[:2] in {b"//", b"/*", b"--"} else 1
    closing = b"*/" if old.endswith(b"*/") else b""
    inner = old[opening : len(old) - len(closing)]
    blank = bytes(byte if byte in b"\r\n" else ord(" ") for byte in inner)
    return old[:opening] + blank + closing


def _elsewhere(tree: Tree) -> list[Diagnostic]:
    return [
        _finding(node)
        for node, _ in walk(tree)
        if node.type.endswith(_HOLDERS) and _ELSEWHERE.search(text_of(node))
    ]


def _finding(node: Node) -> Diagnostic:
    text = " ".join(text_of(node).split())[:80]
    point = node.start_point
    return own("suppression", f"`{text}` silences a checker.", point.row + 1, point.column + 1)
