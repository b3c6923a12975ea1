"""What parsers in long-lived children have in common: a language's own parser, asked in batches."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import (
    MAX_DIAGNOSTICS,
    Findings,
    ToolState,
    clean_message,
    identity_of,
)
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.parser_worker import Parsed, ParserWorker
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.worker import Program

MAX_SECONDS = 10
"""For one text: a parser that takes longer for what passes the gate does not end."""


class WorkerAnalyzer(ABC):
    """An analyzer of one language whose parser runs in a long-lived child.

    Args:
        toolbox: Jail, batching, limits and programs.
        program: Another child than ours.
    """

    name: ClassVar[str]
    language: ClassVar[Language]
    lost: ClassVar[str]
    install: ClassVar[str] = "infinite-instruct doctor --install"
    broken: ClassVar[str]
    """A text with a fault."""
    whole: ClassVar[str] = "\n"
    """A text without a fault."""

    def __init__(self, toolbox: Toolbox, program: Program | None = None) -> None:
        self._toolbox = toolbox
        program = program or self.program()
        seconds = min(MAX_SECONDS, toolbox.seconds)
        self._command = program.command if program else None
        self._parser = (
            ParserWorker(program, self.broken, toolbox.slots, seconds) if program else None
        )
        self._batcher = Batcher(self.check_batch, toolbox.batching)

    @property
    def languages(self) -> frozenset[Language]:
        """One alone."""
        return frozenset({self.language})

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        return identity_of(self.name, self._command)

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, together with those that come at the same time."""
        del language
        return await self._batcher.submit(code)

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples, one after another, in one child."""
        if self._parser is None:
            return [Findings(fault=f"{self.name} is not installed") for _ in texts]
        tool = f"{self.name} {self.version()}"
        return [findings(each, self.name, tool) for each in await self._parser.parse(texts)]

    async def describe(self) -> ToolState:
        """Whether the parser is here and really finds a fault."""
        (found,) = await self.check_batch([self.whole])
        return ToolState(
            name=self.name,
            version=None if found.fault else self.version(),
            languages=tuple(self.languages),
            lost=self.lost,
            install=self.install,
        )

    @abstractmethod
    def program(self) -> Program | None:
        """The child to start; None where the parser is not installed."""

    @abstractmethod
    def version(self) -> str:
        """The installed version."""


def findings(parsed: Parsed, name: str, tool: str) -> Findings:
    """A parser's faults as diagnostics of the tool `name`."""
    found = tuple(
        Diagnostic(
            tool=name,
            rule=each.rule,
            severity=Severity.FATAL,
            line=each.line,
            column=each.column,
            message=clean_message(each.message),
        )
        for each in parsed.faults[:MAX_DIAGNOSTICS]
    )
    return Findings(diagnostics=found, tool=tool, fault=parsed.failure)
