import asyncio
import random
from collections.abc import Awaitable, Iterable

import pytest
from llm_requests import a_request
from virtual_endpoint import Behaviour, VirtualEndpoint, fault
from virtual_time import run_virtually

from infinite_instruct.errors import (
    BudgetExhaustedError,
    EndpointError,
    ModelReplyError,
    StoppedError,
)
from infinite_instruct.events import Event
from infinite_instruct.llm.budget import Budget, BudgetedModel, BudgetGuard, Meter, PriceTable
from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.flow import Flow, FlowRules
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.routing import StopSwitch


def flow_over(
    *endpoints: VirtualEndpoint, switch: StopSwitch | None = None, **rules: object
) -> Flow:
    chance = random.Random(7)
    lanes = [each.lane for each in endpoints]
    return Flow(lanes, FlowRules.model_validate(rules), switch, jitter=chance.random)


async def ask_all(flow: Flow, texts: Iterable[object]) -> list[ChatReply | BaseException]:
    calls = [flow.complete(a_request(str(text))) for text in texts]
    return await asyncio.gather(*calls, return_exceptions=True)


async def timed(work: Awaitable[object]) -> float:
    began = asyncio.get_running_loop().time()
    await work
    return asyncio.get_running_loop().time() - began


def every(number: int, kind: FaultKind, retry_after: float | None = None) -> Behaviour:
    """Each n-th call fails."""

    def behave(endpoint: VirtualEndpoint, _request: ChatRequest) -> Fault | None:
        return fault(kind, "no", retry_after) if len(endpoint.calls) % number == 0 else None

    return behave


def bears(most: int) -> Behaviour:
    """More calls than `most` at once are refused."""

    def behave(endpoint: VirtualEndpoint, _request: ChatRequest) -> Fault | None:
        return fault(FaultKind.REFUSED) if endpoint.in_flight > most else None

    return behave


def down_until(time: float, kind: FaultKind = FaultKind.UNREACHABLE) -> Behaviour:
    def behave(_endpoint: VirtualEndpoint, _request: ChatRequest) -> Fault | None:
        return fault(kind, "it is down") if asyncio.get_running_loop().time() < time else None

    return behave


def replied(results: list[ChatReply | BaseException]) -> list[str]:
    assert all(isinstance(each, ChatReply) for each in results), results
    return [each.text for each in results if isinstance(each, ChatReply)]


def test_retry_after_holds_back_its_call_and_no_other() -> None:
    def behave(endpoint: VirtualEndpoint, request: ChatRequest) -> Fault | None:
        first = len(endpoint.times("held")) == 1 and request.messages[0].content == "held"
        return fault(FaultKind.REFUSED, "slow down", retry_after=7.0) if first else None

    async def story() -> VirtualEndpoint:
        endpoint = VirtualEndpoint(behave=behave, limit=2)
        flow = flow_over(endpoint)
        replied(await ask_all(flow, ["held", *range(8)]))
        return endpoint

    endpoint = run_virtually(story())
    assert endpoint.times("held") == [0.0, 7.01]
    # Eight calls of a second, two at once: the held one has no place of theirs.
    assert max(at for at, text in endpoint.calls if text != "held") < 4
    assert endpoint.most == 2


def test_endpoint_that_wants_to_be_asked_at_once_for_ever_is_not_flooded() -> None:
    async def story() -> VirtualEndpoint:
        endpoint = VirtualEndpoint(behave=lambda *_: fault(FaultKind.REFUSED, retry_after=0.0))
        (error,) = await ask_all(flow_over(endpoint, patience=60), ["one"])
        assert isinstance(error, EndpointError)
        return endpoint

    assert len(run_virtually(story()).calls) < 30


def fails_first(text: str, kind: FaultKind, times: int = 1) -> Behaviour:
    """The first tries of one request fail, all others are answered."""

    def behave(endpoint: VirtualEndpoint, request: ChatRequest) -> Fault | None:
        unlucky = request.messages[0].content == text and len(endpoint.times(text)) <= times
        return fault(kind) if unlucky else None

    return behave


