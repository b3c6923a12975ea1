"""Histories of all kinds of events: what replays, repetitions and undone merges come to."""

import gc
from random import Random

import pytest

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.errors import RunFolderError
from infinite_instruct.tools.graph_events import (
    GRAPH_EVENT,
    GraphEvent,
    Proposal,
    Unmerged,
    Word,
)
from infinite_instruct.tools.graph_metrics import measure
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabulary import rebuild_graph

PYTHON, GO = Language.PYTHON, Language.GO
KINDS = list(KeywordKind)
WORDS = ["hash map", "Hash Maps", "BFS", "sorting", "ordering", "closure", "regex", "heap", "()"]


def keyword_set(texts: list[str]) -> KeywordSet:
    keywords = tuple(Keyword(kind=KINDS[0], text=text) for text in texts)
    return KeywordSet(language=PYTHON, keywords=keywords, why="test", coherence=0)


class History:
    """A graph with the events that made it."""

    def __init__(self, seed: int, *, blocks: bool) -> None:
        self.rng, self.graph, self.events = Random(seed), KnowledgeGraph(), list[GraphEvent]()
        steps = [self.mine] * 6 + [self.sample] * 2 + [self.accept, self.merge, self.merge]
        steps += [self.import_words, self.relate, *([self.expand] if blocks else [])]
        steps += [self.block, self.unblock, self.unmerge] if blocks else []
        for number in range(60):
            self.row = f"row-{number}"
            self.texts = self.rng.sample(WORDS, self.rng.randint(1, 4))
            event = self.rng.choice(steps)()
            if event is not None:
                self.events.append(event)

    def two(self) -> tuple[str, str] | None:
        known = [text for text in WORDS if text in self.graph and not self.graph.is_blocked(text)]
        pair = self.rng.sample(known, 2) if len(known) > 1 else ["", ""]
        return (pair[0], pair[1]) if pair[0] else None

    def mine(self) -> GraphEvent:
        words = [Keyword(kind=self.rng.choice(KINDS), text=text) for text in self.texts]
        row = f"row-{self.rng.randrange(50)}"
        return self.graph.add_problem(row, self.rng.choice([PYTHON, GO]), words)

    def sample(self) -> GraphEvent:
        hard = self.rng.choice(["", "hard"])
        return self.graph.mark_sampled(self.row, keyword_set(self.texts), hard)

    def accept(self) -> GraphEvent:
        return self.graph.mark_accepted(self.row, keyword_set(self.texts), "hard")

    def merge(self) -> GraphEvent | None:
        pair = self.two()
        return self.graph.merge(*pair, "test") if pair else None

    def unmerge(self) -> GraphEvent | None:
        merges = [merge for name in self.graph for merge in self.graph.node(name).merges]
        return self.graph.unmerge(self.rng.choice(merges).source, "") if merges else None

    def import_words(self) -> GraphEvent:
        kind, language = self.rng.choice(KINDS), self.rng.choice([None, GO])
        parents = (self.rng.choice(WORDS),)
        words = [
            Word(text=text, kind=kind, language=language, domain="cs", parents=parents)
            for text in self.texts
        ]
        return self.graph.import_words(self.rng.choice(["a.md", "b.csv"]), words)

    def relate(self) -> GraphEvent | None:
        pair = self.two()
        return self.graph.relate(*pair, "needs", "user") if pair else None

    def expand(self) -> GraphEvent | None:
        pair = self.two()
        verdicts = self.rng.choices(["added", "merged", "refused"], k=len(self.texts))
        proposals = [
            Proposal.model_validate(
                {
                    "text": text,
                    "kind": KINDS[1],
                    "relation": relation,
                    "verdict": verdict,
                    "why": "",
                }
            )
            for text, verdict in zip(self.texts, verdicts, strict=True)
            for relation in ["part-of", "needs"]
        ]
        return self.graph.record_expansion(pair[0], proposals) if pair else None

    def block(self) -> GraphEvent | None:
        return self.graph.block(self.rng.choice(WORDS[:-1]), "test")

    def unblock(self) -> GraphEvent | None:
        blocked = list(self.graph.blocked())
        return self.graph.unblock(self.rng.choice(blocked)) if blocked else None


