import pytest

from infinite_instruct.events import Noticed
from infinite_instruct.runs.elapsed import note_begin, note_end, seconds_before
from infinite_instruct.runs.store import RunStore


async def test_time_of_ended_sessions_adds_up_and_of_a_killed_one_up_to_its_last_event(
    store: RunStore,
) -> None:
    assert seconds_before(store) == 0
    await note_begin(store, 0.0, since=1_000.0)
    await note_end(store, 60.0)
    assert seconds_before(store) == 60
    await note_begin(store, 60.0, since=5_000.0)
    store.emit(Noticed(message="still here", at=5_030.0))
    await store.flush()
    assert seconds_before(store) == pytest.approx(90), "killed here"
    await note_begin(store, 90.0, since=9_000.0)
    assert seconds_before(store) == 90, "a clock that was set back takes nothing away"
