"""What bash, gcc and SQL's parsers have in common: one process judges one file."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.base import (
    MAX_DIAGNOSTICS,
    Findings,
    ToolState,
    clean_message,
    identity_of,
)
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.languages import spec_of
from infinite_instruct.tools.process import Ending, Limits, Ran, run_bounded
from infinite_instruct.tools.scratch import scratch_folder

_VERSION = re.compile(r"\d+(\.\d+)+")


class SingleAnalyzer(ABC):
    """An analyzer that looks at one file in one process.

    Args:
        command: The tool, as a full path with its first arguments; None where it is missing.
        toolbox: Jail and limits.
    """

    name: ClassVar[str]
    languages: frozenset[Language]
    lost: ClassVar[str]
    install: ClassVar[str]
    whole: ClassVar[str] = "\n"
    """A text without a fault."""
    broken: ClassVar[str]
    """A text with a fault: a tool that does not find it is not believed."""

    def __init__(self, command: Sequence[str] | None, toolbox: Toolbox) -> None:
        self._command = command
        self._toolbox = toolbox
        self._proved: dict[Language, bool] = {}
        self._version = "unknown"

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, once the tool has proved that it finds faults."""
        if self._command is None:
            return Findings(fault=f"{self.name} is not installed")
        async with self._toolbox.slots.one():
            if language not in self._proved:
                canary = await self._look(self.broken, language)
                self._version = await self.version()
                self._proved[language] = bool(canary.diagnostics)
            if not self._proved[language]:
                return Findings(fault="it did not report the fault that it was shown")
            return await self._look(code, language)

    async def describe(self) -> ToolState:
        """Whether the tool is here and really finds a fault."""
        works = not (await self.check(self.whole, min(self.languages))).fault
        return ToolState(
            name=self.name,
            version=self._version if works else None,
            languages=tuple(sorted(self.languages)),
            lost=self.lost,
            install=self.install,
        )

    def identity(self) -> str:
        """The program."""
        return identity_of(self.name, self._command)

    async def version(self) -> str:
        """The installed version."""
        with scratch_folder() as folder:
            command = [*(self._command or ()), "--version"]
            ran = await run_bounded(command, folder=folder)
        found = _VERSION.search(ran.stdout)
        return found[0] if found else "unknown"

    @abstractmethod
    def arguments(self, file: str, language: Language) -> list[str]:
        """What follows the command."""

    @abstractmethod
    def parse(self, ran: Ran, file: str) -> Iterable[Diagnostic]:
        """Read what the tool said of the file; its other words are left out.

        Raises:
            ValueError: It is not what the tool writes.
        """

    async def _look(self, code: str, language: Language) -> Findings:
        file = f"sample{spec_of(language).extensions[0]}"
        with scratch_folder() as folder:
            (folder / file).write_bytes(code.encode())
            command = [*(self._command or ()), *self.arguments(file, language)]
            programs = [Path(part).parent for part in self._command or () if part.startswith("/")]
            ran = await run_bounded(
                self._toolbox.jail.wrap(command, folder=folder, readable=programs),
                folder=folder,
                limits=Limits(seconds=self._toolbox.seconds),
            )
            return self._findings(ran, file)

    def _findings(self, ran: Ran, file: str) -> Findings:
        if ran.ending is not Ending.EXITED:
            return Findings(fault=ran.ending.value)
        try:
            found = tuple(self.parse(ran, file))[:MAX_DIAGNOSTICS]
        except ValueError as fault:
            return Findings(fault=f"its output cannot be read: {type(fault).__name__}")
        cleaned = [
            each.model_copy(update={"message": clean_message(each.message)}) for each in found
        ]
        if ran.code and not found:
            return Findings(fault=f"exit code {ran.code} and no finding")
        return Findings(diagnostics=tuple(cleaned), tool=f"{self.name} {self._version}")
