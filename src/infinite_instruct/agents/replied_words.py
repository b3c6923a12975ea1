"""Lists of keywords in replies: one that is odd costs no more than itself."""

from typing import Annotated, cast

from pydantic import BeforeValidator, Field, WithJsonSchema

MAX_CHARACTERS = 80
"""Of a keyword, told to the model by the schema."""
_KEPT = 200
"""Of a longer one, which is kept so far to be refused by name."""


def _shortened(text: object) -> object:
    return text[:_KEPT] if isinstance(text, str) else text


ReplyWord = Annotated[
    str,
    BeforeValidator(_shortened),
    WithJsonSchema({"type": "string", "maxLength": MAX_CHARACTERS}),
]
"""A keyword as a model wrote it: of any length, cut to what is worth telling."""


def _only_texts(words: object) -> object:
    """The list without what is no text, cut where it is endless."""
    if not isinstance(words, list):
        return words
    return [word for word in cast("list[object]", words) if isinstance(word, str)][:_MOST]


_MOST = 8
ReplyWords = Annotated[list[ReplyWord], BeforeValidator(_only_texts), Field(max_length=_MOST)]
"""At most eight keywords; more of them are left out."""
