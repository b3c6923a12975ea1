"""Go by its own parser and type checker, and by the passes of `go vet`, in a long-lived child."""

import json
import time
from collections.abc import Sequence

from pydantic import BaseModel, Field, ValidationError

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import Findings, ToolState, clean_message, identity_of
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.go.go_toolchain import (
    GoChecker,
    GoFault,
    GoToolchain,
    kept_checker,
)
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.worker import Channel, Program, Worker, WorkerFault, WorkerLimits

_LIMITS = WorkerLimits(memory_mb=3072, reserves_memory=True, requests=2000)

_CANARY = 'package canary\n\nimport "fmt"\n\nvar _ = fmt.Invented(undefined)\n'
"""Its second fault is only seen by who has read the standard library."""
_CANARY_RULES = {"UndeclaredName", "UndeclaredImportedName"}
_LATE = "timeout"
"""The worker's word; also the checker's own, which counts processor time."""


class _Reported(BaseModel):
    tool: str
    rule: str
    line: int = Field(ge=0)
    column: int = Field(ge=0)
    message: str


class _Reply(BaseModel):
    diagnostics: tuple[_Reported, ...] | None
    unresolved: tuple[str, ...] | None
    fault: str


class GoTypes:
    """Our checker over go/types, built with the toolchain of the chest and kept.

    It answers sample by sample, so what is answered stays when one kills it or is late, and the
    others go on with a new child; one that kills it is asked about once more, alone.

    Args:
        toolbox: Jail, batching, limits and where go is looked for.
        checker: Another checker than the one that is built.
    """

    name = "go"
    languages = frozenset({Language.GO})

    def __init__(self, toolbox: Toolbox, checker: GoChecker | None = None) -> None:
        self._toolbox = toolbox
        self._checker = checker
        self._worker: Worker | None = None
        self._missing = ""
        self._batcher = Batcher(self.check_batch, toolbox.batching)

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        program = self._toolbox.chest.program("go")
        return identity_of("go", [str(program)]) if program else ""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, together with those that come in the same quarter of a second."""
        del language
        return await self._batcher.submit(code)

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples; each has the verdict that it has alone."""
        async with self._toolbox.slots.one():
            worker = await self._started()
            if worker is None:
                return [Findings(fault=self._missing) for _ in texts]
            return await self._judge(worker, texts)

    async def describe(self) -> ToolState:
        """Whether go is here and the checker finds faults."""
        found = await self.check("package p\n", Language.GO)
        return ToolState(
            name=self.name,
            version=None if found.fault else self._version(),
            languages=tuple(self.languages),
            lost="names, types, calls and the standard library's API in Go, and what go vet finds",
            install="infinite-instruct doctor --install",
        )

    async def _started(self) -> Worker | None:
        """The worker; None where there is none, and then why stands in `_missing`."""
        if self._worker is None and not self._missing:
            try:
                self._checker = self._checker or await kept_checker(self._toolbox.chest)
            except GoFault as fault:
                self._missing = str(fault)
            else:
                self._worker = Worker(self._program(self._checker))
        return self._worker

    def _program(self, checker: GoChecker) -> Program:
        return Program(
            command=[str(checker.program)],
            jail=self._toolbox.jail,
            readable=[checker.program.parent, checker.toolchain.root],
            environment=_environment(checker.toolchain),
            limits=_LIMITS,
        )

    async def _judge(self, worker: Worker, texts: Sequence[str]) -> list[Findings]:
        done: list[Findings] = []
        while len(done) < len(texts):
            answered, fault = await self._ask(worker, texts[len(done) :])
            if answered is None:
                return [*done, *(Findings(fault=fault) for _ in texts[len(done) :])]
            done += answered
            if len(done) < len(texts):
                done.append(await self._judge_culprit(worker, texts[len(done)], fault))
        return done

    async def _judge_culprit(self, worker: Worker, text: str, fault: str) -> Findings:
        """A second chance for the text at which a child died: another may have worn it out."""
        if fault == _LATE:
            return Findings(fault=fault)
        answered, fault = await self._ask(worker, [text])
        return answered[0] if answered else Findings(fault=fault)

    async def _ask(self, worker: Worker, texts: Sequence[str]) -> tuple[list[Findings] | None, str]:
        """What the child says of the texts up to the first that it has no answer to, and why.

        None where it does not even find the canary's faults.
        """
        replies: list[_Reply] | None = None

        def exchange(channel: Channel) -> None:
            nonlocal replies
            channel.write(json.dumps([_CANARY, *texts]).encode() + b"\n")
            _prove(_Reply.model_validate_json(channel.read_line()))
            replies = []
            for _ in texts:
                later = time.monotonic() + self._toolbox.seconds
                channel.deadline = max(channel.deadline, later)  # a fresh child has more time
                replies.append(_Reply.model_validate_json(channel.read_line()))

        fault = ""
        try:
            await worker.ask(exchange, self._toolbox.seconds)
        except WorkerFault as ended:
            fault = str(ended)
        except ValidationError:
            fault = "its output cannot be read"
        found = None if replies is None else [self._findings(each) for each in replies]
        return found, fault

    def _findings(self, reply: _Reply) -> Findings:
        return Findings(
            diagnostics=tuple(_diagnostic(each) for each in reply.diagnostics or ()),
            unresolved=reply.unresolved or (),
            tool=f"{self.name} {self._version()}",
            fault=reply.fault,
        )

    def _version(self) -> str:
        return self._checker.toolchain.version if self._checker else "unknown"


def _prove(canary: _Reply) -> None:
    """Fail a child that does not find the canary's faults."""
    if not {each.rule for each in canary.diagnostics or ()} >= _CANARY_RULES:
        raise WorkerFault("it did not report the fault that it was shown")


def _environment(toolchain: GoToolchain) -> dict[str, str]:
    """One platform everywhere: which of the library's files count depends on it."""
    return {"GOROOT": str(toolchain.root), "GOOS": "linux", "GOARCH": "amd64", "GOFLAGS": ""}


def _diagnostic(each: _Reported) -> Diagnostic:
    """The compiler's are errors, vet's are warnings until the policy says otherwise."""
    return Diagnostic(
        tool=each.tool,
        rule=each.rule,
        severity=Severity.WARNING if each.tool == "vet" else Severity.FATAL,
        line=each.line,
        column=each.column,
        message=clean_message(each.message),
    )
