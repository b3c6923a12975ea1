import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infinite_instruct.cli.app import app
from infinite_instruct.domain import Keyword, KeywordKind, KeywordSet, Language
from infinite_instruct.errors import RunFolderError, RunInUseError, SettingsError
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore
from infinite_instruct.tools.knowledge import KnowledgeGraph

_KINDS = {"t": KeywordKind.TASK, "i": KeywordKind.INSTRUCTION, "k": KeywordKind.KNOWLEDGE_POINT}


def keywords(*texts: str) -> tuple[Keyword, ...]:
    """`t sort list` is the Task "sort list"."""
    return tuple(Keyword(kind=_KINDS[text[0]], text=text[2:]) for text in texts)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run whose graph has three problems and one drawn set."""
    graph = KnowledgeGraph()
    problems = (
        keywords("t sort a list", "i in place", "k quicksort", "k recursion"),
        keywords("t parse a log", "i one pass", "k regex", "k generator"),
        keywords("t merge lists", "i stable order", "k heap", "k recursion"),
    )
    events = [
        graph.add_problem(f"r{number}", Language.PYTHON, words)
        for number, words in enumerate(problems)
    ]
    drawn = KeywordSet(language=Language.PYTHON, keywords=problems[0], why="test", coherence=0)
    path = tmp_path / "run"
    with RunFolder.create(path, "", {"seed": "1"}) as folder:
        store = RunStore(folder.ledger)
        texts = [event.model_dump_json() for event in (*events, graph.mark_sampled("r0", drawn))]
        asyncio.run(store.add_graph_events(texts))
        store.close()
    return path


def graph(*words: object) -> Result:
    return CliRunner().invoke(app, ["graph", *map(str, words)], catch_exceptions=True)


def told(*words: object) -> str:
    result = graph(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


def stored(run: Path) -> list[str]:
    with RunReader(run / "ledger.sqlite") as reader:
        return [json.loads(text)["kind"] for _, text in reader.graph_events()]


def test_a_run_alone_is_told_in_numbers(run: Path) -> None:
    for words in ((run,), (run, "stats"), ("stats", run)):
        shown = told(*words)
        assert "coverage (drawn at least once)" in shown
        assert "recursion" in shown


@pytest.mark.parametrize(
    "words", [("--help",), ("run", "--help"), ()], ids=["plain", "after a run", "nothing"]
)
def test_help_names_the_run_first_and_all_commands(words: tuple[str, ...]) -> None:
    shown = graph(*words).output
    assert "RUN COMMAND" in shown
    for command in ("stats", "show", "neighbours", "merges", "coverage", "sample", "export"):
        assert command in shown


def test_help_of_a_command_shows_the_run_where_it_is_written() -> None:
    assert "graph RUN merge [OPTIONS] {A} {B}" in told("run", "merge", "--help")


def test_a_command_that_is_not_there_is_told_with_the_nearest(run: Path) -> None:
    result = graph(run, "mrege", "a", "b")
    assert result.exit_code == 2
    assert "'merge'" in result.output


def test_a_keyword_is_shown_in_any_form(run: Path) -> None:
    shown = told(run, "show", "Quick-Sort".replace("-", ""))
    assert "quicksort (knowledge_point)" in shown
    assert "drawn: 1 times" in shown
    assert "recursion" in shown


def test_neighbours_come_closest_first(run: Path) -> None:
    lines = told(run, "neighbours", "recursion", "-n", 2).splitlines()
    assert "6 neighbours" in lines[1]
    assert len([line for line in lines if line.strip()]) == 4, "title, head, two of six"


def test_an_unknown_keyword_is_told_with_the_nearest(run: Path) -> None:
    error = graph(run, "show", "quicksrt").exception
    assert isinstance(error, SettingsError)
    assert "quicksort" in error.remedy


@pytest.mark.parametrize("word", ["", "\x1b[31mred", "x" * 10_000, "\u202egnits"])
def test_words_of_any_kind_are_asked_for_and_not_found(run: Path, word: str) -> None:
    for command in ("show", "neighbours", "unmerge", "unblock"):
        error = graph(run, command, word).exception
        assert isinstance(error, SettingsError)
        assert "\x1b" not in str(error)


def test_coverage_tells_what_was_never_drawn(run: Path) -> None:
    shown = told(run, "coverage")
    assert "knowledge_point  python" in shown
    assert "heap" in shown.split("Never drawn")[1]
    assert "quicksort" not in shown.split("Never drawn")[1]


def test_a_sample_of_sets_repeats_and_keeps_nothing(run: Path) -> None:
    before = stored(run)
    first = told(run, "sample", "-n", 2, "--seed", 7)
    assert "anchor" in first
    assert first == told(run, "sample", "-n", 2, "--seed", 7)
    assert stored(run) == before


def test_a_language_without_problems_gives_no_set(run: Path) -> None:
    error = graph(run, "sample", "--language", "rust").exception
    assert isinstance(error, SettingsError)
    assert "accepted problems" in error.remedy


def test_a_merge_is_stored_shown_and_undone(run: Path) -> None:
    told(run, "merge", "heap", "quicksort", "--why", "both sort")
    assert "also written: heap, quicksort" in told(run, "show", "heap")
    assert "both sort" in told(run, "merges")
    told(run, "unmerge", "heap", "--why", "they are not one")
    assert "also written: heap\n" in told(run, "show", "heap")
    assert "(undone: they are not one)" in told(run, "merges")
    assert stored(run)[-2:] == ["merged", "unmerged"]


def test_a_block_holds_and_is_lifted(run: Path) -> None:
    told(run, "block", "recursion", "--why", "everywhere")
    assert "everywhere" in told(run, "show", "recursion")
    assert "recursion" not in told(run, "sample", "-n", 3)
    told(run, "block", "a word to come")
    told(run, "unblock", "recursion")
    assert stored(run)[-3:] == ["blocked", "blocked", "unblocked"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("merge", "heap", "nowhere"), id="merge into what is not there"),
        pytest.param(("merge", "heap", "Heaps"), id="merge with itself"),
        pytest.param(("unmerge", "heap"), id="undo what was not merged"),
        pytest.param(("block", "..."), id="block what is no word"),
        pytest.param(("unblock", "heap"), id="lift what is not blocked"),
    ],
)
def test_what_cannot_be_changed_changes_nothing(run: Path, words: tuple[str, ...]) -> None:
    before = stored(run)
    assert isinstance(graph(run, *words).exception, SettingsError)
    assert stored(run) == before
    assert not (run / "graph.html").exists()


def test_a_run_that_goes_on_is_not_changed_but_can_be_looked_at(run: Path) -> None:
    before = stored(run)
    with RunFolder.open(run, RunFolder.look(run).fingerprint):
        for words in (("merge", "heap", "quicksort"), ("unmerge", "heap"), ("block", "heap")):
            error = graph(run, *words).exception
            assert isinstance(error, RunInUseError)
            assert "in use by process" in error.cause
        told(run, "stats")
    assert stored(run) == before


def test_a_change_makes_the_files_again(run: Path) -> None:
    told(run, "block", "heap")
    assert "Blocked" in (run / "graph.html").read_text()
    assert "heap" in (run / "graph.graphml").read_text()
    assert "blocked keywords" in (run / "report.html").read_text()


def test_exports_lie_in_the_run_folder_or_where_they_are_wanted(run: Path, tmp_path: Path) -> None:
    assert str(run / "graph.graphml") in told(run, "export")
    told(run, "export", "--format", "json", "--out", tmp_path / "mine" / "graph.json")
    assert len(json.loads((tmp_path / "mine" / "graph.json").read_text())["nodes"]) == 11
    written = told(run, "export", "--format", "parquet")
    assert "graph-nodes.parquet" in written
    assert (run / "graph-edges.parquet").exists()


def test_a_run_that_is_called_like_a_command_is_found(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.rename(run.with_name("merge"))
    monkeypatch.chdir(run.parent)
    assert "heap (knowledge_point)" in told("merge", "show", "heap")


@pytest.mark.parametrize("command", ["stats", "merges", "export"])
def test_a_damaged_change_is_told_without_a_traceback(run: Path, command: str) -> None:
    with RunStore(run / "ledger.sqlite") as store:
        asyncio.run(store.add_graph_events(['{"kind": "merged"}']))
    error = graph(run, command).exception
    assert isinstance(error, RunFolderError)
    assert "Change 5" in error.cause
