"""Children end within their bounds and see nothing of ours."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from infinite_instruct.tools.process import Ending, Limits, Ran, run_bounded


async def _python(code: str, folder: Path, limits: Limits | None = None) -> Ran:
    return await run_bounded([sys.executable, "-I", "-c", code], folder=folder, limits=limits)


async def test_a_child_tells_its_output_and_code(tmp_path: Path) -> None:
    ran = await _python(
        "import sys; print('out'); print('err', file=sys.stderr); exit(3)", tmp_path
    )
    assert (ran.ending, ran.code, ran.stdout, ran.stderr) == (Ending.EXITED, 3, "out\n", "err\n")


async def test_a_child_sees_no_key_and_no_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    ran = await _python(
        "import os, sys; print(sorted(os.environ), os.environ['HOME'], sys.stdin.read())", tmp_path
    )
    assert "OPENAI_API_KEY" not in ran.stdout
    assert str(tmp_path) in ran.stdout


@pytest.mark.parametrize(
    ("code", "limits", "ending"),
    [
        pytest.param(
            "import time; time.sleep(60)", Limits(seconds=0.5), Ending.TIMEOUT, id="hangs"
        ),
        pytest.param(
            "while True: print('x' * 9999)",
            Limits(output_bytes=100_000),
            Ending.OUTPUT_CAP,
            id="floods",
        ),
        pytest.param(
            "import os; os.kill(os.getpid(), 11)", Limits(), Ending.CRASHED, id="segfaults"
        ),
    ],
)
async def test_a_child_that_breaks_its_bounds_is_named(
    tmp_path: Path, code: str, limits: Limits, ending: Ending
) -> None:
    ran = await _python(code, tmp_path, limits)
    assert ran.ending is ending
    assert ran.stdout == ""


async def test_a_flood_that_nobody_reads_keeps_no_caller_waiting(tmp_path: Path) -> None:
    flood = "while True: print('x' * 9999)"
    for _ in range(30):  # it took some tries to be left with a full pipe
        async with asyncio.timeout(20):
            ran = await _python(flood, tmp_path, Limits(output_bytes=100_000))
        assert ran.ending is Ending.OUTPUT_CAP


async def test_memory_is_bounded(tmp_path: Path) -> None:
    ran = await _python("x = bytearray(2_000_000_000)", tmp_path, Limits(memory_mb=500))
    assert ran.code != 0
    assert "MemoryError" in ran.stderr


async def test_grandchildren_die_with_the_child(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); import os; os._exit(0)"
    )
    ran = await _python(code, tmp_path, Limits(seconds=2))
    pids = [int(word) for word in ran.stdout.split()]
    # It holds our pipe open, so the call ends by the clock; what counts is that none is left.
    assert ran.ending is Ending.TIMEOUT or pids
    assert not [pid for pid in pids if _alive(pid)]


def _alive(pid: int) -> bool:
    for _ in range(20):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().split()[2] == "Z":
            return False
        time.sleep(0.05)
    return os.path.exists(f"/proc/{pid}")  # noqa: PTH110  the process, not a file


async def test_a_missing_program_is_told(tmp_path: Path) -> None:
    ran = await run_bounded(["/nowhere/tool"], folder=tmp_path)
    assert ran.code == 127
    missing_folder = await run_bounded(["/bin/true"], folder=tmp_path / "none")
    assert missing_folder.ending is Ending.NOT_STARTED
