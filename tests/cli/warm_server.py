"""A process that has imported the command line, and forks a command at each request.

`python warm_server.py SOCKET`. A request is a line of JSON: `words`, `env` and `said` (a file's
name, where it shall write) start a command, the reply is its process id; `ended` asks for the exit
code and the most memory (MB) of one, `null` while it runs.
"""

import importlib
import json
import os
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

_SRC = Path(__file__).parents[2] / "src"
_IMPORTED = ("cli.app", "cli.running", "assembly.deliverables", "llm.endpoint")


def main() -> None:
    """Serve one client until it goes."""
    sys.path.insert(0, str(_SRC))
    for name in _IMPORTED:
        importlib.import_module(f"infinite_instruct.{name}")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(sys.argv[1])
        listening.listen(1)
        talk, _ = listening.accept()
    with talk, talk.makefile("r") as asked:
        for line in asked:
            request = json.loads(line)
            answer = _ending(request["ended"]) if "ended" in request else _fork(request)
            talk.sendall(f"{json.dumps(answer)}\n".encode())


def _ending(child: int) -> tuple[int, int] | None:
    """The exit code and the most memory, in MB."""
    ended, status, usage = os.wait4(child, os.WNOHANG)
    return (os.waitstatus_to_exitcode(status), usage.ru_maxrss // 1024) if ended else None


def _fork(request: dict[str, Any]) -> int:
    child = os.fork()
    if child == 0:
        try:
            _run(request)
        finally:
            os._exit(70)
    return child


def _run(request: dict[str, Any]) -> None:
    """Become the command, in a session of its own; end as a process of its own would."""
    os.setsid()
    os.closerange(3, 64)
    os.environ.clear()
    os.environ.update(request["env"])
    tempfile.tempdir = None  # it was remembered
    for descriptor in (1, 2):
        name = f"{request['said']}.{descriptor}"
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    sys.argv = ["infinite-instruct", *request["words"]]
    code: object = 0
    try:
        importlib.import_module("infinite_instruct.cli.app").main()
    except SystemExit as stop:
        code = stop.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    main()
