"""Build the lists of real packages that the package carries (src/.../tools/packages/data).

Usage:
  python scripts/build_package_names.py --pypi INDEX --npm NAMES --debian CONTENTS... --date DAY
INDEX is PyPI's simple index as HTML or JSON, NAMES the `names.json` of npm's package
all-the-package-names, CONTENTS the unpacked `Contents-*` files of a Debian release.
The lists in scripts/package_names add what these do not have. Same inputs, same files.
"""

import argparse
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from infinite_instruct.tools.packages.bloom import BloomFilter
from infinite_instruct.tools.packages.names import header_keys, npm_keys, python_keys, rust_keys

ROOT = Path(__file__).resolve().parents[1]
CURATED = ROOT / "scripts" / "package_names"
OUT = ROOT / "src" / "infinite_instruct" / "tools" / "packages" / "data"
RATES = {"npm": 0.01, "java": 0.0005, "go": 0.0005}
"""Names found by mistake; prefixes are asked for several times a name."""
USUAL_RATE = 0.002

_DEBIAN_PYTHON = re.compile(r"usr/lib/python3/dist-packages/([A-Za-z_]\w*)(?:/|\.py$|\.cpython)")
_DEBIAN_CRATE = re.compile(r"usr/share/cargo/registry/(.+?)-\d[^/]*/")
_DEBIAN_GO = re.compile(r"usr/share/gocode/src/([^/]+\.[^/]+/[^/]+(?:/[^/]+)?)/")
_DEBIAN_MAVEN = re.compile(r"usr/share/maven-repo/([a-z]\w*(?:/[a-z][\w-]*)*)/[^/]+/[^/]+/[^/]+$")
_DEBIAN_HEADER = re.compile(r"usr/include/(?:[a-z0-9_]+-linux-gnu\w*/)?(.+)$")
_LINK = re.compile(r">([^<>]+)</a>")


def curated(name: str) -> Iterator[str]:
    """The words of a list of ours."""
    for line in (CURATED / f"{name}.txt").read_text().splitlines():
        if not line.startswith("#"):
            yield from line.split()


def found_in(paths: Iterable[str], pattern: re.Pattern[str]) -> set[str]:
    """What a pattern captures of Debian's paths."""
    return {found[1] for path in paths if (found := pattern.match(path))}


def index_names(text: str) -> Iterator[str]:
    """The names of PyPI's simple index."""
    if text.lstrip().startswith("{"):
        yield from (project["name"] for project in json.loads(text)["projects"])
    else:
        yield from _LINK.findall(text)


def java_packages(paths: Iterable[str]) -> Iterator[str]:
    """The owners of the groups in Debian's Maven repository: the first two segments."""
    for group in found_in(paths, _DEBIAN_MAVEN):
        parts = group.split("/")
        if len(parts) > 1:  # a single one is no package: `log4j` holds `org.apache.log4j`
            yield ".".join(parts[:2])


def go_paths(paths: Iterable[str]) -> Iterator[str]:
    """The owners of Debian's Go packages: host and first segment, `golang.org/x`."""
    for path in found_in(paths, _DEBIAN_GO):
        yield "/".join(path.split("/")[:2])


def headers(paths: Iterable[str]) -> Iterator[str]:
    """Every header by its own name, and the folders they lie in."""
    for path in found_in(paths, _DEBIAN_HEADER):
        *folders, name = path.split("/")
        yield name
        yield from (f"{folder}/" for folder in folders)


def keyed(names: Iterable[str], keys: Callable[[str], Iterator[str]]) -> Iterator[str]:
    """Names as they are looked up."""
    for name in names:
        yield from keys(name)


def main() -> None:
    """Write all filters, and what they were made of."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--pypi", type=Path, required=True)
    parser.add_argument("--npm", type=Path, required=True)
    parser.add_argument("--debian", type=Path, nargs="+", required=True)
    parser.add_argument("--date", required=True, help="when the lists were fetched")
    asked = parser.parse_args()
    paths = [line.rpartition(" ")[0].rstrip() for each in asked.debian for line in each.open()]
    pypi = index_names(asked.pypi.read_text())
    own = found_in(paths, _DEBIAN_PYTHON)
    lists: dict[str, Iterable[str]] = {
        "python": keyed([*pypi, *own, *curated("python")], python_keys),
        "npm": keyed(json.loads(asked.npm.read_text()), npm_keys),
        "java": [*java_packages(paths), *curated("java")],
        "go": [*go_paths(paths), *curated("go")],
        "rust": keyed([*found_in(paths, _DEBIAN_CRATE), *curated("rust")], rust_keys),
        "headers": [*headers(paths), *keyed(curated("headers"), header_keys)],
    }
    about: dict[str, object] = {"date": asked.date}
    for name, names in lists.items():
        made = BloomFilter.of(names, RATES.get(name, USUAL_RATE))
        (OUT / f"{name}.bloom").write_bytes(made.dump())
        rate = RATES.get(name, USUAL_RATE)
        about[name] = {"names": made.count, "found by mistake": rate, "bytes": len(made.dump())}
        print(name, about[name])
    (OUT / "about.json").write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    main()
