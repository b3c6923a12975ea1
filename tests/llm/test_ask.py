import json

import pytest
from llm_requests import a_request
from pydantic import BaseModel, Field

from infinite_instruct.errors import ModelReplyError
from infinite_instruct.llm.ask import MAX_REPLY, UnusableReplyError, ask, ask_text, ask_with
from infinite_instruct.llm.model import ChatMessage, ChatReply, ChatRequest, ToolSpec
from infinite_instruct.llm.scripted import ScriptedModel


class Idea(BaseModel):
    title: str = Field(max_length=40)
    level: int


GOOD = '{"title": "Clamp", "level": 2}'


def correction(fault: str) -> str:
    return f"WRONG: {fault}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="bare"),
        pytest.param(f"```json\n{GOOD}\n```", id="fenced"),
        pytest.param(f"Sure! Here it is:\n{GOOD}\nAnything else?", id="prose-around"),
        pytest.param('{"note": 1}\n' + GOOD, id="after-another-object"),
        pytest.param("Use {braces} well: " + GOOD, id="after-braces"),
        pytest.param('<think>{"title": "draft", "level": 9}</think>' + GOOD, id="after-thinking"),
        pytest.param("{" * 20 + GOOD, id="after-open-braces"),
    ],
)
async def test_value_is_found_in(text: str) -> None:
    asked = await ask(ScriptedModel([text]), a_request(), Idea, correction=correction)
    assert asked.value == Idea(title="Clamp", level=2)
    assert len(asked.replies) == 1


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        pytest.param("no json here", "holds no JSON object", id="prose"),
        pytest.param("", "holds no JSON object", id="empty"),
        pytest.param('{"title": "Clamp"}', "level: Field required", id="missing-field"),
        pytest.param('{"title": "Clamp", "level": "x"}', "level: Input should be", id="type"),
        pytest.param(
            json.dumps({"title": "x" * 41, "level": 1}), "title: String should", id="too-long-field"
        ),
        pytest.param(
            ChatReply(text=GOOD, finish_reason="length", completion_tokens=9),
            "cut off after 9 tokens",
            id="cut-off-though-parsable",
        ),
        pytest.param("x" * MAX_REPLY + GOOD, "longer than", id="oversized"),
        pytest.param('{"a":' * 50_000, "holds no JSON object", id="deeply-nested"),
        pytest.param('{"title": "\\ud800", "level": 1}', "title: ", id="lone-surrogate"),
        pytest.param('{"title": "t", "level": ' + "9" * 5_000 + "}", "no JSON", id="huge-number"),
    ],
)
async def test_faulty_reply_is_asked_again_with_the_fault(
    reply: str | ChatReply, fault: str
) -> None:
    model = ScriptedModel([reply, GOOD])
    asked = await ask(model, a_request("q"), Idea, correction=correction)
    assert asked.value.title == "Clamp"
    assert [reply.key for reply in asked.replies] == [request.key for request in model.requests]
    assert len(asked.replies) == 2, "the faulty reply was paid, too"
    assert model.requests[1].messages[-1].content.startswith("WRONG: ")
    assert fault in model.requests[1].messages[-1].content
    assert model.requests[1].messages[0].content == "q"


async def test_faulty_reply_is_quoted_as_the_assistants_own() -> None:
    model = ScriptedModel(["nonsense", GOOD])
    await ask(model, a_request(), Idea, correction=correction)
    assert [(turn.role, turn.content) for turn in model.requests[1].messages][1] == (
        "assistant",
        "nonsense",
    )


async def test_prompt_does_not_grow_with_the_attempts() -> None:
    model = ScriptedModel(["one", "two" * 10_000, GOOD])
    await ask(model, a_request(), Idea, correction=correction)
    assert [len(request.messages) for request in model.requests] == [1, 3, 3]
    assert len(model.requests[2].messages[1].content) <= 4_000


async def test_empty_reply_makes_no_empty_turn() -> None:
    model = ScriptedModel([" ", GOOD])
    await ask(model, a_request(), Idea, correction=correction)
    assert [turn.role for turn in model.requests[1].messages] == ["user", "user"]


async def test_last_fault_and_all_replies_are_in_the_error() -> None:
    model = ScriptedModel(["no", "still no", '{"title": "t"}'])
    with pytest.raises(ModelReplyError, match=r"3 attempts.*level: Field required") as raised:
        await ask(model, a_request(), Idea, correction=correction)
    assert isinstance(raised.value, UnusableReplyError)
    assert [reply.text for reply in raised.value.replies][:2] == ["no", "still no"]


async def test_request_carries_the_schema() -> None:
    model = ScriptedModel([GOOD])
    await ask(model, a_request(), Idea, correction=correction)
    assert model.requests[0].schema_name == "Idea"
    assert model.requests[0].json_schema is not None
    assert model.requests[0].json_schema["required"] == ["title", "level"]


async def test_text_is_asked_again_when_empty_but_not_when_cut_off() -> None:
    cut = ChatReply(text=" def f(): ", finish_reason="length")
    asked = await ask_text(ScriptedModel(["", cut]), a_request(), correction=correction)
    assert asked.value == "def f():"
    assert asked.replies[-1].finish_reason == "length"


async def test_own_reader_names_its_own_fault() -> None:
    def read(reply: ChatReply) -> int:
        if not reply.text.isdigit():
            raise ValueError("only digits, please")
        return int(reply.text)

    model = ScriptedModel(["seven", "7"])
    asked = await ask_with(model, a_request(), read, correction=correction)
    assert asked.value == 7
    assert model.requests[1].messages[-1].content == "WRONG: only digits, please"


def test_changed_copy_of_a_request_has_a_key_of_its_own() -> None:
    request = a_request()
    other = request.model_copy(update={"seed": request.seed + 1})
    assert request.key == a_request().key
    assert other.key == a_request(seed=request.seed + 1).key != request.key
    assert request == a_request(), "a key that was asked for does not tell equal requests apart"


def test_a_run_of_an_earlier_version_finds_its_replies() -> None:
    request = ChatRequest(
        role="writer",
        model="mé",
        messages=(
            ChatMessage(role="system", content="Say ü."),
            ChatMessage(role="user", content='"x"\n'),
        ),
        schema_name="Reply",
        json_schema={"type": "object", "properties": {"b": {}, "a": {"enum": [1, None, 0.5]}}},
        tools=(ToolSpec(name="t", description="d", parameters={"z": 1, "a": []}),),
        temperature=1,
        seed=3,
    )
    assert request.key == "5bc6396c8ca6569fa31c9669c370d278a2ee6c7b6bcc7de8fef81ceb5dc16d9d"
