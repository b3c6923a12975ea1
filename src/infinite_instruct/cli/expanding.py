"""`infinite-instruct graph RUN expand`: ask a model for more where the graph is thin."""

import asyncio
from pathlib import Path

import typer

from infinite_instruct.assembly.expanding import Expansion, expand_graph
from infinite_instruct.cli.run_folders import look
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.events import Event, Noticed
from infinite_instruct.settings import load_settings


def expand_keyword(
    directory: Path, keyword: str | None = None, number: int = 1, base_url: str | None = None
) -> None:
    """Expand a run's graph around a keyword, or around its thinnest ones.

    Args:
        directory: The run folder; no campaign may be going on in it.
        keyword: In any form; none: the thinnest of the graph.
        number: How many of the thinnest.
        base_url: The endpoint, if it moved.
    """
    campaign = look(directory).restored_campaign()
    settings = load_settings(campaign, {"out": directory, "model.base_url": base_url})
    keywords = (keyword,) if keyword else ()
    done = asyncio.run(expand_graph(settings, keywords, most=number, listeners=[_say]))
    for expansion in done:
        _show(expansion)
    if not done:
        typer.echo("Nothing is left to ask about: all keywords of problems were expanded.")


def _say(event: Event) -> None:
    if isinstance(event, Noticed):
        typer.echo(plain(event.message), err=True)


def _show(expansion: Expansion) -> None:
    region = expansion.region
    title = plain(f"{region.keyword} ({region.kind}, {region.language}; {region.why})")
    shown = table("proposal", "relation", "kind", "verdict", "why", title=title)
    for each in expansion.proposals:
        shown.add_row(plain(each.text), each.relation, each.kind, each.verdict, plain(each.why))
    console().print(shown)
