"""Java by javac's front end: syntax, names, types and flow, in a JVM that stays."""

import asyncio
import shutil
import struct
import tempfile
import threading
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import BaseModel, ValidationError

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import (
    MAX_DIAGNOSTICS,
    Findings,
    ToolState,
    clean_message,
)
from infinite_instruct.tools.analyzers.java.jdk import Jdk, compiled, newest_jdk
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.shape import tree_of
from infinite_instruct.tools.syntax import walk
from infinite_instruct.tools.worker import Channel, Program, Worker, WorkerFault, WorkerLimits

HEAP_MB = 512
MEMORY_MB = 2048
"""Of the whole JVM: heap, compiled code, and a stack that deep samples use."""
REQUESTS = 20_000
START_SECONDS = 10
QUICK_SECONDS = 3
"""A sample takes some milliseconds. One that takes longer may not hold up the others."""

_LATER = {"record_pattern": 21, "guard": 21, "underscore_pattern": 22}
"""Nodes of tree-sitter's grammar, and the Java since which javac knows them."""

_CANARY = b'class Canary { int broken = "canary"; }\n'
_WHOLE = "class Whole { }\n"


class _Reported(BaseModel):
    rule: str
    error: bool
    line: int
    column: int
    message: str


class _Report(BaseModel):
    fault: str
    unresolved: list[str]
    diagnostics: list[_Reported]


class Javac:
    """Our own program around javac's parser, attribution and flow analysis; see `java/`.

    It gets one sample at a time. What is late or kills it is tried once more, in a second process
    that nobody else waits for.

    Args:
        toolbox: Jail, limits and programs.
        jdk: Another JDK than the newest one here.
        cache: Where our compiled program is kept.
    """

    name = "javac"
    languages = frozenset({Language.JAVA})

    def __init__(
        self, toolbox: Toolbox, *, jdk: Jdk | None = None, cache: Path | None = None
    ) -> None:
        self._toolbox = toolbox
        self._jdk = jdk or newest_jdk(toolbox.chest)
        self._cache = cache or user_cache_path("infinite-instruct") / "java"
        self._lock = threading.Lock()
        self._workers: tuple[Worker, Worker] | None = None
        self._proved: weakref.WeakSet[Channel] = weakref.WeakSet()

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        return f"javac {self._jdk.version} {self._jdk.home}" if self._jdk else ""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample."""
        del language
        if self._jdk is None:
            return Findings(fault="javac is not installed")
        try:
            quick, patient = await self._prepared(self._jdk)
        except (OSError, ValueError) as fault:
            return Findings(fault=f"javac could not be prepared: {fault}"[:500])
        exchange = partial(self._exchange, code.encode(errors="replace"))
        try:
            found = await self._ask_twice(quick, patient, exchange)
        except WorkerFault as fault:
            return Findings(fault=str(fault)[:500])
        return _of_later_java(code, found, self._jdk) or found

    async def describe(self) -> ToolState:
        """Whether a JDK is here and really finds a fault."""
        works = not (await self.check(_WHOLE, Language.JAVA)).fault
        return ToolState(
            name=self.name,
            version=self._jdk.version if works and self._jdk else None,
            languages=tuple(self.languages),
            lost="names, types and flow of Java",
            install="apt install default-jdk-headless",
        )

    async def _ask_twice(
        self, quick: Worker, patient: Worker, exchange: Callable[[Channel], Findings]
    ) -> Findings:
        try:
            return await quick.ask(exchange, min(QUICK_SECONDS, self._toolbox.seconds))
        except WorkerFault:  # it may be the machine that was slow, or a heap that others filled
            return await patient.ask(exchange, self._toolbox.seconds)

    async def _prepared(self, jdk: Jdk) -> tuple[Worker, Worker]:
        if self._workers is None:
            self._workers = await asyncio.to_thread(self._prepare, jdk)
        return self._workers

    def _prepare(self, jdk: Jdk) -> tuple[Worker, Worker]:
        with self._lock:
            if self._workers is None:
                classes = self._compiled(jdk)
                program = Program(
                    command=jdk.java(classes, heap_mb=HEAP_MB),
                    jail=self._toolbox.jail,
                    readable=(classes, *jdk.readable),
                    limits=WorkerLimits(
                        memory_mb=MEMORY_MB,
                        reserves_memory=True,
                        requests=REQUESTS,
                        start_seconds=START_SECONDS,
                    ),
                )
                self._workers = (Worker(program), Worker(program))
            return self._workers

    def _compiled(self, jdk: Jdk) -> Path:
        try:
            return compiled(jdk, self._cache)
        except OSError:  # a home that cannot be written
            folder = Path(tempfile.mkdtemp(prefix="verify-java-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            return compiled(jdk, folder)

    def _exchange(self, code: bytes, channel: Channel) -> Findings:
        """Ask the child, once it has proved that it finds faults."""
        if channel not in self._proved:
            if not _ask(channel, _CANARY).diagnostics:
                raise WorkerFault("it did not report the fault that it was shown")
            self._proved.add(channel)
        report = _ask(channel, code)
        version = self._jdk.version if self._jdk else ""
        return Findings(
            fault=report.fault,
            unresolved=tuple(clean_message(name)[:200] for name in report.unresolved),
            diagnostics=tuple(_diagnostic(each) for each in report.diagnostics[:MAX_DIAGNOSTICS]),
            tool=f"{self.name} {version}",
        )


def _of_later_java(code: str, found: Findings, jdk: Jdk) -> Findings | None:
    """What an old compiler takes for a broken text may be newer than it."""
    if not found.diagnostics or jdk.feature >= max(_LATER.values()):
        return None
    tree = tree_of(code, Language.JAVA)
    nodes = {node.type for node, _ in walk(tree)} if tree else set[str]()
    newer = [name for name, since in _LATER.items() if name in nodes and since > jdk.feature]
    if not newer:
        return None
    what = newer[0].replace("_", " ")
    return Findings(fault=f"javac {jdk.feature} is too old for a {what}")


def _ask(channel: Channel, code: bytes) -> _Report:
    channel.write(struct.pack(">i", len(code)) + code)
    try:
        return _Report.model_validate_json(channel.read_line())
    except ValidationError as unreadable:
        raise WorkerFault("its output cannot be read") from unreadable


def _diagnostic(each: _Reported) -> Diagnostic:
    return Diagnostic(
        tool=Javac.name,
        rule=each.rule[:100],
        severity=Severity.FATAL if each.error else Severity.WARNING,
        line=max(0, each.line),
        column=max(0, each.column),
        message=clean_message(each.message),
    )
