"""LangChain's `ChatOpenAI`, as lean as its parts allow."""

import json
from functools import cached_property
from typing import Any, cast

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic_core import to_json

from infinite_instruct.llm.http_client import BoundedClient
from infinite_instruct.llm.post import Post


class PlainChat(ChatOpenAI):
    """Forms requests and reads replies as ever; between them goes plain JSON.

    The SDK's typed calls walk through every message by reflection to rename fields that chat
    messages do not have, and build typed objects of the reply, which LangChain takes apart again:
    together they cost more CPU time than all else of a call.
    """

    async def reply(self, messages: list[BaseMessage], **kwargs: Any) -> AIMessage:  # noqa: ANN401 - LangChain's
        """As `ainvoke`, without its callbacks: what happens is told by the project's own events."""
        result = await self._agenerate(messages, **kwargs)
        generation = result.generations[0]
        message = generation.message
        if not isinstance(message, AIMessage):
            raise ValueError("the reply is no turn of the assistant")  # noqa: TRY004 - not a fault of ours
        told = {**(result.llm_output or {}), **(generation.generation_info or {})}
        message.response_metadata = {**told, **message.response_metadata}
        return message

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - LangChain's
        **kwargs: Any,  # noqa: ANN401 - LangChain's
    ) -> ChatResult:
        payload = cast("dict[str, Any]", self._get_request_payload(messages, stop=stop, **kwargs))
        extra: dict[str, Any] = payload.pop("extra_body", None) or {}
        content = await self._post(to_json({**payload, **extra}))
        return self._create_chat_result(json.loads(content))

    @cached_property
    def _post(self) -> Post:
        return Post(self.root_async_client, cast("BoundedClient", self.http_async_client))
