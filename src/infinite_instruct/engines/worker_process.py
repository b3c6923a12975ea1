"""The process of a worker of this machine: `python -m ... MODULE:FUNCTION PARENT CHANNEL`.

It leaves stopping to its driver, and does not outlive it. What it serves is imported after that is
settled: imports take a second, in which a terminal's Ctrl-C would otherwise hit it.
"""

import asyncio
import ctypes
import importlib
import os
import signal
import socket
import sys
from contextlib import suppress

from infinite_instruct.engines.channel import Serve, SocketChannel

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals that are the driver's alone."""
_PR_SET_PDEATHSIG = 1


def main(served: str, parent: str, channel: str) -> None:
    """Serve until the driver is gone."""
    _stay_with(int(parent))
    module, _, name = served.partition(":")
    serve: Serve = getattr(importlib.import_module(module), name)
    asyncio.run(_serve(serve, int(channel)))


def _stay_with(parent: int) -> None:
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    # The driver started us with these held back, so that none could come too early.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    with suppress(AttributeError, OSError):  # not Linux: the end of the channel tells, too
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


async def _serve(serve: Serve, number: int) -> None:
    os.set_inheritable(number, False)  # noqa: FBT003 - its name says it
    await serve(await SocketChannel.over(socket.socket(fileno=number)))


if __name__ == "__main__":
    main(*sys.argv[1:])
