"""The last words of a run: why it ended, what is left, and how to go on."""

import math
from collections.abc import Iterator

import typer

from infinite_instruct.graphs.campaign import Ending, EndReason
from infinite_instruct.llm.budget import Meter
from infinite_instruct.settings import Settings

EXIT = {
    EndReason.DONE: 0,
    EndReason.ROW_LIMIT: 75,
    EndReason.BUDGET: 75,
    EndReason.NO_MATERIAL: 66,
    EndReason.STOPPED: 130,
}
_WHY = {
    EndReason.DONE: "Done:",
    EndReason.ROW_LIMIT: "The limit of rows (--max-rows) is reached:",
    EndReason.BUDGET: "The budget is spent:",
    EndReason.NO_MATERIAL: "No snippet and no keyword set is left to try:",
    EndReason.STOPPED: "Stopped:",
    EndReason.FAILED: "The run cannot go on:",
}
_MORE = """To have more to make rows of:
  infinite-instruct graph {out} import FILE...        words of a vocabulary
  infinite-instruct graph {out} expand                more around thin keywords, by the model
  infinite-instruct resume {out} --expansions {more}    the same, as often as the run needs it
or begin a run with more seeds."""
_SPARE = 1.2
"""A larger limit is proposed with so much room over what the rows so far foretell."""


def close(settings: Settings, ending: Ending, meter: Meter) -> int:
    """Say how a run ended; gives its exit code."""
    done = f"{ending.accepted} of {ending.target} rows accepted, {ending.tried} tried."
    typer.echo(f"{_WHY[ending.reason]} {done} Everything is in {settings.out}.")
    if ending.error is not None and ending.reason is not EndReason.STOPPED:
        typer.echo(f"{ending.error.cause}\n{ending.error.remedy}", err=True)
    if ending.short:
        typer.echo(f"Short of their quotas: {'; '.join(map(str, ending.short))}.")
    if ending.reason is EndReason.NO_MATERIAL:
        typer.echo(_MORE.format(out=settings.out, more=settings.graph.expansions + 10))
    if ending.reason is not EndReason.DONE:
        _tell_how_to_go_on(settings, ending, meter)
    if ending.reason is EndReason.FAILED and ending.error is not None:
        return ending.error.exit_code
    return EXIT[ending.reason]


def _tell_how_to_go_on(settings: Settings, ending: Ending, meter: Meter) -> None:
    left = ending.target - ending.accepted
    if ending.accepted and left > 0:
        share = left / ending.accepted
        money = f", ${meter.usd * share:.2f}" if meter.usd else ""
        needed = f"{meter.tokens * share:,.0f} tokens{money}, {_time(meter.seconds * share)}"
        typer.echo(f"{left} rows are left: as it went so far, about {needed}.")
    limited = ending.reason in {EndReason.BUDGET, EndReason.ROW_LIMIT}
    options = " ".join(_larger_limits(settings, ending, meter)) if limited else ""
    typer.echo(f"Go on with: infinite-instruct resume {settings.out} {options}".rstrip())


def _larger_limits(settings: Settings, ending: Ending, meter: Meter) -> Iterator[str]:
    """Each limit that will not do, with one that should."""
    budget = settings.budget
    growth = 1 + _SPARE * (ending.target - ending.accepted) / max(ending.accepted, 1)
    if budget.tokens is not None and meter.tokens * growth > budget.tokens:
        yield f"--budget-tokens {_rounded_up(meter.tokens * growth)}"
    if budget.usd is not None and meter.usd * growth > budget.usd:
        yield f"--budget-usd {math.ceil(meter.usd * growth * 100) / 100:g}"
    minutes = meter.seconds / 60 * growth
    if budget.minutes is not None and minutes > budget.minutes:
        yield f"--budget-minutes {math.ceil(minutes * 10) / 10:g}"
    if ending.tried * growth > settings.row_limit:
        yield f"--max-rows {_rounded_up(ending.tried * growth)}"


def _rounded_up(number: float) -> int:
    """Up to two digits and zeros."""
    digits = max(0, math.floor(math.log10(max(number, 1))) - 1)
    step = int(10**digits)
    return math.ceil(number / step) * step


def _time(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004 (from there on, minutes say more)
        return f"{seconds:.0f} seconds"
    minutes = seconds / 60
    return f"{minutes:.0f} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"  # noqa: PLR2004 (as above)
