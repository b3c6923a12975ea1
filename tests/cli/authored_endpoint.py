"""The scripted author behind a real HTTP endpoint, for tests that drive the command line."""

from typing import Any

from infinite_instruct.llm.model import ChatMessage, ChatRequest
from scripted_author import author


def reply(body: dict[str, Any]) -> str:
    """Write what the author would write for a request's body."""
    schema = body.get("response_format", {}).get("json_schema", {}).get("name", "")
    turns = [ChatMessage(role=turn["role"], content=turn["content"]) for turn in body["messages"]]
    return author(
        ChatRequest(
            role="writer",
            model=body["model"],
            messages=tuple(turns),
            schema_name=schema,
            seed=body.get("seed", 0),
        )
    )
