"""Languages whose analyzers are missing: refused where named, left out where not."""

from pathlib import Path

import pytest

from infinite_instruct.assembly.seeds import seed_rules
from infinite_instruct.domain import Language
from infinite_instruct.errors import MissingToolError
from infinite_instruct.events import Event, Noticed
from infinite_instruct.prompts.pack import open_pack
from infinite_instruct.settings import load_settings
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.verification import Verifier

PACK = 'name = "two"\nversion = "1"\nextends = "default"\nlanguages = ["kotlin", "go"]\n'


class GoIsMissing:
    name = "go"
    languages = frozenset({Language.GO})

    async def check(self, code: str, language: Language) -> Findings:
        return Findings(fault=f"{language} cannot judge {code}")

    async def describe(self) -> ToolState:
        return ToolState(name="go", version=None, languages=(Language.GO,), lost="", install="")

    def identity(self) -> str:
        return ""


def languages(tmp_path: Path, told: list[Event], **asked: object) -> tuple[Language, ...]:
    (tmp_path / "pack.toml").write_text(PACK)
    settings = load_settings(None, {"seeds.paths": ["x"], **asked})
    verifier = Verifier([GoIsMissing(), TreeSitterSyntax()])
    return seed_rules(settings, open_pack(str(tmp_path)), verifier, told.append).languages


def test_of_the_packs_languages_those_that_can_be_verified_are_enough(tmp_path: Path) -> None:
    told: list[Event] = []
    assert languages(tmp_path, told) == (Language.KOTLIN,)
    assert isinstance(told[0], Noticed)
    assert "go (go)" in told[0].message


@pytest.mark.parametrize("named", [["go"], ["kotlin", "go"]])
def test_a_language_that_the_user_names_is_refused(tmp_path: Path, named: list[str]) -> None:
    with pytest.raises(MissingToolError, match="cannot be verified here in go"):
        languages(tmp_path, [], **{"seeds.languages": named})
