"""Tools that say nothing, crash, or talk nonsense, first in PATH: nothing is accepted by them."""

import json
import os
from pathlib import Path

import pytest
from command import finish

TOOLS = (
    *("bash", "c++", "cc", "g++", "gcc", "go", "gofmt", "java", "javac", "lua", "luac", "mypy"),
    *("node", "php", "pyright", "ruby", "ruff", "rustc", "shellcheck", "tsc", "ty"),
)
# Whole programs: no tool that looked would refuse them. Those of other languages are judged by
# what comes with the package.
GOOD = {
    "c": "int twice(int number) { return 2 * number; }\n",
    "cpp": "int twice(int number) { return 2 * number; }\n",
    "java": "public class Twice { static int of(int number) { return 2 * number; } }\n",
    "php": "<?php\nfunction twice(int $number): int { return 2 * $number; }\n",
    "ruby": "def twice(number)\n  2 * number\nend\n",
    "rust": "pub fn twice(number: i32) -> i32 { 2 * number }\n",
    "shell": 'twice() { echo "$((2 * $1))"; }\n',
}
FAULTY = {
    "c": "int twice(int number) { return 2 * numbr; }\n",
    "cpp": "int twice(int number) { return 2 * numbr; }\n",
    "go": 'package main\n\nfunc twice() int { return "x" }\n',
    "java": 'public class Twice { static int of() { return "x"; } }\n',
    "javascript": "function twice(number) { return 2 * numbr; }\n",
    "lua": "function twice(number) return 2 * number end end\n",
    "php": "<?php function twice( { return 1; }\n",
    "python": "def twice(number: int) -> int:\n    return 2 * numbr\n",
    "ruby": "def twice(number\n  2 * number\nend end\n",
    "rust": 'pub fn twice() -> i32 { "x" }\n',
    "shell": "if true; then echo 1\n",
    "sql": "SELEC total FRM orders;\n",
    "typescript": "function twice(number: number): string { return 2 * number; }\n",
}


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param("exit 0", id="silent"),
        pytest.param("kill -SEGV $$", id="crashing"),
        pytest.param("head -c 200000 /dev/urandom", id="nonsense"),
        pytest.param("echo '[]'", id="no-findings"),
    ],
)
async def test_nothing_is_accepted_by_tools_that_do_not_look(tmp_path: Path, lie: str) -> None:
    samples = tmp_path / "samples.jsonl"
    codes = [*GOOD.items(), *FAULTY.items()]
    lines = (json.dumps({"language": name, "code": code}) for name, code in codes)
    samples.write_text("\n".join(lines))
    env = {
        "PATH": f"{_liars(tmp_path / 'bin', lie)}:{os.environ['PATH']}",
        "INFINITE_INSTRUCT_VERIFIER__CACHE": "false",
        "INFINITE_INSTRUCT_VERIFIER__TOOLS": str(tmp_path / "none"),
    }
    done = await finish("verify", samples, env=env)
    verdicts = [json.loads(line) for line in done.out.splitlines()]
    assert len(verdicts) == len(codes), done.err
    accepted = [
        name
        for (name, _), verdict in zip(codes, verdicts, strict=True)
        if verdict["verdict"] == "accepted"
    ]
    assert accepted == []
    assert {verdict["verdict"] for verdict in verdicts[: len(GOOD)]} == {"unverifiable"}


def _liars(folder: Path, lie: str) -> Path:
    folder.mkdir()
    for name in TOOLS:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{lie}\n")
        path.chmod(0o755)
    return folder
