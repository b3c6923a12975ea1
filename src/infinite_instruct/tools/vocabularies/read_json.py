"""JSON: lists of texts, lists of objects, nested objects; and a value a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from infinite_instruct.tools.vocabularies.entries import MAX_DEPTH, MAX_TEXT, Entry, Passed
from infinite_instruct.tools.vocabularies.faults import UnreadableError

_TEXT = ("text", "name", "title", "keyword", "word", "term")
_KIND = ("kind",)
_LANGUAGES = ("languages", "language", "lang")
_DOMAIN = ("domain", "field")
_CHILDREN = (
    "children",
    "items",
    "topics",
    "subtopics",
    "sections",
    "chapters",
    "parts",
    "keywords",
    "words",
)
_PARENTS = ("parents", "parent", "part_of")
_OWN = frozenset((*_TEXT, *_KIND, *_LANGUAGES, *_DOMAIN, *_CHILDREN, *_PARENTS))


def read_json(text: str, passed: Passed) -> Iterator[Entry]:
    """The entries of a JSON document, or of JSON lines that are not named so.

    Raises:
        UnreadableError: It is no JSON.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            return read_json_lines(text.splitlines(), passed)
        raise UnreadableError(f"it is no JSON: {error}") from None
    return walk(document, passed)


def read_json_lines(lines: Iterable[str], passed: Passed) -> Iterator[Entry]:
    """The entries of a file with a JSON value on each line; a line that is none is told."""
    for line in lines:
        if line.strip():
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                passed.count("no JSON")
                continue
            yield from walk(value, passed)


def walk(document: object, passed: Passed) -> Iterator[Entry]:
    """The entries of a value, each before those below it."""
    # A stack of our own: how deep a file nests is not ours to bound by Python's.
    waiting: list[tuple[object, Entry]] = [(document, Entry(""))]
    while waiting:
        value, above = waiting.pop()
        found = list(_parts(value, above, passed))
        for entry, _ in found:
            if entry.text:
                yield entry
        waiting += [(below, entry) for entry, below in reversed(found) if below is not None]


_Found = Iterator[tuple[Entry, object]]
"""Entries with what lies below each, None for nothing; one without a text only groups."""


def _parts(value: object, above: Entry, passed: Passed) -> _Found:
    if isinstance(value, str):
        yield above.below(value), None
    elif isinstance(value, dict):
        yield from _of_object(cast("dict[str, Any]", value), above, passed)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            if isinstance(item, list):
                yield above.below(""), cast("object", item)
            else:
                yield from _parts(item, above, passed)
    else:
        passed.count("no text")


def _of_object(fields: Mapping[str, Any], above: Entry, passed: Passed) -> _Found:
    text = next((fields[key] for key in _TEXT if isinstance(fields.get(key), str)), "")
    children = next((fields[key] for key in _CHILDREN if isinstance(fields.get(key), list)), None)
    if text:
        strange = [key for key, held in fields.items() if key not in _OWN and _holds(held)]
        for _ in strange:
            passed.count("a field that names no words")
        yield _described(fields, above, text), _first(fields, _CHILDREN)
    elif children is not None and not above.text and not above.path:
        yield _described(fields, above, ""), children
    else:
        for key, held in fields.items():
            yield above.below(key), held if _holds(held) or isinstance(held, str) else None


def _described(fields: Mapping[str, Any], above: Entry, text: str) -> Entry:
    entry = above.below(text)
    parents = _texts(_first(fields, _PARENTS))
    return entry._replace(
        path=parents[:1] or entry.path,
        kind="".join(_texts(_first(fields, _KIND))[:1]) or entry.kind,
        languages=_texts(_first(fields, _LANGUAGES)) or entry.languages,
        domain="".join(_texts(_first(fields, _DOMAIN))[:1]) or entry.domain,
        also=parents[1:MAX_DEPTH],
    )


def _first(fields: Mapping[str, Any], keys: Iterable[str]) -> object:
    return next((fields[key] for key in keys if fields.get(key)), None)


def _texts(value: object) -> tuple[str, ...]:
    """A text, or the texts of a list."""
    listed = cast("list[object]", value) if isinstance(value, list) else [value]
    return tuple(text[:MAX_TEXT] for text in listed if isinstance(text, str) and text)


def _holds(value: object) -> bool:
    return isinstance(value, list | dict) and bool(cast("list[object]", value))
