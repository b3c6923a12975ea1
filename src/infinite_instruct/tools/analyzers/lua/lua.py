"""Lua by its own parsers, 5.1 to 5.5 and LuaJIT, which the package `lupa` brings."""

import sys
from importlib.util import find_spec
from pathlib import Path

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.toolchest import pinned
from infinite_instruct.tools.analyzers.worker_analyzer import WorkerAnalyzer
from infinite_instruct.tools.worker import Program, WorkerLimits

_SCRIPT = Path(__file__).with_name("lua_parser.py")


class Lua(WorkerAnalyzer):
    """What any Lua compiles is Lua; nothing is run."""

    name = "lua"
    language = Language.LUA
    lost = "syntax of Lua, jumps without a label, assignments to constants"
    broken = "local x = = 1\n"

    def program(self) -> Program | None:
        """A Python that has lupa: the chest's, else our own."""
        chest = self._toolbox.chest
        if chest.python and any(chest.folder.glob("python/lib/python*/site-packages/lupa")):
            python = chest.python
        elif find_spec("lupa"):
            python = Path(sys.executable)
        else:
            return None
        return Program(
            command=[str(python), "-I", str(_SCRIPT)],
            jail=self._toolbox.jail,
            readable=(chest.folder, _SCRIPT.parent),
            limits=WorkerLimits(memory_mb=1024),
        )

    def version(self) -> str:
        """Of the package that was tested."""
        return pinned().pip.get("lupa", "unknown")
