"""Functions that return in every case of an enumeration: right code, and gcc warns of its end."""

from collections.abc import Iterator

from tree_sitter import Node

from infinite_instruct.domain import Language
from infinite_instruct.tools.syntax import parse, walk

_LITERALS = frozenset({"number_literal", "char_literal", "true", "false"})


def ends_of_enum_switches(code: str, language: Language) -> frozenset[int]:
    """The last lines of bodies that end in a `switch` over names, without `default`.

    That it has a case for each name is told by gcc: it warns where one is missing.
    """
    bodies = (node for node, _ in walk(parse(language, code)) if node.type == "compound_statement")
    return frozenset(body.end_point.row + 1 for body in bodies if _ends_in_enum_switch(body))


def _ends_in_enum_switch(body: Node) -> bool:
    statements = [each for each in body.named_children if each.type != "comment"]
    if not statements or statements[-1].type != "switch_statement":
        return False
    switched = statements[-1].child_by_field_name("body")
    cases = [] if switched is None else list(_cases(switched))
    values = [case.child_by_field_name("value") for case in cases]
    return bool(values) and all(
        value is not None and value.type not in _LITERALS for value in values
    )


def _cases(switched: Node) -> Iterator[Node]:
    return (each for each in switched.named_children if each.type == "case_statement")
