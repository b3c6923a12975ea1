import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from command import Finished, finish
from mock_endpoint import MockEndpoint

PAIRS = [
    {"a": "BFS", "b": "breadth-first search"},
    {"a": "read CSV", "b": "write CSV"},
    {"a": "fault handling", "b": "dealing with errors", "same": True},
    {"a": "HashMaps", "b": "hash map"},
    {"a": "memory reclamation", "b": "memory cleanup"},
]


def write(path: Path, *lines: object) -> Path:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    path.write_text(text)
    return path


def told(done: Finished) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.out.splitlines()]


def speaker(**says: bool) -> Any:  # noqa: ANN401 - what MockEndpoint takes
    """A model with an opinion on pairs by a word of them; `other` is of all else."""

    def speak(body: Mapping[str, Any]) -> str:
        pairs = re.findall(r"^(\d+)\. (.+) / (.+)$", body["messages"][-1]["content"], re.MULTILINE)
        opinions = [
            {
                "number": int(number),
                "why": "I think so",
                "same": says.get(a.split()[0], says["other"]),
            }
            for number, a, _ in pairs
        ]
        return json.dumps({"pairs": opinions})

    return speak


def model(mock: MockEndpoint) -> dict[str, str]:
    prefix = "INFINITE_INSTRUCT_MODEL__"
    return {f"{prefix}BASE_URL": mock.base_url, f"{prefix}NAME": "m"}


async def test_pairs_are_decided_in_order_and_grey_ones_stay_grey_without_a_model(
    tmp_path: Path,
) -> None:
    done = await finish("graph", "pairs", write(tmp_path / "p.jsonl", *PAIRS), "--no-model")
    assert done.code == 0, done.err
    assert [(line["a"], line["decision"]) for line in told(done)] == [
        ("BFS", "same"),
        ("read CSV", "different"),
        ("fault handling", "grey"),
        ("HashMaps", "same"),
        ("memory reclamation", "grey"),
    ]
    assert all(list(line) == ["a", "b", "decision", "similarity", "why"] for line in told(done))
    assert "siblings" in told(done)[1]["why"]
    assert "2 grey" in done.err


async def test_the_model_rules_on_the_grey_zone_only_and_its_reasons_are_kept(
    tmp_path: Path,
) -> None:
    async with MockEndpoint(speaker(fault=True, other=False)) as mock:
        file = write(tmp_path / "p.jsonl", *PAIRS)
        done = await finish("graph", "pairs", file, env=model(mock))
    assert done.code == 0, done.err
    decisions = [line["decision"] for line in told(done)]
    assert decisions == ["same", "different", "same", "same", "different"]
    assert told(done)[2]["why"] == "model: I think so"


async def test_a_model_that_merges_everything_merges_nothing(tmp_path: Path) -> None:
    async with MockEndpoint(speaker(other=True)) as mock:
        file = write(tmp_path / "p.jsonl", *PAIRS)
        done = await finish("graph", "pairs", file, env=model(mock))
    assert [line["decision"] for line in told(done)] == [
        "same",
        "different",
        "different",
        "same",
        "different",
    ]
    assert "merges anything" in told(done)[2]["why"]


async def test_bad_lines_are_told_in_their_place(tmp_path: Path) -> None:
    odd = {"a": "x" * 10_000, "b": "\u202ehash\u0000 map\u200b"}
    lines = (
        "nonsense",
        {"a": "only one"},
        [1],
        {"a": 1, "b": 2},
        odd,
        {"a": "", "b": ""},
        PAIRS[0],
    )
    done = await finish("graph", "pairs", write(tmp_path / "p.jsonl", *lines), "--no-model")
    assert done.code == 0, done.err
    found = told(done)
    assert [line["decision"] for line in found] == ["grey"] * 4 + ["different"] * 2 + ["same"]
    assert "line 2" in found[1]["why"]
    assert "must be texts" in found[3]["why"]
    assert found[4]["a"] == odd["a"], "what came in goes out"
    assert "4 unreadable" in done.err


@pytest.mark.parametrize(
    ("words", "env", "code", "said"),
    [
        pytest.param(("nowhere.jsonl", "--no-model"), {}, 2, "nowhere.jsonl", id="no file"),
        pytest.param(
            ("{file}",),
            {
                "INFINITE_INSTRUCT_MODEL__BASE_URL": "http://127.0.0.1:9/v1",
                "INFINITE_INSTRUCT_MODEL__NAME": "m",
                "INFINITE_INSTRUCT_MODEL__RETRIES": "0",
            },
            69,
            "127.0.0.1:9",
            id="no endpoint",
        ),
    ],
)
async def test_what_cannot_be_used_is_named(
    tmp_path: Path, words: tuple[str, ...], env: dict[str, str], code: int, said: str
) -> None:
    file = write(tmp_path / "p.jsonl", *PAIRS)
    done = await finish("graph", "pairs", *(word.format(file=file) for word in words), env=env)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err
