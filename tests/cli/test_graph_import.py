from pathlib import Path

from command import finish

from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.domain import KeywordKind, Language
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.tools.knowledge import KnowledgeGraph


def empty_run(folder: Path) -> Path:
    RunFolder.create(folder / "run", "", {}).close()
    return folder / "run"


def graph_in(run: Path) -> KnowledgeGraph:
    with RunReader(RunFolder.look(run).ledger) as reader:
        return graph_of(reader)


async def test_import_enters_words_and_tells_what_became_of_each(tmp_path: Path) -> None:
    run = empty_run(tmp_path)
    (tmp_path / "tags.txt").write_text("sockets\n  TCP sockets\nNext\nsocket\nmerge channels\n")
    words = ("graph", run, "import", tmp_path / "tags.txt", "--language", "go")
    done = await finish(*words, "--domain", "networking")
    assert done.code == 0, done.err
    assert "tags.txt: 5 read: 3 added, 1 merged (repeated 1), 1 refused (boilerplate 1)" in done.out
    assert "boilerplate: Next" in done.out
    node = graph_in(run).node("TCP socket")
    assert (list(node.languages), node.domains) == ([Language.GO], ("networking",))
    assert graph_in(run).parents("tcp socket") == ("socket",)
    assert (run / "graph.graphml").exists(), "the graph's files show the new words"
    again = await finish(*words)
    assert "tags.txt: 5 read: 0 added" in again.out


async def test_import_takes_shipped_names_and_several_files(tmp_path: Path) -> None:
    run = empty_run(tmp_path)
    (tmp_path / "more.csv").write_text("text\nuse indexes\n")
    done = await finish("graph", run, "import", "sql", tmp_path / "more.csv", "--kind", "task")
    assert done.code == 0, done.err
    assert "sql: 301 read: 301 added" in done.out
    graph = graph_in(run)
    assert graph.node("use indexes").kind is KeywordKind.TASK, "what the user says beats a guess"
    assert graph.node("inner join").kind is KeywordKind.KNOWLEDGE_POINT, "a file's own word wins"


async def test_import_that_cannot_be_changes_nothing(tmp_path: Path) -> None:
    run = empty_run(tmp_path)
    (tmp_path / "good.txt").write_text("sockets\n")
    for words, code, why in (
        ((tmp_path / "good.txt", tmp_path / "none.md"), 66, "no vocabulary"),
        ((tmp_path / "good.txt", "--kind", "chapter"), 2, "no kind"),
        ((tmp_path / "good.txt", "--language", "klingon"), 2, "no language"),
    ):
        done = await finish("graph", run, "import", *words)
        assert (done.code, why in done.err) == (code, True), done.err
    assert len(graph_in(run)) == 0


async def test_run_without_seeds_needs_a_vocabulary_and_a_share_of_backfeed(tmp_path: Path) -> None:
    none = await finish("run", "--out", tmp_path / "run")
    assert (none.code, "--vocabulary python-stdlib" in none.err) == (2, True)
    reverse = await finish(
        *("run", "--out", tmp_path / "run", "--vocabulary", "sql", "--mix", "reverse=1")
    )
    assert (reverse.code, "backfeed" in reverse.err) == (2, True)
    assert not (tmp_path / "run").exists()
