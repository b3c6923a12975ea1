"""Between our values and LangChain's messages. What comes back is untrusted: cleaned, counted."""

import json
from typing import Any

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
"""Of one reply; the sums of a campaign have room in a database then."""


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
    usage = message.usage_metadata
    prompt = usage["input_tokens"] if usage else 0
    completion = usage["output_tokens"] if usage else 0
    # A count of 0 is no count, it would make calls free of the budget; nor is one without bounds.
    least = 1 if text else 0
    estimated = not (1 <= prompt <= _MOST_TOKENS and least <= completion <= _MOST_TOKENS)
    if estimated:
        prompt = tokens_of("".join(turn.content for turn in request.messages))
        completion = tokens_of(text)
    return ChatReply(
        text=text,
        tool_calls=_tool_calls(message),
        finish_reason=str(message.response_metadata.get("finish_reason") or "stop"),
        model=str(message.response_metadata.get("model_name") or request.model),
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
