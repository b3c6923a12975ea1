"""Finds the newest JDK and compiles our Java program with it, once for each JDK and source."""

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from infinite_instruct.domain import Value
from infinite_instruct.tools.analyzers.toolchest import Toolchest
from infinite_instruct.tools.process import Limits, child_environment, limited

OLDEST = 17
"""Our program is written in this Java."""

_VERSION = re.compile(r'^JAVA_VERSION="((\d+)[\w.+-]*)"', re.MULTILINE)
_OPENED = ("api", "code", "comp", "file", "main", "parser", "tree", "util")
_SECONDS = 120


class Jdk(Value):
    """A Java Development Kit on this machine."""

    home: Path
    version: str
    """Like `25.0.3`."""

    @property
    def feature(self) -> int:
        """The release: 25."""
        return int(self.version.split(".", maxsplit=1)[0])

    @property
    def readable(self) -> tuple[Path, ...]:
        """What it reads; some distributions keep its configuration outside of its folder."""
        outside = [self.home / "lib" / "jvm.cfg", self.home / "conf" / "net.properties"]
        return (self.home, *(path.resolve().parent for path in outside if path.exists()))

    def java(self, classes: Path, *, heap_mb: int) -> list[str]:
        """The command that runs our program.

        C1 alone compiles it: C2 pays back only after some ten thousand samples. Whatever fills
        the heap ends the process, so that nothing goes on in a doubtful state.
        """
        return [
            str(self.home / "bin" / "java"),
            *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Xmx{heap_mb}m"),
            *("-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "-XX:-CreateCoredumpOnCrash"),
            *("-Xlog:disable", "-XX:+DisplayVMOutputToStderr"),  # stdout is the answers' own
            *_opened(),
            *("-cp", str(classes), "verify.Main"),
        ]


def newest_jdk(chest: Toolchest) -> Jdk | None:
    """The newest JDK of those that lie beside the one that the machine's `javac` belongs to.

    Code is written for the Java of its day: an older compiler refuses what is right.
    """
    javac = chest.program("javac")
    if javac is None:
        return None
    usable = [jdk for jdk in _jdks(javac.parents[1]) if jdk.feature >= OLDEST]
    return max(usable, key=lambda jdk: (jdk.feature, jdk.version), default=None)


def compiled(jdk: Jdk, cache: Path) -> Path:
    """The folder with our program's classes.

    Args:
        jdk: Compiles it and will run it.
        cache: Where it stays; a folder that holds nothing else.

    Raises:
        OSError: The folder cannot be written, or the compiler does not start or end.
        ValueError: The compiler refuses it.
    """
    sources = _sources()
    digest = hashlib.sha256("\0".join(sources.values()).encode()).hexdigest()[:16]
    target = cache / f"{jdk.version}-{digest}"
    if target.is_dir():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="new-") as name:
        folder = Path(name)
        for file, text in sources.items():
            (folder / file).write_text(text, encoding="utf-8")
        _compile(jdk, folder, list(sources))
        with suppress(OSError):  # another process was first
            (folder / "classes").rename(target)
    if not target.is_dir():
        raise ValueError(f"{target} could not be made")
    return target


def _jdks(home: Path) -> Iterator[Jdk]:
    for release in (home / "release", *home.parent.glob("*/release")):
        with suppress(OSError, UnicodeDecodeError):
            found = _VERSION.search(release.read_text("utf-8"))
            if found and (release.parent / "bin" / "javac").is_file():
                yield Jdk(home=release.parent.resolve(), version=found[1])


def _sources() -> dict[str, str]:
    folder: Traversable = files("infinite_instruct.tools.analyzers").joinpath("java")
    found = (each for each in folder.iterdir() if each.name.endswith(".java"))
    return {each.name: each.read_text("utf-8") for each in sorted(found, key=lambda e: e.name)}


def _opened() -> list[str]:
    """The packages of javac that its module does not export."""
    package = "jdk.compiler/com.sun.tools.javac."
    return [part for name in _OPENED for part in ("--add-exports", f"{package}{name}=ALL-UNNAMED")]


def _compile(jdk: Jdk, folder: Path, sources: list[str]) -> None:
    flags = ["-J-XX:TieredStopAtLevel=1", "-J-XX:-UsePerfData", "-proc:none", "-encoding", "UTF-8"]
    command = [str(jdk.home / "bin" / "javac"), *flags, *_opened(), "-d", "classes", *sources]
    bounds = Limits(seconds=_SECONDS, memory_mb=2048, reserves_memory=True)
    try:
        done = subprocess.run(  # noqa: S603  our own command and sources
            limited(command, bounds),
            cwd=folder,
            env=child_environment(folder, {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise OSError("javac did not end") from late
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace").strip()[:300]
        raise ValueError(f"javac {jdk.version} refuses our program: {said}")
