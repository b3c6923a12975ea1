import json
from pathlib import Path

import pytest
from shop import make_settings, run_session

from infinite_instruct.assembly import open_campaign
from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.domain import Language, Origin
from infinite_instruct.errors import SeedError, VocabularyError
from infinite_instruct.events import Event, Noticed
from infinite_instruct.graphs.campaign import EndReason
from infinite_instruct.llm.scripted import ScriptedModel
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.settings import Settings
from infinite_instruct.tools.knowledge import KnowledgeGraph
from scripted_author import author

TASKS = (
    "sort the rows",
    "merge two lists",
    "count the words",
    "parse a query",
    "find the cheapest",
)


def word_list(folder: Path) -> Path:
    """A vocabulary that is just large enough to compose from."""
    path = folder / "words.md"
    lines = ["# JavaScript", *(f"- {task}" for task in TASKS)]
    lines += [f"- use {word}" for word in ("recursion", "a map", "closures", "generators")]
    lines += ["## Data structures", *(f"- {word} structure" for word in "abcdefgh")]
    path.write_text("\n".join(lines).replace("- a struct", "- aa struct"))
    return path


def without_seeds(folder: Path, **changes: object) -> Settings:
    return make_settings(folder, seeds__paths=[], **changes)


def stored_graph(run: Path) -> KnowledgeGraph:
    with RunReader(RunFolder.look(run).ledger) as reader:
        return graph_of(reader)


async def test_a_campaign_without_seeds_composes_from_a_vocabulary(tmp_path: Path) -> None:
    settings = without_seeds(tmp_path, graph__vocabularies=[str(word_list(tmp_path))], rows=2)
    session = await run_session(settings)
    assert session.ending.reason is EndReason.DONE
    assert {row.origin for row in session.outcomes} == {Origin.BACKFEED}
    assert {row.language for row in session.outcomes} == {Language.JAVASCRIPT}
    graph = stored_graph(settings.out)
    for row in session.outcomes:
        drawn = row.lineage.keyword_set
        assert drawn is not None
        assert any(keyword.text in TASKS for keyword in drawn.keywords)
        assert all("vocabulary" in graph.node(each.text).origins for each in drawn.keywords)


async def test_a_vocabulary_enters_once_though_the_run_is_resumed(tmp_path: Path) -> None:
    path = word_list(tmp_path)
    words = [str(path)]
    told: list[Event] = []
    for resume in (False, True):
        settings = without_seeds(tmp_path, graph__vocabularies=words, rows=1 + resume)
        model = ScriptedModel(author)
        listeners = [told.append]
        async with open_campaign(
            settings, resume=resume, model=model, listeners=listeners
        ) as campaign:
            await campaign.run()
            events = [json.loads(text)["kind"] for _, text in campaign.store.graph_events()]
            assert events.count("words-imported") == 1
        path.unlink(missing_ok=True)  # what has entered is needed no more
    notices = [event.message for event in told if isinstance(event, Noticed)]
    assert sum("words.md" in message for message in notices) == 1


async def test_a_vocabulary_and_seeds_go_together(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, graph__vocabularies=[str(word_list(tmp_path))], rows=4)
    session = await run_session(settings)
    assert {row.origin for row in session.outcomes} == {Origin.REVERSE, Origin.BACKFEED}


async def test_words_of_no_language_need_one_where_there_are_no_seeds(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("sort the rows\nuse recursion\nbinary trees\n")
    settings = without_seeds(tmp_path, graph__vocabularies=[str(tmp_path / "words.txt")])
    with pytest.raises(SeedError, match="name no language"):
        await run_session(settings)
    assert not settings.out.exists(), "a run that could not start leaves nothing behind"


async def test_an_unreadable_vocabulary_is_told_before_anything_is_made(tmp_path: Path) -> None:
    settings = without_seeds(tmp_path, graph__vocabularies=[str(tmp_path / "none.md")])
    with pytest.raises(VocabularyError, match="no vocabulary"):
        await run_session(settings)
    assert not settings.out.exists()
    (tmp_path / "bad.json").write_text("[")
    settings = without_seeds(tmp_path, graph__vocabularies=[str(tmp_path / "bad.json")])
    with pytest.raises(VocabularyError, match="no JSON"):
        await run_session(settings)
    assert not settings.out.exists()
