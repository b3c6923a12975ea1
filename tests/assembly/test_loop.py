"""The loop that feeds itself: a run that goes on from its graph, which grows where it is thin."""

import shutil
from pathlib import Path

import pytest
from shop import Session, make_settings, run_session

from infinite_instruct.assembly.expanding import expand_graph
from infinite_instruct.assembly.vocabulary import graph_of
from infinite_instruct.domain import Origin, Sample
from infinite_instruct.errors import RunFolderError, RunInUseError, SettingsError
from infinite_instruct.graphs.campaign import EndReason
from infinite_instruct.llm.scripted import ScriptedModel
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.settings import Settings
from infinite_instruct.tools.knowledge import KnowledgeGraph
from scripted_author import author


def graph(settings: Settings) -> KnowledgeGraph:
    with RunReader(settings.out / "ledger.sqlite") as reader:
        return graph_of(reader)


def origins(session: Session) -> list[Origin]:
    return [row.origin for row in session.outcomes]


async def test_a_run_goes_on_from_its_graph_alone_when_its_seeds_are_gone(tmp_path: Path) -> None:
    first = await run_session(make_settings(tmp_path, rows=8, mix__backfeed=0))
    assert first.ending.reason is EndReason.DONE
    alone = make_settings(tmp_path, rows=16, mix__reverse=0)
    shutil.rmtree(tmp_path / "shop")
    second = await run_session(alone, resume=True)
    assert (second.ending.reason, second.ending.accepted) == (EndReason.DONE, 16)
    new = second.outcomes[len(first.outcomes) :]
    assert {row.origin for row in new} == {Origin.BACKFEED}
    known = {word.text for row in first.outcomes for word in row.keywords}
    used = {use.keyword for row in new if isinstance(row, Sample) for use in row.lineage.uses}
    assert len(used & known) >= 0.8 * len(used)


async def test_a_graph_that_gives_nothing_ends_the_run_and_more_expansions_go_on(
    tmp_path: Path,
) -> None:
    mine = pack(tmp_path / "mine", "instructions = [0, 0]\nknowledge_points = [2, 2]\nvariety = 6")
    plain = {"pack": str(mine), "concurrency": 1}
    await run_session(make_settings(tmp_path, rows=3, mix__backfeed=0, **plain))
    alone = plain | {"rows": 4, "mix__reverse": 0}
    silent = ScriptedModel(author)
    ended = await run_session(
        make_settings(tmp_path, graph__expansions=0, **alone), silent, resume=True
    )
    assert (ended.ending.reason, silent.requests) == (EndReason.NO_MATERIAL, [])
    more = make_settings(tmp_path, graph__expansions=9, **alone)
    again = await run_session(more, resume=True)
    assert (again.ending.reason, again.ending.accepted) == (EndReason.DONE, 4)
    assert 1 <= graph(more).expansions <= 9


class Counting(ScriptedModel):
    """Counts the requests for proposals."""

    def __init__(self) -> None:
        super().__init__(author)

    @property
    def expansions(self) -> list[str]:
        asked = [each for each in self.requests if each.schema_name == "ProposedKeywords"]
        return [each.key for each in asked]


async def test_an_expansion_that_was_paid_is_not_paid_again_after_a_stop(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, rows=8, mix__backfeed=0)
    await run_session(settings)
    first, second = Counting(), Counting()
    for model in (first, second):
        done = await expand_graph(settings, model=model)
        assert len(done) == 1
    assert len(first.expansions) == len(second.expansions) == 1
    assert first.expansions != second.expansions, "each goes to another keyword"
    assert graph(settings).expansions == 2


async def test_a_graph_is_expanded_by_hand_around_a_keyword(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, rows=6, mix__backfeed=0)
    session = await run_session(settings)
    word = session.outcomes[0].keywords[0].text
    (done,) = await expand_graph(settings, [word.upper()], model=ScriptedModel(author))
    assert done.region.keyword == word
    told = {each.verdict for each in done.proposals}
    assert {"added", "refused"} <= told
    added = next(each.text for each in done.proposals if each.verdict == "added")
    stored = graph(settings)
    assert stored.node(added).origins == ("expansion",)
    assert added in (settings.out / "graph.html").read_text(), "its page is made again"
    again = await run_session(make_settings(tmp_path, rows=7, mix__backfeed=0), resume=True)
    assert again.keywords[0] == again.keywords[1], "its vectors are there, too"


@pytest.mark.parametrize("word", ["", "nowhere", "w" * 10_000, "\u202e"])
async def test_an_unknown_keyword_is_told_before_anything_is_asked(
    tmp_path: Path, word: str
) -> None:
    settings = make_settings(tmp_path, rows=1, mix__backfeed=0)
    await run_session(settings)
    model = ScriptedModel(author)
    with pytest.raises(SettingsError, match="is not in the graph"):
        await expand_graph(settings, [word], model=model)
    assert model.requests == []


async def test_a_run_that_goes_on_is_not_expanded_by_a_second_process(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, rows=1, mix__backfeed=0)
    await run_session(settings)
    fingerprint = RunFolder.look(settings.out).fingerprint
    with RunFolder.open(settings.out, fingerprint), pytest.raises(RunInUseError):
        await expand_graph(settings, model=ScriptedModel(author))


def pack(folder: Path, sampling: str) -> Path:
    folder.mkdir()
    (folder / "pack.toml").write_text(
        f'name = "mine"\nextends = "default"\n[sampling]\n{sampling}\n'
    )
    return folder


async def test_a_pack_says_how_sets_are_drawn(tmp_path: Path) -> None:
    mine = pack(tmp_path / "mine", "instructions = [0, 0]\nknowledge_points = [2, 2]")
    settings = make_settings(tmp_path, rows=9, pack=str(mine), mix__backfeed=0.8, concurrency=1)
    session = await run_session(settings)
    sets = [row.lineage.keyword_set for row in session.outcomes if row.lineage.keyword_set]
    assert sets
    assert {len(each.keywords) for each in sets} == {3}


async def test_another_sampling_is_another_run(tmp_path: Path) -> None:
    mine = pack(tmp_path / "mine", "knowledge_points = [2, 2]")
    await run_session(make_settings(tmp_path, rows=1, pack=str(mine)))
    text = (mine / "pack.toml").read_text().replace("[2, 2]", "[2, 3]")
    (mine / "pack.toml").write_text(text)
    with pytest.raises(RunFolderError, match="pack was"):
        await run_session(make_settings(tmp_path, rows=1, pack=str(mine)), resume=True)


@pytest.mark.parametrize(
    ("sampling", "fault"),
    [
        pytest.param(
            "knowledge_points = [4, 2]", "knowledge_points: .*fewest to most", id="turned"
        ),
        pytest.param("points = 2", "points: Extra inputs", id="unknown"),
        pytest.param('explore = "often"', "explore: .*number", id="no-number"),
    ],
)
async def test_a_wrong_sampling_is_told_and_nothing_is_started(
    tmp_path: Path, sampling: str, fault: str
) -> None:
    mine = pack(tmp_path / "mine", sampling)
    settings = make_settings(tmp_path, pack=str(mine))
    with pytest.raises(SettingsError, match=fault):
        await run_session(settings)
    assert not settings.out.exists()
