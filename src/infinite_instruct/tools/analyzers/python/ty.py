"""Ty: a third inference of types, and by far the fastest."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from infinite_instruct.domain import Diagnostic, Severity
from infinite_instruct.tools.analyzers.batch_analyzer import BatchAnalyzer, Finding
from infinite_instruct.tools.analyzers.python.checker import PythonChecker
from infinite_instruct.tools.analyzers.python.packages import (
    ENVIRONMENT,
    VERSION,
    lay_out_environment,
)
from infinite_instruct.tools.analyzers.samples import SampleFolder
from infinite_instruct.tools.analyzers.toolbox import Toolbox

# Given as a file: without one, ty obeys a `[tool.ty]` in a script's own first comment.
_CONFIGURATION = "ty.toml"
_CONFIG = f"""
[environment]
python = "{ENVIRONMENT}"
python-version = "{VERSION}"
python-platform = "all"
[analysis]
respect-type-ignore-comments = false
"""
_ERRORS = frozenset({"major", "critical", "blocker"})


class _Place(BaseModel):
    line: int
    column: int = 0


class _Positions(BaseModel):
    begin: _Place


class _Location(BaseModel):
    path: str
    positions: _Positions


class _Reported(BaseModel):
    check_name: str
    description: str
    severity: str
    location: _Location


_OUTPUT = TypeAdapter(list[_Reported])


def find_ty() -> Path | None:
    """The program of the installed package; never one that the PATH names."""
    try:
        return Path(str(import_module("ty").find_ty_bin()))
    except (ImportError, AttributeError, FileNotFoundError):
        return None


class Ty(PythonChecker, BatchAnalyzer):
    """Ty with a configuration of our own and the packages that the user names.

    Args:
        toolbox: Jail, batching, limits and packages.
        command: Another program than the installed one.
    """

    name = "ty"
    lost = "wrong arguments and invented methods in Python, the fast way"
    install = "pip install ty"
    gave_up = "^panic"
    reserves_memory = True
    seconds_each = 0.02

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        program = find_ty()
        super().__init__(command or ([str(program)] if program else None), toolbox)

    def version(self) -> str:
        """The installed version."""
        return version("ty")

    def readable(self) -> tuple[Path, ...]:
        """The program and the user's packages."""
        program = find_ty()
        packages = (self.packages.folder,) if self.packages else ()
        return (*((program,) if program else ()), *packages)

    def arguments(self, folder: SampleFolder) -> list[str]:
        """Everything stands in a configuration of our own."""
        lay_out_environment(folder.path, self.packages)
        (folder.path / _CONFIGURATION).write_text(_CONFIG)
        flags = ["--config-file", _CONFIGURATION, "--no-progress", "--color", "never"]
        return ["check", *flags, "--output-format", "gitlab", *folder.files]

    def parse(self, output: str) -> Iterator[Finding]:
        """Read ty's JSON: its description begins with the rule's name."""
        for found in _OUTPUT.validate_json(output):
            place = found.location.positions.begin
            yield (
                found.location.path,
                Diagnostic(
                    tool=self.name,
                    rule=found.check_name,
                    severity=Severity.FATAL if found.severity in _ERRORS else Severity.WARNING,
                    line=max(0, place.line),
                    column=max(0, place.column),
                    message=found.description.removeprefix(f"{found.check_name}: ")[:2_000],
                ),
            )
