"""How long a campaign ran, over all its sessions, a killed one up to the last thing it did."""

from infinite_instruct.domain import Value
from infinite_instruct.runs.reader import RunReader
from infinite_instruct.runs.store import RunStore

_NOTE = "elapsed"


class _Elapsed(Value):
    seconds: float
    """Of the sessions that ended."""
    since: float | None = None
    """When the one that goes on, or was killed, began; seconds since the epoch."""


def seconds_before(reader: RunReader) -> float:
    """Seconds that all earlier sessions ran."""
    note = reader.notes().get(_NOTE)
    if note is None:
        return 0.0
    elapsed = _Elapsed.model_validate_json(note)
    if elapsed.since is None:
        return elapsed.seconds
    return elapsed.seconds + max(0.0, reader.last_moment() - elapsed.since)


async def note_begin(store: RunStore, seconds: float, since: float) -> None:
    """Note that a session begins, after so many seconds."""
    await store.note(_NOTE, _Elapsed(seconds=seconds, since=since).model_dump_json())


async def note_end(store: RunStore, seconds: float) -> None:
    """Note that the session ended, and the seconds of all."""
    await store.note(_NOTE, _Elapsed(seconds=seconds).model_dump_json())
