"""What each event changes in the graph. A second time, it changes nothing.

What an event names and the graph lacks is passed over: events are read from files.
"""

from infinite_instruct.domain import Language
from infinite_instruct.tools.graph_events import (
    Accepted,
    Blocked,
    Expanded,
    GraphEvent,
    KeywordsAdded,
    Merged,
    Proposal,
    Related,
    Sampled,
    Unblocked,
    Unmerged,
    Word,
    WordsImported,
)
from infinite_instruct.tools.graph_state import GraphState
from infinite_instruct.tools.keyword_entry import role_of

EXPANSION = "expansion"
"""Who says what a model proposed."""


def change(graph: GraphState, event: GraphEvent) -> None:  # noqa: C901 (one case a kind of event)
    """Change a graph as an event says."""
    match event:
        case KeywordsAdded():
            _add(graph, event)
        case WordsImported():
            _import(graph, event)
        case Related():
            graph.relate(event.source, event.target, event.relation, event.origin)
        case Expanded():
            _expand(graph, event)
        case Merged():
            _merge(graph, event)
        case Unmerged():
            _unmerge(graph, event)
        case Blocked():
            _block(graph, event)
        case Unblocked():
            _unblock(graph, event)
        case Sampled():
            graph.draws.draw(event.row, graph.known(event.keywords), event.difficulty)
        case Accepted():
            graph.draws.accept(event.row, graph.known(event.keywords), event.difficulty)


def _add(graph: GraphState, event: KeywordsAdded) -> None:
    if event.row in graph.problems:
        return
    seen = [graph.see(word.text, role_of(event.language, word.kind)) for word in event.keywords]
    names = tuple(dict.fromkeys(name for name in seen if name))
    problem = graph.problems.add(event.row, event.language, names)
    for name in names:
        for entry in graph.names.both(name):
            entry.rows.add(problem)
    graph.pairs.meet(graph.ids_in(problem))


def _import(graph: GraphState, event: WordsImported) -> None:
    for word in event.words:
        _import_word(graph, event.source, word)
    for word in event.words:
        for parent in word.parents:
            graph.relate(word.text, parent, "part-of", event.source)


def _import_word(graph: GraphState, source: str, word: Word) -> None:
    name, role = graph.spellings.name(word.text), role_of(word.language, word.kind)
    if name in graph.names and (source, role) in graph.names.own(name).imported:
        return
    if graph.see(word.text, role):
        for entry in graph.names.both(name):
            entry.note_import(source, role, word.domain)


def _expand(graph: GraphState, event: Expanded) -> None:
    around = graph.spellings.name(event.around)
    center = graph.names.id_of(around)
    graph.expansions[around] = None
    languages = _languages(graph, center)
    for proposal in event.proposals:
        if proposal.verdict == "added":
            _enter(graph, proposal, languages, event.around)
        if proposal.verdict != "refused" and center in graph.names:
            _place(graph, proposal, center)


def _languages(graph: GraphState, node: str) -> list[Language | None]:
    if node not in graph.names:
        return [None]
    return list(dict.fromkeys(language for language, _ in graph.names.all_of(node).roles))


def _enter(
    graph: GraphState, proposal: Proposal, languages: list[Language | None], around: str
) -> None:
    name = graph.spellings.name(proposal.text)
    if name in graph.names and around in graph.names.own(name).expanded:
        return
    for language in languages:
        if graph.see(proposal.text, role_of(language, proposal.kind)):
            for entry in graph.names.both(name):
                entry.note_proposal(around)


def _place(graph: GraphState, proposal: Proposal, center: str) -> None:
    """Relate what was proposed: a sibling is part of what the center is part of."""
    match proposal.relation:
        case "part-of":
            graph.relate(proposal.text, center, "part-of", EXPANSION)
        case "needs":
            graph.relate(center, proposal.text, "needs", EXPANSION)
        case "sibling":
            for each in list(graph.names.all_of(center).relations):
                if each.relation == "part-of" and graph.names.id_of(each.source) == center:
                    graph.relate(proposal.text, each.target, "part-of", EXPANSION)


def _merge(graph: GraphState, event: Merged) -> None:
    source, target = (
        graph.names.id_of(graph.spellings.name(end)) for end in (event.source, event.target)
    )
    if source != target and graph.usable(source) and graph.usable(target):
        graph.join(source, target, event.why)
        graph.parted.discard(frozenset((source, target)))


def _unmerge(graph: GraphState, event: Unmerged) -> None:
    name = graph.spellings.name(event.source)
    merge = graph.names.merge_of(name)
    if merge is not None:
        graph.part(name)
        graph.parted.add(frozenset((name, merge.target)))


def _block(graph: GraphState, event: Blocked) -> None:
    name = graph.spellings.keep(event.keyword)[0]
    node = graph.names.id_of(name)
    if not name or name in graph.blocked:
        return
    if node in graph.names:
        graph.withdraw(node)
    # All names, so that what is parted from it later stays out, too.
    graph.blocked.update(dict.fromkeys(graph.names.names(node), event.why))


def _unblock(graph: GraphState, event: Unblocked) -> None:
    node = graph.names.id_of(graph.spellings.name(event.keyword))
    if node not in graph.blocked:
        return
    for name in graph.names.names(node):
        graph.blocked.pop(name, None)
    if node in graph.names:
        graph.restore(node)
