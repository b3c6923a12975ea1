"""Whether code means something on its own, and which imports it needs for that.

Python is judged exactly, by its own symbol tables (`python_names`). In the other languages a name
counts as known when the code binds it anywhere, whatever the scope: code that compiled has it in
the right one. docs/seeds.md tells what that leaves open.
"""

import re
from collections.abc import Iterable

from tree_sitter import Node, QueryCursor

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.seeds import python_names
from infinite_instruct.tools.seeds.cut import ImportStatement
from infinite_instruct.tools.seeds.grammar import Grammar, grammar_of, names_query
from infinite_instruct.tools.seeds.names import Names
from infinite_instruct.tools.seeds.reasons import Reason
from infinite_instruct.tools.syntax import parse, text_of


class Judgement(Value):
    """Whether a piece of code is independent."""

    fault: Reason | None = None
    imports: str = ""
    """The imports that it needs, a line each."""


def judge(language: Language, code: str, imports: Iterable[ImportStatement]) -> Judgement:
    """Judge a piece of code beside the imports of its file."""
    names = _names(language, code)
    if names is None:
        return Judgement(fault=Reason.SYNTAX_ERROR)
    if names.missing_members:
        return Judgement(fault=Reason.USES_MEMBERS)
    local = re.compile(grammar_of(language).local_import, re.MULTILINE)
    needed = [each for each in imports if each.names & names.free and each.path in code]
    brought = {name for each in needed for name in each.names}
    if names.free - brought:
        return Judgement(fault=Reason.FREE_NAMES)
    if local.search(code) or any(local.search(each.text) for each in needed):
        return Judgement(fault=Reason.LOCAL_IMPORT)
    return Judgement(imports="\n".join(dict.fromkeys(each.text for each in needed)))


def _names(language: Language, code: str) -> Names | None:
    """The names of a piece of code; None when it does not parse."""
    if language is Language.PYTHON:
        return python_names.read(code)
    grammar = grammar_of(language)
    try:
        tree = parse(language, f"{grammar.prefix}{code}\n")
    except ValueError:  # endless
        return None
    if tree.root_node.has_error:
        return None
    if not grammar.names:
        return Names()
    return _sorted_out(QueryCursor(names_query(language)).captures(tree.root_node), grammar)


def _sorted_out(captures: dict[str, list[Node]], grammar: Grammar) -> Names:
    not_free = {node.id for kind in ("binding", "member") for node in captures.get(kind, [])}
    bound = {text_of(node) for node in captures.get("binding", [])}
    used = {text_of(node) for node in captures.get("reference", []) if node.id not in not_free}
    own = {text_of(node) for node in captures.get("own", [])}
    defined = {text_of(node) for node in captures.get("defines", [])}
    return Names(
        free=frozenset(used - bound - grammar.builtin_names),
        missing_members=frozenset(own - defined - grammar.builtin_names),
    )
