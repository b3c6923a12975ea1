"""`infinite-instruct model`: the embedded local models."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from infinite_instruct.cli.terminal import console, table
from infinite_instruct.llm.local_server import LocalServer, ServerConfig
from infinite_instruct.llm.weights import CATALOGUE, pull, pulled


def list_models() -> None:
    """Print the catalogue."""
    shown = table("name", "#size", "licence", "here")
    for weights in CATALOGUE:
        path = pulled(weights)
        shown.add_row(
            weights.name, f"{weights.size / 1e9:.2f} GB", weights.licence, str(path or "no")
        )
    console().print(shown)


def pull_model(name: str) -> None:
    """Fetch a model's weights with a progress bar."""
    with fetching() as progress:
        path = pull(name, None, progress)
    typer.echo(f"{name} is in {path}")


def serve_model(name: str, port: int) -> None:
    """Serve a model until Ctrl-C."""
    asyncio.run(_serve(name or CATALOGUE[0].name, port))


@contextmanager
def fetching() -> Generator[Callable[[int, int], None]]:
    """A bar of bytes on a terminal; a line each tenth elsewhere."""
    screen = console(stderr=True)
    columns = (TextColumn("weights"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal) as bar:
        task = bar.add_task("weights", total=None)
        told = -1

        def show(done: int, total: int) -> None:
            nonlocal told
            bar.update(task, completed=done, total=total)
            tenth = 10 * done // max(1, total)
            if not screen.is_terminal and tenth > told:
                told = tenth
                typer.echo(f"weights: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB", err=True)

        yield show


async def _serve(name: str, port: int) -> None:
    with fetching() as progress:
        file = await asyncio.to_thread(pull, name, None, progress)
    async with LocalServer(ServerConfig(model=file, alias=name, port=port)) as server:
        typer.echo(f"{name} is served at {server.base_url}; Ctrl-C ends it.")
        await asyncio.Event().wait()
