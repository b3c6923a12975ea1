"""A row's end: what its state has gathered becomes a sample or a rejection."""

from dataclasses import dataclass, field

from infinite_instruct.domain import (
    Attempt,
    Direction,
    Keyword,
    Lineage,
    Message,
    Outcome,
    Problem,
    Rejection,
    RowPlan,
    Sample,
)
from infinite_instruct.events import Event, ModelCalled
from infinite_instruct.graphs.state import Dropped, RowState
from infinite_instruct.tools.gate import NOT_TO_BE_WRITTEN
from infinite_instruct.tools.redaction import redact


@dataclass
class Books:
    """What each row in flight has spent: a listener of events."""

    _calls: dict[str, list[ModelCalled]] = field(default_factory=dict[str, list[ModelCalled]])

    def __call__(self, event: Event) -> None:
        """Note a call of a row that is open."""
        if isinstance(event, ModelCalled) and event.row in self._calls:
            self._calls[event.row].append(event)

    def open(self, row: str) -> None:
        """Begin a row's account."""
        self._calls[row] = []

    def close(self, row: str) -> tuple[ModelCalled, ...]:
        """End a row's account; all its calls, in order."""
        return tuple(self._calls.pop(row, ()))


def outcome_of(
    plan: RowPlan, state: RowState, calls: tuple[ModelCalled, ...], pack: str
) -> Outcome:
    """Make the row of a finished state: accepted unless it was dropped."""
    # Nodes that a row never reached leave their fields out of its state.
    problem: Problem | None = state.get("problem")
    attempts: tuple[Attempt, ...] = state.get("attempts", ())
    answer = attempts[-1].answer.text if attempts else ""
    prompt = problem.prompt if problem else ""
    directions: tuple[Direction, ...] = state.get("directions", ())
    keywords: tuple[Keyword, ...] = state.get("keywords", ())
    row = Sample(
        id=plan.id,
        prompt=prompt,
        response=answer,
        type=plan.problem_type,
        messages=_messages(prompt, answer),
        language=plan.language,
        keywords=keywords,
        origin=plan.origin,
        difficulty=plan.difficulty,
        directions=directions,
        verification=attempts[-1].verdict if attempts else None,
        attempts=attempts,
        lineage=_lineage(plan, problem, calls, pack),
        tokens=sum(call.prompt_tokens + call.completion_tokens for call in calls),
    )
    dropped: Dropped | None = state.get("dropped")
    if dropped is None:
        return row
    rejection = Rejection(**dict(row), **dropped.model_dump())
    return _without_secrets(rejection) if dropped.reason == NOT_TO_BE_WRITTEN else rejection


def _without_secrets(rejection: Rejection) -> Rejection:
    """The row without what it was dropped for: rejections are published, too."""
    prompt, response = redact(rejection.prompt).text, redact(rejection.response).text
    return rejection.model_copy(
        update={
            "prompt": prompt,
            "response": response,
            "messages": _messages(prompt, response),
            "attempts": (),
        }
    )


def _messages(prompt: str, answer: str) -> tuple[Message, ...]:
    turns = (Message(role="user", content=prompt), Message(role="assistant", content=answer))
    return tuple(turn for turn in turns if turn.content)


def _lineage(
    plan: RowPlan, problem: Problem | None, calls: tuple[ModelCalled, ...], pack: str
) -> Lineage:
    return Lineage(
        snippet=plan.snippet.provenance if plan.snippet else None,
        keyword_set=plan.keywords,
        uses=problem.uses if problem else (),
        pack=pack,
        prompts=tuple(dict.fromkeys(call.purpose for call in calls)),
        models=tuple(dict.fromkeys(call.model for call in calls)),
        seed=plan.seed,
    )
