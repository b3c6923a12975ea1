import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from crew import BROKEN_CODE, AllNear, MemoryBook, Workshop, cast, fenced, make_plan, make_snippet
from infinite_instruct.domain import Difficulty, Origin, Outcome, Rejection, Sample, Snippet
from infinite_instruct.errors import EndpointError, RunFolderError, SeedError, StoppedError
from infinite_instruct.events import Event, RowEnded
from infinite_instruct.graphs.campaign import Campaign, EndReason
from infinite_instruct.graphs.planner import Planner
from infinite_instruct.llm.model import ChatRequest
from infinite_instruct.llm.scripted import Line
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.sampling_rules import DEFAULT_RULES
from infinite_instruct.tools.vocabulary import Vocabulary
from scripted_author import author

BROKEN = fenced(BROKEN_CODE)


def campaign(
    workshop: Workshop,
    target: int,
    *,
    snippets: int = 100,
    row_limit: int = 200,
    concurrency: int = 4,
    share: float = 0.0,
    expansions: int = 0,
) -> Campaign:
    planner = Planner(
        [make_snippet(number) for number in range(snippets)],
        workshop.vocabulary,
        backfeed_share=share,
        seed=7,
        expansions=expansions,
    )
    runner = workshop.runner()
    return Campaign(runner, planner, target, row_limit, concurrency)


def fails_where(odd: Callable[[int], bool], line: Line = BROKEN) -> Workshop:
    """A workshop whose solver fails for some rows, and whose replies come out of order."""

    async def speak(request: ChatRequest) -> Line:
        await asyncio.sleep(request.seed % 5 / 1_000)
        is_code = "must define" in request.messages[1].content
        solving = not request.schema_name and is_code
        return line if solving and odd(request.seed) else author(request)

    return Workshop(speak)


def samples(book: MemoryBook) -> list[Outcome]:
    return [outcome for outcome in book.outcomes if isinstance(outcome, Sample)]


@pytest.mark.parametrize(("target", "concurrency"), [(1, 8), (5, 8), (12, 3), (6, 1)])
async def test_exactly_the_wanted_rows_are_accepted(target: int, concurrency: int) -> None:
    workshop = fails_where(lambda seed: seed % 2 == 0)
    ending = await campaign(workshop, target, concurrency=concurrency).run()
    assert (ending.reason, ending.accepted) == (EndReason.DONE, target)
    assert len(samples(workshop.book)) == target
    assert ending.tried == len(workshop.book.outcomes) == len(workshop.book.plans)


async def test_the_last_rows_begin_together() -> None:
    asked, together = list[ChatRequest](), asyncio.Event()

    async def speak(request: ChatRequest) -> Line:
        asked.append(request)
        if len(asked) == 6:
            together.set()
        await asyncio.wait_for(together.wait(), 10)
        return author(request)

    workshop = Workshop(speak)
    few_at_once = replace(campaign(workshop, 6, concurrency=2), last=6)
    assert (await few_at_once.run()).accepted == 6


async def test_seeds_that_take_long_to_read_hold_up_no_row() -> None:
    workshop, ended = Workshop(author), threading.Event()

    def slowly() -> Iterator[Snippet]:
        yield make_snippet(0)
        assert ended.wait(10), "the row in flight went on meanwhile"
        yield from (make_snippet(number) for number in range(1, 9))

    def hear(event: Event) -> None:
        if isinstance(event, RowEnded):
            ended.set()

    planner = Planner(slowly(), workshop.vocabulary, backfeed_share=0.0, seed=7)
    runner = replace(workshop.runner(), emit=hear)
    ending = await Campaign(runner, planner, 6, 50, 2).run()
    assert (ending.reason, ending.accepted) == (EndReason.DONE, 6)


@pytest.mark.parametrize("at_hand", [False, True], ids=["read-in-a-thread", "at-hand"])
async def test_seeds_that_cannot_be_read_on_end_the_campaign_after_its_rows(
    *, at_hand: bool
) -> None:
    workshop = Workshop(author)

    def broken() -> Iterator[Snippet]:
        yield from (make_snippet(number) for number in range(2))
        raise SeedError("The disk is gone.", remedy="Bring it back.")

    planner = Planner(
        broken(), workshop.vocabulary, backfeed_share=0.0, seed=7, at_hand=lambda: at_hand
    )
    ending = await Campaign(workshop.runner(), planner, 6, 50, 2).run()
    assert (ending.reason, ending.tried) == (EndReason.FAILED, 2)
    assert isinstance(ending.error, SeedError)


async def test_rejected_rows_are_made_up_for() -> None:
    workshop = fails_where(lambda seed: seed % 2 == 0)
    ending = await campaign(workshop, 10, concurrency=16).run()
    rejections = [each for each in workshop.book.outcomes if isinstance(each, Rejection)]
    assert rejections
    assert {each.reason for each in rejections} == {"missing-function"}
    assert ending.tried == 10 + len(rejections)


