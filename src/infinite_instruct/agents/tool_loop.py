"""A model that may call the analyzers before it gives its typed reply."""

import json
from collections.abc import Mapping
from typing import TypeVar

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel

from infinite_instruct.agents.desk import Desk, Job
from infinite_instruct.domain import RowPlan
from infinite_instruct.llm.ask import ask
from infinite_instruct.llm.model import ChatMessage, ChatModel, ChatRequest, ToolCall, ToolSpec

MAX_TURNS = 4
MAX_CALLS = 4
"""Calls of tools that are served in one turn."""
MAX_RESULT = 4_000
"""Characters of a tool's result that go back to the model."""

M = TypeVar("M", bound=BaseModel)


async def converse(
    desk: Desk,
    plan: RowPlan,
    job: Job,
    tools: tuple[BaseTool, ...],
    reply_type: type[M],
    variables: Mapping[str, object],
) -> M:
    """Let the model call tools for some turns, then ask for its typed reply.

    Raises:
        ModelReplyError: It never gave one.
    """
    rendered, request = desk.request(plan, job, variables)
    model = desk.observed(plan, job, rendered)
    request = await _with_tool_turns(desk, plan, job, model, request, tools)
    asked = await ask(
        model, request, reply_type, correction=desk.correction, attempts=desk.attempts
    )
    return asked.value


async def _with_tool_turns(
    desk: Desk,
    plan: RowPlan,
    job: Job,
    model: ChatModel,
    request: ChatRequest,
    tools: tuple[BaseTool, ...],
) -> ChatRequest:
    by_name = {tool.name: tool for tool in tools}
    offered = tuple(_spec(tool) for tool in tools)
    turns = request.messages
    for _ in range(MAX_TURNS):
        asking = request.model_copy(update={"messages": turns, "tools": offered})
        reply = await model.complete(asking)
        calls = reply.tool_calls[:MAX_CALLS]
        if not calls:
            break
        turns += (ChatMessage(role="assistant", content=reply.text, tool_calls=calls),)
        for call in calls:
            result = await _serve(by_name, call)
            desk.decide(plan, job.agent, f"call {call.name[:80]}", call.arguments[:200], result)
            turns += (ChatMessage(role="tool", content=result, tool_call_id=call.id),)
    return request.model_copy(update={"messages": turns})


async def _serve(tools: Mapping[str, BaseTool], call: ToolCall) -> str:
    """Run a tool on arguments that a model wrote: whatever is wrong with them is told to it."""
    tool = tools.get(call.name)
    if tool is None:
        return f"There is no tool '{call.name[:80]}'. There are: {', '.join(tools)}."
    try:
        result = await tool.ainvoke(json.loads(call.arguments))
    except (ValueError, TypeError, RecursionError) as error:
        return f"The arguments cannot be used: {error}"[:MAX_RESULT]
    return str(result)[:MAX_RESULT]


def _spec(tool: BaseTool) -> ToolSpec:
    # It resolves references: some servers build a grammar of the schema and know none.
    told = convert_to_openai_tool(tool)["function"]
    return ToolSpec(
        name=told["name"], description=told["description"], parameters=told["parameters"]
    )