@pytest.mark.parametrize(
    ("kind", "least", "most"),
    [
        pytest.param(FaultKind.PASSING, 0.05, 0.12, id="500-or-cut"),
        pytest.param(FaultKind.BROKEN, 0.05, 0.12, id="lost-connection"),
        pytest.param(FaultKind.REFUSED, 0.25, 0.52, id="refused-without-a-time"),
    ],
)
def test_first_hiccup_is_repeated_soon_and_later_ones_after_a_rest(
    kind: FaultKind, least: float, most: float
) -> None:
    async def story() -> list[float]:
        behave = fails_first("unlucky", kind, times=3)
        endpoint = VirtualEndpoint(behave=behave, latency=0.1, limit=2)
        replied(await ask_all(flow_over(endpoint), ["unlucky", *range(100)]))
        return endpoint.times("unlucky")

    first, second, third, fourth = run_virtually(story())
    assert least <= second - first <= most
    assert third - second >= 0.2, "what fails twice may need a rest"
    assert fourth - third >= 0.8, "and ever longer ones"


@pytest.mark.parametrize("kind", [FaultKind.PASSING, FaultKind.BROKEN], ids=str)
def test_endpoint_that_answers_nobody_is_not_asked_again_soon(kind: FaultKind) -> None:
    async def story() -> VirtualEndpoint:
        endpoint = VirtualEndpoint(behave=down_until(60, kind))
        await ask_all_well(flow_over(endpoint, patience=120), 100)
        return endpoint

    began = [at for at, _ in run_virtually(story()).calls]
    assert sum(at < 0.25 for at in began) <= 101, "all once; one could be an accident"
    assert sum(5 < at < 60 for at in began) < 10, "then only tried now and then"


def test_call_that_is_made_again_goes_before_those_that_came_later() -> None:
    async def story() -> list[str]:
        endpoint = VirtualEndpoint(behave=fails_first("a", FaultKind.PASSING), limit=1)
        replied(await ask_all(flow_over(endpoint), "abcd"))
        return [text for _, text in endpoint.calls]

    # While "a" may not be made yet, it keeps "b" from nothing.
    assert run_virtually(story()) == ["a", "b", "a", "c", "d"]


def test_next_try_is_made_rather_where_none_has_failed() -> None:
    async def story() -> list[str]:
        broken = VirtualEndpoint("http://b/v1", behave=lambda *_: fault(FaultKind.PASSING))
        well = VirtualEndpoint("http://w/v1")
        return replied(await ask_all(flow_over(broken, well, choice="order", retries=1), range(9)))

    assert all(text.startswith("http://w/v1") for text in run_virtually(story()))


def test_scattered_faults_do_not_lower_the_flow() -> None:
    async def story() -> tuple[float, VirtualEndpoint]:
        endpoint = VirtualEndpoint(behave=every(20, FaultKind.REFUSED, 0.5), limit=128)
        seconds = await timed(ask_all(flow_over(endpoint), range(1_280)))
        return seconds, endpoint

    seconds, endpoint = run_virtually(story())
    assert endpoint.ceiling.height == 128
    assert seconds <= 1.3 * 10, "ideal is ten rounds of a second"


def test_sustained_refusal_lowers_the_flow_and_it_recovers_soon() -> None:
    heights: list[int] = []

    def behave(endpoint: VirtualEndpoint, request: ChatRequest) -> Fault | None:
        heights.append(endpoint.ceiling.height)
        return bears(16 if asyncio.get_running_loop().time() < 30 else 128)(endpoint, request)

    async def story() -> tuple[float, VirtualEndpoint]:
        endpoint = VirtualEndpoint(behave=behave, limit=128)
        results, seconds = [], 0.0
        flow = flow_over(endpoint, patience=300)

        async def work() -> None:
            results.extend(await ask_all(flow, range(3_000)))

        seconds = await timed(work())
        replied(results)
        return seconds, endpoint

    seconds, endpoint = run_virtually(story())
    assert 8 <= min(heights) <= 16, "as many as it bears, not one at a time"
    assert endpoint.ceiling.height == 128
    # 30 s by 16 at once are 480; the others take 20 s by 128 at once.
    assert seconds < 60


