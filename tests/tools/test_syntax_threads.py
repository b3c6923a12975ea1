"""Seeds are read on a thread of their own, while answers are parsed on the main one."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import threading
from infinite_instruct.domain import Language
from infinite_instruct.tools.syntax import parse

text = "def f(items):\\n    return [item for item in items if item]\\n" * 80

def parse_often():
    for _ in range(400):
        parse(Language.PYTHON, text)

threads = [threading.Thread(target=parse_often) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_several_threads_may_parse_at_once() -> None:
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(  # noqa: S603 - our own words; a crash must not take the tests with it
        [sys.executable, "-c", _PROGRAM], env={"PYTHONPATH": source}, check=False
    )
    assert done.returncode == 0
