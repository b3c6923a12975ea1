"""The command line as a child process: what a user runs."""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

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


async def finish(*words: object, env: Mapping[str, str] | None = None) -> Finished:
    """Run a command to its end."""
    process = await start(*words, env=env)
    out, err = await process.communicate()
    return Finished(process.returncode or 0, out.decode(), err.decode())
