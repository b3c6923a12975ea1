"""What a signal does to a campaign: the first one drains it, the second one ends it."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import typer

from infinite_instruct.assembly import OpenCampaign
from infinite_instruct.cli.endings import EXIT
from infinite_instruct.graphs.campaign import EndReason

_PATIENCE = 1.5
"""Seconds in which a run that was told twice to stop may put things in order."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_at_signals() -> None:
    """Until a campaign is open nothing is paid: the first signal ends at once."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  asyncio.run's own
    _on_signals(task.cancel)


def listen_to_signals(campaign: OpenCampaign, leave: Callable[[], None] | None = None) -> None:
    """The first signal drains, the second one ends at once.

    Args:
        campaign: What is stopped.
        leave: Ends the process, where it has not ended by itself within our patience after the
            second signal: a thread may wait for a disk.
    """
    task = asyncio.current_task()

    def stop() -> None:
        if campaign.switch.thrown and task is not None:
            task.cancel()
            if leave is not None:
                _later(leave)
            return
        typer.echo("Stopping: calls in flight are finished. Once more to stop at once.", err=True)
        campaign.switch.throw()

    _on_signals(stop)


def _later(leave: Callable[[], None]) -> None:
    timer = threading.Timer(_PATIENCE, leave)
    timer.daemon = True
    timer.start()


def _on_signals(handle: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        # nohup has SIGHUP ignored: that stands.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, handle)


def tell_stopped(out: Path) -> None:
    """Say that a run was ended, and how it goes on."""
    typer.echo(f"Stopped at once. Go on with: infinite-instruct resume {out}", err=True)


def leave(out: Path) -> None:
    """End, whatever a thread still waits for (a disk, a lock): all that was finished is stored."""
    tell_stopped(out)
    os._exit(EXIT[EndReason.STOPPED])
