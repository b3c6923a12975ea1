"""`infinite-instruct graph`: look at the knowledge graph of a run, correct it, take it along."""

from enum import StrEnum
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
Why = Annotated[str, typer.Option(help="The reason, kept with the change.")]
Most = Annotated[int, typer.Option("-n", "--number", min=1, help="Lines at most.")]


class Format(StrEnum):
    """The forms in which a graph is taken along."""

    GRAPHML = "graphml"
    JSON = "json"
    PARQUET = "parquet"


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


@graph_app.command("neighbours", cls=OnRun)
def neighbours(directory: Run, keyword: Word, number: Most = 50) -> None:
    """The keywords that occur with one, or belong to it, closest first."""
    from infinite_instruct.cli.graphs import show_neighbours

    show_neighbours(directory, keyword, number)


@graph_app.command("merges", cls=OnRun)
def merges(directory: Run, number: Most = 100) -> None:
    """The merges with their reasons, newest first."""
    from infinite_instruct.cli.graphs import show_merges

    show_merges(directory, number)


@graph_app.command("coverage", cls=OnRun)
def coverage(directory: Run, number: Most = 20) -> None:
    """How evenly the keywords were drawn, by kind and language; those that were never drawn."""
    from infinite_instruct.cli.graphs import show_coverage

    show_coverage(directory, number)


@graph_app.command("sample", cls=OnRun)
def sample(
    directory: Run,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="Sets.")] = 5,
    language: Annotated[str, typer.Option(help="Of this one only; none: of all in turn.")] = "",
    seed: Annotated[int, typer.Option(help="The same gives the same sets.")] = 0,
) -> None:
    """Keyword sets as the composer would draw them next. Nothing is kept."""
    from infinite_instruct.cli.graphs import show_sets

    show_sets(directory, number, language, seed)


@graph_app.command("export", cls=OnRun)
def export(
    directory: Run,
    form: Annotated[Format, typer.Option("--format", help="The form.")] = Format.GRAPHML,
    out: Annotated[
        Path | None, typer.Option(help="File to write; none: `graph.*` in the run folder.")
    ] = None,
) -> None:
    """Write the graph for Gephi, networkx, pandas. Parquet gives two: `-nodes` and `-edges`."""
    from infinite_instruct.cli.graphs import write_graph

    write_graph(directory, form.value, out)


@graph_app.command("merge", cls=OnRun)
def merge(
    directory: Run,
    source: Annotated[str, typer.Argument(metavar="A", help="Becomes another name.")],
    target: Annotated[str, typer.Argument(metavar="B", help="Stays.")],
    why: Why = "by hand",
) -> None:
    """Make keyword A another name of B. `unmerge A` undoes it."""
    from infinite_instruct.cli.graph_editing import merge_keywords

    merge_keywords(directory, source, target, why)


@graph_app.command("unmerge", cls=OnRun)
def unmerge(
    directory: Run,
    source: Annotated[str, typer.Argument(metavar="A", help="The name that was merged.")],
    why: Why = "by hand",
) -> None:
    """Make a merged keyword a keyword of its own again."""
    from infinite_instruct.cli.graph_editing import unmerge_keyword

    unmerge_keyword(directory, source, why)


@graph_app.command("block", cls=OnRun)
def block(
    directory: Run,
    word: Annotated[str, typer.Argument(metavar="WORD", help="In the graph, or not yet.")],
    why: Why = "by hand",
) -> None:
    """Take a word out of the graph, for good: it is neither drawn nor learned again."""
    from infinite_instruct.cli.graph_editing import block_word

    block_word(directory, word, why)


@graph_app.command("unblock", cls=OnRun)
def unblock(
    directory: Run, word: Annotated[str, typer.Argument(metavar="WORD", help="A blocked one.")]
) -> None:
    """Let a blocked word come back."""
    from infinite_instruct.cli.graph_editing import unblock_word

    unblock_word(directory, word)


@graph_app.command("expand", cls=OnRun)
def expand(
    directory: Run,
    keyword: Annotated[
        str | None, typer.Argument(metavar="[KEYWORD]", help="None: where the graph is thinnest.")
    ] = None,
    number: Annotated[
        int, typer.Option("-n", "--number", min=1, help="How many of the thinnest.")
    ] = 1,
    base_url: Annotated[str | None, typer.Option(help="The endpoint, if it moved.")] = None,
) -> None:
    """Ask the model for siblings, parts and prerequisites; every proposal is kept."""
    from infinite_instruct.cli.expanding import expand_keyword

    expand_keyword(directory, keyword, number, base_url)


@graph_app.command("pairs")
def pairs(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help='JSON lines {"a", "b"}; - for stdin.')
    ],
    *,
    no_model: Annotated[bool, typer.Option("--no-model", help="Leave grey pairs grey.")] = False,
) -> None:
    """Decide pairs of keywords as the curator would: same, different, grey. Needs no run."""
    from infinite_instruct.cli.pairs import judge_pairs

    judge_pairs(file, model=not no_model)
