"""Samples that attack the verifier: each is decided, executes nothing, and leaks nothing."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infinite_instruct.domain import Language, Status, Verdict
from infinite_instruct.tools.analyzers import builtin_analyzers
from infinite_instruct.tools.languages import language_of_tag
from infinite_instruct.tools.verification import Verifier

HOSTILE = Path(__file__).parents[3] / ".." / "shared" / "data" / "hostile"
SECRET = "S3CRET-of-this-test"

pytestmark = pytest.mark.skipif(
    not HOSTILE.is_dir(), reason="the hostile samples (../shared/data/hostile) are not here"
)


def test_every_attack_is_decided_and_gains_nothing(tmp_path: Path) -> None:
    canary, secret = tmp_path / "canary", tmp_path / "secret"
    canary.mkdir()
    secret.write_text(SECRET)
    attacks = _attacks(canary, secret)
    verdicts = asyncio.run(_judge([(code, language) for _, code, language in attacks]))
    accepted = [
        attack["id"]
        for (attack, _, _), verdict in zip(attacks, verdicts, strict=True)
        if "reject" in attack["must"] and verdict.status is Status.ACCEPTED
    ]
    assert accepted == []
    assert list(canary.iterdir()) == []
    assert not any(SECRET in verdict.model_dump_json() for verdict in verdicts)
    assert all(verdict.reason for verdict in verdicts)


NEIGHBOURS = {
    "ok.py": Language.PYTHON,
    "ok_os.py": Language.PYTHON,
    "bad.py": Language.PYTHON,
    "ok.js": Language.JAVASCRIPT,
    "bad.js": Language.JAVASCRIPT,
    "bad.ts": Language.TYPESCRIPT,
    "Ok.java": Language.JAVA,
    "ok.go": Language.GO,
    "lib.rs": Language.RUST,
    "bad.sh": Language.SHELL,
    "ok.sql": Language.SQL,
}


@pytest.mark.parametrize("victim", NEIGHBOURS)
def test_a_neighbour_keeps_its_verdict_among_attacks(tmp_path: Path, victim: str) -> None:
    language = NEIGHBOURS[victim]
    missing = Verifier(builtin_analyzers()).missing(language)
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    code = (HOSTILE / "neighbours" / f"{victim}.txt").read_text()
    attacks = [
        (text, spoken)
        for attack, text, spoken in _attacks(tmp_path, tmp_path / "none")
        if spoken is language and attack["class"] not in {"hang", "mem"}
    ]
    neighbour = (code, language)
    (alone,) = asyncio.run(_judge([neighbour]))
    among = asyncio.run(_judge([*attacks, neighbour]))[-1]
    first = asyncio.run(_judge([neighbour, *attacks]))[0]
    assert alone.status is (Status.REJECTED if victim.startswith("bad") else Status.ACCEPTED)
    assert _lasting(among) == _lasting(first) == _lasting(alone)


def _lasting(verdict: Verdict) -> Verdict:
    return verdict.model_copy(update={"seconds": 0.0})


async def _judge(samples: list[tuple[str, Language]]) -> list[Verdict]:
    verifier = Verifier(builtin_analyzers())
    return list(await asyncio.gather(*(verifier.verify_code(*sample) for sample in samples)))


def _attacks(canary: Path, secret: Path) -> list[tuple[dict[str, Any], str, Language]]:
    found: list[tuple[dict[str, Any], str, Language]] = []
    for line in (HOSTILE / "manifest.jsonl").read_text().splitlines():
        attack = json.loads(line)
        language = language_of_tag(attack["language"])
        if language is not None:
            text = (HOSTILE / attack["file"]).read_bytes().decode(errors="surrogateescape")
            found.append((attack, _filled_in(text, canary, secret), language))
    return found


def _filled_in(text: str, canary: Path, secret: Path) -> str:
    values = {
        "CANARY_DIR": str(canary),
        "SECRET_FILE": str(secret),
        "SECRET_JSON": str(secret),
        "SECRET_DIR": str(secret.parent),
        "SECRET_VALUE": SECRET,
    }
    for name, value in values.items():
        text = text.replace(f"@@{name}@@", value)
    return re.sub(r"@@REPEAT\((\d+)\)\((.*?)\)@@", lambda m: m[2] * int(m[1]), text)
