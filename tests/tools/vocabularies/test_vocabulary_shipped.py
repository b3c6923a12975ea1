import csv
from pathlib import Path

import pytest
from vocabulary_files import enter

from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.errors import VocabularyError
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.vocabularies.entries import Passed
from infinite_instruct.tools.vocabularies.formats import read_entries
from infinite_instruct.tools.vocabularies.shipped import SHIPPED, vocabulary_name, vocabulary_path

LANGUAGES = {
    "python-stdlib": (Language.PYTHON,),
    "sql": (Language.SQL, Language.POSTGRESQL, Language.MYSQL, Language.SQLITE, Language.TSQL),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_vocabulary_enters_whole_and_can_begin_a_campaign(name: str) -> None:
    path = vocabulary_path(name)
    graph = KnowledgeGraph()
    summary, _ = enter(graph, read_entries(path, Passed()), source=vocabulary_name(path))
    rows = sum(1 for line in path.read_text().splitlines() if not line.startswith("#")) - 1
    assert (summary.source, summary.read, summary.added) == (name, rows, rows)
    for language in LANGUAGES[name]:
        counts = {kind: len(graph.role(language, kind)) for kind in KeywordKind}
        assert counts[KeywordKind.TASK] >= 30, counts
        assert counts[KeywordKind.INSTRUCTION] >= 20, counts
        assert counts[KeywordKind.KNOWLEDGE_POINT] >= 90, counts


@pytest.mark.parametrize("name", SHIPPED)
def test_every_word_of_a_shipped_vocabulary_belongs_to_an_area(name: str) -> None:
    with vocabulary_path(name).open(newline="") as file:
        made, *lines = file
    assert made.startswith("# Made by scripts/build_vocabularies.py")
    rows = list(csv.DictReader(lines))
    texts = {row["text"] for row in rows}
    assert all(set(row["parents"].split("|")) <= texts for row in rows if row["parents"])
    roots = [row["text"] for row in rows if not row["parents"]]
    assert 10 <= len(roots) <= 25, "areas of a course"


def test_a_file_comes_before_a_shipped_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert vocabulary_path("sql").name == "sql.csv"
    Path("sql").write_text("joins\n")
    assert vocabulary_path("sql") == Path("sql")


def test_an_unknown_vocabulary_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="python-stdlib, sql"):
        vocabulary_path(str(tmp_path / "none"))
