"""The graph's page at its largest, in a real browser: size, time to draw, to search, to drag.

Usage: PYTHONPATH=src:tests/tools python benchmarks/graph_page.py [--keywords 6000] [--rows 3000]
Needs Chromium. It runs headless, its WebGL in software: with a GPU, drawing is faster.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path
from statistics import median

from browser import Page, open_page
from grown_graph import grown_graph

from infinite_instruct.tools.graph_page import render_page
from infinite_instruct.tools.graph_view import view_of

_FRAMES = """(async () => {
    const frames = [];
    let before = performance.now();
    while (!window.dropped) {
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - before);
        before = now;
    }
    return frames.slice(2);
})()"""


async def main() -> None:
    """Build the page, open it, use it, tell the times."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--keywords", type=int, default=6_000)
    asked.add_argument("--rows", type=int, default=3_000)
    wanted = asked.parse_args()
    graph = grown_graph(wanted.keywords, wanted.rows)
    start = time.process_time()
    view = view_of(graph)
    html = render_page(graph, view)
    print(f"keywords {len(view.names):,}, pairs {len(view.ties):,}")
    print(f"made in {time.process_time() - start:.1f} s of CPU, {len(html) / 1e6:.2f} MB")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "graph.html"
        file.write_text(html)
        async with open_page(file) as page:
            await _measure(page)


async def _measure(page: Page) -> None:
    await page.wait("performance.getEntriesByType('paint').length > 1")
    paint = await page.run(
        "performance.getEntriesByType('paint').find(e => e.name === 'first-contentful-paint')"
        "?.startTime"
    )
    ready = await page.run("performance.timing.domInteractive - performance.timing.fetchStart")
    print(f"first paint {paint:.0f} ms, laid out and drawn {ready:.0f} ms")
    await page.run("document.body.focus()")
    await page.press("/")
    typed = [await _timed(page.type(letter)) for letter in "heap 16x"]
    print(f"a letter in the search: median {median(typed):.0f} ms, slowest {max(typed):.0f} ms")
    print(f"a keyword chosen: {await _timed(page.press('Enter')):.0f} ms")
    await page.press("Escape")
    before = await page.script_seconds()
    times = await _drag(page)
    own = 1000 * (await page.script_seconds() - before) / len(times)
    print(f"a drag: median frame {median(times):.0f} ms, slowest {max(times):.0f} ms")
    print(f"        of that {own:.0f} ms in the page's scripts")


async def _drag(page: Page) -> list[float]:
    """Move the graph about; gives the milliseconds of each frame."""
    await page.run(f"void (window.measured = {_FRAMES})")
    await page.mouse("mousePressed", 400, 400)
    for step in range(60):
        await page.mouse("mouseMoved", 400 + 4 * step, 400 + 2 * step)
    await page.mouse("mouseReleased", 640, 520)
    await page.run("window.dropped = true")
    times: list[float] = await page.run("window.measured")
    return times


async def _timed(action: Awaitable[None]) -> float:
    start = time.perf_counter()
    await action
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    asyncio.run(main())
