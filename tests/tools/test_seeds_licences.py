"""Licences are named by what their texts say, and never guessed."""

from pathlib import Path

import pytest

from infinite_instruct.tools.seeds import licences

MIT = (
    "Permission is hereby granted, free of charge, to any person ... The above copyright notice\n"
    "and this permission notice shall be included in all copies"
)
APACHE = "Apache License\n Version 2.0, January 2004\n http://www.apache.org/licenses/"
GPL3 = "GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007"
LGPL3 = "GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007 ... GNU General Public License"
MPL = (
    "Mozilla Public License Version 2.0 ... the GNU Lesser General Public License, Version 2.1,\n"
    "the GNU Affero General Public License, Version 3.0"
)
BSD2 = (
    "Redistributions of source code must retain the above\n"
    "Redistributions in binary form must reproduce the above"
)


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (MIT, "MIT"),
        (APACHE, "Apache-2.0"),
        (GPL3, "GPL-3.0-only"),
        (LGPL3, "LGPL-3.0-only"),
        (BSD2, "BSD-2-Clause"),
        (MPL, "MPL-2.0"),
        (APACHE + "x" * 6_000 + GPL3, "Apache-2.0"),
        (BSD2 + " may not be used to endorse or promote products", "BSD-3-Clause"),
        ("All rights reserved. You may look at it.", "unknown"),
    ],
    ids=["mit", "apache", "gpl", "lgpl", "bsd2", "mpl-names-others", "bundle", "bsd3", "own"],
)
def test_a_licence_is_known_by_its_phrases(text: str, licence: str) -> None:
    assert licences.identify(text) == licence


@pytest.mark.parametrize(
    ("texts", "licence"),
    [
        ({"LICENSE-MIT": MIT, "LICENSE-APACHE": APACHE}, "Apache-2.0 OR MIT"),
        ({"COPYING": GPL3, "COPYING.LESSER": LGPL3}, "LGPL-3.0-only"),
        ({"LICENSE": APACHE, "LICENSE.vendored": MIT}, "Apache-2.0 AND MIT"),
        ({"LICENSE": MIT, "LICENSE.bsd": BSD2}, "BSD-2-Clause AND MIT"),
        ({"LICENSE": MIT, "LICENSE.other": "mine"}, "unknown"),
    ],
    ids=["rust-choice", "lesser", "vendored", "both", "one-unknown"],
)
def test_several_licence_files_hold_together(texts: dict[str, str], licence: str) -> None:
    assert licences.identify_all(texts) == licence


def test_a_header_names_the_licence_of_its_file() -> None:
    assert licences.from_header("/* SPDX-License-Identifier: MIT OR Apache-2.0 */\nint x;") == (
        "MIT OR Apache-2.0"
    )


@pytest.mark.parametrize(
    ("field", "licence"),
    [
        ("License-Expression: BSD-3-Clause", "BSD-3-Clause"),
        ("License: MIT", "MIT"),
        ("License: see the file", "Apache-2.0"),
    ],
    ids=["expression", "older-field", "file"],
)
def test_an_installed_package_has_the_licence_of_its_metadata(
    tmp_path: Path, field: str, licence: str
) -> None:
    (tmp_path / "my_package").mkdir()
    info = tmp_path / "my_package-1.0.dist-info"
    (info / "licenses").mkdir(parents=True)
    (info / "METADATA").write_text(f"Name: my-package\n{field}\n\nText\n")
    (info / "licenses" / "LICENSE").write_text(APACHE)

    assert licences.of_installed(tmp_path / "my_package") == licence


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("unknown", False),
        ("GPL-3.0-only OR MIT", True),
        ("GPL-3.0-only AND MIT", False),
        ("(MIT OR GPL-3.0-only) AND Apache-2.0", False),
    ],
)
def test_an_expression_is_allowed_when_its_ids_are(licence: str, allowed: bool) -> None:  # noqa: FBT001 - a table's column
    assert licences.is_allowed(licence, ("mit", "Apache-2.0")) is allowed


def test_without_a_list_every_licence_is_allowed() -> None:
    assert licences.is_allowed("unknown", ())
