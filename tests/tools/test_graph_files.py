import io
import json
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.graph_events import Merged, Word
from infinite_instruct.tools.graph_json import write_json
from infinite_instruct.tools.graph_records import edge_records, node_records
from infinite_instruct.tools.graphml import render_graphml
from infinite_instruct.tools.knowledge import KnowledgeGraph


def keyword(text: str) -> Keyword:
    return Keyword(kind=KeywordKind.TASK, text=text)


def full_graph() -> KnowledgeGraph:
    graph = KnowledgeGraph()
    graph.add_problem("r1", Language.PYTHON, map(keyword, ("sorting", "heap", 'a "<&>" b')))
    graph.add_problem("r2", Language.GO, map(keyword, ("sorting", "heap", "priority queue")))
    words = [
        Word(text="quicksort", kind=KeywordKind.TASK, language=None, parents=("sorting",)),
        Word(text="heap", kind=KeywordKind.TASK, language=None, parents=("sorting",)),
    ]
    graph.import_words("course", words)
    graph.merge("priority queue", "heap", "one <thing>")
    graph.block('a "<&>" b', "noise")
    return graph


def as_json(graph: KnowledgeGraph) -> dict[str, Any]:
    buffer = io.BytesIO()
    write_json(graph, buffer)
    read: dict[str, Any] = json.loads(buffer.getvalue())
    return read


def read_graphml(graph: KnowledgeGraph, folder: Path) -> "nx.Graph[str]":
    (folder / "graph.graphml").write_bytes(render_graphml(graph))
    read: nx.Graph[str] = nx.read_graphml(folder / "graph.graphml")
    return read


def test_both_files_have_all_keywords_and_one_edge_a_pair(tmp_path: Path) -> None:
    graph = full_graph()
    node_link: nx.Graph[str] = nx.node_link_graph(as_json(graph))
    graphml = read_graphml(graph, tmp_path)
    assert sorted(node_link) == sorted(graphml) == list(graph)
    ends = {frozenset(pair) for pair in graphml.edges}
    assert ends == {frozenset(pair) for pair in node_link.edges}
    assert frozenset(("heap", "sorting")) in ends
    assert frozenset(("quicksort", "sorting")) in ends, "what only a vocabulary relates"
    assert type(graphml) is nx.Graph, "several edges of a pair would make it a multigraph"


def test_a_pair_tells_how_often_it_occurs_and_what_it_is_to_each_other(tmp_path: Path) -> None:
    edge = next(each for each in edge_records(full_graph()) if each.source == "heap")
    assert (edge.target, edge.count) == ("sorting", 2)
    assert [(each.source, each.relation, each.origin) for each in edge.relations] == [
        ("heap", "part-of", "course")
    ]
    told = read_graphml(full_graph(), tmp_path).edges["heap", "sorting"]
    assert told["relations"] == "heap part-of sorting"
    assert told["count"] == 2


def test_a_keyword_tells_its_merges_its_blocking_and_where_it_is_from(tmp_path: Path) -> None:
    nodes = {node.id: node for node in node_records(full_graph())}
    heap = nodes["heap"]
    assert [(each.source, each.why) for each in heap.merges] == [("priority queue", "one <thing>")]
    assert (heap.origins, heap.vocabularies) == (("rows", "vocabulary"), ("course",))
    assert [node.blocked for node in nodes.values() if node.blocked] == ["noise"]
    told = read_graphml(full_graph(), tmp_path).nodes["heap"]
    assert told["merged"] == "priority queue: one <thing>"


@pytest.mark.parametrize(
    "why",
    [
        pytest.param("bell \x07 and nul \x00", id="what XML cannot say"),
        pytest.param("\ud800 alone", id="half a character"),
        pytest.param("]]><!-- \u202e\ufffe", id="markup and marks"),
    ],
)
def test_hostile_texts_break_no_file(tmp_path: Path, why: str) -> None:
    graph = full_graph()
    graph.apply(Merged.model_construct(source="quicksort", target="sorting", why=why))
    assert "sorting" in read_graphml(graph, tmp_path)
    assert len(as_json(graph)["nodes"]) == len(graph)


def test_an_empty_graph_has_files(tmp_path: Path) -> None:
    assert len(read_graphml(KnowledgeGraph(), tmp_path)) == 0
    assert as_json(KnowledgeGraph())["nodes"] == []


def test_files_repeat_byte_for_byte() -> None:
    assert render_graphml(full_graph()) == render_graphml(full_graph())
    assert as_json(full_graph()) == as_json(full_graph())
