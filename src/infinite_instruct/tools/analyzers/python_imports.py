"""What a Python text imports: packages from outside, and modules that do not exist."""

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.gate import own

_STDLIB = Path(sysconfig.get_path("stdlib"))


def imports_of(tree: ast.Module) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """The packages that are not of the standard library, and its modules that do not exist."""
    unresolved: dict[str, None] = {}
    invented: list[Diagnostic] = []
    for line, module in _imported(tree):
        top = module.partition(".")[0]
        if top not in sys.stdlib_module_names:
            unresolved[top or module] = None
        elif not _in_stdlib(module):
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            invented.append(
                own("invented-module", f"Python {version} has no `{module[:80]}`.", line)
            )
    return tuple(unresolved), tuple(invented)


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def _in_stdlib(module: str) -> bool:
    """Whether a submodule exists, by its file: asking the import system would run code."""
    top, _, rest = module.partition(".")
    if not rest or module == "os.path":
        return True
    if (_STDLIB / top).is_dir():
        path = _STDLIB.joinpath(*module.split("."))
        return path.is_dir() or path.with_suffix(".py").is_file()
    is_plain = top in sys.builtin_module_names or (_STDLIB / f"{top}.py").is_file()
    return not is_plain  # a package that this installation lacks, like tkinter, is not invented
