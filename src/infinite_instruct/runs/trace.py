"""The story of a row: who decided what, on what, with which prompt, model and diagnostics."""

from collections.abc import Iterator

from infinite_instruct.domain import Outcome, RowPlan, Value
from infinite_instruct.errors import RunFolderError
from infinite_instruct.events import Event, ModelCalled
from infinite_instruct.runs.printable import all_printable, printable_json
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.records import RowSummary


class Step(Value):
    """One thing that happened to a row."""

    after: float
    """Seconds since the row's first step."""
    event: Event
    """What happened: a decision with its grounds, a model call, a verdict with diagnostics."""
    request: str = ""
    """Of a model call: the request as JSON, where the ledger keeps it."""
    reply: str = ""
    """Of a model call: the reply as JSON."""


class Story(Value):
    """All that is known of one row, in the order in which it happened."""

    plan: RowPlan
    steps: tuple[Step, ...]
    outcome: Outcome | None
    """How it ended; None while it has not."""


def story(reader: RunReader, row: str) -> Story:
    """Tell one row's story; its texts are safe for a terminal.

    Raises:
        RunFolderError: There is no such row, or the ledger cannot be read.
    """
    with reader.snapshot():
        plan = reader.plan(row)
        if plan is None:
            raise RunFolderError(
                f"There is no row '{row}' in {reader.ledger}.",
                remedy=f"`infinite-instruct trace {reader.ledger.folder}` lists the rows.",
            )
        events = tuple(reader.events(row))
        start = events[0].at if events else 0.0
        steps = tuple(_step(reader, event, start) for event in events)
        return all_printable(Story(plan=plan, steps=steps, outcome=reader.outcome(row)))


def run_events(reader: RunReader) -> tuple[Event, ...]:
    """What happened to the run as a whole, like fallbacks and missing tools."""
    return tuple(all_printable(event) for event in reader.events(""))


def rows(reader: RunReader) -> Iterator[RowSummary]:
    """All rows in the order of their plans, also of a run that goes on."""
    return map(all_printable, reader.summaries())


def _step(reader: RunReader, event: Event, start: float) -> Step:
    call = reader.call(event.key) if isinstance(event, ModelCalled) else None
    return Step(
        after=event.at - start,
        event=event,
        request=printable_json(call.request) if call else "",
        reply=printable_json(call.reply) if call else "",
    )