def test_endpoint_that_bears_few_answers_all_and_is_kept_busy() -> None:
    async def story() -> float:
        endpoint = VirtualEndpoint(behave=bears(8), limit=128)
        flow = flow_over(endpoint, retries=2, patience=300)
        return await timed(ask_all_well(flow, 400))

    assert run_virtually(story()) < 1.5 * 400 / 8


async def ask_all_well(flow: Flow, count: int) -> None:
    replied(await ask_all(flow, range(count)))


def test_requests_per_minute_hold() -> None:
    async def story() -> VirtualEndpoint:
        endpoint = VirtualEndpoint(requests_per_minute=120)
        await ask_all_well(flow_over(endpoint), 300)
        return endpoint

    began = [at for at, _ in run_virtually(story()).calls]
    assert max(sum(at <= other < at + 60 for other in began) for at in began) <= 120
    assert began[-1] < 300 / 2 * 1.05


def test_tokens_per_minute_hold_by_what_replies_take() -> None:
    async def story() -> VirtualEndpoint:
        endpoint = VirtualEndpoint(tokens_per_minute=60_000, tokens=500, limit=64)
        await ask_all_well(flow_over(endpoint), 300)
        return endpoint

    began = [at for at, _ in run_virtually(story()).calls]
    most = max(sum(at <= other < at + 60 for other in began) for at in began)
    assert most * 500 <= 60_000 + 500
    assert began[-1] < 300 * 500 / 1_000 * 1.1, "and the limit is used"


def test_dead_endpoint_is_named_once_and_the_others_go_on() -> None:
    heard: list[Event] = []

    async def story() -> tuple[list[str], VirtualEndpoint]:
        dead = VirtualEndpoint("http://dead/v1", behave=down_until(9e9), limit=4, emit=heard.append)
        alive = VirtualEndpoint("http://alive/v1", limit=4, emit=heard.append)
        texts = replied(await ask_all(flow_over(dead, alive, choice="order"), range(40)))
        return texts, dead

    texts, dead = run_virtually(story())
    assert all(text.startswith("http://alive/v1") for text in texts)
    assert len(heard) == 1
    assert "it is down It is tried again, in growing pauses." in str(heard[0])
    # The first four find it, then one each after 0.5 s, 1 s, 2 s and 4 s.
    assert [round(at, 1) for at, _ in dead.calls] == [0, 0, 0, 0, 0.5, 1.5, 3.5, 7.5]


def test_endpoint_that_comes_back_is_used_again() -> None:
    heard: list[Event] = []

    async def story() -> VirtualEndpoint:
        back = VirtualEndpoint("http://b/v1", behave=down_until(5), limit=8, emit=heard.append)
        other = VirtualEndpoint("http://o/v1", limit=8)
        await ask_all_well(flow_over(back, other), 300)
        return back

    back = run_virtually(story())
    assert "http://b/v1 answers again, after" in str(heard[-1])
    assert len([at for at, _ in back.calls if at > 8]) > 80, "about half of the rest"


@pytest.mark.parametrize("kind", [FaultKind.BROKEN, FaultKind.PASSING, FaultKind.REFUSED], ids=str)
def test_endpoint_that_fails_every_call_for_long_is_left_alone(kind: FaultKind) -> None:
    async def story() -> tuple[VirtualEndpoint, VirtualEndpoint]:
        failing = VirtualEndpoint("http://f/v1", behave=lambda *_: fault(kind), limit=8)
        alive = VirtualEndpoint("http://alive/v1", limit=8)
        await ask_all_well(flow_over(failing, alive, choice="order"), 400)
        return failing, alive

    failing, alive = run_virtually(story())
    assert len(alive.calls) == 400
    assert len([at for at, _ in failing.calls if at > 8]) < 10, "only tried now and then"


