import base64
import hashlib
import json
import re

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.graph_page import render_page
from infinite_instruct.tools.knowledge import KnowledgeGraph


def small_graph() -> KnowledgeGraph:
    graph = KnowledgeGraph()
    texts = ("hash map", "</script><script>alert(1)</script> tag", "{{scripts}} trick")
    keywords = [Keyword(kind=KeywordKind.TASK, text=text) for text in texts]
    graph.add_problem("row-1", Language.PYTHON, keywords)
    return graph


def data_of(page: str) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, list[dict[str, object]]] = json.loads(found[1])
    return data


def test_the_page_carries_the_graph_as_data() -> None:
    data = data_of(render_page(small_graph()))
    assert {node["text"] for node in data["nodes"]} == {
        "hash map",
        "</script><script>alert(1)</script> tag",
        "{{scripts}} trick",
    }
    assert len(data["edges"]) == 3


def test_hostile_keywords_stay_text() -> None:
    page = render_page(small_graph())
    assert "<script>alert" not in page
    assert page.count("</script>") == 5, "the data and four scripts, nothing more"


def test_the_page_loads_nothing_and_runs_only_its_own_scripts() -> None:
    page = render_page(small_graph())
    policy = page.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    assert policy.startswith("default-src 'none'")
    for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert not re.search(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=", page)


def test_an_empty_graph_has_a_page_and_the_same_graph_the_same() -> None:
    assert data_of(render_page(KnowledgeGraph()))["nodes"] == []
    assert render_page(small_graph()) == render_page(small_graph())
