"""The Go toolchain, and our checker that is built with it once and kept."""

import asyncio
import hashlib
import platform
import re
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from platformdirs import user_cache_path

from infinite_instruct.domain import Value
from infinite_instruct.tools.analyzers.toolchest import Toolchest
from infinite_instruct.tools.process import Ending, Limits, Ran, run_bounded

OLDEST = (1, 23)
"""An older toolchain would call good code faulty: it knows neither its syntax nor its library."""

_BUILD_LIMITS = Limits(seconds=600, memory_mb=4096, reserves_memory=True)
# Nothing is fetched, nothing of the user's configuration is read, no C compiler is called.
_ALONE = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "off",
    "GOENV": "off",
    "GOFLAGS": "",
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    "HOME": "",  # without one there is no telemetry, which goes on writing when go has ended
}
_FLAGS = ("-trimpath", "-buildvcs=false", "-ldflags=-s -w")


class GoFault(Exception):  # noqa: N818  a finding about the machine, no error of ours
    """There is no toolchain, or it cannot build the checker."""


class GoToolchain(Value):
    """An installed Go."""

    root: Path
    """GOROOT: the standard library's sources, and the tools that build."""
    version: str
    """`1.27.3`."""


class GoChecker(Value):
    """The built checker with the toolchain whose library it knows."""

    program: Path
    toolchain: GoToolchain


async def find_toolchain(chest: Toolchest) -> GoToolchain:
    """Ask the `go` of the chest, or the machine's, what and where it is.

    Raises:
        GoFault: There is none, or it is too old.
    """
    program = chest.program("go")
    if program is None:
        raise GoFault("go is not installed")
    with tempfile.TemporaryDirectory(prefix="verify-go-") as folder:
        ran = await _go(program, ["env", "GOROOT", "GOVERSION"], Path(folder))
    root, _, version = ran.stdout.strip().partition("\n")
    found = re.match(r"go((\d{1,4})\.(\d{1,4})[\w.]*)", version)
    if ran.code or not found or not root.startswith("/"):
        raise GoFault(f"go does not tell its version: {ran.ending.value} {ran.stderr[:200]}")
    if (int(found[2]), int(found[3])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise GoFault(f"go {found[1]} is too old; {oldest} is the oldest that serves")
    return GoToolchain(root=Path(root), version=found[1])


async def kept_checker(chest: Toolchest, cache: Path | None = None) -> GoChecker:
    """The checker for the chest's toolchain; built where it is not in the cache, in half a minute.

    Args:
        chest: Where `go` is looked for.
        cache: Where the program is kept; by default in the user's cache folder.

    Raises:
        GoFault: It cannot be had.
    """
    toolchain = await find_toolchain(chest)
    cache = cache or user_cache_path("infinite-instruct") / "go"
    program = cache / f"checker-{_key(toolchain)}"
    if not await asyncio.to_thread(program.is_file):
        await _build(toolchain, program)
    return GoChecker(program=program, toolchain=toolchain)


def _key(toolchain: GoToolchain) -> str:
    """Whatever the program is made of."""
    parts = [toolchain.version, sys.platform, platform.machine(), *map(str, _sources().items())]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _sources() -> dict[str, str]:
    folder = files("infinite_instruct.tools.analyzers").joinpath("go")
    found = (each for each in folder.iterdir() if each.name.endswith(".go"))
    return {each.name: each.read_text("utf-8") for each in sorted(found, key=lambda e: e.name)}


async def _build(toolchain: GoToolchain, program: Path) -> None:
    """Build in a folder of its own beside the program; it appears whole or not at all."""
    try:
        folder = await asyncio.to_thread(_lay_out, program.parent, toolchain)
    except OSError as fault:
        raise GoFault(f"the checker cannot be kept: {fault}") from fault
    try:
        compiler = toolchain.root / "bin" / "go"
        ran = await _go(compiler, ["build", *_FLAGS, "-o", "checker", "checker"], folder)
        if ran.ending is not Ending.EXITED or ran.code:
            raise GoFault(f"the checker cannot be built: {ran.ending.value} {ran.stderr[:500]}")
        await asyncio.to_thread((folder / "checker").replace, program)
    except OSError as fault:
        raise GoFault(f"the checker cannot be built: {fault}") from fault
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _lay_out(cache: Path, toolchain: GoToolchain) -> Path:
    """The sources as a package of a GOPATH; go brings the passes of `go vet` as vendored code."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="build-", dir=cache)).resolve()
    package = folder / "src" / "checker"
    package.mkdir(parents=True)
    for name, text in _sources().items():
        (package / name).write_text(text, "utf-8")
    (package / "vendor").symlink_to(toolchain.root / "src" / "cmd" / "vendor")
    return folder


async def _go(program: Path, arguments: list[str], folder: Path) -> Ran:
    """Run go in a folder that is its GOPATH and its cache, too."""
    return await run_bounded(
        [str(program), *arguments],
        folder=folder,
        limits=_BUILD_LIMITS,
        environment={**_ALONE, "GOPATH": str(folder), "GOCACHE": str(folder / "cache")},
    )
