"""JavaScript and TypeScript by TypeScript's own compiler, as one long-lived process.

Its library costs a hundred samples to read, so it stays. A batch is one program, whose files are
asked about one by one: a fault of syntax hides nothing in the others, and a text that keeps the
compiler busy is known by name when the time is up.
"""

from collections.abc import Sequence
from functools import partial

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Findings, ToolState, identity_of
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.javascript.tsc_batch import Batch, reaches_out
from infinite_instruct.tools.analyzers.javascript.tsc_project import TypeScript
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.syntax import MAX_BYTES
from infinite_instruct.tools.worker import Program, Worker, WorkerFault, WorkerLimits

_MISSING = Findings(fault="TypeScript is not installed")
_TIMEOUT = "timeout"


class Tsc:
    """TypeScript 7's native compiler.

    Args:
        toolbox: Jail, batching, limits and programs.
        compiler: Another one than the installed one.
    """

    name = "tsc"
    languages = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT})
    install = "infinite-instruct doctor --install"
    lost = "names, calls and types of JavaScript and TypeScript"

    def __init__(self, toolbox: Toolbox, compiler: TypeScript | None = None) -> None:
        self._toolbox = toolbox
        self._compiler = compiler or TypeScript.find(toolbox.chest)
        self._worker = Worker(_program(self._compiler, toolbox)) if self._compiler else None
        self._batchers = {
            language: Batcher(partial(self.check_batch, language), toolbox.batching)
            for language in self.languages
        }

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        found = self._compiler
        return identity_of(f"tsc {found.version}", [str(found.program)]) if found else ""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, together with those that come at the same time."""
        try:
            if len(code.encode()) > MAX_BYTES:
                return Findings(fault="it is too large")
        except UnicodeEncodeError:
            return Findings(fault="it is no text")
        return await self._batchers[language].submit(code)

    async def check_batch(self, language: Language, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples; one that declares things for all files is looked at alone."""
        results = [_MISSING for _ in texts]
        apart = [number for number, text in enumerate(texts) if reaches_out(text)]
        together = [number for number in range(len(texts)) if number not in set(apart)]
        for group in (together, *([number] for number in apart)):
            found = await self._judge(language, [texts[number] for number in group])
            for number, findings in zip(group, found, strict=True):
                results[number] = findings
        return results

    async def describe(self) -> ToolState:
        """Whether the compiler is here and really finds a fault."""
        (found,) = await self.check_batch(Language.TYPESCRIPT, ["export {};\n"])
        is_here = self._compiler is not None and not found.fault
        return ToolState(
            name=self.name,
            version=self._compiler.version if self._compiler and is_here else None,
            languages=tuple(sorted(self.languages)),
            lost=self.lost,
            install=self.install,
        )

    async def _judge(self, language: Language, texts: Sequence[str]) -> list[Findings]:
        """Judge texts in one program; go on behind a text that the compiler died of."""
        if self._worker is None or self._compiler is None:
            return [_MISSING for _ in texts]
        results: list[Findings] = []
        while len(results) < len(texts):
            rest = texts[len(results) :]
            batch = Batch(self._compiler, language, rest, self._toolbox.seconds)
            fault = await self._run(self._worker, batch)
            results += batch.results()
            if fault:
                results += await self._after(fault, batch, language, rest)
        return results

    async def _run(self, worker: Worker, batch: Batch) -> str:
        """Why the batch did not come to its end; empty where it did."""
        try:
            async with self._toolbox.slots.one():
                await worker.ask(batch.exchange, self._toolbox.seconds)
        except (WorkerFault, ValueError, OSError) as fault:
            said = str(fault) if isinstance(fault, WorkerFault) else type(fault).__name__
            return said[:200] or "crashed"
        return ""

    async def _after(
        self, fault: str, batch: Batch, language: Language, texts: Sequence[str]
    ) -> list[Findings]:
        """The verdict on the text at hand, or on all by halves where none was at hand."""
        if len(texts) == 1:
            return [Findings(fault=fault)]
        if batch.is_open:
            culprit = texts[batch.done]
            if fault == _TIMEOUT:
                return [Findings(fault=fault)]
            return await self._judge(language, [culprit])
        middle = len(texts) // 2
        return [
            *await self._judge(language, texts[:middle]),
            *await self._judge(language, texts[middle:]),
        ]


def _program(compiler: TypeScript, toolbox: Toolbox) -> Program:
    return Program(
        command=[str(compiler.program), "--api", "--async"],
        jail=toolbox.jail,
        readable=compiler.readable,
        # Less time for collecting garbage, and still an end to memory.
        environment={"GOMEMLIMIT": "1GiB", "GOGC": "400", "GOTRACEBACK": "none"},
        limits=WorkerLimits(
            memory_mb=3072, reserves_memory=True, requests=200, start_seconds=toolbox.seconds
        ),
    )
