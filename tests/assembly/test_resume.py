import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from shop import make_settings, run_session

from crew import cast, posed
from infinite_instruct.assembly import OpenCampaign, open_campaign
from infinite_instruct.domain import Outcome, Rejection
from infinite_instruct.graphs.campaign import Ending, EndReason
from infinite_instruct.llm.model import ChatRequest
from infinite_instruct.llm.scripted import ScriptedModel
from infinite_instruct.runs.store import RunStore
from infinite_instruct.tools.analyzers.javascript.tsc_project import TypeScript
from infinite_instruct.tools.analyzers.toolchest import Toolchest, default_folder
from scripted_author import author


def keys(*models: ScriptedModel) -> list[str]:
    return [request.key for model in models for request in model.requests]


def told(outcomes: list[Outcome]) -> list[tuple[str, str, str]]:
    return [(row.id, row.prompt, row.response) for row in outcomes]


class Slow(ScriptedModel):
    """Answers after some turns of the loop, so that calls are in flight together."""

    def __init__(self, *, at: int, act: Callable[[], None]) -> None:
        super().__init__(self._later)
        self.answered = 0
        self._at = at
        self._act = act

    async def _later(self, request: ChatRequest) -> str:
        if len(self.requests) == self._at:
            self._act()
        await asyncio.sleep(0.01)
        self.answered += 1
        return author(request)


@pytest.mark.parametrize("concurrency", [1, 3])
async def test_campaign_out_of_budget_is_resumed_without_a_repeated_call(
    tmp_path: Path, concurrency: int
) -> None:
    first, second = ScriptedModel(author), ScriptedModel(author)
    little = make_settings(tmp_path, rows=5, budget__tokens=4_000, concurrency=concurrency)
    stopped = await run_session(little, first)
    assert stopped.ending.reason is EndReason.BUDGET
    assert 0 < stopped.ending.accepted < 5
    plenty = make_settings(tmp_path, rows=5, concurrency=concurrency)
    done = await run_session(plenty, second, resume=True)
    assert (done.ending.reason, done.ending.accepted) == (EndReason.DONE, 5)
    assert done.ending.tried == len(done.outcomes), "rows of both sessions count"
    made = keys(first, second)
    assert len(made) == len(set(made)), "a finished call was made again"
    assert all(each in told(done.outcomes) for each in told(stopped.outcomes))


async def test_budget_counts_what_earlier_sessions_spent(tmp_path: Path) -> None:
    little = make_settings(tmp_path, rows=5, budget__tokens=3_000)
    await run_session(little)
    model = ScriptedModel(author)
    again = await run_session(little, model, resume=True)
    assert (again.ending.reason, model.requests) == (EndReason.BUDGET, [])


async def test_resumed_campaign_makes_the_rows_of_one_that_never_stopped(tmp_path: Path) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole = await run_session(make_settings(tmp_path / "whole", rows=5, concurrency=1))
    for tokens in (2_000, 4_000):
        part = make_settings(tmp_path / "parts", rows=5, concurrency=1, budget__tokens=tokens)
        session = await run_session(part, resume=tokens > 2_000)
        assert session.ending.reason is EndReason.BUDGET
    last = make_settings(tmp_path / "parts", rows=5, concurrency=1)
    session = await run_session(last, resume=True)
    assert told(session.outcomes) == told(whole.outcomes)


