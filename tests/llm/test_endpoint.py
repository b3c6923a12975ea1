import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from llm_requests import a_request
from mock_endpoint import Body, Handler, MockEndpoint, completion, refusal, truncated_body
from pydantic import SecretStr

from infinite_instruct.errors import EndpointError, InfiniteInstructError, ModelReplyError
from infinite_instruct.events import Event, Noticed
from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.llm.model import ChatMessage, ToolCall, ToolSpec

KEY = "sk-secret-canary"
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}


@asynccontextmanager
async def model_at(mock: MockEndpoint, **config: object) -> AsyncIterator[EndpointModel]:
    base = {"base_url": mock.base_url, "model": "mock", "api_key": KEY, "max_retries": 2}
    async with EndpointModel(EndpointConfig.model_validate(base | config)) as model:
        yield model


def once(first: Callable[[Body], web.Response]) -> Handler:
    """Answer the first request by `first`, the others well."""
    told: list[bool] = []

    def reply(body: Body) -> str | web.Response:
        if told:
            return "fine"
        told.append(True)
        return first(body)

    return reply


async def test_request_reaches_the_endpoint_whole() -> None:
    tool = ToolSpec(name="lint", description="d", parameters={"type": "object"})
    request = a_request(tools=(tool,), temperature=0.3, max_tokens=99, seed=5, json_schema=SCHEMA)
    async with MockEndpoint() as mock, model_at(mock) as model:
        await model.complete(request)
    body = mock.requests[0]
    assert (body["temperature"], body["max_tokens"], body["seed"]) == (0.3, 99, 5)
    assert body["tools"][0]["function"]["name"] == "lint"
    assert body["response_format"]["json_schema"]["schema"] == SCHEMA
    assert body["messages"] == [{"role": "user", "content": "hello"}]


async def test_reply_comes_back_with_counts() -> None:
    async with MockEndpoint(lambda _: "hi") as mock, model_at(mock) as model:
        reply = await model.complete(a_request())
    assert (reply.text, reply.finish_reason, reply.model) == ("hi", "stop", "mock")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.estimated) == (11, 7, False)


async def test_cut_off_reply_is_kept_with_its_reason() -> None:
    def reply(body: Body) -> web.Response:
        return web.json_response(completion(body, '{"a": "b', finish_reason="length"))

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        cut = await model.complete(a_request(json_schema=SCHEMA))
    assert (cut.finish_reason, cut.text, cut.completion_tokens) == ("length", '{"a": "b', 7)
    assert len(mock.requests) == 1


async def test_counts_are_estimated_and_told_once_where_none_are_sent() -> None:
    heard: list[Event] = []

    def reply(body: Body) -> web.Response:
        return web.json_response(completion(body, "x" * 300, usage=False))

    async with MockEndpoint(reply) as mock:
        config = EndpointConfig(base_url=mock.base_url, model="mock")
        async with EndpointModel(config, heard.append) as model:
            replies = [await model.complete(a_request(str(n))) for n in range(2)]
    assert all(reply.estimated and reply.completion_tokens >= 100 for reply in replies)
    assert [type(event) for event in heard] == [Noticed]
    assert "estimated" in str(heard[0])


@pytest.mark.parametrize(
    "count",
    [
        pytest.param("many", id="a-word"),
        pytest.param({"a": 1}, id="an-object"),
        pytest.param(10**30, id="more-than-a-database-takes"),
        pytest.param(-5, id="negative"),
    ],
)
async def test_count_that_is_none_is_estimated(count: object) -> None:
    def reply(body: Body) -> web.Response:
        usage = {"prompt_tokens": count, "completion_tokens": 7, "total_tokens": 18}
        return web.json_response(completion(body, "hi") | {"usage": usage})

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        answer = await model.complete(a_request())
    assert answer.estimated
    assert 0 < answer.prompt_tokens < 100


async def test_words_of_a_reply_are_bounded_and_can_be_stored() -> None:
    def reply(body: Body) -> web.Response:
        named = completion(body, "hi", finish_reason="\ud800") | {"model": "m" * 10_000}
        return web.Response(text=json.dumps(named), content_type="application/json")

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        answer = await model.complete(a_request())
    assert (len(answer.model), answer.finish_reason) == (200, "?")