def test_when_all_are_dead_the_wait_ends_in_an_error_that_names_them() -> None:
    async def story() -> tuple[float, list[ChatReply | BaseException]]:
        one = VirtualEndpoint(behave=lambda *_: fault(FaultKind.UNREACHABLE, "One is down."))
        two = VirtualEndpoint(behave=lambda *_: fault(FaultKind.BROKEN, "Two is broken."))
        flow = flow_over(one, two, patience=60)
        results: list[ChatReply | BaseException] = []

        async def work() -> None:
            results.extend(await ask_all(flow, range(5)))

        return await timed(work()), results

    seconds, results = run_virtually(story())
    assert 60 <= seconds < 70
    for error in results:
        assert isinstance(error, EndpointError)
        assert error.cause == "One is down. Two is broken. None came back within 60 s."
        assert error.remedy == "Do something."


def test_run_goes_on_where_an_endpoint_comes_back_in_time() -> None:
    async def story() -> float:
        endpoint = VirtualEndpoint(behave=down_until(100), latency=0.1)
        return await timed(ask_all_well(flow_over(endpoint, retries=0, patience=300), 200))

    # Tries come after 63.5 s and 123.5 s: 60 s is the longest pause.
    assert 100 < run_virtually(story()) < 130


def test_wrong_key_leaves_out_an_endpoint_and_needs_no_patience_where_it_is_the_only_one() -> None:
    def refuse(*_: object) -> Fault:
        return fault(FaultKind.USELESS, "401: wrong key")

    async def story() -> tuple[list[str], VirtualEndpoint, float]:
        wrong, right = VirtualEndpoint(behave=refuse), VirtualEndpoint("http://r/v1")
        texts = replied(await ask_all(flow_over(wrong, right, patience=60), range(10)))
        alone = flow_over(VirtualEndpoint(behave=refuse), patience=60)
        with pytest.raises(EndpointError, match=r"^401: wrong key\n"):
            await alone.complete(a_request())
        return texts, wrong, asyncio.get_running_loop().time()

    texts, wrong, seconds = run_virtually(story())
    assert len(texts) == 10
    assert len(wrong.calls) <= 5, "those on their way when the first one was refused"
    assert seconds < 5


def test_call_that_fails_while_others_are_answered_ends_alone() -> None:
    def behave(_endpoint: VirtualEndpoint, request: ChatRequest) -> Fault | None:
        poisoned = request.messages[0].content == "poison"
        return fault(FaultKind.BROKEN, "502") if poisoned else None

    async def story() -> tuple[list[ChatReply | BaseException], VirtualEndpoint]:
        endpoint = VirtualEndpoint(behave=behave, limit=2)
        flow = flow_over(endpoint, retries=2, patience=60)
        return await ask_all(flow, ["poison", *range(60)]), endpoint

    results, endpoint = run_virtually(story())
    assert isinstance(results[0], ModelReplyError)
    assert len(endpoint.times("poison")) == 3
    replied(results[1:])


@pytest.mark.parametrize(
    ("behave", "limit"),
    [
        pytest.param(lambda *_: fault(FaultKind.REFUSED, retry_after=100.0), 9, id="retry-after"),
        pytest.param(lambda *_: fault(FaultKind.UNREACHABLE), 9, id="dead-endpoint"),
        pytest.param(lambda *_: None, 1, id="no-room"),
    ],
)
def test_stop_ends_waiting_calls_and_finishes_those_on_their_way(
    behave: Behaviour, limit: int
) -> None:
    async def story() -> tuple[list[ChatReply | BaseException], int, VirtualEndpoint]:
        switch = StopSwitch()
        endpoint = VirtualEndpoint(behave=behave, latency=5, limit=limit)
        flow = flow_over(endpoint, switch=switch, patience=300)
        work = asyncio.create_task(ask_all(flow, range(3)))
        await asyncio.sleep(2)
        before = len(endpoint.calls)
        switch.throw()
        results = await work
        assert asyncio.get_running_loop().time() <= 5.1
        return results, before, endpoint

    results, before, endpoint = run_virtually(story())
    assert len(endpoint.calls) == before, "nothing is sent after a stop"
    finished = [each for each in results if isinstance(each, ChatReply)]
    assert len(finished) == (1 if limit == 1 else 0)
    assert all(isinstance(each, StoppedError) for each in results if each not in finished)


