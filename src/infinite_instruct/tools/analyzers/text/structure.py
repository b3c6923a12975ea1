"""Whether a text is what was asked for, and a repair no way out."""

import re
from collections.abc import Iterator

from infinite_instruct.domain import Diagnostic, Language, Value
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.languages import family_of
from infinite_instruct.tools.shape import Function, functions_of, weight

KEPT_SHARE = 0.4
"""A repair that keeps less of the code than this has deleted its way out."""
KEPT_WITHOUT_FUNCTION = 0.75
"""The same for one that also lost a function; one that renames a helper keeps its size."""


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
        yield from _arity(same, expected.parameters)


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


def _arity(same: list[Function], parameters: tuple[str, ...]) -> Iterator[Diagnostic]:
    """Whether it, or one of its overloads, can be called as the question calls it."""
    if not any(each.takes(len(parameters)) for each in same):
        asked, function = ", ".join(parameters), same[0]
        message = f"`{function.name}` takes {function.parameters} parameters; asked: ({asked})."
        yield own("wrong-arity", message, function.line)


def _any_count(code: str, language: Language) -> int:
    words = {Language.PYTHON: "Any", Language.TYPESCRIPT: "any"}
    return len(re.findall(rf"\b{words[language]}\b", code)) if language in words else 0