async def test_row_limit_ends_a_campaign_that_gets_nowhere() -> None:
    workshop = Workshop(cast(answer=["no code"]))
    ending = await campaign(workshop, 3, row_limit=7).run()
    assert (ending.reason, ending.accepted, ending.tried) == (EndReason.ROW_LIMIT, 0, 7)
    assert len(workshop.book.outcomes) == 7


async def test_campaign_without_more_material_ends() -> None:
    workshop = Workshop()
    ending = await campaign(workshop, 50, snippets=2).run()
    assert ending.reason is EndReason.NO_MATERIAL
    assert ending.tried == 2 * 3, "each snippet serves once for each problem type"


async def test_fault_in_one_row_does_not_end_the_others() -> None:
    workshop = fails_where(lambda seed: seed % 2 == 0, RuntimeError("a bug"))
    ending = await campaign(workshop, 6).run()
    assert ending.reason is EndReason.DONE
    reasons = {each.reason for each in workshop.book.outcomes if isinstance(each, Rejection)}
    assert reasons == {"internal-error"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(EndpointError("It is down.", remedy="Wait."), EndReason.FAILED, id="endpoint"),
        pytest.param(StoppedError("Stopped.", remedy="Resume."), EndReason.STOPPED, id="stop"),
    ],
)
async def test_after_an_error_of_the_run_no_row_begins(
    error: EndpointError | StoppedError, reason: EndReason
) -> None:
    workshop = Workshop(cast(PosedTask=[error], PosedQuestion=[error]))
    ending = await campaign(workshop, 50, concurrency=4).run()
    assert (ending.reason, ending.error) == (reason, error)
    assert len(workshop.book.plans) == 4
    assert workshop.book.outcomes == [], "the rows stay unfinished, to be resumed"


async def test_same_seed_gives_the_same_rows() -> None:
    runs: list[list[dict[str, object]]] = []
    for _ in range(2):
        workshop = Workshop()
        await campaign(workshop, 8, concurrency=1, share=0.5).run()
        told = {"attempts", "verification"}  # these have their seconds
        runs.append([outcome.model_dump(exclude=told) for outcome in workshop.book.outcomes])
    assert runs[0] == runs[1]


async def test_accepted_problems_feed_the_graph_which_feeds_new_rows() -> None:
    workshop = Workshop()
    ending = await campaign(workshop, 24, concurrency=2, share=0.5).run()
    assert ending.reason is EndReason.DONE
    origins = [plan.origin for plan in workshop.book.plans]
    assert set(origins[:3]) == {Origin.REVERSE}, "the graph knows too little at first"
    assert origins.count(Origin.BACKFEED) == pytest.approx(len(origins) / 2, abs=1)
    fed = [event for event in workshop.book.graph_events if '"sampled"' in event]
    assert len(fed) == origins.count(Origin.BACKFEED), "every draw is stored"


async def test_first_error_tells_the_cause() -> None:
    first = EndpointError("It is down.", remedy="Wait.")

    async def speak(request: ChatRequest) -> Line:
        if len(workshop.model.requests) == 1:
            return first
        await asyncio.sleep(0.01)
        return StoppedError("Stopped, too.", remedy="Resume.")

    workshop = Workshop(speak)
    ending = await campaign(workshop, 50, concurrency=4).run()
    assert (ending.reason, ending.error) == (EndReason.FAILED, first)


async def test_unfinished_rows_of_an_earlier_session_come_first() -> None:
    workshop = Workshop()
    plan = make_plan(row="earlier", seed=99)
    await campaign(workshop, 2, concurrency=1).run([plan])
    assert [outcome.id for outcome in workshop.book.outcomes] == ["earlier", "r000001"]
    assert [planned.id for planned in workshop.book.plans] == ["r000001"], "its plan is stored"


async def test_the_graph_grows_when_it_gives_no_more_sets_and_the_run_goes_on() -> None:
    poor = Workshop()
    ending = await campaign(poor, 5_000, snippets=3, share=0.5, row_limit=9_000).run()
    assert ending.reason is EndReason.NO_MATERIAL
    rich = Workshop()
    longer = await campaign(rich, 5_000, snippets=3, share=0.5, row_limit=9_000, expansions=4).run()
    assert longer.accepted > ending.accepted
    graph = rich.vocabulary.graph
    assert graph.expansions == 4
    assert sum('"expanded"' in event for event in rich.book.graph_events) == 4, "all are stored"
    composed = [row for row in rich.book.outcomes if row.origin is Origin.BACKFEED]
    used = {use.keyword for row in composed for use in row.lineage.uses}
    assert any(graph.node(word).expanded_from for word in used), "what was proposed is used"