def picture(graph: KnowledgeGraph) -> tuple[object, ...]:
    """All that the graph tells, in an order of its own where the graph has none."""
    nodes = [graph.node(name) for name in graph]
    relations = [sorted(node.relations, key=str) for node in nodes]
    bare = [node.model_dump(exclude={"relations", "vocabularies"}) for node in nodes]
    roles = [list(graph.role(language, kind)) for language in (PYTHON, GO, None) for kind in KINDS]
    near = [(sorted(graph.neighbours(name)), sorted(graph.parents(name))) for name in graph]
    drawn = [graph.was_drawn(frozenset(pair)) for pair in zip(graph, [*graph][1:], strict=False)]
    return bare, relations, list(graph.edges()), roles, near, drawn, measure(graph), graph.blocked()


@pytest.mark.parametrize("seed", range(40))
def test_stored_events_replay_to_the_same_graph(seed: int) -> None:
    history = History(seed, blocks=True)
    stored = [GRAPH_EVENT.dump_json(event) for event in history.events]
    again = KnowledgeGraph.replay(GRAPH_EVENT.validate_json(line) for line in stored)
    assert picture(again) == picture(history.graph)


@pytest.mark.parametrize("seed", range(40))
def test_an_event_applied_twice_changes_nothing(seed: int) -> None:
    history, graph = History(seed, blocks=True), KnowledgeGraph()
    for event in history.events:
        graph.apply(event)
        once = picture(graph)
        graph.apply(event)
        assert picture(graph) == once, event
    assert picture(graph) == picture(history.graph)


@pytest.mark.parametrize("seed", range(60))
def test_an_undone_merge_is_as_if_it_had_not_happened(seed: int) -> None:
    history = History(seed, blocks=False)
    alive = [merge for name in history.graph for merge in history.graph.node(name).merges]
    for merge in history.rng.sample(alive, min(2, len(alive))):
        history.graph.unmerge(merge.source, "wrong")
        history.events.remove(merge)
    assert picture(history.graph) == picture(KnowledgeGraph.replay(history.events))


@pytest.mark.parametrize("seed", range(40))
def test_edges_count_the_problems_that_have_both(seed: int) -> None:
    graph = History(seed, blocks=True).graph
    for one, other, count in graph.edges():
        assert count == len(graph.rows_with(one) & graph.rows_with(other))
    unblocked = [name for name in graph if not graph.is_blocked(name)]
    for name in unblocked:
        others = {other for other in unblocked if graph.rows_with(name) & graph.rows_with(other)}
        assert set(graph.neighbours(name)) == others - {name}


@pytest.mark.parametrize("seed", range(40))
def test_blocked_keywords_are_nowhere_to_be_drawn_from(seed: int) -> None:
    graph = History(seed, blocks=True).graph
    offered = {n for x in (PYTHON, GO) for kind in KINDS for n in graph.role(x, kind)}
    offered |= {near for name in graph for near in graph.neighbours(name)}
    offered |= {end for name in graph for end in (*graph.parents(name), *graph.parts(name))}
    assert not [name for name in offered if graph.is_blocked(name)]


def test_an_unmerge_is_stored_as_any_event() -> None:
    graph = KnowledgeGraph()
    words = [Keyword(kind=KINDS[0], text=text) for text in ("sorting", "ordering")]
    events: list[GraphEvent] = [graph.add_problem("r1", PYTHON, words)]
    events += [graph.merge("ordering", "sorting", "alike"), graph.unmerge("ordering", "not so")]
    assert events[-1] == Unmerged(source="ordering", why="not so")
    assert list(KnowledgeGraph.replay(events)) == list(graph) == ["ordering", "sorting"]


@pytest.mark.parametrize(
    "damage", ["", "{}", '{"kind": "rewritten"}', '{"kind": "merged"}', "\x00"]
)
def test_a_damaged_change_is_named_with_what_to_do(damage: str) -> None:
    sound = KnowledgeGraph().add_problem("r1", PYTHON, []).model_dump_json()
    with pytest.raises(RunFolderError, match=r"Change 2 of .* cannot be read[^$]*another version"):
        rebuild_graph([sound, damage])
    assert gc.isenabled(), "paused for the replay only"
