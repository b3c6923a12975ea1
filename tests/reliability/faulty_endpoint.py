"""Endpoints that answer wrongly in every way that bytes allow, and count how often."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle

from mock_endpoint import completion

Fault = Callable[[asyncio.StreamWriter], Awaitable[None]]
MEGABYTE = 1024 * 1024


@dataclass
class FaultyEndpoint:
    """Lists its model, and answers every request for a completion by one fault."""

    fault: Fault
    base_url: str = ""
    asked: int = 0
    seen: list[bytes] = field(default_factory=list[bytes])
    """Heads and bodies of the requests."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*gone):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
                self.seen.append(head + await reader.readexactly(int(length or 0)))
                if head.startswith(b"GET"):
                    await send(writer, b'{"object": "list", "data": [{"id": "mock"}]}')
                    continue
                self.asked += 1
                await self.fault(writer)
        writer.close()


@asynccontextmanager
async def faulty_endpoint(fault: Fault) -> AsyncGenerator[FaultyEndpoint]:
    """An endpoint that answers all by a fault."""
    endpoint = FaultyEndpoint(fault)
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint.base_url = f"http://127.0.0.1:{port}/v1"
    async with server:
        yield endpoint


async def send(
    writer: asyncio.StreamWriter,
    body: bytes,
    status: str = "200 OK",
    kind: str = "application/json",
    more: str = "",
) -> None:
    """Send a whole reply."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    writer.write(head.encode() + body)
    await writer.drain()


def reply_of(text: str) -> bytes:
    """A completion."""
    return json.dumps(completion({"model": "mock"}, text)).encode()


async def too_many(writer: asyncio.StreamWriter) -> None:
    """429 with Retry-After."""
    await send(writer, b"{}", "429 Too Many Requests", more="Retry-After: 0.05\r\n")


async def broken(writer: asyncio.StreamWriter) -> None:
    """500."""
    await send(writer, b'{"error": {"message": "oh"}}', "500 Internal Server Error")


async def silent(writer: asyncio.StreamWriter) -> None:
    """Nothing at all."""
    await asyncio.sleep(30)
    writer.close()


async def cut_off(writer: asyncio.StreamWriter) -> None:
    """Half of the bytes that were promised."""
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
    )
    writer.write(reply_of("half")[:40])
    await writer.drain()
    writer.close()


async def cut_json(writer: asyncio.StreamWriter) -> None:
    """Half of a JSON, as a whole body."""
    body = reply_of("half")
    await send(writer, body[: len(body) // 2])


async def surrogate(writer: asyncio.StreamWriter) -> None:
    """Text that no UTF-8 holds."""
    await send(writer, reply_of("here").replace(b"here", rb"\ud800 \udfff"))


async def huge(writer: asyncio.StreamWriter) -> None:
    """50 MB of text."""
    await send(writer, reply_of("x" * 50 * MEGABYTE))


async def endless(writer: asyncio.StreamWriter) -> None:
    """Chunks without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
    writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
        await writer.drain()


async def no_choices(writer: asyncio.StreamWriter) -> None:
    """A completion without one."""
    await send(writer, b'{"id": "1", "object": "chat.completion", "choices": [], "model": "mock"}')


async def page(writer: asyncio.StreamWriter) -> None:
    """A gateway's login page."""
    await send(writer, b"<html><body>Please log in</body></html>", kind="text/html")


async def slow_head(writer: asyncio.StreamWriter) -> None:
    """Headers that drip, and never end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Drip: drop\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def deep(writer: asyncio.StreamWriter) -> None:
    """JSON nested deeper than any parser's stack."""
    await send(writer, b'{"choices": ' + b"[" * 200_000 + b"]" * 200_000 + b"}")


SHAPES = 17


def shapes() -> Fault:
    """JSON of every other shape, one after the other."""
    whole = completion({"model": "mock"}, "well")
    bad: list[object] = [None, [], "text", 7, {}, whole | {"choices": None}, whole | {"usage": "x"}]
    bad += [whole | {"choices": [choice]} for choice in (None, {}, {"message": None})]
    bad += [whole | {"choices": [{"message": {"content": odd}}]} for odd in ({"a": 1}, [7], True)]
    bad += [whole | {"usage": {"prompt_tokens": odd}} for odd in (-1, 1e300, None, "many")]
    assert len(bad) == SHAPES
    bodies = cycle(json.dumps(each).encode() for each in bad)

    async def odd(writer: asyncio.StreamWriter) -> None:
        await send(writer, next(bodies))

    return odd


async def boundless(writer: asyncio.StreamWriter) -> None:
    """A count of tokens that no database holds."""
    body = completion({"model": "mock"}, "I would rather not.")
    tokens = {"prompt_tokens": 10**30, "completion_tokens": 10**30, "total_tokens": 10**30}
    await send(writer, json.dumps(body | {"usage": tokens}).encode())


async def prose(writer: asyncio.StreamWriter) -> None:
    """A reply that is well, where JSON was asked for."""
    await send(writer, reply_of("I would rather not."))


OF_THE_ENDPOINT: tuple[Fault, ...] = (too_many, cut_off)
"""Those that no request can be blamed for."""
FAULTS: tuple[Fault, ...] = (
    too_many,
    broken,
    silent,
    cut_off,
    cut_json,
    surrogate,
    huge,
    endless,
    no_choices,
    page,
    slow_head,
    deep,
    boundless,
)
