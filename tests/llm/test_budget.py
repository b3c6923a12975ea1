import asyncio

import pytest
from llm_requests import a_request

from infinite_instruct.errors import BudgetExhaustedError, SettingsError
from infinite_instruct.llm.budget import Budget, BudgetedModel, Meter, Price, PriceTable
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.scripted import ScriptedModel

PRICES = PriceTable(models={"mock": Price(prompt=2.0, completion=10.0)})


async def reply_100(_: ChatRequest) -> ChatReply:
    await asyncio.sleep(0)
    return ChatReply(text="x", prompt_tokens=60, completion_tokens=40)


async def spend(model: BudgetedModel, calls: int, at_once: int) -> int:
    """How many of the calls were made."""
    made = 0
    for _ in range(calls // at_once):
        results = await asyncio.gather(
            *(model.complete(a_request()) for _ in range(at_once)), return_exceptions=True
        )
        made += sum(isinstance(result, ChatReply) for result in results)
    return made


async def test_reply_is_priced() -> None:
    meter = Meter()
    model = BudgetedModel(ScriptedModel(reply_100), Budget(), meter, PRICES)
    reply = await model.complete(a_request())
    assert reply.cost_usd == pytest.approx((60 * 2 + 40 * 10) / 1e6)
    assert meter.usd == reply.cost_usd
    assert meter.tokens == 100


async def test_unknown_price_is_unknown_not_zero() -> None:
    model = BudgetedModel(ScriptedModel(reply_100), Budget(), Meter(), PriceTable())
    assert (await model.complete(a_request())).cost_usd is None


@pytest.mark.parametrize("at_once", [1, 4], ids=["one-by-one", "four-at-once"])
async def test_limit_is_passed_by_no_more_than_the_calls_on_their_way(at_once: int) -> None:
    meter = Meter()
    model = BudgetedModel(ScriptedModel(reply_100), Budget(tokens=450), meter, PRICES)
    made = await spend(model, 12, at_once)
    assert 5 <= made < 5 + at_once
    assert 450 <= meter.tokens < 450 + 100 * at_once


@pytest.mark.parametrize(
    ("budget", "limit", "option"),
    [
        pytest.param(Budget(tokens=100), "100 tokens", "--budget-tokens", id="tokens"),
        pytest.param(Budget(usd=0.0005), r"\$0\.00", "--budget-usd", id="usd"),
    ],
)
async def test_exhausted_budget_names_limit_and_remedy(
    budget: Budget, limit: str, option: str
) -> None:
    inner = ScriptedModel(reply_100)
    model = BudgetedModel(inner, budget, Meter(), PRICES)
    await model.complete(a_request())
    with pytest.raises(BudgetExhaustedError, match=limit) as raised:
        await model.complete(a_request())
    assert option in raised.value.remedy
    assert len(inner.requests) == 1


async def test_money_limit_without_a_price_is_refused_before_the_call() -> None:
    inner = ScriptedModel(reply_100)
    model = BudgetedModel(inner, Budget(usd=1), Meter(), PriceTable())
    with pytest.raises(SettingsError, match="price of mock"):
        await model.complete(a_request())
    assert inner.requests == []


async def test_meter_goes_on_from_what_was_spent_before() -> None:
    model = BudgetedModel(ScriptedModel(reply_100), Budget(tokens=500), Meter(tokens=500), PRICES)
    with pytest.raises(BudgetExhaustedError):
        await model.complete(a_request())


async def test_no_call_is_made_once_the_time_is_over() -> None:
    now = [0.0]
    meter = Meter(seconds=50.0, clock=lambda: now[0])
    now[0] = 1_000.0
    assert meter.seconds == 50, "what goes by before the start is not counted"
    meter.start()
    inner = ScriptedModel(["one", "two"])
    model = BudgetedModel(inner, Budget(minutes=1), meter, PriceTable())
    await model.complete(a_request())
    now[0] += 10
    with pytest.raises(BudgetExhaustedError, match="budget of 1 minutes") as caught:
        await model.complete(a_request())
    assert "--budget-minutes" in caught.value.remedy
    assert len(inner.requests) == 1
    meter.stop()
    now[0] += 99
    assert meter.seconds == 60
