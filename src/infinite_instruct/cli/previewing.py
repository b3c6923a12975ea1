"""`infinite-instruct preview`: a few rows of each kind, whole, without a campaign."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.rule import Rule

from infinite_instruct.cli.campaigns import options_of, settings_of
from infinite_instruct.cli.rehearsing import Rehearsal, rehearse
from infinite_instruct.cli.terminal import console, plain
from infinite_instruct.domain import Origin, ProblemType, Sample
from infinite_instruct.graphs.quotas import COMPOSED_TYPES, Dimension, Targets, kind_of
from infinite_instruct.settings import Settings

_TRIES = 3
"""Rows that may be tried for one that is shown."""


def show_preview(said: Mapping[str, object], *, each: int, keep: bool) -> None:
    """Make so many rows of each kind in a temporary folder, and print them."""
    settings = settings_of(*options_of(said))
    kinds = tuple(_kinds(settings))
    folder = Path(tempfile.mkdtemp(prefix="infinite-instruct-"))
    try:
        rehearsal = _make(settings, folder, kinds, each)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    _print(rehearsal, kinds)
    if keep:
        typer.echo(f"Kept in {folder / 'run'}")


def _kinds(settings: Settings) -> Iterator[str]:
    yield from (kind_of(Origin.REVERSE, kind) for kind in ProblemType)
    if settings.mix.backfeed > 0:
        yield from (kind_of(Origin.BACKFEED, kind) for kind in COMPOSED_TYPES)


def _make(settings: Settings, folder: Path, kinds: Iterable[str], each: int) -> Rehearsal:
    targets: Targets = {Dimension.KIND: dict.fromkeys(kinds, each)}
    rows = sum(targets[Dimension.KIND].values())
    limit = settings.max_rows or _TRIES * rows
    few = settings.model_copy(update={"rows": rows, "max_rows": limit})
    return rehearse(few, folder, shown=rows, targets=targets)


def _print(rehearsal: Rehearsal, kinds: Iterable[str]) -> None:
    out = console()
    for kind in kinds:
        for row in rehearsal.samples:
            if kind_of(row.origin, row.type) == kind:
                _print_row(out, row)
    if rehearsal.ending.error is not None:
        typer.echo(rehearsal.ending.error.cause)
    for short in rehearsal.ending.short:
        made = f"{short.accepted} of {short.target} rows"
        typer.echo(f"{short.name}: {made}. {_WHY_SHORT[short.name.startswith('backfeed')]}")


_WHY_SHORT = {
    False: "The seeds, or the tries, gave no more.",
    True: "The knowledge graph of so few rows, or the tries, gave no more.",
}


def _print_row(out: Console, row: Sample) -> None:
    out.print(Rule(plain(f"{row.origin} · {row.type} · {row.language} · {row.difficulty}")))
    for line in _head(row):
        out.print(plain(line))
    for title, text in (("prompt", row.prompt), ("response", row.response)):
        out.print(f"\n--- {title}\n")
        shown = plain(text)
        # Links of a model's making must not hide where they lead.
        out.print(Markdown(shown, hyperlinks=False) if out.is_terminal else shown)
    out.print()


def _head(row: Sample) -> Iterator[str]:
    place = row.lineage.snippet
    if place is not None:
        yield f"from {place.source} {place.path}:{place.first_line}-{place.last_line}"
    if row.lineage.keyword_set is not None:
        words = ", ".join(keyword.text for keyword in row.lineage.keyword_set.keywords)
        yield f"from keywords: {words}"
    if row.verification is not None:
        tools = ", ".join(row.verification.tools) or "its text alone"
        yield f"accepted at attempt {len(row.attempts)} by {tools}"
    steps = ", ".join(row.directions) or "none"
    yield f"steps of difficulty: {steps}; {row.tokens:,} tokens"
