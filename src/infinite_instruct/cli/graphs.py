"""`infinite-instruct graph RUN …`, looking: numbers, one keyword, merges, coverage, sets, files."""

import difflib
import random
from collections import Counter
from collections.abc import Iterable
from itertools import cycle
from pathlib import Path

import typer

from infinite_instruct.assembly.deliverables import graph_report
from infinite_instruct.assembly.graph_exports import export_graph
from infinite_instruct.assembly.importing import vocabulary_languages
from infinite_instruct.assembly.sampling import sampling_rules
from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.cli.run_folders import look
from infinite_instruct.cli.terminal import console, plain, table
from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.errors import InfiniteInstructError, SettingsError
from infinite_instruct.prompts.pack import open_pack
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.report import GraphReport
from infinite_instruct.settings import load_settings
from infinite_instruct.tools.graph_events import Merged, Unmerged
from infinite_instruct.tools.graph_view import view_of
from infinite_instruct.tools.keyword_node import KeywordNode
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.languages import parse_language
from infinite_instruct.tools.sampling import sample_keywords
from infinite_instruct.tools.vocabulary import read_changes

_NAMED = 20
_BARS = "▁▂▃▄▅▆▇█"


def show_graph(directory: Path) -> None:
    """Print the graph's numbers, its communities and its most frequent keywords."""
    graph = _graph(directory)
    view = view_of(graph)
    print_graph(graph_report(graph, view))
    words = table("keyword", "kind", "#rows", "#drawn", "also", title="Most frequent")
    for node in (graph.node(name) for name in view.names[:_NAMED]):
        also = ", ".join(text for text in node.surfaces if text != node.text)
        words.add_row(
            plain(node.text), node.kind, str(len(node.rows)), str(node.sampled), plain(also)
        )
    console().print(words)


def print_graph(report: GraphReport) -> None:
    """Print what a report says of the graph."""
    numbers = table("", "#", title="Knowledge graph")
    for name, value in report.facts:
        numbers.add_row(name, str(value))
    for name, shares in (
        ("new keywords, over time", report.new_keywords),
        ("new pairs, over time", report.new_pairs),
    ):
        if shares:
            curve = "".join(_BARS[min(7, int(8 * share.rate))] for share in shares)
            numbers.add_row(name, f"{curve} {shares[-1].rate:.0%}")
    console().print(numbers)
    if report.communities:
        parts = table("community", "#problems", "#share", title="Problems by community")
        for share in report.communities:
            parts.add_row(plain(share.name), str(share.part), f"{share.rate:.0%}")
        console().print(parts)


def show_keyword(directory: Path, keyword: str) -> None:
    """Print all that is known of one keyword."""
    graph = _graph(directory)
    node = _found(graph, keyword)
    typer.echo(plain(f"{node.text} ({node.kind})"))
    for name, value in _facts_of(node):
        typer.echo(plain(f"{name}: {value}"))
    for merge in node.merges:
        typer.echo(plain(f"merged: {merge.source} → {merge.target}: {merge.why}"))
    for each in node.relations:
        typer.echo(plain(f"{each.source} {each.relation} {each.target} ({each.origin})"))
    _print_neighbours(graph, node.id, _NAMED)


def show_neighbours(directory: Path, keyword: str, number: int) -> None:
    """Print what occurs with a keyword."""
    graph = _graph(directory)
    _print_neighbours(graph, _found(graph, keyword).id, number)


def show_merges(directory: Path, number: int) -> None:
    """Print the merges with their reasons, newest first; undone ones say so."""
    merges: dict[tuple[str, str], str] = {}
    target_of: dict[str, str] = {}
    with RunReader(look(directory).ledger) as reader:
        for event in read_changes(text for _, text in reader.graph_events()):
            match event:
                case Merged() as merge:
                    merges.pop((merge.source, merge.target), None)
                    merges[merge.source, merge.target] = merge.why
                    target_of[merge.source] = merge.target
                case Unmerged() as undone if undone.source in target_of:
                    merges[undone.source, target_of[undone.source]] += f" (undone: {undone.why})"
                case _:
                    pass
    made = table("keyword", "is", "because", title=f"merges: {len(merges)}")
    for (source, target), why in list(reversed(merges.items()))[:number]:
        made.add_row(plain(source), plain(target), plain(why))
    console().print(made)


def show_coverage(directory: Path, number: int) -> None:
    """Print how many keywords of each kind and language were drawn, and what never was."""
    graph = _graph(directory)
    made = table(
        "kind", "language", "#keywords", "#drawn", "#share", "#draws", "#accepted", title="Coverage"
    )
    for (kind, language), names in _roles(graph).items():
        drawn = sum(graph.draws(name) > 0 for name in names)
        draws = sum(graph.draws(name) for name in names)
        accepted = sum(graph.accepted(name) for name in names)
        made.add_row(
            *(kind, language, str(len(names)), str(drawn)),
            *(f"{drawn / len(names):.0%}", str(draws), str(accepted)),
        )
    console().print(made)
    _print_difficulties(graph)
    never = table("keyword", "kind", "#rows", title="Never drawn, most frequent first")
    waiting = (name for name in graph if not graph.draws(name) and not graph.is_blocked(name))
    for name in sorted(waiting, key=lambda name: -len(graph.rows_with(name)))[:number]:
        node = graph.node(name)
        never.add_row(plain(node.text), node.kind, str(len(node.rows)))
    console().print(never)


