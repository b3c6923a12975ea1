"""A posted call is, to the endpoint, the one that the SDK would have sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import openai
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from infinite_instruct.llm.http_client import BoundedClient
from infinite_instruct.llm.post import Post

OF_A_TRY = {"x-stainless-retry-count", "x-stainless-read-timeout"}
"""What the SDK tells of a try; here every try is the first."""


@asynccontextmanager
async def heard(
    status: int = 200, reply: str = "{}"
) -> AsyncIterator[tuple[list[tuple[str, dict[str, str], bytes]], openai.AsyncOpenAI, Post]]:
    requests: list[tuple[str, dict[str, str], bytes]] = []

    async def hear(request: web.Request) -> web.Response:
        headers = {name.lower(): text for name, text in request.headers.items()}
        requests.append((request.path_qs, headers, await request.read()))
        return web.Response(status=status, text=reply, content_type="application/json")

    app = web.Application()
    app.router.add_post("/{path:.*}", hear)
    async with TestServer(app) as server:
        url = str(server.make_url("/some/v1"))
        client = BoundedClient(url, seconds=20, max_bytes=10_000)
        async with openai.AsyncOpenAI(
            base_url=url, api_key="a-key", max_retries=0, http_client=client
        ) as sdk:
            yield requests, sdk, Post(sdk, client)


async def test_address_headers_and_body_are_those_of_the_sdk() -> None:
    async with heard() as (requests, sdk, post):
        await sdk.post("/chat/completions", cast_to=httpx2.Response, body={"model": "ü"})
        await post('{"model":"ü"}'.encode())
    (path, by_sdk, body), ours = requests
    assert ours[0] == path == "/some/v1/chat/completions"
    assert ours[2] == body
    assert by_sdk["authorization"] == "Bearer a-key"
    assert {name: by_sdk[name] for name in by_sdk.keys() - OF_A_TRY} == {
        **{name: text for name, text in by_sdk.items() if name == "connection"},
        **ours[1],
    }


@pytest.mark.parametrize("status", [302, 400, 404, 422, 429, 500, 503])
async def test_a_refusal_is_the_error_of_the_sdk(status: int) -> None:
    refusal = '{"error": {"message": "no such thing", "code": "insufficient_quota"}}'
    async with heard(status, refusal) as (_, sdk, post):
        with pytest.raises(openai.APIStatusError) as theirs:
            await sdk.post("/chat/completions", cast_to=httpx2.Response, body={})
        with pytest.raises(openai.APIStatusError) as ours:
            await post(b"{}")
    assert type(ours.value) is type(theirs.value)
    assert (str(ours.value), ours.value.code) == (str(theirs.value), theirs.value.code)
    assert "a-key" not in str(ours.value.request.headers), "an error is no place for a key"
