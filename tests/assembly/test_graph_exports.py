from pathlib import Path

import pyarrow.parquet as pq  # type: ignore[import-untyped] # it ships no types
import pytest

from infinite_instruct.assembly.graph_exports import GRAPH_FORMATS, export_graph
from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.errors import RunFolderError, SettingsError
from infinite_instruct.tools.knowledge import KnowledgeGraph


def graph() -> KnowledgeGraph:
    made = KnowledgeGraph()
    words = (Keyword(kind=KeywordKind.TASK, text=text) for text in ("heap", "sorting", "regex"))
    made.add_problem("r1", Language.PYTHON, words)
    made.relate("heap", "sorting", "needs", "user")
    return made


def test_parquet_gives_nodes_and_edges_beside_each_other(tmp_path: Path) -> None:
    written = export_graph(graph(), "parquet", tmp_path / "graph.parquet")
    assert [path.name for path in written] == ["graph-nodes.parquet", "graph-edges.parquet"]
    nodes, edges = (pq.read_table(path).to_pylist() for path in written)
    assert [node["id"] for node in nodes] == ["heap", "regular expression", "sorting"]
    assert nodes[0]["rows"] == ["r1"]
    related = [edge for edge in edges if edge["relations"]]
    assert [(edge["source"], edge["target"]) for edge in related] == [("heap", "sorting")]
    assert related[0]["relations"][0]["relation"] == "needs"


def test_an_empty_graph_has_tables_with_columns(tmp_path: Path) -> None:
    for path in export_graph(KnowledgeGraph(), "parquet", tmp_path / "graph.parquet"):
        table = pq.read_table(path)
        assert table.num_rows == 0
        assert table.num_columns > 3


@pytest.mark.parametrize("form", GRAPH_FORMATS)
def test_the_same_graph_gives_the_same_bytes(tmp_path: Path, form: str) -> None:
    first = export_graph(graph(), form, tmp_path / "one" / "graph")
    second = export_graph(graph(), form, tmp_path / "two" / "graph")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_unknown_format_is_told_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="graphml, json, parquet"):
        export_graph(graph(), "xls", tmp_path / "graph.xls")


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunFolderError):
        export_graph(graph(), "parquet", tmp_path / "file" / "graph.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