def show_sets(directory: Path, number: int, language: str, seed: int) -> None:
    """Print sets as they would be drawn; the run is not changed."""
    graph = _graph(directory)
    settings = load_settings(look(directory).campaign, {})
    rules = sampling_rules(open_pack(settings.pack))
    known = [each for each in Language if graph.rows_of(each)] or vocabulary_languages(graph)
    languages = [parse_language(language)] if language else known
    shown = 0
    for turn, each in zip(range(number), cycle(languages), strict=False):
        drawn = sample_keywords(graph, each, random.Random(f"{seed}:{turn}"), rules)  # noqa: S311 (no secret)
        if drawn is None:
            continue
        graph.mark_sampled(f"shown-{turn}", drawn)
        shown += 1
        words = ", ".join(f"{word.text} ({word.kind})" for word in drawn.keywords)
        typer.echo(plain(f"{each} {drawn.coherence:+.2f}: {words}\n  {drawn.why}"))
    if not shown:
        raise SettingsError(
            "The graph gives no set of keywords yet.",
            remedy="It needs more accepted problems of a language, or imported words.",
        )


def write_graph(directory: Path, form: str, out: Path | None) -> None:
    """Write the graph in a form for other programs."""
    graph = _graph(directory)
    for path in export_graph(graph, form, out or directory / f"graph.{form}"):
        typer.echo(f"Written: {path}")


def unknown_keyword(graph: KnowledgeGraph, keyword: str) -> InfiniteInstructError:
    """The error for a keyword that the graph lacks, with those that look like it."""
    near = difflib.get_close_matches(keyword.casefold()[:80], graph, n=3)
    hint = f"Did you mean {' or '.join(repr(name) for name in near)}? " if near else ""
    return SettingsError(
        f"The graph does not know '{plain(keyword[:80])}'.",
        remedy=f"{hint}`infinite-instruct graph RUN stats` names the most frequent keywords.",
    )


def _facts_of(node: KeywordNode) -> Iterable[tuple[str, str]]:
    yield "also written", ", ".join(sorted(node.surfaces)) or "none"
    yield "from", ", ".join([*node.origins, *node.vocabularies]) or "none"
    yield "languages", ", ".join(sorted(node.languages)) or "any"
    if node.domains:
        yield "domains", ", ".join(node.domains)
    if node.blocked is not None:
        yield "BLOCKED", node.blocked
    yield f"{len(node.rows)} rows", ", ".join(node.rows) or "none"
    yield "drawn", f"{node.sampled} times, accepted {node.accepted} times"
    for difficulty, tried in node.coverage.items():
        if difficulty:
            yield f"  {difficulty}", f"drawn {tried.sampled}, accepted {tried.accepted}"


def _print_neighbours(graph: KnowledgeGraph, name: str, number: int) -> None:
    near = sorted(graph.neighbours(name), key=lambda other: (-graph.together(name, other), other))
    made = table("occurs with", "#rows", "#association", title=f"{len(near)} neighbours")
    for other in near[:number]:
        association = f"{graph.association(name, other):+.2f}"
        made.add_row(plain(graph.text(other)), str(graph.together(name, other)), association)
    console().print(made)


def _print_difficulties(graph: KnowledgeGraph) -> None:
    drawn: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for name in graph:
        for difficulty, tried in graph.node(name).coverage.items():
            drawn[difficulty] += tried.sampled
            accepted[difficulty] += tried.accepted
    if set(drawn) - {""}:
        made = table("difficulty", "#drawn", "#accepted", title="Keywords by difficulty")
        for difficulty in sorted(drawn):
            made.add_row(
                plain(difficulty) or "not said", str(drawn[difficulty]), str(accepted[difficulty])
            )
        console().print(made)


def _roles(graph: KnowledgeGraph) -> dict[tuple[str, str], list[str]]:
    """The ids of each kind and language that has any; "any" stands for words of all languages."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind in KeywordKind:
        everywhere = frozenset(graph.role(None, kind))
        for language in Language:
            own = [name for name in graph.role(language, kind) if name not in everywhere]
            found[kind.value, language.value] = own
        found[kind.value, "any"] = sorted(everywhere)
    return {role: names for role, names in found.items() if names}


def _found(graph: KnowledgeGraph, keyword: str) -> KeywordNode:
    try:
        return graph.node(keyword)
    except KeyError:
        raise unknown_keyword(graph, keyword) from None


def _graph(directory: Path) -> KnowledgeGraph:
    with RunReader(look(directory).ledger) as reader:
        return graph_of(reader)
