import json

import pytest
from run_rows import REJECTED, make_model_called, make_plan, make_sample

from infinite_instruct.errors import RunFolderError
from infinite_instruct.events import AnswerVerified, Decided, Noticed, RowStarted
from infinite_instruct.runs.printable import printable
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.store import RunStore
from infinite_instruct.runs.trace import rows, run_events, story

NASTY = "\x1b]0;title\x07 \x9b31m red \u202e back"


async def tell_a_row(store: RunStore) -> None:
    await store.plan_row(make_plan("r"))
    await store.record(
        Call(key="k", role="solver", model="m", request='{"ask": 1}', reply=json.dumps(NASTY))
    )
    store.emit(RowStarted(at=100, row="r", origin="reverse", language="python"))
    store.emit(make_model_called(103))
    store.emit(AnswerVerified(at=104, row="r", attempt=0, verdict=REJECTED))
    store.emit(Decided(at=105, row="r", agent="verifier", decision="repair", why=NASTY, saw="F821"))
    store.emit(Noticed(row="other", message="not this row's"))
    await store.finish_row(make_sample("r", prompt=NASTY))


async def test_a_story_is_told_in_order_with_all_its_grounds(store: RunStore) -> None:
    await tell_a_row(store)
    with RunReader(store.ledger) as reader:
        told = story(reader, "r")
    assert [(step.after, step.event.kind) for step in told.steps] == [
        (0, "row-started"),
        (3, "model-called"),
        (4, "answer-verified"),
        (5, "decided"),
    ]
    call, verified = told.steps[1], told.steps[2].event
    assert call.request == '{"ask": 1}'
    assert isinstance(verified, AnswerVerified)
    assert verified.verdict.diagnostics[0].rule == "F821"
    assert told.outcome is not None


async def test_nothing_in_a_story_can_steer_a_terminal(store: RunStore) -> None:
    await tell_a_row(store)
    told = story(store, "r")
    decision = told.steps[3].event
    assert isinstance(decision, Decided)
    assert decision.why == "�]0;title� �31m red � back"
    assert json.loads(told.steps[1].reply) == decision.why, "the decoded reply is safe, too"
    shown = told.model_dump_json()
    assert not any(control in shown for control in ("\\u001b", "\\u0007", "\x9b", "\u202e"))


async def test_a_reply_that_is_no_json_is_shown_as_it_is(store: RunStore) -> None:
    await tell_a_row(store)
    call = Call(key="torn", role="solver", model="m", reply='{"a": "\x1b')
    await store.record(call)
    store.emit(make_model_called(106).model_copy(update={"key": "torn"}))
    store.emit(make_model_called(107).model_copy(update={"key": "never recorded"}))
    await store.flush()
    replies = [step.reply for step in story(store, "r").steps]
    assert replies[-2:] == ['{"a": "�', ""]


async def test_a_row_in_flight_has_a_story_without_an_end(filled: RunStore) -> None:
    told = story(filled, "r5")
    assert (told.outcome, told.steps) == (None, ())


async def test_the_list_has_every_row_in_order(filled: RunStore) -> None:
    assert [(row.id, row.state, row.reason) for row in rows(filled)] == [
        ("r1", "sample", ""),
        ("r2", "sample", ""),
        ("r3", "rejected", "undefined-name"),
        ("r4", "rejected", "near-duplicate"),
        ("r5", "planned", ""),
    ]


async def test_an_unknown_row_is_named(filled: RunStore) -> None:
    with pytest.raises(RunFolderError, match="There is no row 'r99'") as caught:
        story(filled, "r99")
    assert "lists the rows" in caught.value.remedy


async def test_what_happened_to_the_run_is_told_apart(store: RunStore) -> None:
    store.emit(Noticed(message="no json_schema: falling back"))
    await tell_a_row(store)
    assert [event.kind for event in run_events(store)] == ["noticed"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("a\r\nb", "a\nb"),
        ("safe\rEVIL", "safe�EVIL"),
        ("\x1b[2J\x7f", "�[2J�"),
        ("naïve 日本語 🙂", "naïve 日本語 🙂"),
        ("\ud800", "�"),
    ],
    ids=["tab-newline", "crlf", "overwriting", "clear-screen", "letters", "surrogate"],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
