"""Commands without the seconds of their imports: forked from a process that has done them.

Each is a process of its own session, as real to signals as one that a shell started.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import warm_server


@dataclass
class WarmServer:
    """The process that forks commands. It ends with this one, whose connection it serves."""

    folder: tempfile.TemporaryDirectory[str]
    talk: IO[str]
    count: int = 0

    def fork(self, words: Sequence[object], environment: Mapping[str, str]) -> "Forked":
        """Start a command."""
        self.count += 1
        said = Path(self.folder.name) / str(self.count)
        self._write({"words": [*map(str, words)], "env": environment, "said": str(said)})
        return Forked(self, int(self.talk.readline()), said)

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

    by: WarmServer
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

    async def words(self, seconds: float) -> tuple[str, str]:
        """Wait for its end; gives what it wrote to stdout and to stderr."""
        async with asyncio.timeout(seconds):
            while not self.has_ended:
                await asyncio.sleep(0.02)
        return self._written(1), self._written(2)

    def _written(self, descriptor: int) -> str:
        return Path(f"{self.said}.{descriptor}").read_text()


@cache
def the_warm_server() -> WarmServer:
    """The server of all tests of this process, started at the first use."""
    folder = tempfile.TemporaryDirectory()
    place = Path(folder.name) / "socket"
    words = [sys.executable, warm_server.__file__, str(place)]
    subprocess.Popen(words)  # noqa: S603 - our own program
    return WarmServer(folder, _connected(place).makefile("rw"))


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