async def test_tool_calls_come_back_even_with_broken_arguments() -> None:
    calls = [
        {"id": "1", "type": "function", "function": {"name": "lint", "arguments": '{"x": 1}'}},
        {"id": "2", "type": "function", "function": {"name": "lint", "arguments": "{broken"}},
    ]

    def reply(body: Body) -> web.Response:
        return web.json_response(completion(body, "", tool_calls=calls))

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        got = await model.complete(a_request())
    assert [call.arguments for call in got.tool_calls] == ['{"x": 1}', "{broken"]


async def test_tool_calls_are_sent_back_with_their_answers() -> None:
    turns = (
        ChatMessage(role="system", content="s"),
        ChatMessage(role="user", content="u"),
        ChatMessage(
            role="assistant", content="", tool_calls=(ToolCall(id="1", name="f", arguments="{}"),)
        ),
        ChatMessage(role="tool", content="clean", tool_call_id="1"),
    )
    async with MockEndpoint() as mock, model_at(mock) as model:
        await model.complete(a_request(messages=turns))
    sent = mock.requests[0]["messages"]
    assert sent[2]["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert (sent[3]["role"], sent[3]["tool_call_id"]) == ("tool", "1")


async def test_lone_surrogates_pass_neither_way() -> None:
    async with MockEndpoint(lambda _: "a\ud800b") as mock, model_at(mock) as model:
        reply = await model.complete(a_request("x\udfffy"))
    assert reply.text == "a?b"
    assert mock.requests[0]["messages"][0]["content"] == "x?y"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(lambda _: refusal(500, "boom"), id="500"),
        pytest.param(truncated_body, id="truncated-json"),
        pytest.param(
            lambda body: web.json_response({**completion(body, ""), "choices": []}),
            id="empty-choices",
        ),
        pytest.param(
            lambda body: web.json_response({**completion(body, ""), "choices": None}),
            id="null-choices",
        ),
        pytest.param(lambda _: web.json_response({"error": "overloaded"}), id="error-with-200"),
        pytest.param(
            lambda _: web.json_response(
                {"choices": [{"message": {"role": "user", "content": "?"}}]}
            ),
            id="another-role",
        ),
        pytest.param(lambda _: web.Response(text="<html>login</html>"), id="html"),
        pytest.param(
            lambda _: web.Response(text="[" * 100_000, content_type="application/json"),
            id="deep-json",
        ),
    ],
)
async def test_passing_fault_is_asked_again(fault: Callable[[Body], web.Response]) -> None:
    async with MockEndpoint(once(fault)) as mock, model_at(mock) as model:
        reply = await model.complete(a_request())
    assert reply.text == "fine"
    assert len(mock.requests) == 2


async def test_retry_after_is_obeyed() -> None:
    at: list[float] = []

    def reply(_: Body) -> str | web.Response:
        at.append(time.monotonic())
        return refusal(429, "slow down", **{"Retry-After": "1.2"}) if len(at) == 1 else "fine"

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        assert (await model.complete(a_request())).text == "fine"
    # The SDK's own first wait would be at most half a second.
    assert at[1] - at[0] >= 1.1


@pytest.mark.parametrize(
    ("reply", "error", "reason", "requests"),
    [
        pytest.param(truncated_body, ModelReplyError, "no usable reply", 2, id="truncated"),
        pytest.param(lambda _: refusal(500, "boom"), ModelReplyError, "boom", 2, id="500"),
        pytest.param(lambda _: refusal(503, "down"), EndpointError, "503", 2, id="503"),
        pytest.param(lambda _: refusal(429, "quota"), EndpointError, "quota", 2, id="429"),
        pytest.param(
            lambda _: refusal(400, "prompt is too long"), ModelReplyError, "too long", 1, id="400"
        ),
    ],
)
async def test_lasting_fault_ends_in_a_named_error(
    reply: Handler, error: type[InfiniteInstructError], reason: str, requests: int
) -> None:
    async with MockEndpoint(reply) as mock, model_at(mock, max_retries=1) as model:
        with pytest.raises(error, match=reason):
            await model.complete(a_request())
    assert len(mock.requests) == requests


