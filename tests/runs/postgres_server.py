"""A real PostgreSQL server for tests, where the machine has one; else they are skipped by name."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

PASSWORD = "pw-CANARY-5f2e/9:@"
_QUOTED = "pw-CANARY-5f2e%2F9%3A%40"
_BESIDE = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str:
    """Where a program of PostgreSQL is.

    Raises:
        pytest.skip.Exception: The machine has none.
    """
    found = shutil.which(name) or next(
        (str(place / name) for place in _BESIDE if (place / name).exists()), None
    )
    if found is None:
        pytest.skip(f"PostgreSQL's {name} is not installed")
    return found


class PostgresServer:
    """A server on a free port of the loopback address, whose user has a password.

    Args:
        sync: Whether it waits for the disk: a benchmark's should, a test's need not.
    """

    def __init__(self, *, sync: bool = False) -> None:
        self._fsync = "on" if sync else "off"
        pytest.importorskip("psycopg", reason="the extra postgres is not installed")
        self._initdb, self._pg_ctl = program("initdb"), program("pg_ctl")
        self.folder = Path(tempfile.mkdtemp(prefix="ii-pg-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def url(self) -> str:
        """With the password."""
        return f"postgresql://tester:{_QUOTED}@127.0.0.1:{self.port}/postgres"

    @property
    def plain_url(self) -> str:
        """Without the password."""
        return f"postgresql://tester@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, again or for the first time."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c fsync={self._fsync} -k {self.folder}"
        )
        log = self.folder / "log"
        self._run(self._pg_ctl, "start", "-w", "-D", self._data, "-l", log, "-o", options)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is what a crash is."""
        self._run(self._pg_ctl, "stop", "-w", "-D", self._data, "-m", mode)

    def __enter__(self) -> Self:
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, "nobody", "nogroup")
        words = ("-A", "scram-sha-256", "-U", "tester", "-E", "UTF8", "--locale=C", "--no-sync")
        self._run(self._initdb, "-D", self._data, f"--pwfile={secret}", *words)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _run(self, *words: object) -> None:
        # A server refuses to run as root.
        user: Mapping[str, str] = {"user": "nobody", "group": "nogroup"} if not os.geteuid() else {}
        done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
            [str(word) for word in words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            text=True,
            user=user.get("user"),
            group=user.get("group"),
        )
        assert done.returncode == 0, done.stderr
