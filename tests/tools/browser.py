"""A page in a real headless Chromium, by its DevTools protocol."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader"),
    *("--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--remote-debugging-port=0"),
    *("--window-size=1400,900", "about:blank"),
)
_PATIENCE = 60.0


class Page:
    """One page; what went wrong in it is in `faults`, what it asked of a network in `requests`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._count = 0
        self.faults: list[str] = []
        self.requests: list[str] = []

    async def open(self, path: Path, fragment: str = "") -> None:
        """Open a file and wait until it says that it is ready."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self._send(f"{domain}.enable")
        await self._send("Page.navigate", url=path.as_uri() + fragment)
        await self.wait("document.body?.dataset.ready === 'yes'")

    async def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(_PATIENCE):
            while not await self.run(f"Boolean({condition})"):
                await asyncio.sleep(0.02)

    async def run(self, expression: str) -> Any:  # noqa: ANN401 - any value of JSON
        """The value of a JavaScript expression; promises are awaited."""
        reply = await self._send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in reply, reply["exceptionDetails"]
        return reply["result"].get("value")

    async def type(self, text: str) -> None:
        """Put text where the cursor is."""
        await self._send("Input.insertText", text=text)

    async def press(self, key: str) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            await self._send("Input.dispatchKeyEvent", type=kind, key=key)

    async def mouse(self, kind: str, x: float, y: float) -> None:
        """Press, move or release the left button: `mousePressed`, `mouseMoved`, `mouseReleased`."""
        await self._send(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
        )

    async def script_seconds(self) -> float:
        """How long its scripts ran so far; drawing by the GPU, or in its place, is not in it."""
        await self._send("Performance.enable")
        metrics = (await self._send("Performance.getMetrics"))["metrics"]
        return float(next(m["value"] for m in metrics if m["name"] == "ScriptDuration"))

    async def _send(self, method: str, **params: object) -> Any:  # noqa: ANN401 - JSON
        self._count += 1
        number = self._count
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(_PATIENCE):
            while True:
                message = json.loads((await self._socket.receive()).data)
                if message.get("id") == number:
                    assert "error" not in message, message["error"]
                    return message["result"]
                self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Runtime.exceptionThrown":
                self.faults.append(str(params["exceptionDetails"]))
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.faults.append(params["entry"]["text"])
            case "Network.requestWillBeSent":
                self.requests.append(params["request"]["url"])
            case _:
                pass


@asynccontextmanager
async def open_page(path: Path, fragment: str = "") -> AsyncGenerator[Page]:
    """Open a file in a browser of its own, which ends with the block."""
    assert CHROMIUM is not None, "no Chromium on this machine"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            *(f"--user-data-dir={profile}", *_FLAGS),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            port = await _port(Path(profile) / "DevToolsActivePort")
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(await _address(session, port), max_msg_size=0) as socket,
            ):
                page = Page(socket)
                await page.open(path, fragment)
                yield page
        finally:
            process.terminate()
            await process.wait()


async def _port(told: Path) -> int:
    async with asyncio.timeout(_PATIENCE):
        while not (words := _words(told)):
            await asyncio.sleep(0.02)
    return int(words[0])


def _words(file: Path) -> list[str]:
    return file.read_text().split() if file.exists() else []


async def _address(session: aiohttp.ClientSession, port: int) -> str:
    async with session.get(f"http://127.0.0.1:{port}/json") as reply:
        pages = [page for page in await reply.json() if page["type"] == "page"]
    return str(pages[0]["webSocketDebuggerUrl"])
