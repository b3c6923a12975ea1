"""The Rust compiler: found, asked for its facts, and run over crates that we lay out."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infinite_instruct.domain import Value
from infinite_instruct.tools.analyzers.rust.messages import RustError, read_errors
from infinite_instruct.tools.analyzers.rust.source import Form
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import (
    Ending,
    Limits,
    Ran,
    child_environment,
    run_bounded,
)
from infinite_instruct.tools.scratch import scratch_folder

EDITION = "2021"
CANARY = "pub fn canary() -> u8 {\n    let one = [1];\n    one[9]\n}\n"
"""Rustc finds this fault in its last pass: whoever reports it has passed all others."""

LINTS = ("unconditional_recursion", "unreachable_code", "unused_must_use", "unused_comparisons")
"""Warnings that tell of faults. They are asked for as errors, since all others are silent."""

_ROOT = "root.rs"
_PACKAGE = {
    "CARGO_PKG_NAME": "sample",
    "CARGO_PKG_VERSION": "0.1.0",
    "CARGO_PKG_VERSION_MAJOR": "0",
    "CARGO_PKG_VERSION_MINOR": "1",
    "CARGO_PKG_VERSION_PATCH": "0",
    "CARGO_PKG_AUTHORS": "",
    "CARGO_PKG_DESCRIPTION": "",
    "CARGO_PKG_HOMEPAGE": "",
    "CARGO_PKG_REPOSITORY": "",
    "CARGO_PKG_LICENSE": "",
    "CARGO_CRATE_NAME": "sample",
    "CARGO_BIN_NAME": "sample",
    "CARGO_MANIFEST_DIR": "/sample",
}
"""What cargo tells a program of its package."""
_TOOLCHAINS = ("RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "CARGO_HOME")
_OUTPUT_BYTES = 16_000_000
_MEMORY_MB = 2048
_ASKING_SECONDS = 20
_ENDED = (0, 1)
"""Rustc's exit codes, without and with errors; 101 is a crash of its own."""


class Compiled(Value):
    """What the compiler said of one crate."""

    errors: tuple[RustError, ...] = ()
    fault: str = ""
    """Why it is not known what it would say."""


class Folder:
    """Texts in a folder of ours, under names that nothing can guess. Made by `folder_with`."""

    def __init__(self, path: Path, texts: Sequence[str]) -> None:
        self.path = path
        self.files = [f"s_{secrets.token_hex(12)}.rs" for _ in texts]
        for file, text in zip(self.files, texts, strict=True):
            (path / file).write_bytes(text.encode())

    def root_of(self, files: Sequence[str]) -> str:
        """Write the root of a crate with some of the texts as its modules."""
        (self.path / _ROOT).write_text("".join(f"mod {Path(file).stem};\n" for file in files))
        return _ROOT


@contextmanager
def folder_with(texts: Sequence[str]) -> Generator[Folder]:
    """Write texts into a new folder, and remove it in the end."""
    with scratch_folder() as path:
        yield Folder(path, texts)


class Build(Value):
    """How a crate is compiled."""

    root: str
    form: Form = Form.MODULE
    edition: str = EDITION
    lints: bool = True
    seconds: float

    @property
    def flags(self) -> list[str]:
        """For the compiler."""
        kind = f"--crate-type={self.form.value}"
        return [
            *("--test" if self.form in {Form.MODULE, Form.TESTED} else kind, "--crate-name=sample"),
            *(f"--edition={self.edition}", "--emit=mir=/dev/null", "--error-format=json"),
            *("-Awarnings", *(f"-D{lint}" for lint in LINTS if self.lints)),
        ]


@dataclass(frozen=True)
class RustCompiler:
    """A rustc that was found, and what it compiles for."""

    program: Path
    version: str
    facts: frozenset[str]
    """What `--print cfg` says."""
    toolbox: Toolbox

    async def compile(self, folder: Folder, build: Build) -> Compiled:
        """Check a crate up to its last pass; nothing is linked, nothing is run."""
        command = [str(self.program), *build.flags, build.root]
        sysroot = self.program.parent.parent
        async with self.toolbox.slots.one():
            ran = await run_bounded(
                self.toolbox.jail.wrap(command, folder=folder.path, readable=[sysroot]),
                folder=folder.path,
                limits=Limits(
                    seconds=build.seconds,
                    memory_mb=_MEMORY_MB,
                    reserves_memory=True,
                    output_bytes=_OUTPUT_BYTES,
                ),
                environment=_PACKAGE,
            )
        return _compiled(ran, folder)


def _compiled(ran: Ran, folder: Folder) -> Compiled:
    if ran.ending is not Ending.EXITED:
        return Compiled(fault=ran.ending.value)
    if ran.code not in _ENDED:
        return Compiled(fault=f"exit code {ran.code}")
    try:
        errors = tuple(read_errors(ran.stderr, folder.files))
    except ValueError as fault:
        return Compiled(fault=f"its output cannot be read: {type(fault).__name__}")
    if bool(errors) is not bool(ran.code):
        return Compiled(fault=f"exit code {ran.code} with {len(errors)} errors")
    return Compiled(errors=errors)


def find_compiler(toolbox: Toolbox, command: Sequence[str] | None = None) -> RustCompiler | None:
    """The machine's compiler; the program itself, where PATH has rustup's stand-in.

    The stand-in obeys toolchain files in the working directory, and may download.
    """
    found = shutil.which("rustc")
    ask = list(command or ([found] if found else []))
    facts = _said([*ask, "--print=sysroot", "--print=cfg"]).splitlines() if ask else []
    if not facts:
        return None
    program = Path(facts[0]) / "bin" / "rustc"
    if command or not program.is_file():
        program = Path(ask[0])
    version = _said([str(program), "--version"]).split()
    return RustCompiler(
        program=program,
        version=version[1] if len(version) > 1 else "unknown",
        facts=frozenset(facts[1:]),
        toolbox=toolbox,
    )


def _said(command: Sequence[str]) -> str:
    """What it says of itself, once: it does not see any text."""
    kept = {name: os.environ[name] for name in _TOOLCHAINS if name in os.environ}
    with scratch_folder() as folder:
        try:
            done = subprocess.run(  # noqa: S603  the compiler that the user installed
                list(command),
                cwd=folder,
                env=child_environment(folder, {"HOME": str(Path.home()), **kept}),
                capture_output=True,
                timeout=_ASKING_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""
