"""One text to cut snippets from: a source file, or a row of a data set."""

from infinite_instruct.domain import Language, Value


class Document(Value):
    """A text with all that is known of where it comes from."""

    source: str
    """The source as the user named it."""
    path: str
    """The file relative to the source; for a data set `file.jsonl:row N`, N from 1."""
    language: Language
    text: str
    licence: str
    """SPDX expression, or `unknown`."""
