"""What a Python text imports: packages from outside, and modules that do not exist."""

import ast
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from infinite_instruct.domain import Diagnostic
from infinite_instruct.tools.analyzers.python.packages import VERSION, Packages
from infinite_instruct.tools.analyzers.text.gate import own

_STDLIB = Path(sysconfig.get_path("stdlib"))
_RELATIVE = re.compile(rb"from\s*\.[.\s]*(import\b|[A-Za-z_\x80-\xff])")
_NOWHERE = b"nowhere_to_be_found"


def imports_of(
    tree: ast.Module, packages: Packages | None = None
) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """The packages that are not here, and modules that the standard library does not have.

    Args:
        tree: The text's.
        packages: What is installed besides the standard library.
    """
    unresolved: dict[str, None] = {}
    invented: list[Diagnostic] = []
    for line, module in _imported(tree):
        top = module.partition(".")[0]
        if packages is not None and packages.has(module):
            continue
        if top not in sys.stdlib_module_names:
            unresolved[top or module] = None
        elif not _in_stdlib(module):
            invented.append(
                own("invented-module", f"Python {VERSION} has no `{module[:80]}`.", line)
            )
    return tuple(unresolved), tuple(invented)


def without_relative_imports(code: str) -> str:
    """The text with its relative imports made absolute, from a package that is nowhere.

    Mypy stops the whole batch at `from . import x`, and pyright takes the folder for the package.
    """
    if not re.search(r"from\s*\.", code):
        return code
    lines = code.encode().splitlines(keepends=True)
    nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.ImportFrom)]
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        if node.level:
            line, start = lines[node.lineno - 1], node.col_offset
            lines[node.lineno - 1] = line[:start] + _RELATIVE.sub(_absolute, line[start:], count=1)
    return b"".join(lines).decode()


def _absolute(found: re.Match[bytes]) -> bytes:
    between = b" " if found[1] == b"import" else b"."
    return b"from " + _NOWHERE + between + found[1]


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
