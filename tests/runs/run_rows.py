"""Rows to fill a run with."""

from infinite_instruct.domain import (
    Answer,
    Attempt,
    Diagnostic,
    Direction,
    Keyword,
    KeywordKind,
    Language,
    Lineage,
    Message,
    Origin,
    Outcome,
    ProblemType,
    Provenance,
    Rejection,
    RowPlan,
    Sample,
    Severity,
    Snippet,
    Status,
    Verdict,
)
from infinite_instruct.events import ModelCalled
from infinite_instruct.runs.records import Call

PROVENANCE = Provenance(
    source="src", path="a.py", first_line=1, last_line=5, content_hash="ab", licence="MIT"
)
ACCEPTED = Verdict(status=Status.ACCEPTED, reason="clean", tools=("mypy 2.4.1",), tier=1)
REJECTED = Verdict(
    status=Status.REJECTED,
    reason="undefined-name",
    detail="`y` is not defined in line 2",
    diagnostics=(
        Diagnostic(
            tool="ruff",
            rule="F821",
            severity=Severity.FATAL,
            line=2,
            column=5,
            message="Undefined name `y`",
        ),
    ),
)


def make_plan(row: str, language: Language = Language.PYTHON) -> RowPlan:
    return RowPlan(
        id=row,
        origin=Origin.REVERSE,
        problem_type=ProblemType.CODE_GENERATION,
        direction=Direction.DEEPENING,
        language=language,
        snippet=Snippet(
            id="s", language=language, code="def f(): ...", name="f", provenance=PROVENANCE
        ),
        seed=1,
    )


def make_attempts(*verdicts: Verdict) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(number=number, answer=Answer(text=f"answer {number}"), verdict=verdict)
        for number, verdict in enumerate(verdicts)
    )


def make_sample(row: str, *verdicts: Verdict, prompt: str = "Write f.") -> Sample:
    attempts = make_attempts(*(verdicts or (ACCEPTED,)))
    response = attempts[-1].answer.text
    return Sample(
        id=row,
        prompt=prompt,
        response=response,
        type=ProblemType.CODE_GENERATION,
        messages=(
            Message(role="user", content=prompt),
            Message(role="assistant", content=response),
        ),
        language=Language.PYTHON,
        keywords=(Keyword(kind=KeywordKind.TASK, text="sorting"),),
        origin=Origin.REVERSE,
        directions=(Direction.DEEPENING,),
        verification=attempts[-1].verdict,
        attempts=attempts,
        lineage=Lineage(snippet=PROVENANCE, pack="default@1", models=("m",)),
        tokens=100,
    )


def make_rejection(row: str, *verdicts: Verdict, reason: str = "undefined-name") -> Rejection:
    attempts = make_attempts(*verdicts)
    fields = make_sample(row).model_dump(exclude={"attempts", "verification", "response"})
    return Rejection(
        **fields,
        response=attempts[-1].answer.text if attempts else "",
        attempts=attempts,
        verification=attempts[-1].verdict if attempts else None,
        stage="verify" if attempts else "gate",
        reason=reason,
        detail="`y` is not defined in line 2",
    )


def make_outcomes() -> tuple[Outcome, ...]:
    """Accepted at once, accepted after a repair, rejected after two answers, never answered."""
    return (
        make_sample("r1"),
        make_sample("r2", REJECTED, ACCEPTED),
        make_rejection("r3", REJECTED, REJECTED),
        make_rejection("r4", reason="near-duplicate"),
    )


def make_model_called(at: float) -> ModelCalled:
    return ModelCalled(
        at=at,
        row="r",
        agent="solver",
        purpose="solve@1a2b3c4d",
        model="m",
        key="k",
        prompt_tokens=10,
        completion_tokens=5,
        cost_usd=None,
        seconds=2.0,
        replayed=False,
    )


def make_call(key: str, reply: str = "{}") -> Call:
    return Call(
        key=key,
        role="solver",
        model="m",
        reply=reply,
        prompt_tokens=10,
        completion_tokens=5,
        cost_usd=0.5,
        seconds=1.0,
    )
