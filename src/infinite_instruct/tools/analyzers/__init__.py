"""The analyzers: each judges code without running it."""

from typing import Literal

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Analyzer, Findings, ToolState, doctor
from infinite_instruct.tools.analyzers.batches import Batching
from infinite_instruct.tools.analyzers.c.gcc import Gcc
from infinite_instruct.tools.analyzers.go.go_types import GoTypes
from infinite_instruct.tools.analyzers.java.javac import Javac
from infinite_instruct.tools.analyzers.javascript.tsc import Tsc
from infinite_instruct.tools.analyzers.lua.lua import Lua
from infinite_instruct.tools.analyzers.php.php import Php
from infinite_instruct.tools.analyzers.policy import Policy
from infinite_instruct.tools.analyzers.python.mypy import Mypy
from infinite_instruct.tools.analyzers.python.pyright import Pyright
from infinite_instruct.tools.analyzers.python.ruff import Ruff
from infinite_instruct.tools.analyzers.python.ty import Ty
from infinite_instruct.tools.analyzers.ruby.ruby import Ruby
from infinite_instruct.tools.analyzers.rust.rustc import Rustc
from infinite_instruct.tools.analyzers.shell.bash import Bash
from infinite_instruct.tools.analyzers.shell.shellcheck import Shellcheck
from infinite_instruct.tools.analyzers.sql.sql import SqlParsers
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.analyzers.toolbox import Toolbox

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
    toolbox: Toolbox | None = None,
    policy: Policy | None = None,
    python_tier: PythonTier = "full",
) -> tuple[Analyzer, ...]:
    """All analyzers of this package; a missing tool is there too and says so.

    Args:
        toolbox: Jail, batching, limits, and where the programs are.
        policy: Tells ruff which rules to look for, and gcc which headers.
        python_tier: `fast` asks ruff and ty about Python; `full` mypy and pyright, too.

    Raises:
        SettingsError: The toolbox's environment of Python packages is none.
    """
    toolbox = toolbox or Toolbox()
    policy = policy or Policy.load()
    slower = (Mypy(toolbox), Pyright(toolbox)) if python_tier == "full" else ()
    return (
        Ruff(policy.rules_of(Language.PYTHON, "ruff"), toolbox),
        Ty(toolbox),
        *slower,
        TreeSitterSyntax(),
        Tsc(toolbox),
        Bash(toolbox),
        Shellcheck(toolbox),
        SqlParsers(toolbox),
        Rustc(toolbox),
        Php(toolbox),
        Ruby(toolbox),
        Lua(toolbox),
        Gcc(Language.C, policy.headers_of(Language.C), toolbox),
        Gcc(Language.CPP, policy.headers_of(Language.CPP), toolbox),
        Javac(toolbox),
        GoTypes(toolbox),
    )
