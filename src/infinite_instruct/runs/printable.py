"""Untrusted text made safe to show: no control character reaches a terminal or a log."""

import json
import re
from typing import Any, TypeVar, cast

from infinite_instruct.domain import Value

V = TypeVar("V", bound=Value)

# C0 without tab and newline, DEL, C1 (ESC and the one-byte CSI start colour, title and clipboard
# sequences), and the bidirectional overrides, which show code in another order than it has.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """The text with a visible mark in place of every control character but tab and newline."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def all_printable(value: V) -> V:
    """The same value with all its texts printable."""
    return type(value).model_validate(_cleaned(value.model_dump()))


def printable_json(text: str) -> str:
    """JSON whose texts are printable also after a reader has decoded their escapes."""
    try:
        return json.dumps(_cleaned(json.loads(text)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return printable(text)


def _cleaned(value: object) -> Any:  # noqa: ANN401 - what model_dump or JSON gives
    # An enumeration's member is a string, too, but one of our own.
    if type(value) is str:
        return printable(value)
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        return {name: _cleaned(each) for name, each in fields.items()}
    if isinstance(value, tuple):
        return tuple(_cleaned(each) for each in cast("tuple[object, ...]", value))
    if isinstance(value, list):
        return [_cleaned(each) for each in cast("list[object]", value)]
    return value
