"""The HTTP client under the SDK: every reply is bounded in time and size before it is parsed."""

import asyncio
import json
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies

import aiohttp
import httpx2
from openai import DefaultAioHttpClient

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_CONNECT = 10.0
_REDIRECTS = 5
_OF_THE_PACKED = (b"content-encoding", b"content-length", b"transfer-encoding")
TOO_LARGE = 413
"""The status that an oversized reply is turned into; the SDK does not retry it."""


OnHeaders = Callable[[Mapping[str, str]], None]
_Headers = Mapping[str, str] | Sequence[tuple[str, str]]


class Reply(NamedTuple):
    """What came back, whole."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    """Unpacked."""

    def to(self, request: httpx2.Request) -> httpx2.Response:
        """As httpx has it."""
        # The body is unpacked already: these three speak of the packed one.
        kept = [pair for pair in self.headers if pair[0].lower() not in _OF_THE_PACKED]
        return httpx2.Response(self.status, headers=kept, content=self.body, request=request)


def _ignore(_headers: Mapping[str, str]) -> None:
    """Look at no headers."""


class BoundedClient(DefaultAioHttpClient):
    """The SDK's aiohttp client (cheapest at high concurrency), which trusts no reply.

    Requests go straight to aiohttp, which does redirects, compression and connections by itself:
    httpx's own layers for them take a tenth of a call's CPU time. Behind a proxy they stay.

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
        url = urlsplit(base_url)
        outside = url.hostname not in _LOOPBACK
        self._proxied = outside and bool(getproxies())
        # Reading the machine's certificates takes as long as ten calls.
        encrypted = url.scheme == "https" or self._proxied
        self._tls = httpx2.create_ssl_context(trust_env=outside) if encrypted else None
        super().__init__(
            trust_env=outside,
            verify=self._tls or True,
            # httpx's own way out, with certificates of its own, is needed behind a proxy only.
            transport=None if self._proxied else httpx2.AsyncBaseTransport(),
            timeout=httpx2.Timeout(seconds, connect=_CONNECT),
            # The model's lane bounds the connections. 0 is aiohttp's word for no bound: of None it
            # makes a hundred.
            limits=httpx2.Limits(max_connections=0, max_keepalive_connections=None),
            follow_redirects=True,
        )
        self._seconds = seconds
        self._max_bytes = max_bytes
        self._on_headers = on_headers

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._tls or True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT),
        )

    @property
    def proxied(self) -> bool:
        """Whether there is a proxy, which only `send` knows how to ask."""
        return self._proxied

    async def aclose(self) -> None:
        """Close the connections."""
        if "_session" in self.__dict__:
            await self._session.close()
        await super().aclose()

    async def send(
        self,
        request: httpx2.Request,
        *,
        stream: bool = False,  # noqa: ARG002 - the SDK names it; nothing is streamed here
        **options: Any,  # noqa: ANN401 - handed through
    ) -> httpx2.Response:
        """Send a request and read its reply whole, whatever `stream` says.

        Raises:
            httpx2.RequestError: Nobody is there, the exchange broke off, or it took too long.
        """
        if self._proxied:
            return (await self._timed(self._send_by_httpx(request, options))).to(request)
        # What is unpacked is aiohttp's business, and so is what it says of that.
        headers = [pair for pair in request.headers.multi_items() if pair[0] != "accept-encoding"]
        exchange = self._exchange(request.method, str(request.url), headers, request.content)
        return (await self._timed(exchange)).to(request)

    async def deliver(self, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        """Post some bytes, past httpx and any proxy.

        Raises:
            httpx2.RequestError: As `send`.
        """
        return await self._timed(self._exchange("POST", url, headers, content))

    async def _timed(self, exchange: Awaitable[Reply]) -> Reply:
        try:
            async with asyncio.timeout(self._seconds):
                return await exchange
        except TimeoutError as error:
            raise httpx2.ReadTimeout(f"no whole reply in {self._seconds:g} s") from error

    async def _exchange(
        self, method: str, url: str, headers: _Headers, content: bytes | None
    ) -> Reply:
        try:
            async with self._session.request(
                method, url, headers=headers, data=content or None, max_redirects=_REDIRECTS
            ) as reply:
                self._on_headers(reply.headers)
                return await self._read(reply.status, reply.raw_headers, reply.content.iter_any())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise httpx2.ConnectError(str(error)) from error
        except aiohttp.ClientError as error:
            raise httpx2.RemoteProtocolError(str(error) or type(error).__name__) from error

    async def _send_by_httpx(self, request: httpx2.Request, options: dict[str, Any]) -> Reply:
        response = await super().send(request, stream=True, **options)
        self._on_headers(response.headers)
        try:
            status, headers = response.status_code, response.headers.raw
            return await self._read(status, headers, response.aiter_bytes())
        finally:
            await response.aclose()

    async def _read(
        self,
        status: int,
        headers: Sequence[tuple[bytes, bytes]],
        chunks: AsyncIterable[bytes],
    ) -> Reply:
        body = bytearray()
        async for chunk in chunks:
            body += chunk
            if len(body) > self._max_bytes:
                message = f"the reply is larger than {self._max_bytes} bytes"
                return Reply(TOO_LARGE, (), json.dumps({"message": message}).encode())
        return Reply(status, headers, bytes(body))
