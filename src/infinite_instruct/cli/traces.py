"""`infinite-instruct trace`: what happened to a row, step by step."""

from collections.abc import Iterator
from pathlib import Path

import typer

from infinite_instruct.cli.run_folders import look
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.domain import Diagnostic, Rejection, RowPlan, Severity
from infinite_instruct.events import (
    AnswerVerified,
    Decided,
    Event,
    ModelCalled,
    Noticed,
    RowEnded,
    RowStarted,
)
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.trace import Story, rows, run_events, story


def list_rows(directory: Path) -> None:
    """List all rows with their state, and what the run itself had to say."""
    shown = table("row", "state", "origin", "type", "direction", "language", "reason")
    with RunReader(look(directory).ledger) as reader:
        for row in rows(reader):
            shown.add_row(
                *(row.id, row.state, row.origin, row.problem_type),
                *(row.direction, row.language, row.reason),
            )
        notices = [event.message for event in run_events(reader) if isinstance(event, Noticed)]
    console().print(shown)
    for notice in notices:
        typer.echo(plain(notice))


def tell_story(directory: Path, row: str) -> None:
    """Tell one row's story."""
    with RunReader(look(directory).ledger) as reader:
        told = story(reader, row)
    for line in _lines(told):
        typer.echo(plain(line))


def _lines(told: Story) -> Iterator[str]:
    yield from _plan(told.plan)
    for step in told.steps:
        for number, line in enumerate(_event(step.event)):
            yield f"{step.after:7.1f} s  {line}" if number == 0 else f"{'':11}{line}"
    yield ""
    if told.outcome is None:
        yield "The row is in flight, or was left by a kill."
        return
    dropped = told.outcome if isinstance(told.outcome, Rejection) else None
    yield f"rejected: {dropped.reason} ({dropped.stage})" if dropped else "accepted"
    yield from ("", "--- prompt", told.outcome.prompt, "", "--- response", told.outcome.response)


def _plan(plan: RowPlan) -> Iterator[str]:
    yield f"{plan.id}: {plan.origin}, {plan.problem_type}, {plan.direction}, {plan.language}"
    if plan.snippet:
        place = plan.snippet.provenance
        lines = f"{place.first_line}-{place.last_line}"
        yield f"from {place.source} {place.path}:{lines} (licence {place.licence})"
    if plan.keywords:
        words = ", ".join(keyword.text for keyword in plan.keywords.keywords)
        yield f"from keywords: {words} ({plan.keywords.why})"
    yield ""


def _event(event: Event) -> Iterator[str]:
    match event:
        case RowStarted():
            yield "row started"
        case ModelCalled():
            paid = "replayed" if event.replayed else f"{event.seconds:.1f} s"
            tokens = f"{event.prompt_tokens} + {event.completion_tokens} tokens"
            yield f"{event.agent} asked {event.model} by {event.purpose}: {tokens}, {paid}"
        case Decided():
            yield f"{event.agent} decided: {event.decision}"
            yield f"  because {event.why}"
        case AnswerVerified():
            verdict = event.verdict
            judged = f"{verdict.status} ({verdict.reason}) by {', '.join(verdict.tools)}"
            yield f"verifier judged attempt {event.attempt}: {judged}, {verdict.seconds:.1f} s"
            yield from (f"  {_finding(each)}" for each in verdict.diagnostics)
        case RowEnded():
            yield "row ended"
        case Noticed():
            yield event.message


def _finding(each: Diagnostic) -> str:
    weight = "" if each.severity is Severity.FATAL else f" ({each.severity})"
    return f"line {each.line}: {each.tool} {each.rule}: {each.message}{weight}"
