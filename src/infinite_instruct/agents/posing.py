"""Problems as models write them: typed replies, and what a schema cannot check."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from infinite_instruct.agents.desk import Reply
from infinite_instruct.agents.needing import UsedKeywords
from infinite_instruct.domain import Problem, RowPlan

_LONGER_WORD = re.compile(r"\w{4,}")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w{0,79}")


def bare_name(text: object) -> object:
    """`add_all(a, b)` or `` `add_all` `` as `add_all`; what is no name at all as it is."""
    if not isinstance(text, str):
        return text
    head = text.strip().strip("`").partition("(")[0]
    return head.rpartition(".")[2].strip()


def bare_parameters(names: object) -> object:
    """`["a: int", "*rest"]` as `["a", "*rest"]`."""
    if not isinstance(names, list):
        return names
    return [str(name).partition(":")[0].partition("=")[0].strip().strip("`") for name in names]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


FunctionName = Annotated[str, BeforeValidator(bare_name), Field(max_length=80)]
Parameters = Annotated[
    list[Annotated[str, Field(max_length=80)]],
    BeforeValidator(bare_parameters),
    Field(max_length=12),
]
Note = Annotated[str, Field(max_length=300)]
ProblemText = Annotated[str, Field(min_length=30, max_length=3_000)]


class PosedTask(Reply):
    """A task to program, with the thoughts that led to it."""

    features: Note
    scenario: Note
    problem: ProblemText
    function: FunctionName
    parameters: Parameters


class PosedQuestion(Reply):
    """A question, with the thoughts that led to it."""

    features: Note
    scenario: Note
    problem: ProblemText


class ComposedTask(Reply):
    """A task composed from keywords."""

    connection: Note
    problem: ProblemText
    function: FunctionName
    parameters: Parameters
    used: UsedKeywords


class ComposedQuestion(Reply):
    """A question composed from keywords."""

    connection: Note
    problem: ProblemText
    used: UsedKeywords


def problem_of(plan: RowPlan, task: PosedTask | ComposedTask) -> Problem:
    """The problem that a task poses."""
    return Problem(
        type=plan.problem_type,
        language=plan.language,
        text=task.problem,
        function=task.function,
        parameters=known_parameters(task.parameters, task.problem),
    )


class HarderTask(Reply):
    """A task after one step of difficulty."""

    problem: ProblemText
    parameters: Parameters


class NewWording(Reply):
    """A problem in other words."""

    problem: ProblemText


def check_names(problem: str, function: str) -> None:
    """Hold a problem to naming its function, and to not giving the solution away.

    Raises:
        ValueError: What is wrong, in words for the model.
    """
    if not function:
        return
    if not _IDENTIFIER.fullmatch(function):
        raise ValueError(f"function: '{function[:80]}' is not the name of a function")
    if function not in problem:
        raise ValueError(f"problem: it must name the function `{function}`")
    if gives_solution(problem, function):
        raise ValueError("problem: it contains a solution; describe the task only")


def gives_solution(problem: str, function: str) -> bool:
    """Whether a fenced block of the problem defines the function with a body."""
    blocks = [block for block in problem.split("```")[1::2] if "return " in block]
    definition = rf"\b(?:def|function|func|fn|fun)\s+{re.escape(function)}\b"
    return any(re.search(definition, block) for block in blocks)


def check_kept(before: str, after: str, share: float) -> None:
    """Hold a rewritten problem to its content: small models hand back the instruction instead.

    Args:
        before: The problem.
        after: Its rewriting.
        share: Of the problem's longer words, how many must still be there, 0 to 1.

    Raises:
        ValueError: Too few are, in words for the model.
    """
    words = set(_LONGER_WORD.findall(before.lower()))
    kept = words & set(_LONGER_WORD.findall(after.lower()))
    if len(kept) < share * len(words):
        raise ValueError("problem: it is another problem; keep the given one's content and names")


def known_parameters(names: list[str], problem: str) -> tuple[str, ...] | None:
    """The parameters to hold an answer to; None unless the problem itself names each of them."""
    named = all(_IDENTIFIER.fullmatch(name) and name in problem for name in names)
    return tuple(names) if names and named else None
