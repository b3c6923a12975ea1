"""Comments that switch checkers off: found, counted, and neutralised before the check."""

import re

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language, Value
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.shape import COMMENTS
from infinite_instruct.tools.syntax import nodes_of, text_of

_TRIGGERS = (
    "ignore", "noqa", "mypy", "pyright", "pyre", "ruff", "flake8", "pylint", "disable", "nocheck",
    "no-check", "expect-error", "nolint", "$flowfixme", "phpcs", "suppress",
    "noinspection", "sqlfluff", "fixme[", "checkstyle", "nosonar", "nosec",
    "allow", "expect", "no_type_check", "as any", "pragma",
)  # fmt: skip
"""Without one of these (lower case) in a text no comment of it suppresses anything."""

_COMMENT = re.compile(
    r"type:[ \t]*ignore|#[ \t]*(mypy|pyright|basedpyright|pyre|ruff|flake8|pylint|ty|pytype)[ \t]*:"
    r"|\bpyre-(ignore|fixme|strict|unsafe)|\bnoqa\b|\bnosec\b"
    r"|@ts-(no-?check|ignore|expect-error)|\b(eslint|oxlint|tslint|jshint|biome)-?(disable|ignore)"
    r"|\bjs(hint|lint)[ \t]+ignore|\bshellcheck[ \t]+disable|\bsqlfluff:|\bNOLINT|\bnolint\b"
    r"|\$FlowFixMe|\bphpcs:(ignore|disable)|@(phpstan|psalm)-(ignore|suppress)"
    r"|\brubocop:(disable|todo)|\bsteep:ignore|\bnoinspection\b"
    r"|\b(swiftlint|ktlint|detekt|checkstyle|luacheck|selene)[:-]?[ \t]*(disable|off|ignore|allow)"
    r"|\bReSharper disable\b|\bNOSONAR\b|@suppress\b|\bcppcheck-suppress|##[ \t]*no critic",
    re.IGNORECASE,
)
_HOLDERS = (
    "annotation", "marker_annotation", "file_annotation", "attribute_item", "inner_attribute_item",
    "decorator", "as_expression", "attribute_list", "preproc_pragma", "attribute_group",
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"@SuppressWarnings|@file:Suppress|@Suppress\b|#!?\[[ \t]*(allow|expect)\b|no_type_check"
    r"|\bas any$|\[[ \t]*(?:assembly:)?[ \t]*SuppressMessage"
    r"|#[ \t]*pragma[ \t]+warning[ \t]+disable"
)


class Neutralised(Value):
    """A text whose suppression comments have no power, at the same length and lines."""

    code: str
    found: tuple[Diagnostic, ...] = ()
    """The first of them."""
    count: int = 0
    """How many there are."""


def may_suppress(lower: str) -> bool:
    """Whether a text, in lower case, has a word of any suppression: most have none."""
    return any(map(lower.__contains__, _TRIGGERS))


def neutralise(tree: Tree, code: str, language: Language) -> Neutralised:
    """Blank every comment that suppresses findings."""
    comments = [each for each in nodes_of(tree, language, COMMENTS) if _suppresses(each)]
    holders = nodes_of(tree, language, _HOLDERS)
    elsewhere = [each for each in holders if _ELSEWHERE.search(text_of(each))]
    data = bytearray(code.encode())
    for node in comments:
        data[node.start_byte : node.end_byte] = _blank(node)
    found = [*comments, *elsewhere]
    return Neutralised(
        code=data.decode() if comments else code,
        found=tuple(_finding(node) for node in found[:MAX_DIAGNOSTICS]),
        count=len(found),
    )


def _suppresses(node: Node) -> bool:
    return bool(_COMMENT.search(text_of(node)))


def _blank(node: Node) -> bytes:
    """The comment's own marks with nothing in it: a part left over would change the layout."""
    old = node.text or b""
    opening = 2 if old[:2] in {b"//", b"/*", b"--"} else int(not old.startswith(b"=begin"))
    closing = b"*/" if old.endswith(b"*/") else b""
    inner = old[opening : len(old) - len(closing)]
    blank = bytes(byte if byte in b"\r\n" else ord(" ") for byte in inner)
    return old[:opening] + blank + closing


def _finding(node: Node) -> Diagnostic:
    text = " ".join(text_of(node).split())[:80]
    point = node.start_point
    return own("suppression", f"`{text}` silences a checker.", point.row + 1, point.column + 1)
