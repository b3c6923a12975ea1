"""A compiler that has parsed some headers and judges samples from there, each in a copy of itself.

C++ costs its headers: 0.3 s of every second that a compiler runs. So they are parsed once, as a
precompiled header, and `c/prefork.c` stops the compiler behind them and forks it for each sample.
"""

import signal
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from weakref import WeakSet

from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.process import Ending, Ran
from infinite_instruct.tools.worker import Channel, Program, Worker, WorkerFault, WorkerLimits

# $1 the preload's source, $2 the headers' includes, $3 the sample's name; then the compiler.
_START = """
set -e
printf '%s' "$1" > prefork.c; printf '%s' "$2" > headers.h
headers=$2 sample=$3; shift 3
"$1" -O1 -shared -fPIC -x c prefork.c -o prefork.so -ldl
printf '#include "headers.h"\\n#include "%s"\\n' "$sample" > "unit.${sample#*.}"
case "$sample" in
  *.cpp) [ -z "$headers" ] || "$@" -fno-syntax-only -x c++-header headers.h -o headers.h.gch;;
esac
exec env LD_PRELOAD="$PWD/prefork.so" "$@" -S -o /dev/null "unit.${sample#*.}"
"""
_CANARIES = (("int the_canary( {\n", True), ("int the_canary;\n", False))
_MOST_TEXT = 1 << 20
_SIGNALS = 128
_STARTS = 2
"""After so many failures in a row it is not tried again: this compiler cannot be copied."""
_REQUESTS = 100_000
"""The compiler that is copied does not grow."""


class GccWorker:
    """A long-lived compiler for texts that begin with the same headers.

    Args:
        compiler: gcc or g++ with all its flags.
        headers: What it parses beforehand.
        sample: What each text is called: `sample.cpp`.
        toolbox: Jail and limits.
    """

    def __init__(
        self, compiler: Sequence[str], headers: frozenset[str], sample: str, toolbox: Toolbox
    ) -> None:
        self._sample = sample
        self._seconds = toolbox.seconds
        self._proved: WeakSet[Channel] = WeakSet()
        self._starts_left = _STARTS
        self._worker = Worker(_program(compiler, headers, sample, toolbox))
        self.waiting = 0
        """How many texts wait for it."""

    async def compile(self, text: str) -> Ran:
        """Compile one text; what the compiler said is in `stderr`.

        Raises:
            WorkerFault: The compiler is gone, late, or does not find faults.
        """
        data = f'#line 1 "{self._sample}"\n{text}'.encode()
        if len(data) > _MOST_TEXT:
            return Ran(ending=Ending.OUTPUT_CAP)
        if not self._starts_left:
            raise WorkerFault("it does not start")
        return await self._worker.ask(lambda to: self._exchange(to, data), self._seconds + 5)

    def _exchange(self, channel: Channel, data: bytes) -> Ran:
        if channel not in self._proved:
            self._starts_left -= 1
            for canary, is_broken in _CANARIES:
                if bool(_ask(channel, canary.encode()).code) is not is_broken:
                    raise WorkerFault("it did not report the fault that it was shown")
            self._proved.add(channel)
            self._starts_left = _STARTS
        return _ask(channel, data)


def _program(
    compiler: Sequence[str], headers: frozenset[str], sample: str, toolbox: Toolbox
) -> Program:
    source = files("infinite_instruct.tools.analyzers").joinpath("c/prefork.c").read_text("utf-8")
    includes = "".join(f"#include <{header}>\n" for header in sorted(headers))
    root = Path(compiler[0]).resolve().parent.parent
    return Program(
        command=["/bin/sh", "-c", _START, "sh", source, includes, sample, *compiler],
        jail=toolbox.jail,
        readable=[root],
        environment={
            "SAMPLE_NAME": sample,
            "SAMPLE_SECONDS": str(int(toolbox.seconds)),
            "SAMPLE_ROOTS": f"/usr/:{root}/",
        },
        limits=WorkerLimits(requests=_REQUESTS, file_mb=512),
    )


def _ask(channel: Channel, data: bytes) -> Ran:
    channel.write(b"%d\n%s" % (len(data), data))
    head = channel.read_line().split()
    if len(head) != 2 or not all(part.isdigit() for part in head):  # noqa: PLR2004  status, length
        raise WorkerFault("it answered what it does not say")
    code, output = int(head[0]), channel.read_exactly(int(head[1])).decode(errors="replace")
    if code > _SIGNALS:
        late = code - _SIGNALS in {signal.SIGXCPU, signal.SIGKILL}
        return Ran(ending=Ending.TIMEOUT if late else Ending.CRASHED, code=code)
    return Ran(ending=Ending.EXITED, code=code, stderr=output)
