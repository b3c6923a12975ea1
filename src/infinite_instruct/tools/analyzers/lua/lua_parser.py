"""Answer rounds of Lua texts with their faults (see `parser_worker`). Run as a child process.

`load` compiles a chunk and never runs it; in text mode it takes no bytecode, which no Lua verifies.
"""

import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast

VERSIONS = ("lua54", "lua55", "luajit21", "lua51")
"""What one Lua refuses may be another's: `goto` as a name, `1LL`, `//`, `<const>`."""

_SAID = re.compile(r"^sample:(\d{1,9}): (.*)", re.DOTALL)
_PLACE = re.compile(r" at line (\d{1,9})$")
"""Of a jump without a label, which is found at the end of its block."""

Load = Callable[[bytes, bytes, bytes], Any]


def loaders() -> Iterator[Load]:
    """The `load` of every Lua that is here."""
    for name in VERSIONS:
        try:
            lua = importlib.import_module(f"lupa.{name}")
        except ImportError:
            continue
        runtime = lua.LuaRuntime(
            encoding=None, register_eval=False, register_builtins=False, unpack_returned_tuples=True
        )
        # 5.1's `load` takes a function; its text mode is ours: no text starts with bytecode's mark.
        yield runtime.globals()[b"loadstring" if name == "lua51" else b"load"]


def fault_of(load: Load, text: bytes) -> str:
    """Why it does not compile; empty where it does."""
    found = load(text, b"=sample", b"t")
    if not isinstance(found, tuple):
        return ""
    _, said = cast("tuple[None, bytes]", found)
    return said.decode(errors="replace")


def judge(text: str, every: list[Load]) -> list[dict[str, object]]:
    """The fault that the newest Lua finds, unless another takes the text."""
    if text.startswith("\x1b"):
        return [{"rule": "bytecode", "line": 1, "message": "It is bytecode, not text."}]
    source = ("--" if text.startswith("#") else "").encode() + text.encode()  # as `lua FILE` does
    said = ""
    for load in every:
        fault = fault_of(load, source)
        if not fault:
            return []
        said = said or fault
    found = _SAID.match(said)
    message = found[2] if found else said
    place = _PLACE.search(message) or found
    return [{"rule": "syntax", "line": int(place[1]) if place else 0, "message": message[:500]}]


def main() -> None:
    """Answer until stdin ends."""
    every = list(loaders())
    while count := sys.stdin.readline():
        for text in [json.loads(sys.stdin.readline()) for _ in range(int(count))]:
            sys.stdout.write(json.dumps(judge(text, every)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
