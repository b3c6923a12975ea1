"""The command line as a child process: what a user runs."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from warm_command import Forked, the_warm_server

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"


class Finished(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Our own environment without settings of the one who runs the tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("INFINITE_INSTRUCT_")}
    return kept | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")} | dict(extra or {})


async def start(*words: object, env: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    """Start a command, in a process group of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "infinite_instruct.cli", *map(str, words)),
        env=environment(env),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )


def fork(*words: object, env: Mapping[str, str] | None = None) -> Forked:
    """Start a command from a process that has done its imports: sooner by seconds."""
    return the_warm_server().fork(words, environment(env))


async def ending(forked: Forked, seconds: float = 120) -> Finished:
    """Wait for the end of a forked command."""
    out, err = await forked.words(seconds)
    return Finished(forked.code or 0, out, err)


async def finish(*words: object, env: Mapping[str, str] | None = None) -> Finished:
    """Run a command to its end."""
    return await ending(fork(*words, env=env))
