"""Workers that die, that are not like their driver, that never come up."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from memory_channel import MemoryChannel

from crew import Workshop, cast, make_plan
from infinite_instruct.agents.curated import Curated
from infinite_instruct.domain import Problem, Rejection, RowPlan, Sample
from infinite_instruct.engines.channel import Channel
from infinite_instruct.engines.driver import DriverDesk
from infinite_instruct.engines.messages import (
    Begin,
    MakeTry,
    Question,
    Ready,
    TakeRow,
)
from infinite_instruct.engines.peer import Peer
from infinite_instruct.engines.pool import WorkerPool
from infinite_instruct.engines.stand_ins import DriversCurator, DriversModel
from infinite_instruct.errors import EngineError, StoppedError
from infinite_instruct.graphs.rows import Finished
from infinite_instruct.llm.model import ChatMessage, ChatReply, ChatRequest
from infinite_instruct.llm.routing import StopSwitch
from infinite_instruct.tools.gate import OwnPlaces

READY = Ready(code="c", pack="p")
REQUEST = ChatRequest(
    role="solver", model="m", messages=(ChatMessage(role="user", content="hello"),)
)


@dataclass
class Yard:
    """Where workers are started in this process: what each does with a row is told in turn."""

    deeds: list[Callable[["Yard", "Hand", RowPlan], Awaitable[object]]]
    ready: Ready = READY
    workshop: Workshop = field(default_factory=Workshop)
    switch: StopSwitch = field(default_factory=StopSwitch)
    started: int = 0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list[asyncio.Task[None]])

    async def start(self) -> Channel:
        ours, theirs = MemoryChannel.pair()
        hand = Hand(self, theirs, self.deeds[min(self.started, len(self.deeds) - 1)])
        self.started += 1
        self._tasks.append(asyncio.create_task(hand.peer.run()))
        return ours

    def pool(self, size: int = 1) -> WorkerPool:
        return WorkerPool(self.start, size, READY, self.switch)

    def desk(self, curator: "Counting | None" = None) -> DriverDesk:
        shop = self.workshop
        places = OwnPlaces(shop.problems)
        return DriverDesk(shop.model, places, curator or shop.curator, shop.emit, ())


class Hand:
    """A worker of the yard."""

    def __init__(
        self,
        yard: Yard,
        channel: MemoryChannel,
        deed: Callable[[Yard, "Hand", RowPlan], Awaitable[object]],
    ) -> None:
        self.yard, self.channel, self.deed = yard, channel, deed
        self.peer = Peer(channel, self.answer, lambda _: None)

    async def answer(self, question: Question) -> object:
        match question:
            case Begin():
                return self.yard.ready
            case TakeRow():
                return await self.deed(self.yard, self, question.plan)
            case MakeTry():
                return ChatReply(text=f"place {question.place}")
            case _:
                raise AssertionError(question)


@dataclass
class Counting:
    """A curator that counts."""

    rows: list[str] = field(default_factory=list[str])

    async def curate(self, plan: RowPlan, problem: Problem) -> Curated:
        del problem
        self.rows.append(plan.id)
        return Curated(events=("{}",))


async def work(yard: Yard, _hand: Hand, plan: RowPlan) -> Finished:
    return await yard.workshop.worker().take(plan)


async def die(_yard: Yard, hand: Hand, _plan: RowPlan) -> object:
    await hand.channel.close()
    return await asyncio.get_running_loop().create_future()


async def curate_and_die(yard: Yard, hand: Hand, plan: RowPlan) -> object:
    problem = Problem(type=plan.problem_type, language=plan.language, text="Sort a list.")
    await DriversCurator(hand.peer).curate(plan, problem)
    return await die(yard, hand, plan)


async def curate_and_work(yard: Yard, hand: Hand, plan: RowPlan) -> Finished:
    problem = Problem(type=plan.problem_type, language=plan.language, text="Sort a list.")
    curated = await DriversCurator(hand.peer).curate(plan, problem)
    finished = await work(yard, hand, plan)
    return finished.model_copy(update={"graph_events": curated.events})


async def test_the_row_of_a_worker_that_died_is_taken_up_by_another_one() -> None:
    yard = Yard([die, work])
    async with yard.pool() as pool:
        pool.open(Begin(job=None), yard.desk())
        finished = await pool.take(make_plan())
    assert isinstance(finished.outcome, Sample)
    assert yard.started == 2


async def test_a_row_that_every_worker_dies_of_is_dropped_with_the_reason() -> None:
    yard = Yard([die])
    async with yard.pool(2) as pool:
        pool.open(Begin(job=None), yard.desk())
        outcome = (await pool.take(make_plan())).outcome
    assert isinstance(outcome, Rejection)
    assert (outcome.stage, outcome.reason) == ("graph", "worker-lost")


async def test_calls_go_on_while_a_worker_is_dying() -> None:
    """A worker that is lost but not yet replaced must not be asked again and again."""
    yard = Yard([die, work])
    async with yard.pool(2) as pool:
        pool.open(Begin(job=None), yard.desk())
        row = asyncio.create_task(pool.take(make_plan()))
        tries = [pool.make_try(number, REQUEST) for number in range(20)]
        replies = await asyncio.gather(*tries)
        assert isinstance((await row).outcome, Sample)
    assert [reply.text for reply in replies] == [f"place {number}" for number in range(20)]


async def test_a_row_that_is_taken_again_enters_the_graph_once_with_all_its_changes() -> None:
    yard, curator = Yard([curate_and_die, curate_and_work]), Counting()
    async with yard.pool() as pool:
        pool.open(Begin(job=None), yard.desk(curator))
        finished = await pool.take(make_plan())
        assert curator.rows == ["r1"]
        assert finished.graph_events == ("{}",)
        await pool.take(make_plan())
    assert curator.rows == ["r1", "r1"], "what a row added is forgotten when it ends"


async def test_a_worker_with_other_code_or_another_pack_is_refused_by_name() -> None:
    yard = Yard([work], ready=Ready(code="older", pack="p"))
    async with yard.pool() as pool:
        pool.open(Begin(job=None), yard.desk())
        with pytest.raises(EngineError, match="older"):
            await pool.take(make_plan())


async def test_where_no_worker_comes_up_the_run_ends_and_says_so() -> None:
    async def start() -> Channel:
        raise ConnectionResetError

    yard = Yard([work])
    async with WorkerPool(start, 2, READY, yard.switch) as pool:
        pool.open(Begin(job=None), yard.desk())
        with pytest.raises(EngineError, match="No worker comes up"):
            await pool.take(make_plan())


async def test_a_stop_ends_the_waiting_for_a_worker() -> None:
    async def never() -> Channel:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    yard = Yard([work])
    async with WorkerPool(never, 1, READY, yard.switch) as pool:
        pool.open(Begin(job=None), yard.desk())
        row = asyncio.create_task(pool.take(make_plan()))
        await asyncio.sleep(0)
        yard.switch.throw()
        with pytest.raises(StoppedError):
            await row


async def test_a_worker_asks_the_drivers_door_and_gets_what_it_answers() -> None:
    async def ask(_yard: Yard, hand: Hand, plan: RowPlan) -> Finished:
        reply = await DriversModel(hand.peer).complete(REQUEST)
        assert reply.text == "hello to you"
        return await Workshop().worker().take(plan)

    script = cast(answer=["hello to you"])
    yard = Yard([ask], workshop=Workshop(script))
    async with yard.pool() as pool:
        pool.open(Begin(job=None), yard.desk())
        await pool.take(make_plan())
    assert yard.workshop.model.requests[0] == REQUEST


async def test_a_question_that_is_none_to_the_driver_is_refused() -> None:
    with pytest.raises(TypeError, match="Begin"):
        await Yard([work]).desk().answer(Begin(job=None))
