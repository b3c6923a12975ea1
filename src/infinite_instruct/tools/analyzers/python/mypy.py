"""Mypy: types, calls and attributes, with unannotated bodies checked too."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batch_analyzer import BatchAnalyzer, Finding
from infinite_instruct.tools.analyzers.python.checker import PythonChecker
from infinite_instruct.tools.analyzers.python.mypy_cache import CACHE, MypyCache
from infinite_instruct.tools.analyzers.python.names import told_apart
from infinite_instruct.tools.analyzers.python.packages import VERSION
from infinite_instruct.tools.analyzers.samples import SampleFolder, level_of
from infinite_instruct.tools.analyzers.toolbox import Toolbox

_FLAGS = (
    *("--config-file=", "--check-untyped-defs", "--strict-bytes", "--warn-unreachable"),
    *("--output=json", "--no-error-summary", "--no-pretty"),
    *(f"--python-version={VERSION}", "--platform=linux"),
)
_INTERPRETER = "python-that-tells-where"


class _Reported(BaseModel):
    file: str
    line: int
    column: int
    message: str
    code: str | None
    severity: str


class Mypy(PythonChecker, BatchAnalyzer):
    """Mypy with our own flags, no plugins, and the packages that the user names.

    Args:
        toolbox: Jail, batching, limits and packages.
        command: Another program than the installed one.
    """

    name = "mypy"
    lost = "wrong arguments, invented methods and modules' names in Python"
    install = "pip install mypy"
    # 2: a fault that stops it; then it tells of that file only, and the canary is not found.
    expected_codes = frozenset({0, 1, 2})
    seconds_each = 0.05
    stage = 1

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        is_here = bool(find_spec("mypy")) and not command
        installed = [sys.executable, "-I", "-m", "mypy"] if is_here else None
        super().__init__(command or installed, toolbox)
        self._cache = (
            MypyCache([*installed, *_FLAGS, "--no-site-packages"], toolbox) if installed else None
        )

    def version(self) -> str:
        """The installed version."""
        try:
            return version("mypy")
        except PackageNotFoundError:
            return "unknown"

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples in one process."""
        if self._cache is not None:
            await self._cache.prime()
        found = await super().check_batch(texts)
        return [told_apart(each, text) for each, text in zip(found, texts, strict=True)]

    def arguments(self, folder: SampleFolder) -> list[str]:
        """Isolated, with a copy of the cache."""
        if self._cache is not None:
            with contextlib.suppress(OSError):
                self._cache.copy_to(folder.path)
        return [*_FLAGS, self._site(folder.path), f"--cache-dir={CACHE}", *folder.files]

    def readable(self) -> tuple[Path, ...]:
        """The user's packages."""
        return (self.packages.folder,) if self.packages else ()

    def parse(self, output: str) -> Iterator[Finding]:
        """Read mypy's JSON lines. Its notes explain the error before them: they are left out."""
        for line in output.splitlines():
            found = _Reported.model_validate_json(line)
            if found.severity == "error":
                yield found.file, _diagnostic(found)

    def _site(self, folder: Path) -> str:
        """Where packages are. Mypy asks an interpreter for that: it gets one that only answers."""
        if self.packages is None:
            return "--no-site-packages"
        site = str(self.packages.folder)
        (folder / "answer").write_text(repr(([site], [site])))
        program = folder / _INTERPRETER
        program.write_text(f"#!/bin/sh\nexec /bin/cat '{folder}/answer'\n")
        program.chmod(0o700)
        return f"--python-executable={program}"


def _diagnostic(found: _Reported) -> Diagnostic:
    return Diagnostic(
        tool="mypy",
        rule=found.code or "syntax",
        severity=level_of(found.severity),
        line=max(0, found.line),
        column=max(0, found.column + 1),
        message=found.message[:2_000],
    )
