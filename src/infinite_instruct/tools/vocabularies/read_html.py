"""HTML: headings, list items at any depth, links that stand by themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from infinite_instruct.tools.vocabularies.entries import GLOSS, MAX_TEXT, Entry, Outline

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST_HEADING = 6
_LISTS = frozenset(("ul", "ol", "menu", "dl"))
_ITEMS = frozenset(("li", "dt"))
_BLOCKS = (
    _LISTS
    | _ITEMS
    | _HEADINGS.keys()
    | {
        *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "footer"),
        *(
            "header",
            "hr",
            "main",
            "nav",
            "p",
            "pre",
            "section",
            "summary",
            "table",
            "td",
            "th",
            "tr",
        ),
    }
)
_TITLED = _ITEMS | _HEADINGS.keys()
_SILENT = frozenset(("script", "style", "title", "button", "option"))
_NAMING = frozenset(("a", "b", "strong"))
_MANY_LINKS = 1_000
_UNFINISHED = 32_000
"""Characters of a tag or a comment that may wait for their end: the library's time is quadratic."""


def read_html(pieces: Iterable[str]) -> Iterator[Entry]:
    """The entries of a page; a paragraph is one only where it holds nothing but links."""
    page = _Page()
    for piece in pieces:
        page.read(piece)
        yield from page.taken()
    page.end()
    yield from page.taken()


@dataclass
class _Block:
    """An element whose text is being read."""

    level: int
    titled: bool
    """Whether its own text is an entry: a heading's, an item's. Of others only the links are."""
    text: str = ""
    link: str | None = None
    """The text so far of a link, or of bold words, that is open."""
    name: str = ""
    """That of the first one, where the block begins with it."""
    links: list[str] = field(default_factory=list[str])
    prose: bool = False
    """Whether there is text outside of links."""

    def add(self, data: str) -> None:
        room = data[:MAX_TEXT]
        if self.link is not None:
            self.link += room if len(self.link) <= MAX_TEXT else ""
        elif any(letter.isalnum() for letter in room):
            self.prose = True
        self.text += room if len(self.text) <= MAX_TEXT else ""

    def end_link(self, tag: str) -> None:
        name = " ".join((self.link or "").split())
        if name and not self.links and not self.prose and not self.name:
            self.name = name
        if tag == "a":
            self.links.append(name)
        self.link = None

    def titles(self) -> list[str]:
        if not self.titled:
            return [] if self.prose else self.links
        text = " ".join(self.text.split())
        glossed = self.name and GLOSS.match(text.removeprefix(self.name))
        return [self.name if glossed else text]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self._outline = Outline()
        self._found: list[Entry] = []
        self._block = _Block(_DEEPEST_HEADING + 1, titled=False)
        self._lists = 0
        self._silent = False
        self._until = ""

    def taken(self) -> list[Entry]:
        """The entries since the last call."""
        found, self._found = self._found, []
        return found

    def read(self, piece: str) -> None:
        if self._until:
            _, mark, piece = piece.partition(self._until)
            self._until = "" if mark else self._until
        self.feed(piece)
        if len(self.rawdata) > _UNFINISHED:
            if not self.cdata_elem:
                self._until = "-->" if self.rawdata.startswith("<!--") else ">"
            self.rawdata = self.rawdata[-16:] if self.cdata_elem else ""

    def end(self) -> None:
        if not self.rawdata.startswith("<"):
            self.close()
        self._finish()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent = tag in _SILENT
        if tag in _BLOCKS:
            self._begin(tag)
        elif tag in _NAMING and self._block.link is None:
            self._block.link = ""
        elif tag == "br":
            self._block.add(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False
        if tag in _LISTS:
            self._lists = max(0, self._lists - 1)
        if tag in _TITLED or tag in _LISTS or (tag in _BLOCKS and not self._waits):
            self._finish()
        elif tag in _NAMING and self._block.link is not None:
            self._block.end_link(tag)
            if len(self._block.links) >= _MANY_LINKS:
                self._finish()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._block.add(data)

    @property
    def _waits(self) -> bool:
        """Whether an item or a heading has begun and its text has not: it may lie in a block."""
        return self._block.titled and not self._block.text.strip()

    def _begin(self, tag: str) -> None:
        """Go on in another block: what the last one held is done."""
        if tag in _LISTS:
            self._lists += 1
        if self._waits and tag not in _TITLED:
            return
        self._finish()
        if tag in _TITLED:
            level = _HEADINGS.get(tag) or _DEEPEST_HEADING + self._lists
            self._block = _Block(level, titled=True)

    def _finish(self) -> None:
        for title in filter(None, self._block.titles()):
            self._found.append(self._outline.enter(self._block.level, title))
        self._block = _Block(_DEEPEST_HEADING + self._lists + 1, titled=False)
