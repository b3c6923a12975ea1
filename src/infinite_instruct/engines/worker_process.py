"""The mother of this machine's workers: `python -m ... MODULE:FUNCTION PARENT ORDERS`.

It imports what workers serve, once, and forks a worker for each channel that it is sent: one import
for all of them, in memory that they share. It leaves stopping to the driver, and neither it nor its
workers outlive that. Imports begin after that is settled: they take a second, in which a terminal's
Ctrl-C would otherwise hit it.
"""

import asyncio
import gc
import importlib
import os
import signal
import socket
import sys
from contextlib import suppress

from infinite_instruct.engines.channel import Serve, SocketChannel
from infinite_instruct.tools.own_process import stay_with
from infinite_instruct.tools.process_end import ProcessEnd

PID_BYTES = 8


def main(served: str, parent: str, orders: str) -> None:
    """Fork workers until the driver is gone; and be each of them."""
    stay_with(int(parent))
    # What is imported stays: to search it for cycles takes a fifth of a start.
    gc.disable()
    module, _, name = served.partition(":")
    serve: Serve = getattr(importlib.import_module(module), name)
    # Nor do workers search it later: each would have a copy of its own of what it touches.
    gc.freeze()
    channel = _forked(int(orders))
    gc.enable()
    end = ProcessEnd()
    asyncio.run(_serve(serve, channel))
    end.code = 0


def _forked(orders: int) -> int:
    """Fork at each order. Returns in workers only, with the number of their channel."""
    mother = os.getpid()
    # The system takes away workers that have ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=orders) as told:
        while channels := socket.recv_fds(told, 1, 1)[1]:
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                stay_with(mother)
                return channels[0]
            os.close(channels[0])
    sys.exit()


async def _serve(serve: Serve, number: int) -> None:
    with suppress(ConnectionError):  # the driver has gone meanwhile
        # Its copy stays open: the driver reads the end of the channel when the process is gone.
        channel = await SocketChannel.over(socket.socket(fileno=os.dup(number)))
        await channel.send(os.getpid().to_bytes(PID_BYTES, "big"))
        await serve(channel)


if __name__ == "__main__":
    main(*sys.argv[1:])
