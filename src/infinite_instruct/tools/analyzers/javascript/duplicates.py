"""Functions that JavaScript defines twice in one place: the first one is lost without a word."""

import re
from collections import Counter
from collections.abc import Iterator

from tree_sitter import Node

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.source_text import SourceText
from infinite_instruct.tools.syntax import parse, text_of, walk

_FUNCTION = re.compile(r"\bfunction[ *]{1,5}([A-Za-z_$][\w$]*)")
_KINDS = frozenset({"function_declaration", "generator_function_declaration"})


def duplicate_functions(source: SourceText) -> Iterator[Diagnostic]:
    """Function declarations whose name an earlier one in the same block has."""
    names = Counter(_FUNCTION.findall(source.text))
    twice = {name for name, count in names.items() if count > 1}
    if not twice:
        return
    seen: set[tuple[int, str]] = set()
    for node, name in _declared(source, twice):
        place = (node.parent.id if node.parent else 0, text_of(name))
        if place in seen:
            yield Diagnostic(
                tool="tsc",
                rule="duplicate-function",
                severity=Severity.FATAL,
                line=name.start_point.row + 1,
                column=name.start_point.column + 1,
                message=f"`{place[1]}` is already defined here."[:2_000],
            )
        seen.add(place)


def _declared(source: SourceText, names: set[str]) -> Iterator[tuple[Node, Node]]:
    for node, _ in walk(parse(Language.JAVASCRIPT, source.text)):
        name = node.child_by_field_name("name") if node.type in _KINDS else None
        if name is not None and text_of(name) in names:
            yield node, name