async def test_resume_of_a_large_run_reads_graph_and_snippets_beside_its_first_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Any run is a large one.
    monkeypatch.setattr("infinite_instruct.assembly.vocabulary._LARGE", 0)
    monkeypatch.setattr("infinite_instruct.assembly.planning._MANY_ROWS", 0)
    opened: list[OpenCampaign] = []
    first, second = ScriptedModel(author), ScriptedModel(author)
    little = make_settings(tmp_path, rows=8, budget__tokens=6_000, concurrency=3)
    assert (await run_session(little, first)).ending.reason is EndReason.BUDGET
    plenty = make_settings(tmp_path, rows=8, concurrency=3)
    done = await run_session(plenty, second, resume=True, prepare=opened.append)
    assert (done.ending.reason, done.ending.accepted) == (EndReason.DONE, 8)
    assert not set(keys(first)) & set(keys(second)), "a finished call was made again"
    graph = opened[0].campaign.planner.vocabulary.graph
    with RunStore(plenty.out / "ledger.sqlite") as store:
        used = list(store.snippets_used())
        assert graph.rows == store.counts().samples, "old rows and new ones"
    assert len(used) == len(set(used)), "a snippet served twice"


async def test_stopped_campaign_keeps_the_calls_in_flight(tmp_path: Path) -> None:
    opened: list[OpenCampaign] = []

    def stop() -> None:
        opened[0].switch.throw()

    first = Slow(at=20, act=stop)
    settings = make_settings(tmp_path, rows=12, concurrency=4)
    session = await run_session(settings, first, prepare=opened.append)
    assert session.ending.reason is EndReason.STOPPED
    assert first.answered == len(first.requests) >= 20
    with RunStore(settings.out / "ledger.sqlite") as store:
        assert [key for key in keys(first) if store.call(key) is None] == []
        assert 1 <= store.counts().unfinished <= 4
    second = ScriptedModel(author)
    done = await run_session(settings, second, resume=True)
    assert done.ending.reason is EndReason.DONE
    assert not set(keys(first)) & set(keys(second))


async def test_cancelled_campaign_leaves_no_row_behind(tmp_path: Path) -> None:
    running: list[asyncio.Task[Ending]] = []

    def cancel() -> None:
        running[0].cancel()

    first = Slow(at=10, act=cancel)
    settings = make_settings(tmp_path, rows=12, concurrency=4)
    async with open_campaign(settings, model=first) as campaign:
        running.append(asyncio.create_task(campaign.run()))
        await asyncio.wait(running)
        assert running[0].cancelled()
        await asyncio.sleep(0.1)
    assert len(first.requests) <= 10 + 4, "no row goes on without its campaign"
    second = ScriptedModel(author)
    done = await run_session(settings, second, resume=True)
    assert done.ending.reason is EndReason.DONE
    assert len(set(keys(first)) & set(keys(second))) <= 4, "only what was in flight is lost"


@pytest.mark.skipif(
    TypeScript.find(Toolchest(folder=default_folder())) is None,
    reason="TypeScript is not installed",
)
async def test_problems_of_earlier_sessions_are_duplicates_in_later_ones(tmp_path: Path) -> None:
    task = posed(
        "Write a function `pick(items, limit)` that keeps the parcels up to a limit of weight.",
        function="pick",
        parameters=["items", "limit"],
    )
    lines = {"PosedTask": [task], "HarderTask": ["no"], "NewWording": ["no"]}
    first = await run_session(
        make_settings(tmp_path, rows=1, mix__backfeed=0), ScriptedModel(cast(**lines))
    )
    assert first.ending.reason is EndReason.DONE
    again = await run_session(
        make_settings(tmp_path, rows=4, mix__backfeed=0), ScriptedModel(cast(**lines)), resume=True
    )
    refused = [row for row in again.outcomes if isinstance(row, Rejection)]
    assert refused
    assert {(row.reason, first.outcomes[0].id in row.detail) for row in refused} == {
        ("near-duplicate", True)
    }


async def test_finished_campaign_can_be_enlarged(tmp_path: Path) -> None:
    first = await run_session(make_settings(tmp_path, rows=2))
    model = ScriptedModel(author)
    nothing_more = await run_session(make_settings(tmp_path, rows=2), model, resume=True)
    assert (nothing_more.ending.accepted, model.requests) == (2, [])
    more = await run_session(make_settings(tmp_path, rows=4), resume=True)
    assert more.ending.accepted == 4
    assert told(more.outcomes)[: len(first.outcomes)] == told(first.outcomes)
