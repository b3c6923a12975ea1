"""Which reader a vocabulary file needs: told by its ending and by how it begins."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from infinite_instruct.errors import VocabularyError
from infinite_instruct.tools.vocabularies.entries import Entry, Passed
from infinite_instruct.tools.vocabularies.faults import UnreadableError
from infinite_instruct.tools.vocabularies.lines import encoding_of, lines_of, open_text, pieces_of
from infinite_instruct.tools.vocabularies.read_csv import read_csv
from infinite_instruct.tools.vocabularies.read_html import read_html
from infinite_instruct.tools.vocabularies.read_json import read_json, read_json_lines
from infinite_instruct.tools.vocabularies.read_markdown import read_markdown
from infinite_instruct.tools.vocabularies.read_text import read_text

MAX_JSON = 64_000_000
"""Bytes of a JSON document, which is read as a whole; JSON lines have no such bound."""
_HEAD = 8_000
_ENDINGS = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    **dict.fromkeys((".jsonl", ".ndjson"), "jsonl"),
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    ".json": "json",
}
_BINARY = re.compile(rb"%PDF|PK\x03\x04|\x1f\x8b|\x89PNG|SQLite format 3|PAR1")
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_FRAGMENT = re.compile(r"\s*<(?:h[1-6]|ul|ol|nav|div|section|article|main)\b[^>]*>", re.IGNORECASE)
_MARKDOWN = re.compile(r"^(?:#{1,6}\s+\S|\s*[-*+]\s+\[[^\]]+\]\()", re.MULTILINE)


class Form(StrEnum):
    """The forms of vocabulary files."""

    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"
    JSON_LINES = "jsonl"
    CSV = "csv"
    TEXT = "text"


def form_of(path: Path) -> Form:
    """The form of a file. How it begins decides where its ending says nothing, or something wrong.

    Raises:
        VocabularyError: It is no text, or it cannot be opened.
    """
    if path.exists() and not path.is_file():
        raise _unreadable(path, "it is no file")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise _unreadable(path, str(error.strerror or error)) from None
    encoding = encoding_of(head)
    if _BINARY.match(head) or (b"\0" in head and encoding != "utf-16"):
        raise _unreadable(path, "it is no text")
    text = head.decode(encoding, errors="replace")
    told = _ENDINGS.get(path.suffix.lower())
    if _HTML.match(text) or (told is None and _FRAGMENT.match(text)):
        return Form.HTML
    return Form(told) if told else _sniffed(text)


def _sniffed(text: str) -> Form:
    start = text.lstrip()[:1]
    if start == "{" or (start == "[" and not _MARKDOWN.search(text)):
        return Form.JSON
    return Form.MARKDOWN if _MARKDOWN.search(text) else Form.TEXT


def read_entries(path: Path, passed: Passed) -> Iterator[Entry]:
    """The entries of a file, streaming; what is none is counted in `passed`.

    Raises:
        VocabularyError: The file cannot be read; its cause tells why.
    """
    form = form_of(path)
    try:
        yield from _read(path, form, passed)
    except (OSError, UnicodeError) as error:
        raise _unreadable(path, str(error)) from None
    except UnreadableError as error:
        raise _unreadable(path, str(error), form) from None


def _read(path: Path, form: Form, passed: Passed) -> Iterator[Entry]:
    match form:
        case Form.MARKDOWN:
            return read_markdown(lines_of(path, passed))
        case Form.HTML:
            return read_html(pieces_of(path))
        case Form.JSON:
            return read_json(_whole(path), passed)
        case Form.JSON_LINES:
            return read_json_lines(lines_of(path, passed), passed)
        case Form.CSV:
            return read_csv(lines_of(path, passed), passed)
        case Form.TEXT:
            return read_text(lines_of(path, passed))


def _whole(path: Path) -> str:
    if path.stat().st_size > MAX_JSON:
        raise UnreadableError(
            f"it has more than {MAX_JSON:,} bytes; as JSON lines (.jsonl) it could have any size"
        )
    with open_text(path) as file:
        return file.read()


def _unreadable(path: Path, why: str, form: Form | None = None) -> VocabularyError:
    what = f" as {form.value}" if form else ""
    return VocabularyError(
        f"The vocabulary {path} cannot be read{what}: {why}.",
        remedy="Vocabularies are Markdown, HTML, JSON, JSON lines, CSV or plain lists of words, "
        "in UTF-8: see docs/knowledge-graph.md.",
    )
