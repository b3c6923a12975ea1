"""`--quota python=0.5,hard=20`: names of four dimensions, each with a share or a number of rows."""

import difflib
import re
from collections.abc import Iterable

from infinite_instruct.domain import Difficulty, Language, Origin, ProblemType
from infinite_instruct.errors import SettingsError
from infinite_instruct.tools.languages import language_of_tag

_DIMENSIONS = {
    "language": Language,
    "type": ProblemType,
    "origin": Origin,
    "difficulty": Difficulty,
}
_NAMES = {member.value: name for name, kind in _DIMENSIONS.items() for member in kind}
_ROWS = re.compile(r"\d{1,9}")
_SHARE = re.compile(r"(\d{1,3}\.\d{0,9}|\.\d{1,9})")
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)%")
_SHOWN = 60


def quotas_said(parts: Iterable[str]) -> dict[str, object]:
    """The settings that a quota option means: all four dimensions, so that none of before stays.

    Raises:
        SettingsError: A name is unknown (the nearest is told), comes twice, or has no amount.
    """
    said: dict[str, float] = {}
    for part in parts:
        name, _, amount = part.partition("=")
        known = _known(name.strip())
        if known in said:
            raise SettingsError(f"--quota names {known} twice.", remedy="Say it once.")
        said[known] = _amount(name.strip(), amount.strip())
    return {
        f"quota.{dimension}": {member.value: said.get(member.value) for member in kind}
        for dimension, kind in _DIMENSIONS.items()
    }


def _known(name: str) -> str:
    plain = name.lower().replace("-", "_")
    language = language_of_tag(name)
    if plain in _NAMES:
        return plain
    if language is not None:
        return language.value
    near = difflib.get_close_matches(plain[:_SHOWN], list(_NAMES), n=1, cutoff=0.0)[0]
    raise SettingsError(
        f"--quota knows no {name[:_SHOWN]!r}. Did you mean '{near}' ({_NAMES[near]})?",
        remedy=f"It knows: {', '.join(_NAMES)}.",
    )


def _amount(name: str, text: str) -> float:
    if _ROWS.fullmatch(text):
        return int(text)
    if _SHARE.fullmatch(text):
        return float(text)
    if percent := _PERCENT.fullmatch(text):
        return float(percent[1]) / 100
    raise SettingsError(
        f"--quota {name[:_SHOWN]}={text[:_SHOWN]}: that is no amount.",
        remedy="Write a share (0.5 or 50%) or a whole number of rows (50).",
    )
