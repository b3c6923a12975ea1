"""Mypy's knowledge of the standard library, read once and kept: it costs two seconds to read.

It is filled by a run over a text of ours, and lies in the user's cache folder under the versions
that made it. Each batch gets a copy: nothing of a sample is written into it or read from it.
"""

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from infinite_instruct.tools.analyzers.python.packages import VERSION
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ending, Limits, run_bounded
from infinite_instruct.tools.scratch import scratch_folder

CACHE = "mypy-cache"
"""Name of the copy in a batch's folder. No module can be called so."""

_PRIMING_SECONDS = 120
_TEXT = "standard_library_of_mypy.py"


class MypyCache:
    """The cache that batches start from.

    Args:
        command: Mypy with the flags of every batch: others do not fit the cache.
        toolbox: Jail and slots.
        home: Where it is kept; by default the user's cache folder.
    """

    def __init__(self, command: Sequence[str], toolbox: Toolbox, home: Path | None = None) -> None:
        self._command = command
        self._toolbox = toolbox
        home = home or user_cache_path("infinite-instruct") / "mypy"
        self._folder = home / _key(command)

    async def prime(self) -> None:
        """Make it, where it is not there yet. Without it mypy is only slower."""
        if self._folder.is_dir():
            return
        with scratch_folder() as folder:
            (folder / _TEXT).write_text("".join(f"import {each}\n" for each in _modules()))
            command = [*self._command, f"--cache-dir={CACHE}", _TEXT]
            async with self._toolbox.slots.one():
                ran = await run_bounded(
                    self._toolbox.jail.wrap(command, folder=folder),
                    folder=folder,
                    limits=Limits(seconds=_PRIMING_SECONDS),
                )
            if ran.ending is Ending.EXITED and ran.code in {0, 1}:
                self._keep(folder / CACHE)

    def copy_to(self, folder: Path) -> None:
        """Give a batch its own."""
        if self._folder.is_dir():
            shutil.copytree(self._folder, folder / CACHE)

    def _keep(self, made: Path) -> None:
        try:
            self._put(made)
        except OSError:  # no place to keep it: then it lasts as long as this process
            self._folder = Path(tempfile.mkdtemp(prefix="verify-mypy-")) / CACHE
            weakref.finalize(self, shutil.rmtree, self._folder.parent, ignore_errors=True)
            shutil.copytree(made, self._folder)

    def _put(self, made: Path) -> None:
        """Put it in its place at once and whole; another process may have been faster."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder.parent) as beside:
            shutil.copytree(made, Path(beside) / CACHE)
            try:
                (Path(beside) / CACHE).rename(self._folder)
            except OSError:
                if not self._folder.is_dir():
                    raise


def _key(command: Sequence[str]) -> str:
    """A name that changes with all that the cache depends on."""
    versions = _typeshed() / "VERSIONS"
    made_of = [version("mypy"), str(versions), versions.stat().st_mtime_ns, *command]
    digest = hashlib.sha256(repr(made_of).encode()).hexdigest()[:16]
    return f"{version('mypy')}-py{VERSION}-{digest}"


def _typeshed() -> Path:
    """Mypy's stubs of the standard library.

    Raises:
        FileNotFoundError: Mypy is not installed, or has none.
    """
    found = find_spec("mypy")
    if found is None or found.origin is None:
        raise FileNotFoundError("mypy")
    return Path(found.origin).parent / "typeshed" / "stdlib"


def _modules() -> Iterator[str]:
    """All modules of the standard library; mypy passes over those of other versions."""
    folder = _typeshed()
    for file in sorted(folder.rglob("*.pyi")):
        parts = file.relative_to(folder).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name != "__main__":
            yield name
