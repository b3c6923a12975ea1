"""Mypy: types, calls and attributes, with unannotated bodies checked too."""

import shutil
import sys
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batch_analyzer import BatchAnalyzer, Finding
from infinite_instruct.tools.analyzers.samples import SampleFolder, level_of
from infinite_instruct.tools.analyzers.toolbox import Toolbox


class _Reported(BaseModel):
    file: str
    line: int
    column: int
    message: str
    code: str | None
    severity: str


class Mypy(BatchAnalyzer):
    """Mypy with our own flags, no plugins, no installed packages, and a cache of the stubs.

    The cache holds typeshed, which costs a second to read; samples are removed from it.

    Args:
        toolbox: Jail, batching and limits.
        command: Another program than the installed one.
    """

    name = "mypy"
    lost = "wrong arguments, invented methods and modules' names in Python"
    install = "pip install mypy"
    # 2: a fault that stops it, like a broken type comment; then it tells of that file only.
    expected_codes = frozenset({0, 1, 2})

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        installed = [sys.executable, "-I", "-m", "mypy"] if find_spec("mypy") else None
        super().__init__(command or installed, toolbox)
        self._cache = Path(tempfile.mkdtemp(prefix="verify-mypy-"))
        weakref.finalize(self, shutil.rmtree, self._cache, ignore_errors=True)

    def version(self) -> str:
        """The installed version."""
        try:
            return version("mypy")
        except PackageNotFoundError:
            return "unknown"

    async def check_batch(self, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples in one process, and leave none of them in the cache."""
        try:
            return await super().check_batch(texts)
        finally:
            self._forget_samples()

    def arguments(self, folder: SampleFolder) -> list[str]:
        """Isolated; a jail cannot write outside of the folder, so there the cache is off."""
        shared = self._toolbox.jail.name == "baseline"
        cache = self._cache if shared else folder.path / "cache"
        flags = ["--config-file=", "--no-site-packages", "--check-untyped-defs", "--strict-bytes"]
        output = ["--output=json", "--no-error-summary", "--warn-unreachable", "--no-pretty"]
        python = f"--python-version={sys.version_info[0]}.{sys.version_info[1]}"
        return [*flags, *output, python, "--platform=linux", f"--cache-dir={cache}", *folder.files]

    def parse(self, output: str) -> Iterator[Finding]:
        """Read mypy's JSON lines. Its notes explain the error before them: they are left out."""
        for line in output.splitlines():
            found = _Reported.model_validate_json(line)
            if found.severity == "error":
                yield found.file, _diagnostic(found)

    def _forget_samples(self) -> None:
        for path in self._cache.glob("*/s_*"):
            path.unlink(missing_ok=True)


def _diagnostic(found: _Reported) -> Diagnostic:
    return Diagnostic(
        tool="mypy",
        rule=found.code or "syntax",
        severity=level_of(found.severity),
        line=max(0, found.line),
        column=max(0, found.column + 1),
        message=found.message[:2_000],
    )
