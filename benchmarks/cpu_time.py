"""CPU seconds of this process and of all that it started, dead or alive (Linux)."""

import os
import resource
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_USER, _CHILDREN_SYSTEM = 11, 15
_PARENT = 1


def cpu_seconds() -> float:
    """User and system time of the whole process tree so far."""
    own = sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
    return own + sum(_seconds(fields) for fields in _descendants())


def _descendants() -> list[list[str]]:
    """The fields of /proc/PID/stat behind the name, of every living descendant."""
    all_of_them = {pid: fields for pid in _pids() if (fields := _stat(pid))}
    found, ours = [], {os.getpid()}
    while ours:
        ours = {pid for pid, fields in all_of_them.items() if int(fields[_PARENT]) in ours}
        found += [all_of_them[pid] for pid in ours]
    return found


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _seconds(fields: list[str]) -> float:
    """Its own time and that of its dead children."""
    return sum(map(int, fields[_USER:_CHILDREN_SYSTEM])) / _TICKS