async def test_rows_of_snippets_go_on_while_the_graph_grows_up_to_their_share() -> None:
    ended_meanwhile: list[int] = []

    async def speak(request: ChatRequest) -> Line:
        if request.schema_name == "ProposedKeywords":
            before = len(workshop.book.outcomes)
            for _ in range(2_000):
                await asyncio.sleep(0)
            ended_meanwhile.append(len(workshop.book.outcomes) - before)
        return author(request)

    workshop = Workshop(speak)
    soon = DEFAULT_RULES.model_copy(update={"saturated_at": 1})
    workshop.vocabulary = Vocabulary(KnowledgeGraph(), AllNear(), soon)
    going = campaign(workshop, 60, snippets=40, share=0.5, concurrency=4, expansions=2)
    going.planner.rows = 60
    await going.run()
    assert ended_meanwhile, "the graph had to grow"
    assert max(ended_meanwhile) >= 4
    reverse = [row for row in workshop.book.outcomes if row.origin is Origin.REVERSE]
    assert len(reverse) == 30, "no more than their share"


async def test_a_model_that_proposes_nothing_costs_its_calls_and_no_more() -> None:
    workshop = Workshop(cast(ProposedKeywords=["no"]))
    ending = await campaign(workshop, 500, snippets=3, share=0.5, expansions=2).run()
    assert ending.reason is EndReason.NO_MATERIAL
    assert len(workshop.asked("ProposedKeywords")) == 2 * 3, "asked for again by the form alone"


async def test_a_stop_during_an_expansion_ends_the_run_as_one_in_a_row_does() -> None:
    error = StoppedError("Stopped.", remedy="Resume.")
    workshop = Workshop(cast(ProposedKeywords=[error]))
    ending = await campaign(workshop, 500, snippets=3, share=0.5, expansions=2).run()
    assert (ending.reason, ending.error) == (EndReason.STOPPED, error)
    assert workshop.vocabulary.graph.expansions == 0, "a resume asks again"


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_the_composed_half_uses_what_the_reverse_half_mined(concurrency: int) -> None:
    workshop = Workshop()
    ending = await campaign(workshop, 60, share=0.5, concurrency=concurrency).run()
    assert (ending.reason, ending.accepted) == (EndReason.DONE, 60)
    rows = workshop.book.outcomes
    sets = [row.lineage.uses for row in rows if row.origin is Origin.BACKFEED]
    reverse = [row for row in rows if row.origin is Origin.REVERSE]
    assert (len(sets), len(reverse)) == (30, 30)
    mined = {normal_form(word.text) for row in reverse for word in row.keywords}
    used = {normal_form(use.keyword) for uses in sets for use in uses}
    assert len(used & mined) >= 0.8 * len(mined), "it covers what was mined"
    assert len(used & mined) >= 0.8 * len(used), "it invents nothing"
    names = [frozenset(use.keyword for use in uses) for uses in sets]
    assert len(set(names)) == len(names), "no set comes twice"
    graph = workshop.vocabulary.graph
    tried = [graph.node(name).coverage for name in graph]
    assert {word for each in tried for word in each} <= set(Difficulty)
    assert sum(each[word].accepted for each in tried for word in each) == sum(map(len, sets))


def preparing(going: Campaign, work: Callable[[threading.Event], object]) -> None:
    """Let a campaign load its graph by this work."""
    going.planner.vocabulary.ready = going.preparation.put_off(work)


async def test_rows_of_an_earlier_session_go_on_while_the_graph_is_loaded() -> None:
    workshop, loaded = Workshop(author), threading.Event()
    going = campaign(workshop, 3)
    preparing(going, lambda _: loaded.wait(20))
    earlier = make_plan(row="r1")
    running = asyncio.create_task(going.run([earlier]))
    while not any(request.role == "curator" for request in workshop.model.requests):
        await asyncio.sleep(0.01)
    assert {plan.id for plan in workshop.book.plans} <= {"r1"}, "a row was planned without it"
    assert not workshop.book.outcomes
    loaded.set()
    assert (await running).reason is EndReason.DONE


async def test_a_stop_does_not_wait_for_what_is_being_prepared() -> None:
    going = campaign(Workshop(author), 3)
    stopped = StoppedError("The run was stopped.", remedy="")
    preparing(going, lambda given_up: given_up.wait(20))
    running = asyncio.create_task(going.run())
    await asyncio.sleep(0.05)
    going.preparation.give_up(stopped)
    ending = await asyncio.wait_for(running, 5)
    assert (ending.reason, ending.tried) == (EndReason.STOPPED, 0)


async def test_a_fault_of_the_preparation_ends_the_campaign_by_name() -> None:
    going = campaign(Workshop(author), 3)

    def fail(_: threading.Event) -> None:
        raise RunFolderError("Change 7 cannot be read.", remedy="")

    preparing(going, fail)
    ending = await going.run()
    assert ending.reason is EndReason.FAILED
    assert str(ending.error).startswith("Change 7")


async def test_a_snippet_that_is_at_hand_waits_for_no_thread() -> None:
    workshop = Workshop(author)
    readers = set[int]()

    def told() -> Iterator[Snippet]:
        for number in range(4):
            readers.add(threading.get_ident())
            yield make_snippet(number)

    planner = Planner(told(), workshop.vocabulary, backfeed_share=0.0, seed=7, at_hand=lambda: True)
    ending = await Campaign(workshop.runner(), planner, 4, 50, 2).run()

    assert (ending.reason, readers) == (EndReason.DONE, {threading.get_ident()})
