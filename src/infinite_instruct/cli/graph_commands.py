"""`infinite-instruct graph`: look at the knowledge graph of a run, correct it, take it along."""

from pathlib import Path
from typing import Annotated

import typer

from infinite_instruct.cli.run_first import RUN, OnRun, RunFirst

graph_app = typer.Typer(
    cls=RunFirst,
    help="The knowledge graph of a run: look at it, correct it, take it along.",
    no_args_is_help=True,
    subcommand_metavar=f"{RUN} COMMAND [ARGS]...",
    epilog=f"{RUN} alone is `{RUN} stats`. Keywords are found in any form: case, plural, hyphens.",
    rich_markup_mode=None,
)

Run = Annotated[Path, typer.Argument(metavar=RUN, help="A run folder.")]
Word = Annotated[str, typer.Argument(metavar="KEYWORD", help="In any form.")]


@graph_app.command("stats", cls=OnRun)
def stats(directory: Run) -> None:
    """The graph in numbers, its communities, and its most frequent keywords."""
    from infinite_instruct.cli.graphs import show_graph

    show_graph(directory)


@graph_app.command("show", cls=OnRun)
def show(directory: Run, keyword: Word) -> None:
    """All that is known of a keyword: forms, counts, problems, neighbours, merges."""
    from infinite_instruct.cli.graphs import show_keyword

    show_keyword(directory, keyword)


@graph_app.command("import", cls=OnRun)
def import_words(
    directory: Run,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Files, or python-stdlib, sql.")
    ],
    kind: Annotated[
        str, typer.Option(help="Of words that do not tell theirs; none: guessed by their form.")
    ] = "",
    language: Annotated[str, typer.Option(help="Of words that name none.")] = "",
    domain: Annotated[str, typer.Option(help="Their field, as in --domain networking.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="New words of a file at most.")] = 200_000,
) -> None:
    """Read vocabularies: Markdown, HTML, JSON, CSV, plain lists. Twice changes nothing."""
    from infinite_instruct.cli.importing import import_files

    import_files(directory, files, kind, language, domain, limit)
