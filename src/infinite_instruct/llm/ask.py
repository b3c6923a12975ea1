"""Asking a model for a value: its reply is parsed, checked, and asked for again with the fault."""

import json
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from infinite_instruct.domain import Value
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.llm.model import ChatMessage, ChatModel, ChatReply, ChatRequest
from infinite_instruct.llm.schema import schema_of

MAX_REPLY = 256 * 1024
"""Characters of a reply that are looked at; a longer one is a fault."""
MAX_QUOTED = 4_000
"""Characters of a faulty reply that are shown to the model again."""
MAX_FAULT = 1_000
_MAX_STARTS = 32

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

Read = Callable[[ChatReply], T]
"""Makes the value of a reply; a ValueError's text names the fault to the model."""


class Asked(Value, Generic[T]):
    """What an ask came to."""

    value: T
    replies: tuple[ChatReply, ...]
    """Every reply, the faulty ones too: all were paid. Each has the key of its request."""

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens of all replies."""
        return sum(reply.prompt_tokens + reply.completion_tokens for reply in self.replies)


class UnusableReplyError(ModelReplyError):
    """Every attempt was faulty; the replies are kept for the accounts."""

    def __init__(self, request: ChatRequest, fault: str, replies: tuple[ChatReply, ...]) -> None:
        super().__init__(
            f"{request.model} gave no usable reply as {request.role} in {len(replies)} attempts. "
            f"The last fault: {fault}",
            remedy="A larger model, a larger limit of tokens or a plainer prompt helps.",
        )
        self.fault = fault
        self.replies = replies


async def ask(
    model: ChatModel,
    request: ChatRequest,
    reply_type: type[M],
    *,
    correction: Callable[[str], str],
    attempts: int = 3,
) -> Asked[M]:
    """Ask for one JSON value of a type, by its schema.

    Args:
        model: Who is asked.
        request: The question; its schema is set here.
        reply_type: What the reply must be.
        correction: Renders the user turn which names a fault; its words belong to the pack.
        attempts: How often the model may try, 1 or more.

    Raises:
        UnusableReplyError: No attempt gave such a value.
    """
    bound = request.model_copy(
        update={"schema_name": reply_type.__name__, "json_schema": schema_of(reply_type)}
    )
    return await ask_with(
        model,
        bound,
        lambda reply: parse_json(reply, reply_type),
        correction=correction,
        attempts=attempts,
    )


async def ask_text(
    model: ChatModel,
    request: ChatRequest,
    *,
    correction: Callable[[str], str],
    attempts: int = 3,
) -> Asked[str]:
    """Ask for plain text. One that was cut off is returned: its judge sees `finish_reason`.

    Raises:
        UnusableReplyError: Every reply was empty.
    """
    return await ask_with(model, request, read_text, correction=correction, attempts=attempts)


async def ask_with(
    model: ChatModel,
    request: ChatRequest,
    read: Read[T],
    *,
    correction: Callable[[str], str],
    attempts: int = 3,
) -> Asked[T]:
    """Ask until `read` can make a value of the reply.

    Raises:
        UnusableReplyError: It could of none.
    """
    replies: list[ChatReply] = []
    turn, fault = request, ""
    for _ in range(attempts):
        reply = await model.complete(turn)
        replies.append(reply.model_copy(update={"key": turn.key}))
        try:
            return Asked[T](value=read(reply), replies=tuple(replies))
        except ValueError as error:
            fault = _fault(error)
        turn = _corrected(request, reply, correction(fault), seed=request.seed + len(replies))
    raise UnusableReplyError(request, fault, tuple(replies))


def read_text(reply: ChatReply) -> str:
    """The reply's text, which must not be empty."""
    text = reply.text.strip()
    if not text:
        raise ValueError("the reply is empty")
    return text


def parse_json(reply: ChatReply, reply_type: type[M]) -> M:
    """Find the value in a reply: bare, fenced or with prose around it.

    Raises:
        ValueError: It was cut off, is too long, or holds no such value.
    """
    if reply.finish_reason == "length":
        raise ValueError(f"the reply was cut off after {reply.completion_tokens} tokens")
    if len(reply.text) > MAX_REPLY:
        raise ValueError(f"the reply is longer than {MAX_REPLY} characters")
    first_fault: ValidationError | None = None
    for candidate in _json_values(reply.text):
        try:
            return reply_type.model_validate(candidate)
        except ValidationError as error:
            first_fault = first_fault or error
    raise first_fault or ValueError("the reply holds no JSON object")


def _json_values(text: str) -> Iterator[object]:
    """The JSON objects of a text, the outermost of each, in order; at most _MAX_STARTS tried."""
    # Reasoning models think aloud first, with drafts of the value.
    text = text.rpartition("</think>")[2]
    decoder, position = json.JSONDecoder(), 0
    for _ in range(_MAX_STARTS):
        start = text.find("{", position)
        if start < 0:
            return
        try:
            value, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            position = start + 1
        else:
            yield value


def _fault(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return str(error)[:MAX_FAULT]
    faults = (
        f"{'.'.join(map(str, fault['loc'])) or 'the value'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    )
    return "; ".join(faults)[:MAX_FAULT]


def _corrected(
    request: ChatRequest, reply: ChatReply, correction: str, *, seed: int
) -> ChatRequest:
    """The first question with the last faulty reply: older ones only lengthen the prompt.

    Another seed makes it another request: else a fault that comes twice would be asked for a third
    time by the same request, and be answered from the ledger.
    """
    turns = (
        ChatMessage(role="assistant", content=reply.text[:MAX_QUOTED]),
        ChatMessage(role="user", content=correction),
    )
    # Endpoints refuse empty turns.
    said = turns if reply.text.strip() else turns[1:]
    return request.model_copy(update={"messages": request.messages + said, "seed": seed})
