"""The command line without the seconds of its imports, for tests that start it many times.

Each command is a process of its own session, as real to signals as one that a shell started.
"""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import warm_server
from command import Finished, environment


@dataclass
class WarmCommand:
    """Starts commands from a process that has imported them."""

    folder: Path
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    _count: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self, *words: object, env: Mapping[str, str] | None = None) -> "Forked":
        """Start a command."""
        self._count += 1
        said = self.folder / f"said-{self._count}"
        request = {"words": [*map(str, words)], "env": environment(env), "said": str(said)}
        return Forked(self, int(await self.ask(request)), said)

    async def finish(self, *words: object, env: Mapping[str, str] | None = None) -> Finished:
        """Run a command to its end."""
        return await (await self.start(*words, env=env)).ended()

    async def ask(self, request: dict[str, Any]) -> Any:
        """Ask the server."""
        async with self._turn:
            self.writer.write(f"{json.dumps(request)}\n".encode())
            return json.loads(await self.reader.readline())


@dataclass
class Forked:
    """A command that runs, or has ended."""

    by: WarmCommand
    pid: int
    said: Path
    code: int | None = None

    async def has_ended(self) -> bool:
        """Whether it has."""
        if self.code is None:
            self.code = await self.by.ask({"ended": self.pid})
        return self.code is not None

    async def ended(self, seconds: float = 120) -> Finished:
        """Wait for its end."""
        async with asyncio.timeout(seconds):
            while not await self.has_ended():
                await asyncio.sleep(0.02)
        out, err = (Path(f"{self.said}.{each}").read_text() for each in (1, 2))
        return Finished(self.code or 0, out, err)


@asynccontextmanager
async def warm_command(folder: Path) -> AsyncGenerator[WarmCommand]:
    """The server, with its connection; it ends with the block."""
    place = folder / "warm.socket"
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, warm_server.__file__, str(place)), env=environment()
    )
    try:
        async with asyncio.timeout(60):
            while not place.is_socket():
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.02)
        reader, writer = await asyncio.open_unix_connection(place)
        yield WarmCommand(folder, reader, writer)
        writer.close()
    finally:
        server.kill()
        await server.wait()
