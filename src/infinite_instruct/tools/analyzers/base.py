"""What an analyzer is: code goes in, findings come out, and silence is no finding."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from infinite_instruct.domain import Diagnostic, Language, Value

MAX_DIAGNOSTICS = 50
MAX_MESSAGE = 2_000


class Findings(Value):
    """What one analyzer says of one sample."""

    diagnostics: tuple[Diagnostic, ...] = ()
    """With the analyzer's own level; the policy decides what weighs."""
    unresolved: tuple[str, ...] = ()
    """Imports that it could not look into."""
    tool: str = ""
    """Who looked, with version: `mypy 2.4.1`."""
    fault: str = ""
    """Why it could not look: missing, killed, late, garbage. Then nothing may be accepted."""


class ToolState(Value):
    """What doctor tells of an analyzer."""

    name: str
    version: str | None
    """None where it is missing."""
    languages: tuple[Language, ...]
    lost: str
    """What is lost without it."""
    install: str
    """The command that brings it."""

    @property
    def signature(self) -> str:
        """Name and version: `mypy 2.4.1`."""
        return f"{self.name} {self.version or 'missing'}"


class Analyzer(Protocol):
    """Judges code without running it."""

    @property
    def name(self) -> str:
        """As it stands in diagnostics and in the policy."""
        ...

    @property
    def languages(self) -> frozenset[Language]:
        """The languages it judges."""
        ...

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample. It never raises for what the sample holds."""
        ...

    async def describe(self) -> ToolState:
        """Whether it is here, and what it is good for."""
        ...

    def identity(self) -> str:
        """Names this very tool, since another one may find something else; empty where none is."""
        ...


async def doctor(analyzers: Sequence[Analyzer]) -> tuple[ToolState, ...]:
    """The state of all analyzers, in their order."""
    return tuple(await asyncio.gather(*(analyzer.describe() for analyzer in analyzers)))


def identity_of(name: str, command: Sequence[str] | None) -> str:
    """A tool by the files it consists of: path, size and time of each one in its command.

    Empty where there is no command.
    """
    if command is None:
        return ""
    files = [path for part in command if (path := Path(part)).is_absolute() and path.is_file()]
    states = [f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]
    return " ".join([name, *states])


def clean_message(message: str) -> str:
    """A tool's words without control characters, in bounds."""
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in message[: 2 * MAX_MESSAGE])
    return kept.strip()[:MAX_MESSAGE]
