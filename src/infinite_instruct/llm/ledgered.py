"""The ledger before a model: a request that was ever answered is never paid again."""

import asyncio
from collections.abc import Callable

from infinite_instruct.llm.model import ChatModel, ChatReply, ChatRequest, Ledger


def _ignore(_reply: ChatReply) -> None:
    """Count nothing."""


class LedgeredModel:
    """Answers from the ledger where it can, else asks and records before it returns.

    It stands outside of the budget: what is replayed costs nothing. A call once sent is finished
    and recorded even if its caller is cancelled, since it is paid.

    Args:
        inner: Who is asked when the ledger does not know.
        ledger: Where the replies are.
        on_replay: Hears of every reply that cost nothing.
    """

    def __init__(
        self, inner: ChatModel, ledger: Ledger, *, on_replay: Callable[[ChatReply], None] = _ignore
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._on_replay = on_replay
        self._calls: dict[str, asyncio.Task[ChatReply]] = {}

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request; equal ones at the same time share one call."""
        key = request.key
        call = self._calls.get(key)
        if call is not None:
            return self._replay(await asyncio.shield(call))
        call = asyncio.create_task(self._find_or_ask(request, key))
        self._calls[key] = call
        call.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(call)

    async def _find_or_ask(self, request: ChatRequest, key: str) -> ChatReply:
        found = await self._ledger.find(key)
        if found is not None:
            return self._replay(found)
        reply = await self._inner.complete(request)
        await self._ledger.record(request, reply)
        return reply

    def _replay(self, reply: ChatReply) -> ChatReply:
        replayed = reply.model_copy(update={"replayed": True, "cost_usd": 0.0, "seconds": 0.0})
        self._on_replay(replayed)
        return replayed

    def _forget(self, key: str, call: asyncio.Task[ChatReply]) -> None:
        del self._calls[key]
        if not call.cancelled():
            call.exception()  # Seen here, or asyncio complains when every caller was cancelled.
