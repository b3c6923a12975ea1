"""`infinite-instruct graph RUN import`: vocabularies enter the graph of a run."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer

from infinite_instruct.assembly.graph_editing import open_graph
from infinite_instruct.assembly.importing import import_vocabulary
from infinite_instruct.cli.run_folders import look
from infinite_instruct.cli.terminal import plain
from infinite_instruct.errors import SettingsError
from infinite_instruct.tools.languages import parse_language
from infinite_instruct.tools.vocabularies.importing import Given
from infinite_instruct.tools.vocabularies.shipped import vocabulary_path
from infinite_instruct.tools.vocabularies.summary import ImportSummary
from infinite_instruct.tools.vocabularies.wording import kind_given


def import_files(
    directory: Path, names: Sequence[str], kind: str, language: str, domain: str, limit: int
) -> None:
    """Import vocabularies and say what became of every text."""
    given = _given(kind, language, domain)
    paths = [vocabulary_path(name) for name in names]
    with open_graph(look(directory)) as opened:
        for path in paths:
            _show(asyncio.run(import_vocabulary(opened.graph, opened.store, path, given, limit)))


def _given(kind: str, language: str, domain: str) -> Given:
    known = kind_given(kind) if kind else None
    if kind and known is None:
        raise SettingsError(
            f"'{kind}' is no kind of keyword.",
            remedy="Use one of: task, instruction, knowledge_point.",
        )
    named = parse_language(language) if language else None
    return Given(kind=known, language=named, domain=domain)


def _show(summary: ImportSummary) -> None:
    typer.echo(plain(summary.told))
    if summary.added:
        kinds = ", ".join(f"{count:,} {kind.value}" for kind, count in summary.kinds.items())
        languages = ", ".join(f"{name} {count:,}" for name, count in summary.languages.items())
        typer.echo(f"  added: {kinds}; languages: {languages}")
    for reason, texts in summary.examples.items():
        typer.echo(plain(f"  {reason}: {'; '.join(_short(text) for text in texts)}"))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - as long as a keyword may be
