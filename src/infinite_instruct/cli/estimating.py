"""`infinite-instruct estimate`: what a run would cost and take."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import typer

from infinite_instruct.cli.campaigns import options_of, settings_of
from infinite_instruct.cli.rehearsing import Rehearsal, rehearse
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.errors import BudgetExhaustedError
from infinite_instruct.runs.estimates import Estimate, Range, Trials, estimate
from infinite_instruct.settings import Settings

_FEWEST = 2
"""Rows that must have ended: one alone tells no spread."""


def show_estimate(said: Mapping[str, object], *, tries: int, as_json: bool) -> None:
    """Try a few rows, and print what all would take."""
    settings, trials = settings_of(*options_of(said)), Trials()
    rehearsal = _try(settings, trials, tries)
    if len(trials.ended) < _FEWEST:
        raise rehearsal.ending.error or BudgetExhaustedError(
            f"Only {len(trials.ended)} rows could be tried.",
            remedy="Name more seeds, or raise the limits for the estimate.",
        )
    told = estimate(trials, settings.rows, rehearsal.concurrency)
    if as_json:
        typer.echo(told.model_dump_json(indent=2))
    else:
        _print(told)


def _try(settings: Settings, trials: Trials, tries: int) -> Rehearsal:
    few = settings.model_copy(update={"max_rows": tries})
    with tempfile.TemporaryDirectory(prefix="infinite-instruct-") as folder:
        return rehearse(few, Path(folder), shown=tries, listeners=[trials])


def _print(told: Estimate) -> None:
    cost = told.cost
    title = f"{told.rows:,} accepted rows, from {told.trials} tried ({told.accepted} accepted)"
    made = table("", "#likely", "#from", "#to", f"#the {told.trials} rows took", title=title)
    made.add_row("rows tried", *_counts(told.tried), str(told.trials))
    made.add_row("model calls", *_counts(told.calls), f"{cost.calls:,}")
    made.add_row("prompt tokens", *_counts(told.prompt_tokens), f"{cost.prompt_tokens:,}")
    made.add_row(
        "completion tokens", *_counts(told.completion_tokens), f"{cost.completion_tokens:,}"
    )
    if told.usd is not None:
        made.add_row("dollars", *_shown(told.usd, 2), f"{cost.usd:.4f}")
    made.add_row("hours", *_shown(told.hours, 2), f"{_wall_hours(told):.2f}")
    console().print(made)
    for line in _notes(told):
        typer.echo(plain(line))


def _notes(told: Estimate) -> list[str]:
    notes = [
        f"In {told.confidence:.0%} of cases, or more, the truth lies between from and to.",
        f"Hours: with {told.in_flight} rows in flight, if the endpoint answers these as quickly.",
    ]
    if told.unpriced:
        models = ", ".join(told.unpriced)
        notes.append(f"Dollars: the price of {models} is not known; tell it in [prices].")
    if not told.accepted:
        notes.append("No row was accepted: how many must be tried is not known. Try --tries 30.")
    return notes


def _counts(quantity: Range) -> tuple[str, str, str]:
    return _shown(quantity, 0)


def _shown(quantity: Range, digits: int) -> tuple[str, str, str]:
    parts = (quantity.likely, quantity.low, quantity.high)
    likely, low, high = ("unknown" if part is None else f"{part:,.{digits}f}" for part in parts)
    return likely, low, high


def _wall_hours(told: Estimate) -> float:
    """What the trials took: they were in flight together."""
    return told.cost.seconds / min(told.in_flight, told.trials) / 3600
