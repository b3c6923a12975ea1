"""The names of real packages, by ecosystem. How the lists were made: docs/packages.md."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files

from infinite_instruct.domain import Language
from infinite_instruct.tools.packages.bloom import BloomFilter

MAX_NAME = 300
"""Characters; what is longer is no name."""

_LISTS = {
    Language.PYTHON: "python",
    Language.JAVASCRIPT: "npm",
    Language.TYPESCRIPT: "npm",
    Language.JAVA: "java",
    Language.KOTLIN: "java",
    Language.GO: "go",
    Language.RUST: "rust",
    Language.C: "headers",
    Language.CPP: "headers",
}


class PackageNames:
    """Tells whether a package of a name exists. Each list is read when it is first asked for."""

    def knows(self, language: Language, name: str) -> bool | None:
        """Whether a name that code imports belongs to a real package.

        Args:
            language: The code's.
            name: As imported: `sklearn`, `@babel/core`, `org.junit.Test`, `github.com/spf13/cobra`,
                `serde_json`, `boost/asio.hpp`.

        Returns:
            None where there is no list for the language.
        """
        ecosystem = _LISTS.get(language)
        if ecosystem is None:
            return None
        if not name.strip() or len(name) > MAX_NAME:
            return False
        if OF_THE_PROJECT[ecosystem](name):
            return True
        known = _load(ecosystem)
        return any(key in known for key in KEYS[ecosystem](name))


def python_keys(name: str) -> Iterator[str]:
    """A module's name as the index normalises names (PEP 503)."""
    top = name.partition(".")[0]
    yield re.sub(r"[-_.]+", "-", top).lower()


def npm_keys(name: str) -> Iterator[str]:
    """The package, or the scope that its owner holds: `@babel/core` by `@babel`."""
    yield name.lower().split("/")[0]


def java_keys(name: str) -> Iterator[str]:
    """All beginnings in whole segments: whoever holds `org.apache` holds what is below."""
    yield from _prefixes(name.removesuffix(".*").split("."), ".", most=5)


def go_keys(name: str) -> Iterator[str]:
    """All beginnings in whole segments, from the host on."""
    yield from _prefixes(name.split("/"), "/", most=5)


def rust_keys(name: str) -> Iterator[str]:
    """The crate, as its registry writes it."""
    yield name.partition("::")[0].replace("_", "-").lower()


def header_keys(name: str) -> Iterator[str]:
    """The header's own name, or the folder that its library owns: `boost/asio.hpp` by `boost/`."""
    folder, slash, _ = name.partition("/")
    yield folder + slash


KEYS: dict[str, Callable[[str], Iterator[str]]] = {
    "python": python_keys,
    "npm": npm_keys,
    "java": java_keys,
    "go": go_keys,
    "rust": rust_keys,
    "headers": header_keys,
}
"""What a name is looked up by in each list."""

OF_THE_PROJECT: dict[str, Callable[[str], bool]] = {
    "python": lambda name: name.startswith("."),
    "npm": lambda name: name.startswith((".", "/", "@/", "~", "#")) or ":" in name,
    "java": lambda _: False,
    "go": lambda name: "/" in name and "." not in name.partition("/")[0],
    "rust": lambda _: False,
    "headers": lambda name: name.startswith('"'),
}
"""Which names are paths, addresses or the project's own modules: not to be had, not invented."""


def _prefixes(parts: list[str], between: str, most: int) -> Iterator[str]:
    for count in range(1, min(len(parts), most) + 1):
        yield between.join(parts[:count])


@cache
def _load(ecosystem: str) -> BloomFilter:
    path = files("infinite_instruct.tools.packages") / "data" / f"{ecosystem}.bloom"
    return BloomFilter.load(path.read_bytes())
