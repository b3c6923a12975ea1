"""What many analyzers have in common: samples that come together are judged together."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import ValidationError

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.base import Findings, ToolState, identity_of
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.samples import SampleFolder, sample_folder
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.languages import spec_of
from infinite_instruct.tools.process import Ending, Limits, Ran, run_bounded

Finding = tuple[str, Diagnostic]
"""The file that a tool names, and what it says of it."""


class Batched(ABC):
    """An analyzer of one language that judges samples in batches.

    Args:
        toolbox: Jail, batching and limits.
    """

    name: ClassVar[str]
    lost: ClassVar[str]
    install: ClassVar[str]
    language: ClassVar[Language] = Language.PYTHON
    canary: ClassVar[str] = "the_canary_is_undefined\n"
    """A text with a fault: a tool that does not find it did not look, whatever it says."""
    whole: ClassVar[str] = "x = 1\n"
    """A text without a fault."""
    gave_up: ClassVar[str] = ""
    """How the tool says that it did not look at a sample; see `samples.Samples`."""
    stage: ClassVar[int] = 0
    """Those of a later stage are not asked where an earlier one already rejects."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._batcher = Batcher(self.check_batch, toolbox.batching, self.whole)
        self._extension = spec_of(self.language).extensions[0]

    @property
    def languages(self) -> frozenset[Language]:
        """One alone: its files lie in one folder."""
        return frozenset({self.language})

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, together with those that come in the same quarter of a second."""
        del language
        return await self._batcher.submit(code)

    async def wake(self) -> None:  # noqa: B027  most have nothing to start
        """Start what takes long to start, while quicker analyzers look; nothing, mostly."""

    async def describe(self) -> ToolState:
        """Whether the tool is here and really finds a fault."""
        finding = await self.check_batch([self.whole])
        version = self.version() if not finding[0].fault else None
        return ToolState(
            name=self.name,
            version=version,
            languages=tuple(self.languages),
            lost=self.lost,
            install=self.install,
        )

    def identity(self) -> str:
        """The tool's version and its program; empty where it is missing."""
        program = identity_of(self.name, self.program())
        return f"{program} {self.version()}" if program else ""

    @abstractmethod
    def program(self) -> Sequence[str] | None:
        """The command that starts the tool; None where it is missing."""

    @abstractmethod
    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples at once; one Findings for each, in order."""

    @abstractmethod
    def version(self) -> str:
        """The installed version."""


class BatchAnalyzer(Batched):
    """An analyzer that looks at a folder of files in one process.

    Args:
        command: The tool, as a full path with its first arguments; None where it is missing.
        toolbox: Jail, batching and limits.
    """

    expected_codes: ClassVar[frozenset[int]] = frozenset({0, 1})
    memory_mb: ClassVar[int] = 2048
    reserves_memory: ClassVar[bool] = False
    seconds_each: ClassVar[float] = 0.2
    """How much longer a batch may take for each sample, after half of one sample's limit."""

    def __init__(self, command: Sequence[str] | None, toolbox: Toolbox) -> None:
        super().__init__(toolbox)
        self._command = command

    def program(self) -> Sequence[str] | None:
        """The tool, with its first arguments."""
        return self._command

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples in one process."""
        if self._command is None:
            return [Findings(fault=f"{self.name} is not installed") for _ in texts]
        with sample_folder(texts, self._extension, self.canary, self.gave_up) as folder:
            ran = await self._run(folder, self._command)
            fault = self._fault_of(ran)
            if fault:
                return folder.failed(fault)
            try:
                for file, diagnostic in self.parse(ran.stdout):
                    folder.add(file, diagnostic)
            except (ValidationError, ValueError) as unreadable:
                return folder.failed(f"its output cannot be read: {type(unreadable).__name__}")
            return folder.results(f"{self.name} {self.version()}")

    @abstractmethod
    def arguments(self, folder: SampleFolder) -> list[str]:
        """What follows the command; may write the tool's configuration into the folder."""

    @abstractmethod
    def parse(self, output: str) -> Iterable[Finding]:
        """Read the tool's output.

        Raises:
            ValueError: It is not what the tool writes.
        """

    def environment(self, folder: Path) -> dict[str, str]:
        """Variables that the tool needs."""
        del folder
        return {}

    def readable(self) -> tuple[Path, ...]:
        """What the tool reads besides the system and Python."""
        return ()

    async def _run(self, folder: SampleFolder, tool: Sequence[str]) -> Ran:
        command = [*tool, *self.arguments(folder)]
        limits = Limits(
            seconds=self._seconds(len(folder.files) - 1),
            memory_mb=self.memory_mb,
            reserves_memory=self.reserves_memory,
        )
        async with self._toolbox.slots.one():
            return await run_bounded(
                self._toolbox.jail.wrap(command, folder=folder.path, readable=self.readable()),
                folder=folder.path,
                limits=limits,
                environment=self.environment(folder.path),
            )

    def _seconds(self, samples: int) -> float:
        """One sample has its whole limit; a late batch is only taken apart, so it has less."""
        alone = self._toolbox.seconds
        return alone if samples == 1 else alone / 2 + samples * self.seconds_each

    def _fault_of(self, ran: Ran) -> str:
        if ran.ending is not Ending.EXITED:
            return f"{ran.ending.value} {ran.stderr[:200]}".strip()
        if ran.code not in self.expected_codes:
            return f"exit code {ran.code} {ran.stderr[:200]}".strip()
        return ""
