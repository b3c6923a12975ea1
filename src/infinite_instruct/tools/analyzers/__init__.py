"""The analyzers: each judges code without running it."""

from pathlib import Path
from typing import Literal

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Analyzer, Findings, ToolState, doctor
from infinite_instruct.tools.analyzers.bash import Bash
from infinite_instruct.tools.analyzers.batches import Batching
from infinite_instruct.tools.analyzers.gcc import Gcc
from infinite_instruct.tools.analyzers.mypy import Mypy
from infinite_instruct.tools.analyzers.policy import Policy
from infinite_instruct.tools.analyzers.pyright import Pyright
from infinite_instruct.tools.analyzers.python_imports import PythonImports
from infinite_instruct.tools.analyzers.ruff import Ruff
from infinite_instruct.tools.analyzers.sql import SqlParsers
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.analyzers.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.analyzers.ty import Ty
from infinite_instruct.tools.jail import Baseline, Jail

PythonTier = Literal["fast", "full"]

__all__ = [
    "Analyzer",
    "Batching",
    "Findings",
    "Policy",
    "PythonTier",
    "ToolState",
    "Toolbox",
    "builtin_analyzers",
    "doctor",
]


def builtin_analyzers(
    jail: Jail | None = None,
    *,
    policy: Policy | None = None,
    batching: Batching | None = None,
    seconds: float = 20,
    python_tier: PythonTier = "full",
    packages: Path | None = None,
) -> tuple[Analyzer, ...]:
    """All analyzers of this package; a missing tool is there too and says so.

    Args:
        jail: What locks the tools in; see `jail.detect_jail`.
        policy: Tells ruff which rules to look for.
        batching: How large a batch may be and how long it is waited for.
        seconds: The most that a tool may take for one sample.
        python_tier: `fast` asks ruff and ty about Python; `full` mypy and pyright, too.
        packages: A virtual environment whose packages Python's samples may import.

    Raises:
        SettingsError: The virtual environment is none.
    """
    toolbox = Toolbox(
        jail=jail or Baseline(),
        batching=batching or Batching(),
        seconds=seconds,
        packages=packages,
    )
    policy = policy or Policy.load()
    ruff = policy.tool(Language.PYTHON, "ruff")
    slower = (Mypy(toolbox), Pyright(toolbox)) if python_tier == "full" else ()
    return (
        PythonImports(toolbox),
        Ruff((*ruff.fatal, *ruff.warning), toolbox),
        Ty(toolbox),
        *slower,
        TreeSitterSyntax(),
        Bash(toolbox),
        SqlParsers(toolbox),
        Gcc(Language.C, policy.headers_of(Language.C), toolbox),
        Gcc(Language.CPP, policy.headers_of(Language.CPP), toolbox),
    )
