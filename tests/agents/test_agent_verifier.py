from collections.abc import Sequence

import pytest
from langchain_core.tools import BaseTool

from crew import TASK, Workshop, fenced, make_plan, say, syntax_only
from infinite_instruct.agents.tool_loop import MAX_CALLS, MAX_TURNS
from infinite_instruct.domain import Answer, Attempt, Status
from infinite_instruct.llm.model import ChatReply, ToolCall
from infinite_instruct.llm.scripted import Line
from infinite_instruct.tools.analyzers.langchain_tools import langchain_tools

GOOD = Answer(text=fenced("function total(items) {\n  return items.length;\n}"))
BROKEN = Answer(text=fenced("function total(items { return 1; }"))
REFUSE = say(why="It counts the items and adds no prices.", acceptable=False)
AGREE = say(why="It does what was asked.", acceptable=True)
CODE = '{"code": "function (", "language": "javascript"}'


def call(name: str = "check_with_syntax", arguments: str = CODE) -> ToolCall:
    return ToolCall(id="c1", name=name, arguments=arguments)


def calls(*wanted: ToolCall) -> ChatReply:
    return ChatReply(text="", tool_calls=wanted)


async def judge(
    answer: Answer, replies: Sequence[Line], mode: str = "agent"
) -> tuple[Attempt, Workshop]:
    workshop = Workshop(replies)
    tools: tuple[BaseTool, ...] = tuple(langchain_tools(syntax_only().analyzers))
    verifier = workshop.verifier(mode="agent" if mode == "agent" else "tools", tools=tools)
    return await verifier.verify(make_plan(), TASK, answer, ()), workshop


async def test_opinion_lowers_a_verdict() -> None:
    attempt, workshop = await judge(GOOD, ["I looked at it.", REFUSE])
    assert attempt.verdict.status is Status.REJECTED
    assert attempt.verdict.reason == "judge-refused"
    assert attempt.verdict.detail == "It counts the items and adds no prices."
    assert workshop.decisions == ["lower the verdict"]


async def test_opinion_cannot_raise_a_verdict() -> None:
    attempt, workshop = await judge(BROKEN, [AGREE, AGREE])
    assert attempt.verdict.reason == "syntax"
    assert workshop.model.requests == [], "what the analyzers reject is not worth an opinion"


async def test_agreement_leaves_the_analyzers_verdict() -> None:
    attempt, _ = await judge(GOOD, ["I looked.", AGREE])
    assert attempt.verdict.accepted


async def test_without_an_opinion_the_analyzers_decide() -> None:
    attempt, workshop = await judge(GOOD, ["I looked.", *["no"] * 3])
    assert attempt.verdict.accepted
    assert workshop.decisions == ["no opinion: the analyzers decide"]


async def test_mode_tools_asks_nobody() -> None:
    attempt, workshop = await judge(GOOD, [], mode="tools")
    assert attempt.verdict.accepted
    assert workshop.model.requests == []


async def test_every_attempt_is_told_with_its_number() -> None:
    attempt, workshop = await judge(GOOD, [], mode="tools")
    again = await workshop.verifier().verify(make_plan(), TASK, GOOD, (attempt,))
    told = [event for event in workshop.heard if event.kind == "answer-verified"]
    assert [event.attempt for event in told] == [0, 1] == [attempt.number, again.number]


async def test_tool_that_the_model_calls_is_served() -> None:
    attempt, workshop = await judge(GOOD, [calls(call()), "I have seen enough.", REFUSE])
    first, second, last = workshop.model.requests
    assert [tool.name for tool in first.tools] == ["check_with_syntax"]
    assert second.messages[-1].role == "tool"
    assert second.messages[-1].tool_call_id == "c1"
    assert "The syntax is broken" in second.messages[-1].content
    assert (last.tools, last.schema_name) == ((), "Opinion")
    assert workshop.decisions == ["call check_with_syntax", "lower the verdict"]
    assert attempt.verdict.reason == "judge-refused"


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param(call("run_shell"), "There is no tool 'run_shell'. There are:", id="unknown"),
        pytest.param(call(arguments="{"), "The arguments cannot be used", id="no-json"),
        pytest.param(call(arguments="[" * 9_000), "The arguments cannot be used", id="deep"),
        pytest.param(call(arguments="{}"), "The arguments cannot be used", id="missing"),
        pytest.param(call(arguments="[1]"), "The arguments cannot be used", id="list"),
        pytest.param(call(arguments='"code"'), "The arguments cannot be used", id="text"),
        pytest.param(
            call(arguments='{"code": "x", "language": "cobol"}'),
            "The arguments cannot be used",
            id="unknown-language",
        ),
        pytest.param(
            call(arguments='{"code": "x = 1", "language": "python"}'),
            "syntax does not check python",
            id="other-language",
        ),
    ],
)
async def test_wrong_call_is_told_to_the_model(wanted: ToolCall, told: str) -> None:
    attempt, workshop = await judge(GOOD, [calls(wanted), "done", AGREE])
    assert told in workshop.model.requests[1].messages[-1].content
    assert attempt.verdict.accepted


async def test_tool_turns_and_calls_are_bounded() -> None:
    greedy = calls(*[call() for _ in range(MAX_CALLS + 3)])
    attempt, workshop = await judge(GOOD, [*[greedy] * MAX_TURNS, AGREE])
    assert attempt.verdict.accepted
    assert len(workshop.model.requests) == MAX_TURNS + 1
    results = [turn for turn in workshop.model.requests[-1].messages if turn.role == "tool"]
    assert len(results) == MAX_TURNS * MAX_CALLS


async def test_tools_are_offered_with_schemas_that_need_no_others() -> None:
    _, workshop = await judge(GOOD, ["I looked.", AGREE])
    offered = workshop.model.requests[0].tools
    assert offered
    # Servers that make a grammar of the schema know no definitions beside it.
    assert not any("$ref" in tool.model_dump_json() for tool in offered)
