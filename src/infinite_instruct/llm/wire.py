"""Between our values and LangChain's messages. What comes back is untrusted: cleaned, counted."""

import json
from typing import Any, cast

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from infinite_instruct.llm.model import ChatMessage, ChatReply, ChatRequest, ToolCall

HIDDEN = "***"
"""What stands in place of a key."""
_CHARACTERS_PER_TOKEN = 3
"""Low, so that an estimate rather spends the budget early than late."""
_MAX_TOOL_CALLS = 64
_MOST_TOKENS = 10**9
"""Of one call: what is told beyond is no count, and no budget or database could take it."""
_MAX_WORD = 200
"""Characters of a model's name or a finish reason."""


def to_langchain(message: ChatMessage) -> BaseMessage:
    """One turn as LangChain's message."""
    text = well_formed(message.content)
    match message.role:
        case "system":
            return SystemMessage(text)
        case "user":
            return HumanMessage(text)
        case "tool":
            return ToolMessage(text, tool_call_id=message.tool_call_id)
        case "assistant":
            return AIMessage(
                text,
                # Raw, since LangChain's parsed calls lose arguments that are no JSON.
                additional_kwargs={"tool_calls": [_sent(call) for call in message.tool_calls]}
                if message.tool_calls
                else {},
            )


def to_reply(message: AIMessage, request: ChatRequest, *, seconds: float) -> ChatReply:
    """What came back, with counts: the endpoint's, or estimated where it sent none."""
    text = well_formed(_text(message))
    usage: dict[str, Any] = {**(message.usage_metadata or {})}
    prompt, completion = _count(usage.get("input_tokens")), _count(usage.get("output_tokens"))
    # A count of 0 is no count: it would make calls free of the budget.
    estimated = prompt <= 0 or (completion <= 0 and bool(text))
    if estimated:
        prompt = tokens_of("".join(turn.content for turn in request.messages))
        completion = tokens_of(text)
    return ChatReply(
        text=text,
        tool_calls=_tool_calls(message),
        finish_reason=_word(message, "finish_reason") or "stop",
        model=_word(message, "model_name") or request.model,
        prompt_tokens=prompt,
        completion_tokens=completion,
        estimated=estimated,
        seconds=seconds,
    )


def without(reply: ChatReply, key: str) -> ChatReply:
    """The reply without the key: an endpoint may repeat what it was sent, and replies are kept."""
    calls = (part for call in reply.tool_calls for part in (call.id, call.name, call.arguments))
    texts = (reply.text, reply.model, reply.finish_reason, *calls)
    if not key or not any(key in text for text in texts):
        return reply
    written = reply.model_dump_json().replace(json.dumps(key)[1:-1], HIDDEN)
    return ChatReply.model_validate_json(written)


def well_formed(text: str) -> str:
    """The text without lone surrogates: no file and no database takes them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def tokens_of(text: str) -> int:
    """About how many tokens a text has, rather too many."""
    return len(text) // _CHARACTERS_PER_TOKEN + 1


def _count(told: object) -> int:
    """An endpoint's count; 0 where it is none."""
    try:
        count = int(cast("Any", told))
    except (TypeError, ValueError, OverflowError):
        return 0
    return count if 0 < count <= _MOST_TOKENS else 0


def _word(message: AIMessage, name: str) -> str:
    """A word of the reply's head."""
    return well_formed(str(message.response_metadata.get(name) or "")[:_MAX_WORD])


def _text(message: AIMessage) -> str:
    # Typed as text or blocks of it; endpoints send null, too.
    return message.content if isinstance(message.content, str) else str(message.text)


def _tool_calls(message: AIMessage) -> tuple[ToolCall, ...]:
    parsed = [(call["id"], call["name"], json.dumps(call["args"])) for call in message.tool_calls]
    broken = [(call["id"], call["name"], call["args"]) for call in message.invalid_tool_calls]
    return tuple(
        ToolCall(id=id_ or "", name=well_formed(name or ""), arguments=well_formed(arguments or ""))
        for id_, name, arguments in [*parsed, *broken][:_MAX_TOOL_CALLS]
    )


def _sent(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}
