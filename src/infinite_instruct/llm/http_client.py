"""The HTTP client under the SDK: every reply is bounded in time and size before it is parsed."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2
from openai import DefaultAioHttpClient

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
TOO_LARGE = 413
"""The status that an oversized reply is turned into; the SDK does not retry it."""


OnHeaders = Callable[[Mapping[str, str]], None]


def _ignore(_headers: Mapping[str, str]) -> None:
    """Look at no headers."""


class BoundedClient(DefaultAioHttpClient):
    """The SDK's aiohttp client (cheapest at high concurrency), which trusts no reply.

    Args:
        base_url: The endpoint; a loopback one is never asked through a proxy.
        seconds: Time for one whole exchange; a server that drips bytes would never time out.
        max_bytes: Size of a reply, unpacked.
        on_headers: Hears the headers of every reply: they tell of the endpoint's limits.
    """

    def __init__(
        self,
        base_url: str,
        *,
        seconds: float,
        max_bytes: int,
        on_headers: OnHeaders = _ignore,
    ) -> None:
        super().__init__(
            trust_env=urlsplit(base_url).hostname not in _LOOPBACK,
            timeout=httpx2.Timeout(seconds, connect=10.0),
            # The model's lane bounds the connections. 0 is aiohttp's word for no bound: of None it
            # makes a hundred.
            limits=httpx2.Limits(max_connections=0, max_keepalive_connections=None),
            follow_redirects=True,
        )
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._on_headers = on_headers

    async def send(
        self,
        request: httpx2.Request,
        *,
        stream: bool = False,  # noqa: ARG002 - the SDK names it; nothing is streamed here
        **options: Any,  # noqa: ANN401 - handed through
    ) -> httpx2.Response:
        """Send a request and read its reply whole, whatever `stream` says.

        Raises:
            httpx2.ReadTimeout: The exchange took too long.
        """
        try:
            async with asyncio.timeout(self._seconds):
                response = await super().send(request, stream=True, **options)
                self._on_headers(response.headers)
                try:
                    return await self._read(request, response)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise httpx2.ReadTimeout(f"no whole reply in {self._seconds:g} s") from error

    async def _read(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                message = f"the reply is larger than {self._max_bytes} bytes"
                return httpx2.Response(TOO_LARGE, json={"message": message}, request=request)
        # The body is unpacked already: these two speak of the packed one.
        dropped = ("content-encoding", "content-length", "transfer-encoding")
        headers = [pair for pair in response.headers.multi_items() if pair[0] not in dropped]
        return httpx2.Response(
            response.status_code, headers=headers, content=bytes(body), request=request
        )
