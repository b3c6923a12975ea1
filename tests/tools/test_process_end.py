"""A program may end while its threads are at work."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import atexit, sys, weakref
from infinite_instruct.tools.beside import begin
from infinite_instruct.tools.process_end import ProcessEnd

class Kept:
    pass

end = ProcessEnd()
kept = Kept()
weakref.finalize(kept, print, "put away", flush=True)

def work():
    while True:
        sum(range(100))

def go_on():
    end.code = 7
    print("last words", end="")

atexit.register(go_on)
{begin}
sys.stdout.write("unwritten ")
"""


def ended(begin: str) -> "subprocess.CompletedProcess[str]":
    program = _PROGRAM.format(begin=begin)
    src = str(Path(__file__).parents[2] / "src")
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program],
        env={"PYTHONPATH": src},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_program_with_a_thread_at_work_puts_all_in_order_and_ends_with_its_code() -> None:
    done = ended("begin(work)")
    assert (done.returncode, done.stdout, done.stderr) == (7, "unwritten last wordsput away\n", "")


def test_without_threads_it_ends_as_any_other() -> None:
    done = ended("")
    assert (done.returncode, done.stderr) == (0, ""), "the code is the interpreter's own"
