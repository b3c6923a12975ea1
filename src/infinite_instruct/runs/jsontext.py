"""Values as one line of JSON that any reader takes."""

import json

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

# JSON allows these three as they are, but readers that split lines by Unicode's rules (Python's
# `splitlines`, some JavaScript) would cut a record in two.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def json_line(value: BaseModel) -> str:
    """The value as one line of JSON, valid UTF-8; lone surrogates become `?`."""
    try:
        text = value.model_dump_json(by_alias=True)
    except PydanticSerializationError:
        # Model replies may hold lone surrogates; pydantic lets them in, but not out.
        plain = json.dumps(value.model_dump(mode="json", by_alias=True), ensure_ascii=False)
        text = utf8(plain)
    return text if text.isascii() else text.translate(_LINE_ENDS)


def utf8(text: str) -> str:
    """The text with lone surrogates replaced by `?`: databases and files take it."""
    return text.encode(errors="replace").decode()
