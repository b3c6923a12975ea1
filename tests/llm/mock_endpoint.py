"""An OpenAI-compatible endpoint for tests: scripted, faulty where told, counting each request.

In a test: `async with MockEndpoint(reply) as mock: ... mock.base_url ... mock.requests`.
As a program: `python tests/llm/mock_endpoint.py --port 0 --log FILE [--replies module:function]`
prints its URL; each request becomes a line of FILE when it arrives and when it was answered.
"""

import argparse
import asyncio
import contextlib
import hashlib
import importlib
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web

Body = dict[str, Any]
Handler = Callable[[Body], "str | web.Response | Awaitable[str | web.Response]"]
"""Makes the text of a completion, or a whole response, of a request's body."""


def completion(
    body: Body,
    text: str,
    *,
    usage: bool = True,
    finish_reason: str = "stop",
    tool_calls: list[Body] | None = None,
) -> Body:
    """A chat completion as endpoints send it."""
    message = {"role": "assistant", "content": text, "tool_calls": tool_calls}
    tokens = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return {
        "id": "mock",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
        **({"usage": tokens} if usage else {}),
    }


def refusal(status: int, message: str, **headers: str) -> web.Response:
    """An error as endpoints send it."""
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


def truncated_body(body: Body) -> web.Response:
    """A completion cut in half, though its headers say that it is whole."""
    text = json.dumps(completion(body, "cut in half"))
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


def body_hash(body: Body) -> str:
    """What identifies a request: sha256 of its canonical body."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def echo(body: Body) -> str:
    """Reply with a text that depends only on the request; JSON where JSON is asked."""
    digest = body_hash(body)[:12]
    return json.dumps({"echo": digest}) if "response_format" in body else f"echo {digest}"


@dataclass
class Exchange:
    """One request and when its reply was given to the system; times since the epoch."""

    hash: str
    arrived: float
    sent: float | None = None
    """None while it is not whole, and for ever where the client went away."""
    fault: str = ""
    """What the reply's header `X-Fault` says: empty where it is well."""


class MockEndpoint:
    """The server. `requests` holds every body, `counts` how often each hash came."""

    def __init__(
        self,
        reply: Handler = echo,
        *,
        latency: float = 0.0,
        key: str = "",
        models: tuple[str, ...] = ("mock",),
        log: Path | None = None,
        port: int = 0,
    ) -> None:
        self.requests: list[Body] = []
        self.counts: Counter[str] = Counter()
        self.exchanges: list[Exchange] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.base_url = ""
        self._reply, self._latency, self._key = reply, latency, key
        self._models, self._log, self._port = models, log, port
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._list)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _list(self, request: web.Request) -> web.Response:
        if not self._allowed(request):
            return self._wrong_key(request)
        return web.json_response(
            {"object": "list", "data": [{"id": name, "object": "model"} for name in self._models]}
        )

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body: Body = await request.json()
        digest = body_hash(body)
        self.requests.append(body)
        self.counts[digest] += 1
        exchange = Exchange(digest, time.time())
        self.exchanges.append(exchange)
        self._write("request", digest)
        if not self._allowed(request):
            return self._wrong_key(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            response = await self._respond(body)
            exchange.fault = response.headers.get("X-Fault", "")
            with contextlib.suppress(ConnectionError):  # the client may be gone
                await response.prepare(request)
                await response.write_eof()
                exchange.sent = time.time()
        finally:
            self.in_flight -= 1
        self._write("reply", digest)
        return response

    async def _respond(self, body: Body) -> web.Response:
        await asyncio.sleep(self._latency)
        reply = self._reply(body)
        said = reply if isinstance(reply, str | web.Response) else await reply
        return said if isinstance(said, web.Response) else web.json_response(completion(body, said))

    def _allowed(self, request: web.Request) -> bool:
        return not self._key or request.headers.get("Authorization") == f"Bearer {self._key}"

    def _wrong_key(self, request: web.Request) -> web.Response:
        sent = request.headers.get("Authorization", "")
        return refusal(401, f"Incorrect API key provided: {sent}\x1b[31m")

    def _write(self, what: str, digest: str) -> None:
        if self._log is not None:
            line = json.dumps({"at": time.time(), "what": what, "hash": digest})
            with self._log.open("a") as log:
                log.write(line + "\n")


def _load(name: str) -> Handler:
    module, _, function = name.partition(":")
    handler: Handler = getattr(importlib.import_module(module), function)
    return handler


async def _serve(options: argparse.Namespace) -> None:
    reply = _load(options.replies) if options.replies else echo
    endpoint = MockEndpoint(reply, latency=options.latency, log=options.log, port=options.port)
    async with endpoint:
        sys.stdout.write(endpoint.base_url + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds")
    parser.add_argument("--replies", help="module:function of the body; default: echo")
    asyncio.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
