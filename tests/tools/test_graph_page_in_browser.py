from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from browser import CHROMIUM, Page, open_page
from grown_graph import grown_graph

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.graph_page import render_page
from infinite_instruct.tools.knowledge import KnowledgeGraph

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")

HOSTILE = "</script><img src=x onerror=hit()>"
DETAIL = "document.getElementById('detail')"
SEARCH = "document.getElementById('search')"
FOUND = "[...document.querySelectorAll('#found li span:nth-child(2)')].map(e => e.textContent)"


def graph() -> KnowledgeGraph:
    made = grown_graph(120, 90, topics=3)
    words = ("hash map", HOSTILE, "hash based mapping")
    made.add_problem("r9", Language.GO, [Keyword(kind=KeywordKind.TASK, text=w) for w in words])
    made.merge("hash based mapping", "hash map", "<b>one thing</b>")
    return made


@pytest.fixture
async def page(tmp_path: Path) -> AsyncGenerator[Page]:
    file = tmp_path / "graph.html"
    file.write_text(render_page(graph(), problem_of=lambda row: f"<i>Problem</i> of {row}"))
    async with open_page(file) as opened:
        yield opened
        assert opened.faults == []
        assert all(url.startswith(("file:", "data:", "blob:")) for url in opened.requests)


async def find(page: Page, text: str) -> None:
    await page.run("document.body.focus()")
    await page.press("/")
    await page.type(text)


async def test_a_keyword_is_found_by_keys_alone_and_told_as_text(page: Page) -> None:
    await find(page, "HASH MAP")
    assert (await page.run(FOUND))[0] == "hash map"
    assert await page.run(f"{SEARCH}.getAttribute('aria-expanded')") == "true"
    assert await page.run(f"{SEARCH}.getAttribute('aria-activedescendant')") == "found-0"
    await page.press("Enter")
    told = await page.run(f"{DETAIL}.textContent")
    for part in ("hash map", "go", "<b>one thing</b>", HOSTILE, "<i>Problem</i> of r9"):
        assert part in told
    assert await page.run("document.querySelectorAll('img, b b, i, aside script').length") == 0
    assert "hash map" in await page.run("document.getElementById('said').textContent")
    await page.press("Escape")
    assert await page.run(f"{DETAIL}.hidden")


async def test_what_is_not_there_is_said(page: Page) -> None:
    await find(page, "zebra crossing")
    assert "No keyword" in await page.run("document.getElementById('found').textContent")
    await page.press("Enter")
    assert await page.run(f"{DETAIL}.hidden")


async def test_neighbours_lead_on(page: Page) -> None:
    await find(page, "onerror")
    await page.press("Enter")
    await page.run(f"[...{DETAIL}.querySelectorAll('button')].at(-1).click()")
    assert await page.run(f"{DETAIL}.querySelector('h2').textContent") == "hash map"


@pytest.mark.parametrize("mode", ["Kind", "Community", "Coverage"])
async def test_each_colour_mode_has_its_legend(page: Page, mode: str) -> None:
    label = (
        f"[...document.querySelectorAll('#colours label')].find(e => e.textContent === '{mode}')"
    )
    await page.run(f"{label}.querySelector('input').click()")
    legend = await page.run("document.getElementById('filters').textContent")
    assert "Knowledge point" in legend
    assert ("never drawn" in legend) == (mode == "Coverage")
    dots = await page.run("document.querySelectorAll('#filters .dot').length")
    assert (dots >= 3) == (mode != "Coverage"), "a dot for each kind or community"


async def test_filters_hide_what_they_name(page: Page) -> None:
    ink = """(() => {
        const canvas = document.querySelector('#graph canvas.sigma-labels');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return data.some(value => value > 0);
    })()"""
    await page.wait(ink)
    await page.run("document.querySelectorAll('#filters input').forEach(e => e.click())")
    await page.wait(f"!{ink}")


async def test_a_link_opens_on_its_keyword(tmp_path: Path) -> None:
    (tmp_path / "graph.html").write_text(render_page(graph()))
    async with open_page(tmp_path / "graph.html", "#hash%20map") as page:
        assert await page.run(f"{DETAIL}.querySelector('h2').textContent") == "hash map"


async def test_the_largest_page_opens_and_finds(tmp_path: Path) -> None:
    large = grown_graph(6_000, 2_600)
    (tmp_path / "graph.html").write_text(render_page(large))
    async with open_page(tmp_path / "graph.html") as page:
        await find(page, "trie 17x1")
        await page.press("Enter")
        assert (await page.run(f"{DETAIL}.querySelector('h2').textContent")).startswith("trie 17x1")
        assert page.faults == []
