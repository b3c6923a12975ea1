"""Ruff: undefined and redefined names, broken formats, syntax of the newest kind."""

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from infinite_instruct.domain import Diagnostic, Severity
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batch_analyzer import BatchAnalyzer, Finding
from infinite_instruct.tools.analyzers.python.names import told_apart
from infinite_instruct.tools.analyzers.samples import SampleFolder
from infinite_instruct.tools.analyzers.toolbox import Toolbox


class _Place(BaseModel):
    row: int
    column: int


class _Reported(BaseModel):
    filename: str
    code: str | None
    message: str
    location: _Place


_OUTPUT = TypeAdapter(list[_Reported])


def find_ruff() -> Path | None:
    """The program of the installed package; never one that the PATH names."""
    try:
        package = import_module("ruff")
        return Path(str(package.find_ruff_bin()))
    except (ImportError, AttributeError, FileNotFoundError):
        return None


class Ruff(BatchAnalyzer):
    """Ruff with the rules of the policy and nothing else.

    Args:
        rules: The rules to look for; names that are only ours are passed over.
        toolbox: Jail, batching and limits.
        command: Another program than the installed one.
    """

    name = "ruff"
    lost = "undefined names, redefinitions, broken format strings in Python"
    install = "pip install ruff"

    def __init__(
        self, rules: Iterable[str], toolbox: Toolbox, command: Sequence[str] | None = None
    ) -> None:
        program = find_ruff()
        super().__init__(command or ([str(program)] if program else None), toolbox)
        self._rules = ",".join(sorted({"F821", *filter(str.isalnum, rules)}))

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples in one process."""
        found = await super().check_batch(texts)
        return [told_apart(each, text) for each, text in zip(found, texts, strict=True)]

    def version(self) -> str:
        """The installed version."""
        return version("ruff")

    def readable(self) -> tuple[Path, ...]:
        """The program."""
        program = find_ruff()
        return (program,) if program else ()

    def arguments(self, folder: SampleFolder) -> list[str]:
        """Isolated from every configuration; `noqa` has no power."""
        flags = ["--isolated", "--no-cache", "--ignore-noqa", "--no-respect-gitignore", "--quiet"]
        return ["check", *flags, "--select", self._rules, "--output-format", "json", *folder.files]

    def parse(self, output: str) -> Iterator[Finding]:
        """Read ruff's JSON."""
        for found in _OUTPUT.validate_json(output):
            rule = found.code or "invalid-syntax"
            yield (
                found.filename,
                Diagnostic(
                    tool=self.name,
                    rule=rule,
                    severity=Severity.FATAL,
                    line=max(0, found.location.row),
                    column=max(0, found.location.column),
                    message=found.message[:2_000],
                ),
            )
