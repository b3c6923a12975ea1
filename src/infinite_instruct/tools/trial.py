"""A trial in a forked child: what may eat memory or time in C code is first done there."""

import contextlib
import faulthandler
import os
import resource
import select
import signal
import warnings
from collections.abc import Callable
from pathlib import Path

SECONDS = 1
"""CPU time of a trial; waiting for it ends after some more."""
MEMORY = 192 * 1024 * 1024
"""Bytes that it may take beyond what this process has: 256 KiB of code take 40 MB."""

_PATIENCE = 10


def survives(work: Callable[[], object]) -> bool:
    """Whether work comes to its end within bounds.

    The child is a copy of this process and does nothing but the work: no file, no pipe but its
    own, no Python exit. Where other threads run, C code that only allocates is safe in it.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads
        child = os.fork()
    if child == 0:
        _try(work, writer)
    os.close(writer)
    try:
        ready, _, _ = select.select([reader], [], [], _PATIENCE)
        return bool(ready) and os.read(reader, 1) == b"."
    finally:
        os.close(reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _try(work: Callable[[], object], writer: int) -> None:
    try:
        faulthandler.disable()  # its end by a signal is an answer, too
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        bound = _size() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
        work()
        os.write(writer, b".")
    finally:
        os._exit(0)


def _size() -> int:
    """Bytes of address space that this process has; a guess where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError):
        return 8 << 30
    return pages * resource.getpagesize()