def test_budget_that_is_spent_while_calls_wait_is_passed_only_by_those_on_their_way() -> None:
    async def story() -> tuple[list[ChatReply | BaseException], VirtualEndpoint]:
        endpoint, meter = VirtualEndpoint(limit=4), Meter()
        budget, prices = Budget(tokens=10 * 18), PriceTable()
        guard = BudgetGuard(budget, meter, prices)
        flow = Flow([endpoint.lane], FlowRules(), guard=guard.check)
        model = BudgetedModel(flow, budget, meter, prices)
        calls = [model.complete(a_request(str(number))) for number in range(100)]
        return await asyncio.gather(*calls, return_exceptions=True), endpoint

    results, endpoint = run_virtually(story())
    assert 10 <= len(endpoint.calls) < 10 + 4
    unmade = [each for each in results if isinstance(each, BudgetExhaustedError)]
    assert len(unmade) == 100 - len(endpoint.calls)


def test_cancelled_call_gives_its_place_back() -> None:
    async def story() -> None:
        endpoint = VirtualEndpoint(limit=1, latency=5)
        flow = flow_over(endpoint)
        running, waiting = (
            asyncio.create_task(flow.complete(a_request(text))) for text in ("one", "two")
        )
        await asyncio.sleep(1)
        waiting.cancel()
        running.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        await flow.complete(a_request("three"))
        assert [text for _, text in endpoint.calls] == ["one", "three"]

    run_virtually(story())


def test_call_cancelled_as_a_place_becomes_free_leaves_it_to_the_next() -> None:
    async def story() -> str:
        endpoint = VirtualEndpoint(limit=1)
        flow = flow_over(endpoint)
        tasks = [asyncio.create_task(flow.complete(a_request(text))) for text in ("a", "b", "c")]
        await asyncio.sleep(0.5)
        tasks[1].cancel()
        # Before the loop turns: whoever looks for the next one finds the cancelled call first.
        tasks[0].cancel()
        replies = await asyncio.gather(*tasks, return_exceptions=True)
        return " ".join(type(each).__name__ for each in replies)

    assert run_virtually(story()) == "CancelledError CancelledError ChatReply"


@pytest.mark.parametrize(
    ("choice", "shares"), [("room", [30, 10]), ("order", [30, 10])], ids=["room", "order"]
)
def test_endpoints_share_the_work(choice: str, shares: list[int]) -> None:
    async def story(count: int) -> list[int]:
        large, small = VirtualEndpoint(limit=30), VirtualEndpoint("http://s/v1", limit=10)
        await ask_all_well(flow_over(large, small, choice=choice), count)
        return [len(large.calls), len(small.calls)]

    assert run_virtually(story(40)) == shares
    assert run_virtually(story(8)) == ([8, 0] if choice == "order" else [6, 2])


def test_flows_that_share_an_endpoint_both_get_on() -> None:
    async def story() -> tuple[list[str], VirtualEndpoint]:
        shared = VirtualEndpoint(limit=2)
        flows = flow_over(shared), flow_over(shared)
        await asyncio.gather(
            *(
                flow.complete(a_request(name))
                for _ in range(10)
                for flow, name in zip(flows, "ab", strict=True)
            )
        )
        return [text for _, text in shared.calls], shared

    order, shared = run_virtually(story())
    assert shared.most == 2
    assert set(order[:10]) == {"a", "b"}
    assert 3 <= order[:10].count("a") <= 7
