from enum import StrEnum

from pydantic import BaseModel, Field

from infinite_instruct.llm.schema import MAX_ITEMS, MAX_STRING, schema_of


class Colour(StrEnum):
    RED = "red"


class Part(BaseModel):
    text: str


class Whole(BaseModel):
    """What it is."""

    title: str
    short: str = Field(max_length=9)
    parts: list[Part]
    colour: Colour
    note: str | None = None


def test_every_length_is_bounded() -> None:
    fields = schema_of(Whole)["properties"]
    assert fields["title"] == {"type": "string", "maxLength": MAX_STRING}
    assert fields["short"]["maxLength"] == 9
    assert fields["parts"]["maxItems"] == MAX_ITEMS
    assert fields["note"]["anyOf"][0]["maxLength"] == MAX_STRING
    assert schema_of(Whole)["$defs"]["Part"]["properties"]["text"]["maxLength"] == MAX_STRING


def test_objects_are_closed_and_whole() -> None:
    schema = schema_of(Whole)
    for node in (schema, schema["$defs"]["Part"]):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


def test_choices_stay_as_they_are() -> None:
    assert schema_of(Whole)["$defs"]["Colour"] == {"type": "string", "const": "red"} or (
        schema_of(Whole)["$defs"]["Colour"] == {"type": "string", "enum": ["red"]}
    )
