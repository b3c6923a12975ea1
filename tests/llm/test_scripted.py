import asyncio
from pathlib import Path

import pytest
from llm_requests import a_request

from infinite_instruct.errors import EndpointError, ModelReplyError, SettingsError
from infinite_instruct.llm.cassette import CassetteModel, RecordingModel
from infinite_instruct.llm.model import ChatReply, ChatRequest
from infinite_instruct.llm.scripted import ScriptedModel


async def test_script_is_spoken_in_order_and_its_end_is_told() -> None:
    model = ScriptedModel(["one", ChatReply(text="two"), EndpointError("down", remedy="wait")])
    assert (await model.complete(a_request())).text == "one"
    assert (await model.complete(a_request())).text == "two"
    with pytest.raises(EndpointError):
        await model.complete(a_request())
    with pytest.raises(ModelReplyError, match="has 3 replies; request 4"):
        await model.complete(a_request())
    assert len(model.requests) == 4


async def test_script_may_be_a_function_plain_or_async() -> None:
    async def slowly(request: ChatRequest) -> str:
        await asyncio.sleep(0)
        return request.messages[0].content.upper()

    assert (await ScriptedModel(slowly).complete(a_request("hi"))).text == "HI"
    assert (await ScriptedModel(lambda _: "plain").complete(a_request())).text == "plain"


async def test_cassette_plays_what_was_recorded(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    recorder = RecordingModel(ScriptedModel(["ö\u2028", "two"]), path)
    recorded = [await recorder.complete(a_request(text)) for text in ("a", "b")]
    cassette = CassetteModel(path)
    played = [await cassette.complete(a_request(text)) for text in ("b", "a")]
    assert played == recorded[::-1]


@pytest.mark.parametrize(
    ("asked", "difference"),
    [
        pytest.param(a_request("a\nnew line"), r"messages differ: \+new line", id="messages"),
        pytest.param(a_request("a", seed=7), "seed was '0' and is '7'", id="seed"),
        pytest.param(a_request("a", role="judge"), "no request of this role", id="role"),
    ],
)
async def test_cassette_names_what_differs(
    tmp_path: Path, asked: ChatRequest, difference: str
) -> None:
    path = tmp_path / "talk.jsonl"
    await RecordingModel(ScriptedModel(["one"]), path).complete(a_request("a"))
    with pytest.raises(ModelReplyError, match=difference) as raised:
        await CassetteModel(path).complete(asked)
    assert "RecordingModel" in raised.value.remedy


@pytest.mark.parametrize("content", [b"{torn", b"\xff"], ids=["torn", "not-utf8"])
def test_damaged_cassette_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"talk\.jsonl cannot be read"):
        CassetteModel(path)
