"""Two processes in conversation: everything is answered, or whoever asked learns that it is not."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from memory_channel import MemoryChannel

from infinite_instruct.engines.messages import (
    Complete,
    HoldPlace,
    Logged,
    News,
    Question,
)
from infinite_instruct.engines.peer import Answer, Peer, PeerLostError
from infinite_instruct.errors import BudgetExhaustedError, EndpointError, InfiniteInstructError
from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.model import ChatMessage, ChatReply, ChatRequest

PLACE = HoldPlace(row="r1", text="a problem")


async def refuse(question: Question) -> object:
    raise AssertionError(question)


@asynccontextmanager
async def talking(
    answer: Answer, heard: list[News] | None = None
) -> AsyncGenerator[tuple[Peer, MemoryChannel]]:
    """A peer whose questions `answer` answers, with its end of the channel."""
    near, far = MemoryChannel.pair()
    one = Peer(near, refuse, lambda _: None)
    other = Peer(far, answer, (heard if heard is not None else []).append)
    tasks = [asyncio.create_task(each.run()) for each in (one, other)]
    try:
        yield one, near
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_answers_may_come_in_another_order_than_the_questions() -> None:
    first = asyncio.Event()

    async def answer(question: Question) -> object:
        assert isinstance(question, Complete)
        text = question.request.messages[0].content
        await first.wait() if text == "slow" else first.set()
        return ChatReply(text=text.upper())

    def ask(text: str) -> Complete:
        turns = (ChatMessage(role="user", content=text),)
        return Complete(request=ChatRequest(role="solver", model="m", messages=turns))

    async with talking(answer) as (peer, _):
        replies: list[ChatReply] = await asyncio.gather(
            peer.ask(ask("slow")), peer.ask(ask("quick"))
        )
    assert [reply.text for reply in replies] == ["SLOW", "QUICK"]


@pytest.mark.parametrize(
    "error",
    [
        BudgetExhaustedError("The budget is spent.", remedy="Raise it."),
        EndpointError("Nobody is there.", remedy="Start it."),
    ],
)
async def test_an_error_is_raised_as_what_it_was(error: InfiniteInstructError) -> None:
    async def answer(_: Question) -> object:
        raise error

    async with talking(answer) as (peer, _):
        with pytest.raises(type(error)) as raised:
            await peer.ask(PLACE)
    assert (raised.value.cause, raised.value.remedy) == (error.cause, error.remedy)


async def test_a_failed_try_keeps_its_kind_and_how_long_to_wait() -> None:
    async def answer(_: Question) -> object:
        error = EndpointError("Too much is asked.", remedy="Wait.")
        raise Fault(FaultKind.REFUSED, error, 2.5)

    async with talking(answer) as (peer, _):
        with pytest.raises(Fault) as raised:
            await peer.ask(PLACE)
    assert (raised.value.kind, raised.value.retry_after) == (FaultKind.REFUSED, 2.5)
    assert isinstance(raised.value.error, EndpointError)


async def test_a_fault_of_the_program_is_told_and_ends_no_conversation() -> None:
    async def answer(question: Question) -> object:
        assert isinstance(question, HoldPlace)
        return {"r1": None}[question.row]

    async with talking(answer) as (peer, _):
        with pytest.raises(InfiniteInstructError, match="KeyError") as raised:
            await peer.ask(HoldPlace(row="r2", text=""))
        assert "r2" not in str(raised.value), "an error's text may quote a key"
        assert await peer.ask(PLACE) is None


async def test_who_waits_learns_that_the_other_end_is_gone_and_who_asks_later_too() -> None:
    async def answer(_: Question) -> object:
        return await asyncio.get_running_loop().create_future()

    async with talking(answer) as (peer, channel):
        waiting = asyncio.create_task(peer.ask(PLACE))
        await asyncio.sleep(0)
        await channel.close()
        with pytest.raises(PeerLostError):
            await waiting
        with pytest.raises(PeerLostError):
            await peer.ask(PLACE)
        assert peer.lost


async def test_news_come_before_the_answer_that_was_given_after_them() -> None:
    heard: list[News] = []
    near, far = MemoryChannel.pair()

    async def answer(_: Question) -> object:
        other.tell(Logged(level="INFO", text="looking"))
        return "r0"

    one, other = Peer(near, refuse, heard.append), Peer(far, answer, lambda _: None)
    tasks = [asyncio.create_task(each.run()) for each in (one, other)]
    assert await one.ask(PLACE) == "r0"
    assert heard == [Logged(level="INFO", text="looking")]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
