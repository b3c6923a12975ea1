"""Start a program that can reach only the files it is given, and no network (Linux, unprivileged).

Run by path with an isolated interpreter, not imported: `python -I -S landlock.py --read DIR
--write DIR -- PROGRAM ARGUMENTS`. It locks itself in by Landlock (kernel >= 5.13; TCP from 6.7,
signals from 6.12) and a seccomp filter that refuses all sockets but local ones, then becomes the
program. Without Landlock it ends with 97 and starts nothing.

Sources: https://docs.kernel.org/userspace-api/landlock.html, .../seccomp_filter.html
"""

import ctypes
import os
import platform
import struct
import sys

EXIT_NO_LANDLOCK = 97

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_EXECUTE, _WRITE, _READ, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL_DEV
_BITS_BY_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_ABI_TCP, _ABI_SCOPES = 4, 6
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _SECCOMP_FILTER = 38, 22, 2
# (audit architecture, number of socket(2)); io_uring_setup is 425 everywhere.
_MACHINES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")

_libc = ctypes.CDLL(None, use_errno=True)


def main(arguments: list[str]) -> int:  # noqa: RET503  execv does not come back
    """Lock in, then become the program; returns only where that fails."""
    split = arguments.index("--")
    pairs = list(zip(arguments[0:split:2], arguments[1:split:2], strict=True))
    command = arguments[split + 1 :]
    _libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    abi = _libc.syscall(_CREATE, None, 0, 1)
    if abi < 1:
        return EXIT_NO_LANDLOCK
    ruleset = _ruleset(abi)
    for kind, path in pairs:
        _allow(ruleset, path, _rights(abi, writing=kind == "--write"))
    for device in _DEVICES:
        _allow(ruleset, device, _READ | _WRITE)
    if _libc.syscall(_RESTRICT, ruleset, 0):
        return EXIT_NO_LANDLOCK
    os.close(ruleset)
    _forbid_sockets()
    os.execv(command[0], command)  # noqa: S606  that is what this program is for


def _all_rights(abi: int) -> int:
    return (1 << _BITS_BY_ABI.get(abi, 16)) - 1


def _rights(abi: int, *, writing: bool) -> int:
    return _all_rights(abi) if writing else _EXECUTE | _READ | _READ_DIR


def _ruleset(abi: int) -> int:
    tcp = 3 if abi >= _ABI_TCP else 0
    scopes = 3 if abi >= _ABI_SCOPES else 0
    words = [_all_rights(abi), tcp, scopes][: 1 + (abi >= _ABI_TCP) + (abi >= _ABI_SCOPES)]
    attributes = struct.pack(f"{len(words)}Q", *words)
    return int(_libc.syscall(_CREATE, attributes, len(attributes), 0))


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Allow rights beneath a path; one that does not exist needs none."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):  # noqa: PTH112  pathlib costs 10 ms of start
        rights &= _FILE_RIGHTS
    _libc.syscall(_ADD, ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)


def _forbid_sockets() -> None:
    """Refuse every socket that is not local: Landlock knows TCP only. Best effort by machine."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return
    architecture, socket = known
    refuse, allow = 0x00050001, 0x7FFF0000  # errno EPERM; allow
    load, equal, greater, give = 0x20, 0x15, 0x35, 0x06
    steps = [
        (load, 0, 0, 4),  # the architecture
        (equal, 0, 6, architecture),
        (load, 0, 0, 0),  # the system call's number
        (greater, 4, 0, 0x40000000),  # the x32 twins of all calls
        (equal, 3, 0, 425),  # io_uring makes sockets, too
        (equal, 0, 3, socket),
        (load, 0, 0, 16),  # its first argument: the family
        (equal, 1, 0, 1),  # AF_UNIX
        (give, 0, 0, refuse),
        (give, 0, 0, allow),
    ]
    code = b"".join(struct.pack("=HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(buffer))
    _libc.prctl(_SET_SECCOMP, _SECCOMP_FILTER, program, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
