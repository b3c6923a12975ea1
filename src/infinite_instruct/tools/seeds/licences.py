"""Licences by their SPDX identifiers: from headers, from licence files, from wheels' metadata."""

import re
from collections.abc import Collection, Mapping
from email.parser import HeaderParser
from pathlib import Path

UNKNOWN = "unknown"
LICENCE_FILE = re.compile(
    r"(un)?licen[cs]es?([._-][\w.-]*)?|copying([._-][\w.-]*)?|mit-license[\w.-]*", re.IGNORECASE
)
_HEADER = re.compile(r"SPDX-License-Identifier:\s*([A-Za-z0-9.+() -]{2,120}?)\s*(?:\*/|-->|\n|$)")
_HEAD = 4_000
_TITLE = 6_000
"""Characters in which a licence says what it is; further down, bundles append those of others."""

_FINGERPRINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # In this order: a text that names others (MPL, EPL, LGPL) stands before those.
    ("MPL-2.0", ("mozilla public license", "version 2.0")),
    ("EPL-2.0", ("eclipse public license", "v 2.0")),
    ("PSF-2.0", ("python software foundation license",)),
    ("AGPL-3.0-only", ("gnu affero general public license", "version 3")),
    ("LGPL-3.0-only", ("gnu lesser general public license", "version 3, 29 june 2007")),
    ("LGPL-2.0-only", ("gnu library general public license",)),
    ("LGPL-2.1-only", ("gnu lesser general public license", "version 2.1")),
    ("GPL-3.0-only", ("gnu general public license", "version 3, 29 june 2007")),
    ("GPL-2.0-only", ("gnu general public license", "version 2, june 1991")),
    ("Apache-2.0", ("apache license", "version 2.0", "www.apache.org/licenses")),
    ("BSL-1.0", ("boost software license - version 1.0",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    (
        "BSD-3-Clause",
        (
            "redistributions of source code must retain",
            "redistributions in binary form must reproduce",
            "endorse or promote products",
        ),
    ),
    (
        "BSD-2-Clause",
        (
            "redistributions of source code must retain",
            "redistributions in binary form must reproduce",
        ),
    ),
    (
        "MIT",
        (
            "permission is hereby granted, free of charge",
            "the above copyright notice and this permission notice shall be included",
        ),
    ),
    (
        "ISC",
        ("permission to use, copy, modify, and/or distribute this software for any purpose",),
    ),
    (
        "ISC",
        ("permission to use, copy, modify, and distribute this software for any purpose",),
    ),
    ("Zlib", ("this software is provided 'as-is'", "altered source versions")),
)


def identify(text: str) -> str:
    """The SPDX id of a licence's text, by phrases that only it has; `unknown` for others.

    A GPL text cannot say whether later versions are allowed: it counts as `-only`.
    """
    plain = re.sub(r"[\s\"“”*#>]+", " ", text[:_TITLE]).lower()
    for licence, phrases in _FINGERPRINTS:
        if all(phrase in plain for phrase in phrases):
            return licence
    return UNKNOWN


def identify_all(texts: Mapping[str, str]) -> str:
    """The SPDX expression of a folder's licence files, by name.

    Several hold together (`AND`), save two customs: `LICENSE-MIT` beside `LICENSE-APACHE` is a
    choice (Rust), and the lesser GPL comes with the GPL that it amends.
    """
    found = {identify(text) for text in texts.values()}
    names = " ".join(texts).lower()
    if found == {"MIT", "Apache-2.0"} and "apache" in names and "mit" in names:
        return "Apache-2.0 OR MIT"
    if any(each.startswith("LGPL") for each in found):
        found = {each for each in found if not each.startswith("GPL")}
    return UNKNOWN if UNKNOWN in found else " AND ".join(sorted(found))


def from_header(text: str) -> str:
    """What `SPDX-License-Identifier:` in the head of a file says; empty where nothing does."""
    match = _HEADER.search(text[:_HEAD])
    return " ".join(match[1].split()) if match else ""


def of_installed(package: Path) -> str:
    """The licence in the `*.dist-info` beside an installed Python package; empty without one."""
    pattern = f"{re.sub(r'[^A-Za-z0-9]', '?', package.name)}-*.dist-info/METADATA"
    try:
        metadata = next(iter(sorted(package.parent.glob(pattern))), None)
        return _of_dist_info(metadata) if metadata else ""
    except OSError:
        return ""


def _of_dist_info(metadata: Path) -> str:
    """What METADATA says by PEP 639, or by the older field when that is an id, or its files say."""
    headers = HeaderParser().parsestr(_read(metadata))
    expression = headers.get("License-Expression") or ""
    if re.fullmatch(r"[A-Za-z0-9.+() -]{2,120}", expression):
        return expression
    if headers.get("License") in {licence for licence, _ in _FINGERPRINTS}:
        return str(headers["License"])
    folders = (metadata.parent, metadata.parent / "licenses")
    found = [path for folder in folders for path in sorted(folder.glob("*"))]
    named = [path for path in found if LICENCE_FILE.fullmatch(path.name) and path.is_file()]
    texts = {path.name: _read(path) for path in named}
    return identify_all(texts) if texts else ""


def _read(path: Path) -> str:
    """The start of a regular file beside the source."""
    if not path.is_file():
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_TITLE)


def is_allowed(licence: str, allowed: Collection[str]) -> bool:
    """Whether a list of ids permits an SPDX expression: all of an `AND`, one of an `OR`.

    Brackets are not weighed: an expression with brackets needs all of its ids.
    """
    if not allowed:
        return True
    known = {each.lower() for each in allowed}
    bracketed = "(" in licence and " AND " in licence
    separator = r"\s+(?:AND|OR)\s+" if bracketed else r"\s+OR\s+"
    choices = [_ids(choice) <= known for choice in re.split(separator, licence)]
    return all(choices) if bracketed else any(choices)


def _ids(expression: str) -> set[str]:
    return {each.strip(" ()").lower() for each in re.split(r"\s+AND\s+", expression)}
