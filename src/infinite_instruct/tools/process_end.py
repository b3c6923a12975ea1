"""The end of a program whose threads may still be at work."""

import atexit
import os
import sys
import threading
from contextlib import suppress


class ProcessEnd:
    """The end of a program that leaves threads behind. Make one before all else.

    Python tears the threads that it leaves behind out of whatever they are in as soon as they want
    to go on: out of Chroma's Rust, too, which crashes then. So the process ends before that, after
    all that others do `atexit`, which comes in the opposite order of its registration.
    """

    def __init__(self) -> None:
        self.code = 1
        """The exit code; an error that nobody has caught is a fault."""
        atexit.register(self._end)

    def _end(self) -> None:
        if any(thread.daemon for thread in threading.enumerate()):
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):  # gone, or closed
                    stream.flush()
            os._exit(self.code)
