"""Rules for every language that need only a syntax tree: whole, not hollow, what was asked."""

import re
from collections.abc import Iterator

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language, Value
from infinite_instruct.tools.analyzers.gate import own
from infinite_instruct.tools.languages import family_of
from infinite_instruct.tools.shape import Function, comments_of, functions_of, weight
from infinite_instruct.tools.syntax import parse, text_of, walk

KEPT_SHARE = 0.4
"""A repair that keeps less of the code than this has deleted its way out."""
KEPT_WITHOUT_FUNCTION = 0.75
"""The same for one that also lost a function; one that renames a helper keeps its size."""

_TODO = re.compile(
    r"\b(TODO|FIXME)\b|(?i:\byour (code|implementation|logic) (goes )?here\b"
    r"|\bimplement (this|me|here)\b|\brest of (the|your) (code|implementation|logic)\b"
    r"|\b(existing|remaining|previous) code (here|unchanged|stays|remains)\b)"
)
_HOLLOW = re.compile(
    r"^\{?\s*(todo!|unimplemented!|unreachable!)\s*\(|^\{?\s*throw new (\w+\.)?"
    r"(UnsupportedOperationException|NotImplementedException|NotImplementedError)\b"
    r"|^\{?\s*throw new Error\(\s*[\"'](?i:not implemented)|^\{?\s*TODO\("
    r"|^\{?\s*panic\(\"(?i:not imp)"
    r"|^\{?\s*fatalError\(\"(?i:not imp)|^\s*raise NotImplementedError\b"
)


class Expectation(Value):
    """What the problem fixes of its answer."""

    function: str = ""
    """The function that the code must define; empty where none is asked."""
    parameters: tuple[str, ...] | None = None
    """The names of its parameters, where they are fixed."""
    code_required: bool = True
    """Whether an answer without code is no answer."""
    quotes: bool = False
    """Whether it explains code of the question: what it quotes may use the names in there."""


def structure(code: str, language: Language) -> Iterator[Diagnostic]:
    """Placeholders and code hidden from the checkers."""
    tree = parse(language, code)
    if _ends_in_indentation(code):
        yield own("cut-off", "The text ends in the indentation of its next line.")
    for comment in comments_of(tree):
        if found := _TODO.search(text_of(comment)):
            line = comment.start_point.row + 1
            yield own("placeholder-body", f"The comment says `{found[0]}`: code is missing.", line)
    if language is not Language.PYTHON:  # there `ast` tells more, see `python_structure`
        yield from _hollow(tree)
        yield from _hidden(tree, code, language)


def asked_for(code: str, language: Language, expected: Expectation) -> Iterator[Diagnostic]:
    """Whether the asked function is there, with the asked number of parameters."""
    if not expected.function or family_of(language) is Language.SQL:
        return
    functions = functions_of(code, language)
    same = [each for each in functions if each.name == expected.function]
    if not same:
        there = ", ".join(each.name for each in functions[:5]) or "no function"
        asked = expected.function[:80]
        yield own("missing-function", f"`{asked}` is not defined; the code defines {there}.")
    elif same[0].empty:
        yield own("placeholder-body", f"`{same[0].name}` has no body.", same[0].line)
    elif expected.parameters is not None and language is not Language.SHELL:
        yield from _arity(same[0], expected.parameters)


def repaired(code: str, before: str, language: Language) -> Iterator[Diagnostic]:
    """Whether a repair took the fault away together with the code that had it."""
    lost = {each.name for each in functions_of(before, language)}
    lost -= {each.name for each in functions_of(code, language)}
    old, new = weight(before, language), weight(code, language)
    if new < old * KEPT_SHARE:
        yield own("repair-by-deletion", f"Of {old} tokens of code {new} are left.")
    elif lost and new < old * KEPT_WITHOUT_FUNCTION:
        names = ", ".join(sorted(lost)[:5])
        yield own("repair-by-deletion", f"The repair dropped {names}.")
    if _any_count(code, language) > _any_count(before, language):
        yield own("repair-by-any", "The repair hides types behind `Any`.")


def _arity(function: Function, parameters: tuple[str, ...]) -> Iterator[Diagnostic]:
    if function.parameters is not None and function.parameters != len(parameters):
        asked = ", ".join(parameters)
        message = f"`{function.name}` takes {function.parameters} parameters; asked: ({asked})."
        yield own("wrong-arity", message, function.line)


def _ends_in_indentation(code: str) -> bool:
    """Whether a next line was begun. Behind a `return` it is only the habit of an editor."""
    before, _, last = code.rpartition("\n")
    done = before.rstrip().rpartition("\n")[2].startswith(f"{last}return")
    return last.isspace() and not done


def _any_count(code: str, language: Language) -> int:
    words = {Language.PYTHON: "Any", Language.TYPESCRIPT: "any"}
    return len(re.findall(rf"\b{words[language]}\b", code)) if language in words else 0


def _hollow(tree: Tree) -> Iterator[Diagnostic]:
    for node, _ in walk(tree):
        spoken = "func" in node.type or "method" in node.type
        body = node.child_by_field_name("body") if spoken else None
        if body is not None and _HOLLOW.search(text_of(body)[:200]):
            message = "A body only says that it is not implemented."
            yield own("placeholder-body", message, _line(node))


def _hidden(tree: Tree, code: str, language: Language) -> Iterator[Diagnostic]:
    if language is Language.PHP and "<?" not in code:
        yield own("hidden-code", "Without `<?php` this is text, no code.")
    for node, _ in walk(tree):
        if node.type == "preproc_if":
            condition = node.child_by_field_name("condition")
            if condition is not None and text_of(condition).strip("() ") == "0":
                yield own("hidden-code", "`#if 0` hides code from the compiler.", _line(node))
    if language is Language.SHELL:
        yield from _after_exit(tree)


def _after_exit(tree: Tree) -> Iterator[Diagnostic]:
    statements = [child for child in tree.root_node.named_children if "comment" not in child.type]
    for statement in statements[:-1]:
        if statement.type == "command" and text_of(statement).split()[:1] == ["exit"]:
            yield own("hidden-code", "Nothing runs after `exit`.", _line(statement))
            return


def _line(node: Node) -> int:
    return node.start_point.row + 1
