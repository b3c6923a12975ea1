"""Installed Python packages to check calls against, found by their folder: no interpreter is asked.

An interpreter that is asked for its paths runs every `.pth` file and `sitecustomize` it has.
"""

import sys
from pathlib import Path

from infinite_instruct.domain import Value
from infinite_instruct.errors import SettingsError

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
"""The Python that samples are checked for."""

ENVIRONMENT = "python-environment"
"""Name of the folder that the checkers take for an environment. No module can be called so."""

_SITE = Path("lib") / f"python{VERSION}" / "site-packages"


class Packages(Value):
    """The packages of one environment."""

    folder: Path
    """Its `site-packages`."""

    @classmethod
    def of(cls, place: Path) -> "Packages":
        """The packages of an environment, given as its folder or as its interpreter.

        Raises:
            SettingsError: There are none.
        """
        prefixes = [place, place.parent.parent]  # `.venv` or `.venv/bin/python`, itself a link
        sites = [site for each in prefixes for site in (each / _SITE, *_others(each))]
        found = next((site for site in sites if site.is_dir()), None)
        if found is None:
            raise SettingsError(
                f"No packages are installed in {place}.",
                remedy="Name a virtual environment's folder or its bin/python.",
            )
        return cls(folder=found.resolve())

    def has(self, module: str) -> bool:
        """Whether a module is there, by its file; `a.b` may be a part of `a-stubs`."""
        top, *rest = module.split(".")
        tops = (top, f"{top}-stubs")
        return bool(top) and any(_is_module(self.folder.joinpath(each, *rest)) for each in tops)


def lay_out_environment(folder: Path, packages: Packages | None) -> Path:
    """Make an environment that holds these packages and nothing else.

    A checker that is given none looks for one itself, and finds the one that it is installed in.

    Args:
        folder: Where to make it.
        packages: What it holds; None for nothing.
    """
    environment = folder / ENVIRONMENT
    site = environment / _SITE
    site.parent.mkdir(parents=True)
    if packages is None:
        site.mkdir()
    else:
        site.symlink_to(packages.folder, target_is_directory=True)
    return environment


def _others(prefix: Path) -> list[Path]:
    """Of another Python's environment, and Windows' layout."""
    return [*sorted(prefix.glob("lib/python3*/site-packages")), prefix / "Lib" / "site-packages"]


def _is_module(path: Path) -> bool:
    if path.is_dir() or any(path.with_name(path.name + end).is_file() for end in (".py", ".pyi")):
        return True
    return any(path.parent.glob(f"{path.name}.*.so"))
