"""A model that says what it was told to say: for tests, examples and trying out packs."""

import inspect
from collections.abc import Awaitable, Callable, Sequence

from infinite_instruct.errors import ModelReplyError
from infinite_instruct.llm.model import ChatReply, ChatRequest

Line = str | ChatReply | Exception
"""What is said next; an exception is raised."""
Script = Sequence[Line] | Callable[[ChatRequest], Line | Awaitable[Line]]


class ScriptedModel:
    """Replies from a list, in order, or by a function of the request.

    Attributes:
        requests: Every request so far, in order.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Say the next line.

        Raises:
            ModelReplyError: The list is at its end.
        """
        self.requests.append(request)
        line = await self._next_line(request)
        if isinstance(line, Exception):
            raise line
        return line if isinstance(line, ChatReply) else _spoken(line, request)

    async def _next_line(self, request: ChatRequest) -> Line:
        if callable(self._script):
            line = self._script(request)
            return await line if inspect.isawaitable(line) else line
        turn = len(self.requests)
        if turn > len(self._script):
            raise ModelReplyError(
                f"The script has {len(self._script)} replies; request {turn} got none.",
                remedy="Give the ScriptedModel more replies, or a function of the request.",
            )
        return self._script[turn - 1]


def _spoken(text: str, request: ChatRequest) -> ChatReply:
    """A reply with plausible counts: about four characters make a token."""
    prompt = sum(len(message.content) for message in request.messages)
    return ChatReply(
        text=text,
        model=request.model,
        prompt_tokens=prompt // 4 + 1,
        completion_tokens=len(text) // 4 + 1,
    )
