"""The embedded model: llama.cpp's own OpenAI-compatible server as a child process."""

import asyncio
import contextlib
import importlib.util
import json
import os
import sys
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self

import aiohttp
from pydantic import Field

from infinite_instruct.domain import Value
from infinite_instruct.errors import EndpointError, MissingToolError
from infinite_instruct.llm import llama_process

_MAX_LINE = 64 * 1024
_LINES_KEPT = 40
_LINES_SHOWN = 4
_SECONDS_TO_STOP = 3.0


def spare_threads() -> int:
    """One core fewer than there are: beside any other load, all of them wait for each other."""
    # Affinity, since containers and taskset give fewer cores than the machine has.
    count = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, count - 1)


class ServerConfig(Value):
    """How to serve a model file."""

    model: Path
    """The GGUF file."""
    alias: str = "local"
    """The model's name in requests and replies."""
    threads: int = Field(default_factory=spare_threads, ge=1)
    parallel: int = Field(default=4, ge=1)
    """Requests at once; more wait."""
    context: int = Field(default=4_096, ge=256)
    """Tokens of prompt and reply of one request; each of those at once has as many."""
    port: int = Field(default=0, ge=0, le=65_535)
    """0 takes a free one."""
    seconds_to_load: float = 300.0


class LocalServer:
    """Serves a model while its context lasts: `async with LocalServer(config) as server`.

    It listens on a free port of the loopback interface, and dies with this process, however
    that ends. On Linux it also dies with the thread that started it.

    Attributes:
        base_url: Where it listens, for an EndpointConfig.
    """

    def __init__(self, config: ServerConfig) -> None:
        self.base_url = ""
        self._config = config
        self._log: deque[str] = deque(maxlen=_LINES_KEPT)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Load the model and wait until it answers.

        Raises:
            MissingToolError: The package xllamacpp is not installed.
            EndpointError: It did not come up; the error shows its last words.
        """
        _need_runtime()
        _need_file(self._config.model)
        self._process = await self._spawn()
        try:
            async with asyncio.timeout(self._config.seconds_to_load):
                address = await self._address(self._process)
                await _wait_healthy(address)
        except TimeoutError:
            await self.aclose()
            raise self._failed(f"was not ready after {self._config.seconds_to_load:g} s") from None
        except BaseException:
            await self.aclose()
            raise
        self.base_url = f"{address}/v1"

    async def aclose(self) -> None:
        """Stop the server."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()  # The child exits at the end of its input.
        try:
            await asyncio.wait_for(process.wait(), _SECONDS_TO_STOP)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reader is not None:
            await self._reader

    async def _spawn(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            # -P: our folder has modules that would shadow others.
            *(sys.executable, "-P", llama_process.__file__),
            *("--model", str(self._config.model), "--alias", self._config.alias),
            *("--threads", str(self._config.threads), "--parallel", str(self._config.parallel)),
            *("--context", str(self._config.context * self._config.parallel)),
            *("--parent", str(os.getpid())),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_MAX_LINE,
            # Ctrl-C is for us: the calls on their way still need the server.
            start_new_session=True,
        )
        self._reader = asyncio.create_task(self._keep_log(process))
        return process

    async def _address(self, process: asyncio.subprocess.Process) -> str:
        """Where the child says that it listens."""
        async for line in _lines(process.stdout):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                return str(json.loads(line)["address"])
        if self._reader is not None:
            await self._reader
        raise self._failed(f"ended with code {await process.wait()}")

    async def _keep_log(self, process: asyncio.subprocess.Process) -> None:
        async for line in _lines(process.stderr):
            self._log.append(line)

    def _failed(self, how: str) -> EndpointError:
        said = [line for line in self._log if line.strip()]
        faults = [line for line in said if " E " in line or "rror" in line] or said
        last_words = " | ".join(faults[-_LINES_SHOWN:])
        return EndpointError(
            f"The local model {self._config.model.name} {how}: {last_words}",
            remedy="Check that memory is free, and get the file anew by "
            "`infinite-instruct model pull`, or use --base-url.",
        )


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[str]:
    """The lines of a stream; those beyond the limit are skipped, not fatal."""
    while stream is not None:
        try:
            line = await stream.readline()
        except ValueError:
            continue
        if not line:
            return
        yield line.decode(errors="replace").rstrip()


async def _wait_healthy(address: str) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{address}/health") as reply:
                    if reply.ok:
                        return
            await asyncio.sleep(0.1)


def _need_runtime() -> None:
    if importlib.util.find_spec("xllamacpp") is None:
        raise MissingToolError(
            "The local model needs the package xllamacpp, which is not installed.",
            remedy="Run `pip install 'infinite-instruct[local]'`, or use --base-url.",
        )


def _need_file(path: Path) -> None:
    if not path.is_file():
        raise EndpointError(
            f"There is no model file {path}.",
            remedy="Get one by `infinite-instruct model pull NAME`, or use --base-url.",
        )
