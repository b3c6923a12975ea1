"""The command line without the seconds of its imports, for tests that start it many times.

Each command is a process of its own session, as real to signals as one that a shell started.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import warm_server
from command import Finished, environment


@dataclass
class WarmCommand:
    """Starts commands from a process that has imported them."""

    folder: Path
    talk: IO[str]
    count: int = 0

    def start(self, *words: object, env: Mapping[str, str] | None = None) -> "Forked":
        """Start a command."""
        self.count += 1
        said = self.folder / f"said-{self.count}"
        request = {"words": [*map(str, words)], "env": environment(env), "said": str(said)}
        self._write(request)
        return Forked(self, int(self.talk.readline()), said)

    async def finish(self, *words: object, env: Mapping[str, str] | None = None) -> Finished:
        """Run a command to its end."""
        return await self.start(*words, env=env).ended()

    def ending(self, pid: int) -> tuple[int | None, int]:
        """The exit code of a command, and the most memory that it took, in MB."""
        self._write({"ended": pid})
        told: tuple[int, int] | None = json.loads(self.talk.readline())
        return told or (None, 0)

    def _write(self, request: Mapping[str, object]) -> None:
        self.talk.write(f"{json.dumps(request)}\n")
        self.talk.flush()


@dataclass
class Forked:
    """A command that runs, or has ended."""

    by: WarmCommand
    pid: int
    said: Path
    code: int | None = None
    most_memory: int = 0
    """In MB."""

    @property
    def has_ended(self) -> bool:
        """Whether it has."""
        if self.code is None:
            self.code, self.most_memory = self.by.ending(self.pid)
        return self.code is not None

    async def ended(self, seconds: float = 120) -> Finished:
        """Wait for its end."""
        async with asyncio.timeout(seconds):
            while not self.has_ended:
                await asyncio.sleep(0.02)
        return Finished(self.code or 0, *self._words())

    def _words(self) -> tuple[str, str]:
        return (Path(f"{self.said}.1").read_text(), Path(f"{self.said}.2").read_text())


@contextmanager
def warm_command(folder: Path) -> Generator[WarmCommand]:
    """The server and a connection to it; it ends with the block."""
    place = folder / "warm.socket"
    words = [sys.executable, warm_server.__file__, str(place)]
    with subprocess.Popen(words, env=environment()) as server:  # noqa: S603 - our own program
        try:
            with _connected(place) as connection, connection.makefile("rw") as talk:
                yield WarmCommand(folder, talk)
        finally:
            server.kill()


def _connected(place: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    deadline = time.monotonic() + 60
    while True:
        try:
            connection.connect(str(place))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return connection
