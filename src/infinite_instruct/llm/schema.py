"""JSON schemas of reply types, in the form that endpoints and grammars take best."""

from functools import cache
from typing import Any, cast

from pydantic import BaseModel

MAX_STRING = 2_000
"""Characters of a string whose type tells no bound: small models run away without one."""
MAX_ITEMS = 16
"""Items of a list whose type tells no bound."""

_NOISE = ("title", "default", "description")


@cache
def schema_of(reply_type: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a reply type: closed, every field required, every length bounded.

    Strict endpoints demand the first two; small models need the third, and lose fields that are
    optional. Descriptions stay out: what to write is told by the prompt. It is made once, and must
    not be changed.
    """
    return cast("dict[str, Any]", _tidy(reply_type.model_json_schema()))


def _tidy(node: object) -> object:
    if isinstance(node, list):
        return [_tidy(item) for item in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    schema = {
        key: _tidy_named(value) if key in ("properties", "$defs") else _tidy(value)
        for key, value in cast("dict[str, object]", node).items()
        if key not in _NOISE
    }
    return _bound(schema)


def _tidy_named(schemas: object) -> dict[str, object]:
    """Tidy the values only: the names are fields, which may be called `title` as well."""
    return {name: _tidy(schema) for name, schema in cast("dict[str, object]", schemas).items()}


def _bound(schema: dict[str, object]) -> dict[str, object]:
    kind = schema.get("type")
    if kind == "string" and not {"enum", "const", "pattern", "format"} & schema.keys():
        schema.setdefault("maxLength", MAX_STRING)
    if kind == "array":
        schema.setdefault("maxItems", MAX_ITEMS)
    if kind == "object" and "properties" in schema:
        schema["additionalProperties"] = False
        schema["required"] = list(cast("dict[str, object]", schema["properties"]))
    return schema
