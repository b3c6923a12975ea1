"""The flow over real HTTP: what of a refusal reaches it, and several endpoints at once."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from llm_requests import a_request
from mock_endpoint import Body, Handler, MockEndpoint, completion, refusal

from infinite_instruct.errors import EndpointError, ModelReplyError
from infinite_instruct.events import Event
from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.llm.faults import Fault, FaultKind
from infinite_instruct.llm.flow import Flow, FlowRules
from infinite_instruct.llm.preflight import check_all


def dead_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}/v1"


def model_at(base_url: str, heard: list[Event] | None = None, **config: object) -> EndpointModel:
    told = {"base_url": base_url, "model": "mock", "max_retries": 2} | config
    emit = heard.append if heard is not None else lambda _: None
    return EndpointModel(EndpointConfig.model_validate(told), emit)


@asynccontextmanager
async def hang_up() -> AsyncIterator[str]:
    """A server that takes a request and closes the connection."""

    async def close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(lambda _: refusal(429, "slow"), FaultKind.REFUSED, id="429"),
        pytest.param(lambda _: refusal(503, "busy"), FaultKind.REFUSED, id="503"),
        pytest.param(lambda _: refusal(529, "busy"), FaultKind.REFUSED, id="529"),
        pytest.param(lambda _: refusal(500, "boom"), FaultKind.PASSING, id="500"),
        pytest.param(lambda _: refusal(502, "gone"), FaultKind.BROKEN, id="502"),
        pytest.param(lambda _: refusal(400, "long"), FaultKind.REQUEST, id="400"),
        pytest.param(lambda _: refusal(401, "key"), FaultKind.USELESS, id="401"),
        pytest.param(lambda _: refusal(404, "model"), FaultKind.USELESS, id="404"),
        pytest.param(
            lambda _: web.json_response(
                {"error": {"message": "no money", "code": "insufficient_quota"}}, status=429
            ),
            FaultKind.USELESS,
            id="no-money",
        ),
        pytest.param(lambda _: web.Response(text="<html>"), FaultKind.PASSING, id="html"),
    ],
)
async def test_fault_is_told_from_the_reply(reply: Handler, kind: FaultKind) -> None:
    async with MockEndpoint(reply) as mock, model_at(mock.base_url) as model:
        with pytest.raises(Fault) as raised:
            await model.ask(a_request())
    assert raised.value.kind is kind


async def test_nobody_there_is_told_from_a_lost_connection() -> None:
    async with hang_up() as lost:
        for url, kind in ((dead_url(), FaultKind.UNREACHABLE), (lost, FaultKind.BROKEN)):
            async with model_at(url) as model:
                with pytest.raises(Fault) as raised:
                    await model.ask(a_request())
            assert raised.value.kind is kind, url


async def test_retry_after_in_milliseconds_reaches_the_flow() -> None:
    def reply(_: Body) -> web.Response:
        return refusal(429, "slow", **{"retry-after-ms": "750"})

    async with MockEndpoint(reply) as mock, model_at(mock.base_url) as model:
        with pytest.raises(Fault) as raised:
            await model.ask(a_request())
    assert raised.value.retry_after == 0.75


async def test_retry_after_holds_back_no_other_call() -> None:
    held: list[float] = []

    def reply(body: Body) -> str | web.Response:
        if body["messages"][0]["content"] != "held":
            return "fine"
        held.append(time.monotonic())
        return refusal(429, "slow", **{"Retry-After": "1"}) if len(held) == 1 else "fine"

    async with MockEndpoint(reply) as mock, model_at(mock.base_url, concurrency=1) as model:
        waiting = asyncio.create_task(model.complete(a_request("held")))
        others = [model.complete(a_request(str(number))) for number in range(5)]
        await asyncio.gather(*others)
        assert len(held) == 1, "with one place only, the others were answered meanwhile"
        await waiting
    assert held[1] - held[0] >= 1


async def test_headers_of_replies_slow_the_flow_down() -> None:
    def reply(body: Body) -> web.Response:
        headers = {
            "x-ratelimit-limit-requests": "10",
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": "1h",
        }
        return web.json_response(completion(body, "fine"), headers=headers)

    async with MockEndpoint(reply) as mock, model_at(mock.base_url) as model:
        await model.complete(a_request("one"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(model.complete(a_request("two")), 0.2)
    assert len(mock.requests) == 1


async def test_calls_go_on_at_another_endpoint_when_one_is_dead() -> None:
    heard: list[Event] = []
    async with (
        MockEndpoint() as mock,
        model_at(dead_url(), heard) as dead,
        model_at(mock.base_url) as alive,
    ):
        flow = Flow([dead.lane, alive.lane], FlowRules(choice="order"))
        await asyncio.gather(*(flow.complete(a_request(str(n))) for n in range(20)))
    assert len(mock.requests) == 20
    assert "cannot be reached" in str(heard[0])
    assert len(heard) == 1


async def test_each_endpoint_is_asked_for_the_model_by_its_own_name() -> None:
    async with (
        MockEndpoint() as one,
        MockEndpoint() as two,
        model_at(one.base_url) as a,
        model_at(two.base_url, model="mock-fp8") as b,
    ):
        flow = Flow([a.lane, b.lane], FlowRules())
        await asyncio.gather(*(flow.complete(a_request(str(n))) for n in range(4)))
    assert {body["model"] for body in one.requests} == {"mock"}
    assert {body["model"] for body in two.requests} == {"mock-fp8"}


async def test_endpoint_that_is_not_there_at_the_start_is_left_for_later() -> None:
    heard: list[Event] = []
    async with (
        MockEndpoint() as mock,
        model_at(dead_url(), heard) as dead,
        model_at(mock.base_url) as alive,
    ):
        await check_all([dead, alive])
        assert dead.lane.health.down
        assert not alive.lane.health.down
    assert "cannot be reached" in str(heard)


async def test_start_is_refused_when_none_is_there_or_a_key_is_wrong() -> None:
    async with (
        MockEndpoint() as well,
        MockEndpoint(key="other") as locked,
        model_at(dead_url()) as dead,
        model_at(locked.base_url) as wrong,
        model_at(well.base_url) as alive,
    ):
        with pytest.raises(EndpointError, match="cannot be reached"):
            await check_all([dead])
        with pytest.raises(EndpointError, match="401"):
            await check_all([alive, dead, wrong])


async def test_hostile_replies_stay_bounded_while_others_are_answered() -> None:
    def reply(body: Body) -> str | web.Response:
        if body["messages"][0]["content"] != "large":
            return "fine"
        return web.Response(body=b"x" * 5_000_000, content_type="application/json")

    async with (
        MockEndpoint(reply) as mock,
        model_at(mock.base_url, max_reply_bytes=100_000, concurrency=4) as model,
    ):
        texts = ["large", *map(str, range(8)), "large"]
        results = await asyncio.gather(
            *(model.complete(a_request(text)) for text in texts), return_exceptions=True
        )
    assert [type(each) for each in results if isinstance(each, Exception)] == [ModelReplyError] * 2
    assert len(mock.requests) == 10, "what is too large once is not asked for again"
    assert not model.lane.health.down
