"""Campaigns that are killed, stopped and resumed at random, against an endpoint with errors.

Usage: make soak, or, with src, tests and their folders llm, cli and reliability in PYTHONPATH,
  python benchmarks/soak.py [--minutes 30] [--seed 1] [--rows 200] [-- MORE OPTIONS OF `run`]
The endpoint refuses 5 % of the calls (429, 500), cuts 2 % of the replies, and is dead now and then.
Each campaign is killed (kill -9 of its group) or told to stop (SIGINT, SIGTERM, SIGINT twice) every
few seconds until it has all its rows; then another one begins, until the time is up. What the
endpoint saw, what the ledgers have and what the outputs hold must add up: else it exits with 1.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from authored_endpoint import reply
from campaign_runs import MANY_SEEDS, Running, alive, family, kill_group, paid
from command import start
from mock_endpoint import Body, MockEndpoint, truncated_body
from soak_accounts import Accounts, Window

FLIGHT = 8
LINGERING = 5.0
"""Seconds after which a process of a run that ended is an orphan."""
PATIENCE = 120.0
"""Seconds in which a run that was told to stop must end."""
STOPPED = (130, -signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT)
"""The last two where it was told to stop before it could listen."""
ENDS = ("kill -9", "kill -9", "SIGINT", "SIGTERM", "SIGINT twice")
SETTINGS = """\
[verifier]
cache = false
[model]
name = "mock"
retries = 8
[mix]
reverse = 0.6
backfeed = 0.4
"""


@dataclass
class Weather:
    """How the endpoint fares: well mostly, with faults and dead spells."""

    chance: random.Random
    dead_until: float = 0.0
    next_spell: float = field(default_factory=lambda: time.monotonic() + 40)

    async def answer(self, body: Body) -> str | web.Response:
        """Reply, or not."""
        await asyncio.sleep(self.chance.uniform(0.02, 0.4))
        now, draw = time.monotonic(), self.chance.random()
        if now > self.next_spell:
            self.dead_until = now + self.chance.uniform(2, 8)
            self.next_spell = now + self.chance.uniform(40, 120)
        if now < self.dead_until:
            return web.Response(status=503, headers={"X-Fault": "dead"})
        if draw < 0.05:  # noqa: PLR2004  as the heading says
            status = 429 if draw < 0.025 else 500  # noqa: PLR2004  half of them each
            return web.Response(status=status, headers={"X-Fault": str(status)})
        if draw < 0.07:  # noqa: PLR2004  as the heading says
            cut = truncated_body(body)
            cut.headers["X-Fault"] = "cut"
            return cut
        return reply(body)


@dataclass
class Soak:
    """One endpoint, and one campaign after the other."""

    folder: Path
    more: list[str]
    rows: int
    until: float
    chance: random.Random
    mock: MockEndpoint
    accounts: Accounts = field(default_factory=lambda: Accounts(FLIGHT))

    async def go(self) -> None:
        """Run campaigns until the time is up; the last one ends undisturbed."""
        (self.folder / "settings.toml").write_text(SETTINGS)
        number = 0
        while time.monotonic() < self.until:
            number += 1
            await self._campaign(self.folder / f"run-{number}", number)

    async def _campaign(self, out: Path, seed: int) -> None:
        rows = self.chance.randint(self.rows // 2, self.rows * 3 // 2)
        words: tuple[object, ...] = (
            *("run", "--config", self.folder / "settings.toml", "--seeds", MANY_SEEDS),
            *("--out", out, "-n", rows, "--seed", seed, "--concurrency", FLIGHT),
            *("--base-url", self.mock.base_url, "--languages", "python", *self.more),
        )
        first, ended, code = len(self.mock.exchanges), list[Window](), STOPPED[0]
        while code in STOPPED:
            code, window = await self._session(words, out)
            ended.append(window)
            words = ("resume", out) if (out / "ledger.sqlite").exists() else words
        self.accounts.check(f"{out} ended with {code}", holds=code == 0)
        if code == 0:
            self.accounts.add_campaign(out, rows, self.mock.exchanges[first:], ended)
        print(f"{out.name}: {rows} rows in {len(ended)} sessions", flush=True)

    async def _session(self, words: tuple[object, ...], out: Path) -> tuple[int, Window]:
        """Run until it ends or is ended; gives its exit code, and when it was ended."""
        first = len(self.mock.exchanges)
        recorded = paid(out) if (out / "ledger.sqlite").exists() else 0
        process = await start(*words)
        said = asyncio.create_task(process.communicate())
        try:
            everyone = await self._watch(process.pid, said)
        except asyncio.CancelledError:
            kill_group(process.pid)
            raise
        before, end = time.time(), self.chance.choice(ENDS)
        if not said.done():
            await self._end(process.pid, end, said)
        else:
            end = f"ended with {process.returncode}"
        _, err = await said
        self.accounts.endings[end] += 1
        told = f"a traceback after {end}: {err.decode()[-2000:]}"
        self.accounts.check(told, holds=b"Traceback" not in err)
        await self._no_orphans(everyone)
        while self.mock.in_flight:
            await asyncio.sleep(0.05)
        recorded = paid(out) - recorded if (out / "ledger.sqlite").exists() else 0
        drained = end not in {"kill -9", "SIGINT twice"}
        self.accounts.add_session(self.mock.exchanges[first:], recorded, drained=drained)
        return process.returncode or 0, (before, time.time())

    async def _watch(self, pid: int, said: "asyncio.Task[tuple[bytes, bytes]]") -> set[Running]:
        """Let it run for a while; gives every process that it had."""
        everyone: set[Running] = set()
        asked = len(self.mock.exchanges)
        # Mostly while calls are made, now and then while it starts.
        from_start, lasts = self.chance.random() < 0.2, self.chance.lognormvariate(1.5, 0.8)  # noqa: PLR2004
        enough = time.monotonic() + lasts
        while not said.done() and (time.monotonic() < enough or enough > self.until):
            if len(self.mock.exchanges) == asked and not from_start:
                enough = time.monotonic() + lasts
            everyone |= family(pid)
            self.accounts.memory = max(self.accounts.memory, _most_memory(pid))
            await asyncio.wait({said}, timeout=0.2)
        return everyone | family(pid)

    async def _end(self, pid: int, end: str, said: "asyncio.Task[tuple[bytes, bytes]]") -> None:
        with contextlib.suppress(ProcessLookupError):
            if end == "kill -9":
                kill_group(pid)
                return
            os.kill(pid, signal.SIGTERM if end == "SIGTERM" else signal.SIGINT)
            if end == "SIGINT twice":
                await asyncio.sleep(0.4)
                os.kill(pid, signal.SIGINT)
        done, _ = await asyncio.wait({said}, timeout=PATIENCE)
        self.accounts.check(f"{end} did not end it in {PATIENCE:g} s", holds=bool(done))
        if not done:
            kill_group(pid)

    async def _no_orphans(self, everyone: set[Running]) -> None:
        deadline = time.monotonic() + LINGERING
        while (left := alive(everyone)) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        self.accounts.orphans += len(left)
        self.accounts.check(f"processes are left: {left}", holds=not left)


def _most_memory(pid: int) -> int:
    """The most that a process has taken so far, in MB; 0 where it is gone."""
    with contextlib.suppress(OSError):
        told = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()
        return int(told[0]) // 1024 if told else 0
    return 0


async def soak(asked: argparse.Namespace, more: list[str]) -> Accounts:
    """Soak for a while, and tell the accounts."""
    chance = random.Random(asked.seed)  # noqa: S311  no secret
    weather = Weather(random.Random(asked.seed + 1))  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        async with MockEndpoint(weather.answer) as mock:
            until = time.monotonic() + 60 * asked.minutes
            course = Soak(Path(folder), more, asked.rows, until, chance, mock)
            await course.go()
    return course.accounts


def main() -> None:
    """Read the arguments, soak, and print what was counted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--rows", type=int, default=200, help="of a campaign, half to one and a half"
    )
    asked, more = parser.parse_known_args()
    accounts = asyncio.run(soak(asked, [word for word in more if word != "--"]))
    print(accounts)
    sys.exit(bool(accounts.faults))


if __name__ == "__main__":
    main()
