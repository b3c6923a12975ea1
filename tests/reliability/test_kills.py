"""kill -9 at twenty random times: no finished call is paid twice, no row is lost or doubled."""

import asyncio
import random
import time
from collections import defaultdict
from pathlib import Path

import pytest
from authored_endpoint import reply
from campaign_runs import (
    MANY_SEEDS,
    alive,
    assert_adds_up,
    family,
    kill_group,
    outcomes,
    paid,
    run_words,
)
from command import ending, finish, fork
from mock_endpoint import Exchange, MockEndpoint

KILLS = 10
"""Of each course; there are two."""
_SLACK = 1.0
"""Seconds from a reply's last byte to its commit, on a machine that has much else to do."""

Words = tuple[object, ...]


# Rows in flight together come to the knowledge graph in the machine's order. By design what is
# composed from the graph depends on that, and which alike keywords a model is asked about: so the
# course with both constructions, to be equal, has one row in flight. Where nothing is composed any
# number is equal, but for the calls about alike keywords.
@pytest.mark.parametrize(
    ("rows", "flight", "options"),
    [
        pytest.param(32, 4, ("--mix", "reverse=1"), id="rows-side-by-side"),
        pytest.param(18, 1, (), id="both-constructions"),
    ],
)
async def test_after_ten_kills_all_is_as_if_there_had_been_none(
    tmp_path: Path, rows: int, flight: int, options: Words
) -> None:
    calm, killed = tmp_path / "calm", tmp_path / "killed"
    words = (*options, "--concurrency", flight, "-n", rows)
    async with MockEndpoint(reply) as mock:
        done = await finish(*_run(calm, mock, words))
        assert done.code == 0, done.err
        once = len(mock.requests)
    async with MockEndpoint(reply, latency=0.03) as mock:
        course = _Course(killed / "run", mock, flight, once)
        await course.go(_run(killed, mock, words))
    alone = flight == 1
    assert outcomes(killed / "run", merging=alone) == outcomes(calm / "run", merging=alone)
    assert_adds_up(killed / "run")
    asked = _by_request(mock.exchanges)
    assert paid(killed / "run") == len(asked), "the ledger has each request once"
    assert len(asked) == once or not alone
    for exchanges in asked:
        assert all(course.lost(each) for each in exchanges[:-1])


def _run(folder: Path, mock: MockEndpoint, words: Words) -> Words:
    folder.mkdir()
    return run_words(folder, mock.base_url, *words, seeds=MANY_SEEDS)


class _Course:
    """A campaign that is killed again and again."""

    def __init__(self, out: Path, mock: MockEndpoint, flight: int, calls: int) -> None:
        self._out, self._mock = out, mock
        self._flight, self._step = flight, calls // (KILLS + 1)
        self._chance = random.Random(5)
        self._killed: list[tuple[float, float]] = []

    async def go(self, words: Words) -> None:
        """Start, kill and resume, and at last let it come to its end."""
        recorded = 0
        for _ in range(KILLS):
            asked = len(self._mock.requests)
            await self._killed_once(words)
            lost = len(self._mock.requests) - asked - (paid(self._out) - recorded)
            assert 0 <= lost <= self._flight, "more were lost than were in flight"
            words, recorded = ("resume", self._out), paid(self._out)
        done = await finish(*words)
        assert done.code == 0, done.err

    async def _killed_once(self, words: Words) -> None:
        enough = len(self._mock.requests) + self._chance.randint(1, 2 * self._step - 1)
        process = fork(*words)
        while len(self._mock.requests) < enough:
            await asyncio.sleep(0.003)
            assert not process.has_ended, (await ending(process)).err
        await asyncio.sleep(self._chance.random() * 0.05)
        everyone = family(process.pid)
        before = time.time()
        kill_group(process.pid)
        await ending(process)
        await asyncio.sleep(0.1)  # what it had sent arrives
        self._killed.append((before, time.time()))
        assert not alive(everyone), "something went on after the kill"

    def lost(self, exchange: Exchange) -> bool:
        """Whether a kill came while a request was asked, or before its reply could be on disk."""
        last = float("inf") if exchange.sent is None else exchange.sent + _SLACK
        return any(exchange.arrived <= after and before <= last for before, after in self._killed)


def _by_request(exchanges: list[Exchange]) -> list[list[Exchange]]:
    """The exchanges of each request, in their order."""
    found: defaultdict[str, list[Exchange]] = defaultdict(list)
    for exchange in exchanges:
        found[exchange.hash].append(exchange)
    return list(found.values())
