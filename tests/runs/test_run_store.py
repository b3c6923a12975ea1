import asyncio

import pytest
from run_rows import make_call, make_plan, make_rejection, make_sample
from tampering import tamper

from infinite_instruct.errors import RunFolderError
from infinite_instruct.events import Noticed, RowStarted
from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore


async def test_finds_what_it_recorded_and_nothing_else(store: RunStore) -> None:
    await store.record(make_call("k", '{"text": "hi"}'))
    assert await store.find("k") == '{"text": "hi"}'
    assert await store.find("other") is None


async def test_finds_new_replies_while_old_rows_are_being_read(filled: RunStore) -> None:
    halfway = filled.outcomes()
    next(halfway)
    await filled.record(make_call("k"))
    assert await filled.find("k") is not None
    with filled.snapshot():
        await filled.record(make_call("l"))
        assert await filled.find("l") is not None


async def test_counts_both_payments_when_two_rows_asked_the_same_at_once(store: RunStore) -> None:
    await asyncio.gather(store.record(make_call("k", "first")), store.record(make_call("k", "2nd")))
    (spent,) = store.spending()
    assert await store.find("k") == "first"
    assert (spent.calls, spent.tokens, spent.cost_usd) == (2, 30, 1.0)


async def test_an_unknown_price_is_told_not_summed_as_nothing(store: RunStore) -> None:
    await store.record(make_call("k"))
    await store.record(make_call("l").model_copy(update={"cost_usd": None}))
    (spent,) = store.spending()
    assert (spent.cost_usd, spent.unpriced) == (0.5, 1)


async def test_a_reply_is_kept_when_its_row_is_cancelled(store: RunStore) -> None:
    task = asyncio.create_task(store.record(make_call("k")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    store.close()
    with RunReader(store.ledger) as reader:
        assert reader.call("k") is not None


async def test_writes_whose_rows_are_gone_leave_the_others_of_their_commit_alone(
    store: RunStore,
) -> None:
    tasks = [asyncio.create_task(store.record(make_call(f"k{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert ended[1::2] == [None] * 10
    await store.flush()
    assert [n for n in range(20) if await store.find(f"k{n}") is None] == []


def test_what_was_told_last_is_on_disk_when_the_store_closes(store: RunStore) -> None:
    for n in range(50):
        store.emit(Noticed(message=str(n)))
    store.close()
    with RunReader(store.ledger) as reader:
        told = [event.message for event in reader.events("") if isinstance(event, Noticed)]
    assert told == [str(n) for n in range(50)]


async def test_takes_lone_surrogates_of_hostile_replies(store: RunStore) -> None:
    await store.record(make_call("k", "\ud800"))
    await store.plan_row(make_plan("r"))
    store.emit(Noticed(row="r", message="\udfff"))
    await store.finish_row(make_sample("r", prompt="a\ud800b"), ["\ud800"])
    assert await store.find("k") == "?"
    (outcome,) = store.outcomes()
    assert outcome.prompt == "a?b"


async def test_a_row_ends_once(store: RunStore) -> None:
    await store.plan_row(make_plan("r"))
    await store.finish_row(make_sample("r"), ["one"])
    with pytest.raises(ValueError, match="row r is not in flight"):
        await store.finish_row(make_rejection("r"), ["two"])
    assert [text for _, text in store.graph_events()] == ["one"]
    assert store.counts().samples == 1


async def test_a_row_and_the_set_that_was_drawn_for_it_are_kept_together(store: RunStore) -> None:
    await asyncio.gather(
        store.plan_row(make_plan("first"), ["drawn for first"]),
        store.plan_row(make_plan("second")),
    )
    with pytest.raises(ValueError, match="row first is planned already"):
        await store.plan_row(make_plan("first"), ["drawn for none"])
    assert [plan.id for plan in store.unfinished()] == ["first", "second"], "as they were planned"
    assert [text for _, text in store.graph_events()] == ["drawn for first"]


async def test_a_bad_write_fails_alone(store: RunStore) -> None:
    await store.plan_row(make_plan("r"))
    results = await asyncio.gather(
        store.record(make_call("k")),
        store.plan_row(make_plan("r")),
        store.record(make_call("l")),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), ValueError, type(None)]
    assert await store.find("l") is not None


async def test_outcomes_come_in_the_order_of_the_plans(store: RunStore) -> None:
    for row in ("a", "b", "c"):
        await store.plan_row(make_plan(row))
    for row in ("c", "a"):
        await store.finish_row(make_sample(row))
    assert [outcome.id for outcome in store.outcomes()] == ["a", "c"]
    assert [plan.id for plan in store.unfinished()] == ["b"]


async def test_events_are_on_disk_when_their_row_has_ended(store: RunStore) -> None:
    await store.plan_row(make_plan("r"))
    store.emit(Noticed(row="r", message="seen"))
    await store.finish_row(make_sample("r"))
    with RunReader(store.ledger) as other:
        assert [event.kind for event in other.events("r")] == ["noticed"]


async def test_after_a_flush_readers_see_every_event(store: RunStore) -> None:
    store.emit(Noticed(message="seen"))
    await store.flush()
    assert [event.kind for event in store.events("")] == ["noticed"]


async def test_a_finished_row_keeps_its_story(store: RunStore) -> None:
    await store.plan_row(make_plan("r"))
    store.emit(Noticed(row="r", message="kept"))
    await store.finish_row(make_sample("r"))
    store.emit(RowStarted(row="r", origin="reverse", language="python"))
    await store.flush()
    assert [event.kind for event in store.events("r")] == ["noticed", "row-started"]


async def test_a_row_started_again_tells_one_story(store: RunStore) -> None:
    await store.plan_row(make_plan("r"))
    for message in ("before the kill", "after"):
        store.emit(RowStarted(row="r", origin="reverse", language="python"))
        store.emit(Noticed(row="r", message=message))
    await store.finish_row(make_sample("r"))
    story = list(store.events("r"))
    assert [event.kind for event in story] == ["row-started", "noticed"]
    assert story[1].model_dump()["message"] == "after"


async def test_notes_keep_the_last_word(store: RunStore) -> None:
    await store.note("seeds", "1")
    await store.note("seeds", "2")
    with RunReader(store.ledger) as reader:
        assert reader.notes() == {"seeds": "2"}


async def test_a_reader_sees_one_moment_while_the_run_goes_on(filled: RunStore) -> None:
    with RunReader(filled.ledger) as reader, reader.snapshot():
        before = reader.counts()
        await filled.finish_row(make_sample("r5"))
        assert len(list(reader.outcomes())) == before.finished == 4


async def test_a_closed_store_refuses_by_name(store: RunStore) -> None:
    store.close()
    with pytest.raises(RunFolderError, match=r" is closed\."):
        await store.record(make_call("k"))


async def test_after_a_failure_every_write_is_refused(folder: RunFolder) -> None:
    store = RunStore(folder.ledger)
    tamper(folder.ledger, "DROP TABLE events")
    store.emit(Noticed(message="lost"))
    with pytest.raises(RunFolderError, match="events"):
        await store.plan_row(make_plan("r"))
    with pytest.raises(RunFolderError, match="events"):
        await store.record(make_call("k"))
    with pytest.raises(RunFolderError, match="events"):
        store.close()
