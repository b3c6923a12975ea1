from pathlib import Path
from random import Random

import networkx as nx
import pytest

from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.tools.graph_events import GRAPH_EVENT, GraphEvent
from infinite_instruct.tools.graph_metrics import measure
from infinite_instruct.tools.graphml import render_graphml
from infinite_instruct.tools.knowledge import KnowledgeGraph

PYTHON = Language.PYTHON
WORDS = [
    "hash map",
    "Hash Maps",
    "binary search",
    "BFS",
    "sorting",
    "closure",
    "regex",
    "heap",
    "()",
]


def keyword(text: str, kind: KeywordKind = KeywordKind.KNOWLEDGE_POINT) -> Keyword:
    return Keyword(kind=kind, text=text)


def keyword_set(*texts: str) -> KeywordSet:
    keywords = tuple(keyword(text) for text in texts)
    return KeywordSet(language=PYTHON, keywords=keywords, why="test", coherence=0)


def random_history(seed: int) -> tuple[KnowledgeGraph, list[GraphEvent]]:
    rng, graph, events = Random(seed), KnowledgeGraph(), list[GraphEvent]()
    for number in range(60):
        texts = rng.sample(WORDS, rng.randint(1, 4))
        drawn = keyword_set(*texts)
        match rng.randrange(20):
            case 0 if len(graph) > 1:
                one, other = rng.sample(list(graph), 2)
                events.append(graph.merge(one, other, "test"))
            case 1 | 2 | 3:
                events.append(graph.mark_sampled(f"row-{number}", drawn))
            case 4 | 5:
                events.append(graph.mark_accepted(f"row-{number}", drawn))
            case _:
                kinds = [keyword(text, rng.choice(list(KeywordKind))) for text in texts]
                language = rng.choice([PYTHON, Language.GO])
                events.append(graph.add_problem(f"row-{rng.randrange(50)}", language, kinds))
    return graph, events


def picture(graph: KnowledgeGraph) -> tuple[object, ...]:
    nodes = [graph.node(name) for name in graph]
    roles = [(x, k, list(graph.role(x, k))) for x in (PYTHON, Language.GO) for k in KeywordKind]
    return nodes, list(graph.edges()), roles, measure(graph)


@pytest.mark.parametrize("seed", range(25))
def test_replayed_events_give_the_same_graph(seed: int) -> None:
    graph, events = random_history(seed)
    stored = [GRAPH_EVENT.dump_json(event) for event in events]
    again = KnowledgeGraph.replay(GRAPH_EVENT.validate_json(line) for line in stored)
    assert picture(again) == picture(graph)


@pytest.mark.parametrize("seed", range(5))
def test_a_last_event_stored_twice_changes_nothing(seed: int) -> None:
    graph, events = random_history(seed)
    assert picture(KnowledgeGraph.replay([*events, events[-1]])) == picture(graph)


@pytest.mark.parametrize("seed", range(25))
def test_edges_count_the_problems_in_which_both_occur_through_all_merges(seed: int) -> None:
    graph, _ = random_history(seed)
    for one, other, count in graph.edges():
        assert count == len(graph.rows_with(one) & graph.rows_with(other))


def test_surface_forms_meet_in_one_node_with_its_problems() -> None:
    graph = KnowledgeGraph()
    graph.add_problem("r1", PYTHON, [keyword("Hash Maps"), keyword("sorting")])
    graph.add_problem("r2", Language.GO, [keyword("hashmap"), keyword("Hash Maps")])
    node = graph.node("HASH-MAP")
    assert (node.id, node.text, node.rows) == ("hash map", "Hash Maps", ("r1", "r2"))
    assert node.languages == {PYTHON: 1, Language.GO: 1}
    assert graph.neighbours("hash map") == ("sorting",), "a keyword is no neighbour of itself"


def test_a_merged_keyword_lives_on_as_another_name() -> None:
    graph = KnowledgeGraph()
    graph.add_problem("r1", PYTHON, [keyword("sorting"), keyword("closure")])
    graph.add_problem("r2", PYTHON, [keyword("ordering"), keyword("closure")])
    graph.mark_sampled("s1", keyword_set("ordering", "closure"))
    graph.merge("ordering", "sorting", "the model said so")
    graph.add_problem("r3", PYTHON, [keyword("ordering")])
    node = graph.node("ordering")
    assert (node.id, node.rows, node.sampled) == ("sorting", ("r1", "r2", "r3"), 1)
    assert [merge.why for merge in node.merges] == ["the model said so"]
    assert graph.together("sorting", "closure") == 2
    assert graph.was_drawn(frozenset({"sorting", "closure"})), "the set is used under either name"


def test_merging_an_unknown_keyword_names_it() -> None:
    with pytest.raises(KeyError, match="quantum"):
        KnowledgeGraph().merge("quantum", "sorting", "")


def test_association_tells_company_from_chance() -> None:
    graph = KnowledgeGraph()
    for number in range(40):
        pair = ["heap", "priority"] if number % 2 else ["regex", "pattern"]
        graph.add_problem(f"r{number}", PYTHON, [keyword(text) for text in pair])
    assert graph.association("heap", "priority") > 0.5
    assert graph.association("heap", "regular expression") < -0.5
    assert graph.association("heap", "priority") == graph.association("priority", "heap")


def test_graphml_is_read_back_by_networkx_and_repeats_byte_for_byte(tmp_path: Path) -> None:
    graph, _ = random_history(3)
    graph.add_problem("evil", PYTHON, [keyword("bell\x07 & <tag>"), keyword("heap")])
    (tmp_path / "graph.graphml").write_bytes(render_graphml(graph))
    read = nx.read_graphml(tmp_path / "graph.graphml")
    assert sorted(read) == list(graph)
    assert read.nodes[graph.resolve("heap")]["rows"] == len(graph.node("heap").rows)
    assert render_graphml(graph) == (tmp_path / "graph.graphml").read_bytes()
