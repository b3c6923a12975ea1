"""A request to begin with, for the tests of this folder."""

from infinite_instruct.llm.model import ChatMessage, ChatRequest


def a_request(text: str = "hello", **fields: object) -> ChatRequest:
    messages = (ChatMessage(role="user", content=text),)
    base = {"role": "writer", "model": "mock", "messages": messages}
    return ChatRequest.model_validate(base | fields)
