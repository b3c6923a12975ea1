"""What a model is to this project: a request goes in, a reply comes out."""

import hashlib
import json
from functools import cached_property
from typing import Any, Literal, Protocol, Self

from pydantic import Field

from infinite_instruct.domain import Message, Value


class ToolSpec(Value):
    """A tool that the model may call, as JSON schema."""

    name: str
    description: str
    parameters: dict[str, Any]


class ToolCall(Value):
    """A model's wish to call a tool. The arguments are the model's text: untrusted."""

    id: str
    name: str
    arguments: str


class ChatMessage(Message):
    """A turn of a chat, with the tool calls it makes or answers."""

    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


class ChatRequest(Value):
    """All that decides a model's reply. Two equal requests are one: the second costs nothing."""

    role: Literal["writer", "composer", "solver", "judge", "curator"]
    """Which of the configured models is asked."""
    model: str
    messages: tuple[ChatMessage, ...]
    schema_name: str = ""
    json_schema: dict[str, Any] | None = None
    """The reply must be one JSON value of this schema."""
    tools: tuple[ToolSpec, ...] = ()
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=1024, ge=1)
    """Bound of the reply, in tokens: small models run away without one."""
    seed: int = 0
    """Distinguishes rows that ask the same; also sent to the endpoint."""

    @cached_property
    def key(self) -> str:
        """sha256 of the whole request, hexadecimal: its key in the ledger."""
        # The schema is plain JSON already: to copy it would take as long as all the rest.
        fields = self.model_dump(mode="json", exclude={"json_schema"})
        fields["json_schema"] = self.json_schema
        canonical = json.dumps(fields, sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def __copy__(self) -> Self:
        copied = super().__copy__()
        # A copy is made to be another request: see `model_copy`.
        vars(copied).pop("key", None)
        return copied


class ChatReply(Value):
    """What came back, as it came: untrusted text and the counts to be paid."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = "stop"
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = None
    estimated: bool = False
    """Whether the token counts are ours, from the lengths, as the endpoint sent none."""
    seconds: float = 0.0
    replayed: bool = False
    """Whether it came from the ledger and cost nothing now."""
    key: str = ""
    """The key of the request that it answers, where an ask made that: re-asks have their own."""


class ChatModel(Protocol):
    """Anything that answers requests: an endpoint, a script, a cassette, a ledger before them."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        """Answer one request.

        Raises:
            EndpointError: The endpoint cannot be used at all.
            BudgetExhaustedError: A limit forbids the call.
            ModelReplyError: The endpoint gave no usable reply to this request.
        """
        ...


class Ledger(Protocol):
    """Every finished reply, on disk before it is used."""

    async def find(self, key: str) -> ChatReply | None:
        """The reply to the request with this key, if it was ever finished."""
        ...

    async def record(self, request: ChatRequest, reply: ChatReply) -> None:
        """Store a finished reply; when this returns, it survives a kill -9."""
        ...
