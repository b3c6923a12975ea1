"""Workers of this machine: forks of one process, gone when their channel or their driver is."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from echo_worker import STAY

from infinite_instruct.engines.local import Nursery, ProcessChannel


@pytest.fixture(autouse=True)
def _found_by_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@contextmanager
def nursery(served: str = "serve") -> Iterator[Nursery]:
    with Nursery(f"echo_worker:{served}") as opened:
        yield opened


async def number_of(worker: ProcessChannel, said: bytes = b"hello") -> int:
    await worker.send(said)
    number, _, heard = (await worker.receive()).partition(b" ")
    assert heard == said
    return int(number)


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()[1])


def is_there(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


async def test_workers_are_processes_of_their_own_that_share_their_imports() -> None:
    with nursery() as opened:
        workers = [await opened.start_worker() for _ in range(2)]
        one, other = [await number_of(each) for each in workers]
        assert one != other
        assert parent_of(one) == parent_of(other) != os.getpid()
        for each in workers:
            await each.close()
        assert not is_there(one)
        assert not is_there(other)


async def test_worker_that_hears_nothing_is_killed_when_its_channel_is_closed() -> None:
    with nursery() as opened:
        stuck, other = [await opened.start_worker() for _ in range(2)]
        number = await number_of(stuck, STAY)
        await stuck.close()
        assert not is_there(number)
        assert await number_of(other), "the others go on"
        await other.close()


async def test_another_mother_takes_the_place_of_one_that_was_killed() -> None:
    with nursery() as opened:
        orphan = await opened.start_worker()
        number = await number_of(orphan)
        os.kill(parent_of(number), signal.SIGKILL)
        with pytest.raises(ConnectionError):
            await orphan.receive()
        await orphan.close()
        assert not is_there(number), "no worker outlives the one that watches it"
        worker = await opened.start_worker()
        assert await number_of(worker) != number
        await worker.close()


async def test_nothing_is_left_behind_a_nursery() -> None:
    with nursery() as opened:
        worker = await opened.start_worker()
        number = await number_of(worker)
    with pytest.raises(ConnectionError):
        await worker.receive()
    await worker.close()
    assert not is_there(number)


async def test_worker_that_dies_at_once_is_told_by_the_end_of_its_channel() -> None:
    with nursery("fail") as opened:
        worker = await opened.start_worker()
        with pytest.raises(ConnectionError):
            await worker.receive()
        await worker.close()
        again = await opened.start_worker()
        await again.close()


async def test_what_cannot_be_imported_is_told_as_a_worker_that_died() -> None:
    with nursery("nothing") as opened:
        for _ in range(2):
            with pytest.raises(ConnectionError):
                await opened.start_worker()
