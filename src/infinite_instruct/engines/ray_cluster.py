"""Workers as actors of a Ray cluster: its nodes may come and go while a campaign runs."""

import asyncio
import logging
import os
import socket
from typing import Any, Self
from urllib.parse import urlsplit

from infinite_instruct.engines.channel import Channel, Serve
from infinite_instruct.errors import EngineError, MissingToolError

try:
    import ray
    from ray.exceptions import RayError
except ImportError as error:
    raise MissingToolError(
        f"Ray is not installed ({error}).",
        remedy="Install it: pip install 'infinite-instruct[ray]'.",
    ) from error

_PATIENCE = 5.0
"""Seconds in which someone must be at the cluster's address."""


class RayCluster:
    """A connection to a cluster: `RAY_ADDRESS`, else one on this machine, else one of our own.

    A context: leaving it disconnects, and ends a cluster of our own.

    Args:
        serve: What an actor does; imported on its node.

    Attributes:
        cpus: How many actors the cluster has room for now; at least one.
    """

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self.cpus = 1

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            EngineError: The cluster cannot be reached.
        """
        try:
            self.cpus = await asyncio.to_thread(_connect)
        except (RayError, ConnectionError, ValueError, RuntimeError, OSError) as error:
            raise EngineError(
                f"The Ray cluster cannot be reached: {str(error)[:500]}.",
                remedy="Look at RAY_ADDRESS and `ray status`, or run with --engine local.",
            ) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(_disconnect)

    async def start_actor(self) -> Channel:
        """Start a worker, on whichever node has room; a full cluster is waited for.

        Raises:
            ConnectionError: It died at once.
        """
        # Never restarted by Ray: it would come back empty. The pool starts another one.
        actor: Any = ray.remote(_Actor)
        channel = _ActorChannel(
            actor.options(max_restarts=0, num_cpus=1, scheduling_strategy="SPREAD").remote(
                self._serve
            )
        )
        try:
            await channel.ready()
        except BaseException:
            await channel.close()
            raise
        return channel


def _connect() -> int:
    """Connect; gives the CPUs of the cluster, at least one."""
    _knock(os.environ.get("RAY_ADDRESS", ""))
    # Ray's own log lines would run through the campaign's screen.
    ray.init(
        ignore_reinit_error=True,
        log_to_driver=False,
        logging_level=logging.ERROR,
        include_dashboard=False,
    )
    told: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    return max(1, int(told.get("CPU", 1)))


def _knock(address: str) -> None:
    """See whether anyone is at an address: Ray itself would try for minutes."""
    place = urlsplit(address if "://" in address else f"ray://{address}")
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), _PATIENCE).close()


def _disconnect() -> None:
    ray.shutdown()


class _ActorChannel:
    """The driver's end: batches are the arguments and results of an actor's methods."""

    def __init__(self, actor: Any) -> None:  # noqa: ANN401 - Ray makes its methods
        self._actor = actor

    async def ready(self) -> None:
        """Wait until it is up."""
        await _reached(self._actor.ready.remote())

    async def send(self, batch: bytes) -> None:
        """As `Channel`."""
        await _reached(self._actor.push.remote(batch))

    async def receive(self) -> bytes:
        """As `Channel`."""
        batch: bytes = await _reached(self._actor.pull.remote())
        return batch

    async def close(self) -> None:
        """As `Channel`."""
        ray.kill(self._actor)


async def _reached(reference: Any) -> Any:  # noqa: ANN401 - Ray's references are untyped
    try:
        return await reference
    except RayError as error:
        raise ConnectionResetError("the actor is gone") from error


class _Actor:
    """The worker's process on a node, and its end of the channel."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._in: asyncio.Queue[bytes] = asyncio.Queue()
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._serving: asyncio.Task[None] | None = None

    async def ready(self) -> None:
        """Begin; done when the actor is up."""
        self._serving = asyncio.ensure_future(self._serve(_InnerEnd(self._in, self._out)))

    async def push(self, batch: bytes) -> None:
        """Take a batch from the driver."""
        self._in.put_nowait(batch)

    async def pull(self) -> bytes:
        """Give the driver the next batch."""
        return await self._out.get()


class _InnerEnd:
    """The worker's end of the channel, within the actor."""

    def __init__(self, incoming: asyncio.Queue[bytes], outgoing: asyncio.Queue[bytes]) -> None:
        self._in = incoming
        self._out = outgoing

    async def send(self, batch: bytes) -> None:
        """As `Channel`."""
        self._out.put_nowait(batch)

    async def receive(self) -> bytes:
        """As `Channel`."""
        return await self._in.get()

    async def close(self) -> None:
        """As `Channel`: Ray ends the actor."""
