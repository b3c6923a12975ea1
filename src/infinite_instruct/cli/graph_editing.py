"""`infinite-instruct graph RUN …`, correcting: merge, unmerge, block, unblock."""

from pathlib import Path

import typer

from infinite_instruct.assembly.graph_editing import open_graph
from infinite_instruct.cli.graphs import unknown_keyword
from infinite_instruct.cli.run_folders import look
from infinite_instruct.cli.terminal import plain
from infinite_instruct.errors import SettingsError


def merge_keywords(directory: Path, source: str, target: str, why: str) -> None:
    """Make one keyword another name of a second.

    Raises:
        InfiniteInstructError: A campaign goes on in the run, or one of them cannot be merged.
    """
    with open_graph(look(directory)) as opened:
        graph = opened.graph
        for keyword in (source, target):
            if graph.is_blocked(keyword):
                raise SettingsError(
                    f"'{plain(keyword)}' is blocked.", remedy=f"`unblock {plain(keyword)}` first."
                )
            if keyword not in graph:
                raise unknown_keyword(graph, keyword)
        if graph.resolve(source) == graph.resolve(target):
            raise SettingsError(
                f"'{plain(source)}' and '{plain(target)}' are one keyword already.",
                remedy="Nothing was changed.",
            )
        event = graph.merge(source, target, why)
        opened.keep([event])
        typer.echo(plain(f"'{event.source}' is another name of '{event.target}' now."))


def unmerge_keyword(directory: Path, source: str, why: str) -> None:
    """Make a merged keyword one of its own again.

    Raises:
        InfiniteInstructError: A campaign goes on in the run, or it was not merged.
    """
    with open_graph(look(directory)) as opened:
        try:
            event = opened.graph.unmerge(source, why)
        except KeyError:
            raise SettingsError(
                f"'{plain(source[:80])}' is not another name of a keyword.",
                remedy="`infinite-instruct graph RUN merges` lists what was merged.",
            ) from None
        opened.keep([event])
        typer.echo(plain(f"'{event.source}' is a keyword of its own again."))


def block_word(directory: Path, word: str, why: str) -> None:
    """Take a word out for good, whether the graph has it or not.

    Raises:
        InfiniteInstructError: A campaign goes on in the run, or the text is no word.
    """
    with open_graph(look(directory)) as opened:
        known = word in opened.graph
        if opened.graph.is_blocked(word):
            raise SettingsError(
                f"'{plain(word[:80])}' is blocked already.", remedy="Nothing was changed."
            )
        try:
            event = opened.graph.block(word, why)
        except (KeyError, ValueError):
            raise SettingsError(
                f"'{plain(word[:80])}' has no word in it that could be blocked.",
                remedy="Name a keyword, like 'hash map'.",
            ) from None
        opened.keep([event])
        place = "is out, with all its names" if known else "is not in the graph, and stays out"
        typer.echo(plain(f"'{event.keyword}' {place}."))


def unblock_word(directory: Path, word: str) -> None:
    """Let a blocked word come back.

    Raises:
        InfiniteInstructError: A campaign goes on in the run, or it is not blocked.
    """
    with open_graph(look(directory)) as opened:
        try:
            event = opened.graph.unblock(word)
        except KeyError:
            blocked = ", ".join(opened.graph.blocked()) or "none"
            raise SettingsError(
                f"'{plain(word[:80])}' is not blocked.", remedy=f"Blocked are: {plain(blocked)}."
            ) from None
        opened.keep([event])
        typer.echo(plain(f"'{event.keyword}' may be used again."))
