import base64
import hashlib
import json
import re
from typing import Any

import pytest
from grown_graph import grown_graph

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.graph_events import Word
from infinite_instruct.tools.graph_page import render_page
from infinite_instruct.tools.graph_view import view_of
from infinite_instruct.tools.knowledge import KnowledgeGraph

HOSTILE = "</script><script>alert(1)</script> tag"


def small_graph() -> KnowledgeGraph:
    graph = KnowledgeGraph()
    texts = ("hash map", HOSTILE, "{{scripts}} trick")
    keywords = [Keyword(kind=KeywordKind.TASK, text=text) for text in texts]
    graph.add_problem("row-1", Language.PYTHON, keywords)
    return graph


def data_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def node_of(graph: KnowledgeGraph, text: str) -> dict[str, Any]:
    nodes = data_of(render_page(graph))["nodes"]
    return next(node for node in nodes if node["text"] == text)


def test_the_page_carries_the_graph_as_data() -> None:
    data = data_of(render_page(small_graph()))
    assert {node["text"] for node in data["nodes"]} == {"hash map", HOSTILE, "{{scripts}} trick"}
    assert len(data["edges"]) == 3


def test_hostile_keywords_stay_text() -> None:
    page = render_page(small_graph())
    assert "<script>alert" not in page
    assert page.count("</script>") == 4, "the data and three scripts, nothing more"


def test_the_page_loads_nothing_and_runs_only_its_own_scripts() -> None:
    page = render_page(small_graph())
    policy = page.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    style = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    for content in inline + style:
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=", page)


def test_an_empty_graph_has_a_page_and_the_same_graph_the_same() -> None:
    assert data_of(render_page(KnowledgeGraph()))["nodes"] == []
    assert render_page(small_graph()) == render_page(small_graph())
    assert render_page(grown_graph(300, 200)) == render_page(grown_graph(300, 200))


def test_the_beginning_of_each_problem_is_told_on_one_line() -> None:
    page = render_page(small_graph(), problem_of=lambda row: f"Write\n  {row} " + "x" * 5_000)
    told = data_of(page)["problems"]["row-1"]
    assert told.startswith("Write row-1 x")
    assert len(told) == 160


def test_merges_come_with_their_reasons_and_blocks_with_theirs() -> None:
    graph = small_graph()
    graph.merge("{{scripts}} trick", "hash map", "both are tricks")
    graph.block("hash map", "too common")
    node = node_of(graph, "hash map")
    assert node["merges"] == [["script trick", "both are tricks"]]
    assert node["blocked"] == "too common"


def test_what_only_a_vocabulary_relates_is_tied_and_told_from_both_sides() -> None:
    graph = KnowledgeGraph()
    words = [
        Word(text="sorting", kind=KeywordKind.TASK, language=None),
        Word(text="quicksort", kind=KeywordKind.TASK, language=None, parents=("sorting",)),
    ]
    graph.import_words("course", words)
    data = data_of(render_page(graph))
    names = [node["text"] for node in data["nodes"]]
    assert [edge[2] for edge in data["edges"]] == [0]
    assert data["nodes"][names.index("quicksort")]["relations"] == [
        ["part of", names.index("sorting")]
    ]
    assert data["nodes"][names.index("sorting")]["relations"] == [
        ["has part", names.index("quicksort")]
    ]
    assert data["nodes"][0]["from"] == ["vocabulary", "course"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 80, id="as long as can be"),
        pytest.param("sort \u202egnits", id="a mark that turns the text around it"),
        pytest.param("tab\tnul\x00bell\x07", id="control characters"),
    ],
)
def test_texts_are_safe_to_show_on_a_line(text: str) -> None:
    graph = KnowledgeGraph()
    graph.add_problem("row-1", Language.PYTHON, [Keyword(kind=KeywordKind.TASK, text=text)])
    shown = data_of(render_page(graph))["nodes"][0]["text"]
    assert len(shown) <= 81
    assert shown.isprintable()


def test_communities_are_called_by_their_best_connected_keyword() -> None:
    data = data_of(render_page(grown_graph(200, 150, topics=4)))
    nodes = data["nodes"]
    assert sum(size for _, size in data["communities"]) == len(nodes)
    for number, (hub, _) in enumerate(data["communities"]):
        assert nodes[hub]["community"] == number


def test_keywords_of_a_community_stand_together_and_on_no_other() -> None:
    data = data_of(render_page(grown_graph(400, 300, topics=4)))
    places = [(node["x"], node["y"]) for node in data["nodes"]]
    assert len(set(places)) == len(places)
    middles = {}
    for number, (_, size) in enumerate(data["communities"]):
        inside = [node for node in data["nodes"] if node["community"] == number]
        middles[number] = (
            sum(node["x"] for node in inside) / size,
            sum(node["y"] for node in inside) / size,
        )
    for node in data["nodes"]:
        away = {
            number: (node["x"] - x) ** 2 + (node["y"] - y) ** 2
            for number, (x, y) in middles.items()
        }
        assert min(away, key=lambda number: away[number]) == node["community"]


def test_of_a_large_graph_the_page_shows_the_part_that_occurs_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("infinite_instruct.tools.graph_view.MAX_NODES", 50)
    monkeypatch.setattr("infinite_instruct.tools.graph_view.MAX_EDGES", 60)
    graph = grown_graph(400, 300)
    view = view_of(graph)
    least = min(len(graph.rows_with(name)) for name in view.names)
    assert len(view.names) == 50
    assert len(view.ties) == 60
    assert all(len(graph.rows_with(name)) <= least for name in set(graph) - set(view.names))
    assert f"the graph has {len(graph):,} keywords" in render_page(graph, view)
