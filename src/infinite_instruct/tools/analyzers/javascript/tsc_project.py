"""What TypeScript's compiler is given: its own files, its options, and samples in a folder."""

import json
import platform
import re
import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.analyzers.toolchest import Toolchest
from infinite_instruct.tools.languages import spec_of

CANARY = "the_canary_is_undefined;\n"
"""A text with a fault: a compiler that does not find it did not look, whatever it says."""

# What the places have that programs are written for, besides pages and node: test runners, module
# loaders, workers, other run times; and what every object has. They are declared without types.
_PLACES = """
describe it test expect before after beforeEach afterEach beforeAll afterAll suite setup teardown
context specify jest vi jasmine QUnit define requirejs importScripts skipWaiting clients chrome
Deno Bun ActiveXObject hasOwnProperty isPrototypeOf propertyIsEnumerable
"""

# Only the listed files are read (`noResolve`), so neither an import nor a reference leads out of
# them. Node's modules are ambient there. Every file is a module: scripts would share their names.
_OPTIONS: Mapping[str, Any] = {
    "noEmit": True,
    "noImplicitReturns": True,
    "noResolve": True,
    "resolveJsonModule": False,
    "types": [],
    "moduleDetection": "force",
    "skipLibCheck": True,
    "target": "esnext",
    "lib": ["esnext", "dom", "dom.iterable", "dom.asynciterable"],
    "module": "esnext",
    "moduleResolution": "bundler",
    "jsx": "preserve",
    "allowUnreachableCode": True,
    "allowUnusedLabels": True,
    "experimentalDecorators": False,
}
_OWN_OPTIONS: Mapping[Language, Mapping[str, Any]] = {
    Language.TYPESCRIPT: {"strict": True},
    Language.JAVASCRIPT: {"strict": False, "allowJs": True, "checkJs": True},
}
_REFERENCE = re.compile(r'^/// <reference path="([\w./-]{1,200})" />', re.MULTILINE)
_TAG = re.compile(r"/>|</")
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "armv7l": "arm"}


class _Manifest(BaseModel):
    version: str


class TypeScript(Value):
    """An installed compiler: the native one of TypeScript 7, and the types of node's modules."""

    program: Path
    node_types: Path
    """The folder of `@types/node`."""
    version: str

    @classmethod
    def find(cls, chest: Toolchest) -> "TypeScript | None":
        """The installed one; None where a part is missing."""
        machine = _MACHINES.get(platform.machine().lower(), platform.machine().lower())
        package = chest.node_package(f"@typescript/typescript-{sys.platform}-{machine}")
        types = chest.node_package("@types/node")
        if package is None or types is None or not (package / "lib" / "tsc").is_file():
            return None
        with suppress(OSError, ValidationError):
            manifest = _Manifest.model_validate_json((package / "package.json").read_bytes())
            program = (package / "lib" / "tsc").resolve()
            return cls(program=program, node_types=types.resolve(), version=manifest.version)
        return None

    @property
    def readable(self) -> tuple[Path, ...]:
        """What it reads: its program with the library beside it, and node's types."""
        return (self.program.parent, self.node_types)

    def node_files(self) -> list[str]:
        """The declarations of node's modules, which its index refers to."""
        index = self.node_types / "index.d.ts"
        referred = [self.node_types / name for name in _REFERENCE.findall(index.read_text("utf-8"))]
        return [str(file) for file in [index, *referred] if file.is_file()]


class Project:
    """Samples of one language as files that nothing can guess, a canary, and a configuration.

    Args:
        folder: Where to make the project's own folder.
        language: JavaScript or TypeScript.
        texts: The samples.
        compiler: Whose types are used.
    """

    def __init__(
        self, folder: Path, language: Language, texts: Sequence[str], compiler: TypeScript
    ) -> None:
        self._folder = folder / language.value
        self.config = self._folder / "tsconfig.json"
        self.canary = self._file(spec_of(language).extensions[0])
        self._texts = texts
        self.samples = [
            tuple(self._file(extension) for extension in _readings(text, language))
            for text in texts
        ]
        """Each sample's files: a text that may be read in two ways has two."""
        files = [self.canary, *(file for readings in self.samples for file in readings)]
        self._places = self._folder / "places.d.ts"
        self._settings = {
            "compilerOptions": {**_OPTIONS, **_OWN_OPTIONS[language]},
            "files": [*compiler.node_files(), str(self._places), *map(str, files)],
            "typeAcquisition": {"enable": False},
        }

    def write(self) -> None:
        """Put all files there."""
        self._folder.mkdir(exist_ok=True)
        self.canary.write_text(CANARY)
        for readings, text in zip(self.samples, self._texts, strict=True):
            for file in readings:
                file.write_bytes(text.encode())
        declared = (f"declare var {name}: any;" for name in _PLACES.split())
        self._places.write_text("\n".join(declared))
        self.config.write_text(json.dumps(self._settings))

    def remove(self) -> None:
        """Take all files away; the next project of the language is written to the same place."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, extension: str) -> Path:
        return self._folder / f"s_{secrets.token_hex(12)}{extension}"


def _readings(text: str, language: Language) -> tuple[str, ...]:
    """The file endings to read a text under: tags in TypeScript need another one."""
    own = spec_of(language).extensions[0]
    return (own, ".tsx") if language is Language.TYPESCRIPT and _TAG.search(text) else (own,)