async def test_oversized_reply_is_refused_unread_and_not_asked_again() -> None:
    def reply(_: Body) -> web.Response:
        return web.Response(body=b"x" * 50_000_000, content_type="application/json")

    async with MockEndpoint(reply) as mock, model_at(mock, max_reply_bytes=100_000) as model:
        with pytest.raises(ModelReplyError, match="larger than 100000 bytes"):
            await model.complete(a_request())
    assert len(mock.requests) == 1


async def test_odd_headers_of_a_reply_do_no_harm() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps(completion({"model": "mock"}, "fine")).encode()
        head = b"HTTP/1.1 200 OK\r\nX-Odd: \xff\xfe\r\nContent-Type: application/json\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server, EndpointModel(EndpointConfig(base_url=url, model="mock")) as model:
        assert (await model.complete(a_request())).text == "fine"


@pytest.mark.parametrize("proxy", ["http_proxy", "HTTPS_PROXY"])
async def test_endpoint_on_this_machine_is_asked_without_a_proxy(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    async with MockEndpoint(lambda _: "fine") as mock, model_at(mock) as model:
        assert (await model.complete(a_request())).text == "fine"


async def test_endpoint_outside_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with MockEndpoint(lambda _: "by proxy") as mock:
        monkeypatch.setenv("http_proxy", mock.base_url.removesuffix("/v1"))
        config = EndpointConfig(base_url="http://models.invalid/v1", model="mock")
        async with EndpointModel(config) as model:
            assert (await model.complete(a_request())).text == "by proxy"


async def test_packed_reply_is_measured_unpacked() -> None:
    def reply(body: Body) -> web.Response:
        response = web.json_response(completion(body, "x" * 5_000_000))
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with MockEndpoint(reply) as mock, model_at(mock, max_reply_bytes=1_000_000) as model:
        with pytest.raises(ModelReplyError, match="larger than"):
            await model.complete(a_request())


async def test_hanging_request_ends_in_time_and_ends_only_itself() -> None:
    async def hang(_: Body) -> str:
        await asyncio.sleep(60)
        return "late"

    quick = {"timeout_seconds": 0.2, "max_retries": 0}
    async with MockEndpoint(hang) as mock, model_at(mock, **quick) as model:
        with pytest.raises(ModelReplyError, match=r"did not finish .* 0\.2 s"):
            await model.complete(a_request())


async def test_dripping_reply_ends_in_time() -> None:
    async with drip_server() as base_url:
        config = EndpointConfig(base_url=base_url, model="mock", timeout_seconds=0.5, max_retries=0)
        async with EndpointModel(config) as model:
            with pytest.raises(ModelReplyError, match="did not finish"):
                await model.complete(a_request())


@asynccontextmanager
async def drip_server() -> AsyncIterator[str]:
    """A server that sends a space every 0.1 s, for ever: no read ever times out."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.1)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()


async def test_unreachable_endpoint_names_address_and_remedy() -> None:
    config = EndpointConfig(base_url="http://127.0.0.1:9/v1", model="m", max_retries=0)
    async with EndpointModel(config) as model:
        with pytest.raises(EndpointError, match=r"127\.0\.0\.1:9") as raised:
            await model.complete(a_request())
        with pytest.raises(EndpointError, match="cannot be reached"):
            await model.check()
    assert "--base-url" in raised.value.remedy


async def test_wrong_key_is_told_without_the_key() -> None:
    async with MockEndpoint(key="other") as mock, model_at(mock) as model:
        with pytest.raises(EndpointError, match="401") as raised:
            await model.complete(a_request())
        with pytest.raises(EndpointError, match="401"):
            await model.check()
    assert KEY not in str(raised.value)
    assert "\x1b" not in str(raised.value)
    assert "--api-key-env" in raised.value.remedy
    assert len(mock.requests) == 1


async def test_key_is_in_no_representation() -> None:
    config = EndpointConfig(base_url="http://x/v1", model="m", api_key=SecretStr(KEY))
    assert KEY not in repr(config) + str(config) + config.model_dump_json()


async def test_unknown_model_names_those_there_are() -> None:
    def reply(_: Body) -> web.Response:
        return refusal(404, "model not found")

    async with MockEndpoint(reply, models=("big", "small")) as mock, model_at(mock) as model:
        with pytest.raises(EndpointError, match="does not know the model mock") as raised:
            await model.complete(a_request())
    assert "big, small" in raised.value.remedy


async def test_schema_goes_into_the_prompt_where_the_endpoint_takes_none() -> None:
    heard: list[Event] = []

    def reply(body: Body) -> str | web.Response:
        if body.get("response_format", {}).get("type") == "json_schema":
            return refusal(400, "response_format json_schema is not supported")
        return "{}"

    async with MockEndpoint(reply) as mock:
        config = EndpointConfig(base_url=mock.base_url, model="mock")
        async with EndpointModel(config, heard.append, schema_note="OBEY {}".format) as model:
            await asyncio.gather(
                *(model.complete(a_request(str(n), json_schema=SCHEMA)) for n in range(4))
            )
            before = len(mock.requests)
            await model.complete(a_request("later", json_schema=SCHEMA))
    last = mock.requests[-1]
    assert len(mock.requests) == before + 1, "what was learnt must not be asked again"
    assert last["response_format"] == {"type": "json_object"}
    assert last["messages"][-1]["content"].startswith('OBEY {"type": "object"')
    assert [type(event) for event in heard] == [Noticed]
    assert f"{mock.base_url} does not take JSON schemas" in str(heard[0])


async def test_schema_is_sent_leniently_where_strict_refuses_a_keyword() -> None:
    def reply(body: Body) -> str | web.Response:
        if body["response_format"]["json_schema"]["strict"]:
            return refusal(400, "Invalid schema for response_format: 'maxLength' not permitted")
        return "{}"

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        await model.complete(a_request(json_schema=SCHEMA))
    assert mock.requests[-1]["response_format"]["json_schema"]["schema"] == SCHEMA


async def test_too_long_prompt_teaches_nothing_about_schemas() -> None:
    def reply(body: Body) -> str | web.Response:
        too_long = body["messages"][0]["content"] == "long"
        return refusal(400, "the context is exceeded") if too_long else "{}"

    async with MockEndpoint(reply) as mock, model_at(mock) as model:
        with pytest.raises(ModelReplyError, match="context is exceeded"):
            await model.complete(a_request("long", json_schema=SCHEMA))
        await model.complete(a_request("short", json_schema=SCHEMA))
    assert mock.requests[-1]["response_format"]["json_schema"]["strict"] is True


async def test_refused_parameters_are_left_out() -> None:
    def reply(body: Body) -> str | web.Response:
        for name in ("max_tokens", "temperature"):
            if name in body:
                return refusal(400, f"Unsupported parameter: '{name}'")
        return "fine"

    async with MockEndpoint(reply, latency=0.05) as mock, model_at(mock) as model:
        replies = await asyncio.gather(*(model.complete(a_request(str(n))) for n in range(5)))
    assert [reply.text for reply in replies] == ["fine"] * 5, "all were refused at the same time"
    assert mock.requests[-1]["max_completion_tokens"] == 1024
    assert "temperature" not in mock.requests[-1]
    assert "seed" in mock.requests[-1]


async def test_no_more_requests_are_on_their_way_than_are_allowed() -> None:
    async with MockEndpoint(latency=0.02) as mock, model_at(mock, concurrency=3) as model:
        await asyncio.gather(*(model.complete(a_request(str(n))) for n in range(16)))
    assert mock.most_in_flight == 3


async def test_more_than_a_hundred_requests_are_on_their_way_at_once() -> None:
    # A hundred is aiohttp's own bound, unless it is taken away.
    async with MockEndpoint(latency=0.5) as mock, model_at(mock, concurrency=120) as model:
        await asyncio.gather(*(model.complete(a_request(str(n))) for n in range(120)))
    assert mock.most_in_flight == 120


async def test_models_are_listed() -> None:
    async with MockEndpoint(models=("a", "b")) as mock, model_at(mock) as model:
        assert await model.models() == ("a", "b")


async def test_check_notices_a_model_that_is_not_listed() -> None:
    heard: list[Event] = []
    async with MockEndpoint(models=("a", "b")) as mock:
        config = EndpointConfig(base_url=mock.base_url, model="c")
        async with EndpointModel(config, heard.append) as model:
            await model.check()
    assert "lists no model c" in str(heard)
    assert "a, b" in str(heard)
