"""Workers that say what they hear with their process's number before it."""

import os
import time

from infinite_instruct.engines.channel import Channel

STAY = b"stay"
"""Makes one deaf to the end of its channel."""


async def serve(channel: Channel) -> None:
    """Echo until the driver is gone."""
    try:
        while True:
            heard = await channel.receive()
            await channel.send(b"%d %s" % (os.getpid(), heard))
            if heard == STAY:
                time.sleep(60)  # noqa: ASYNC251 - as a loop without end would
    except ConnectionError:
        await channel.close()


async def fail(channel: Channel) -> None:
    """Die at once."""
    await channel.close()
    raise RuntimeError("this worker fails")
