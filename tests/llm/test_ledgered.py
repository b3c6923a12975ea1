import asyncio

import pytest
from llm_requests import a_request

from infinite_instruct.errors import ModelReplyError
from infinite_instruct.llm.budget import Budget, BudgetedModel, Meter, PriceTable
from infinite_instruct.llm.ledgered import LedgeredModel
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.scripted import ScriptedModel


class MemoryLedger:
    """A ledger that forgets at the end of the test."""

    def __init__(self) -> None:
        self.replies: dict[str, ChatReply] = {}

    async def find(self, key: str) -> ChatReply | None:
        await asyncio.sleep(0)
        return self.replies.get(key)

    async def record(self, request: ChatRequest, reply: ChatReply) -> None:
        await asyncio.sleep(0)
        self.replies[request.key] = reply


class Gate:
    """A model that replies when it is let."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = asyncio.Event()
        self.script = ScriptedModel(self._reply)

    async def _reply(self, request: ChatRequest) -> str:
        self.asked.set()
        await self.open.wait()
        return "paid"


async def test_second_equal_request_is_replayed_for_nothing() -> None:
    inner = ScriptedModel([ChatReply(text="one", cost_usd=3.0, completion_tokens=5)])
    model = LedgeredModel(inner, MemoryLedger())
    first, second = await model.complete(a_request()), await model.complete(a_request())
    assert (first.text, first.replayed, first.cost_usd) == ("one", False, 3.0)
    assert (second.text, second.replayed, second.cost_usd) == ("one", True, 0.0)


async def test_reply_is_on_record_before_it_is_returned() -> None:
    ledger = MemoryLedger()
    await LedgeredModel(ScriptedModel(["one"]), ledger).complete(a_request())
    assert [reply.text for reply in ledger.replies.values()] == ["one"]


async def test_any_difference_is_another_request() -> None:
    inner = ScriptedModel(["a", "b", "c"])
    model = LedgeredModel(inner, MemoryLedger())
    requests = [a_request(), a_request(seed=1), a_request(temperature=0.0)]
    assert [(await model.complete(request)).text for request in requests] == ["a", "b", "c"]


async def test_equal_requests_at_once_make_one_call() -> None:
    inner = ScriptedModel(["one"])
    model = LedgeredModel(inner, MemoryLedger())
    replies = await asyncio.gather(*(model.complete(a_request()) for _ in range(5)))
    assert len(inner.requests) == 1
    assert [reply.replayed for reply in replies].count(False) == 1


async def test_failure_is_not_recorded_and_can_be_tried_again() -> None:
    inner = ScriptedModel([ModelReplyError("no", remedy="again"), "fine"])
    model = LedgeredModel(inner, MemoryLedger())
    with pytest.raises(ModelReplyError):
        await model.complete(a_request())
    assert (await model.complete(a_request())).text == "fine"


async def test_call_on_its_way_is_recorded_though_its_caller_is_cancelled() -> None:
    gate, ledger = Gate(), MemoryLedger()
    model = LedgeredModel(gate.script, ledger)
    caller = asyncio.create_task(model.complete(a_request()))
    await gate.asked.wait()
    caller.cancel()
    gate.open.set()
    await model.complete(a_request())
    assert caller.cancelled()
    assert [reply.text for reply in ledger.replies.values()] == ["paid"]


async def test_replays_pass_an_exhausted_budget_and_are_counted() -> None:
    ledger, meter = MemoryLedger(), Meter()
    inner = ScriptedModel([ChatReply(text="one", prompt_tokens=10)])
    budgeted = BudgetedModel(inner, Budget(tokens=10), meter, PriceTable())
    model = LedgeredModel(budgeted, ledger, on_replay=meter.add)
    await model.complete(a_request())
    await model.complete(a_request())
    assert (meter.calls, meter.replayed, meter.tokens) == (1, 1, 10)
