"""Processes of our own: where they find this package, and how they stay with their parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import infinite_instruct

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


def search_path() -> str:
    """`PYTHONPATH` for one: where this package is, and where else we were told to look."""
    own = str(Path(infinite_instruct.__file__).parents[1])
    return os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH", ""))))


@contextmanager
def stops_held_back() -> Generator[None]:
    """A process that is started meanwhile begins with them held back; ours come a moment later."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)


def stay_with(parent: int) -> None:
    """Leave every stop to the parent, and do not outlive it.

    Args:
        parent: Its number. It started us from a thread that stays, with stops held back, so that
            none could come too early.
    """
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    with suppress(AttributeError, OSError):  # not Linux: the end of the channel tells, too
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()
