"""C and C++ in the tokens of their preprocessor, with splices and digraphs resolved."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SPLICED = re.compile(r"\\[ \t\r\f\v]*\n")
# Each `\0` is a splice, at which the next line goes on; no text may hold it itself.
_TOKEN = re.compile(
    r"""(?P<comment>/\0*\*(?:(?!\*\0*/).)*(?:\*\0*/)?|/\0*/[^\n]*)
    |(?P<raw>(?:u\0*8|[uUL])?\0*R\0*"(?P<mark>[^()\\\s\0]{0,16})\((?:(?!\)(?P=mark)").)*\)(?P=mark)")
    |(?P<string>"(?:[^"\\\n]|\\\0*[^\n])*"?|'(?:[^'\\\n]|\\\0*[^\n])*'?)
    |(?P<number>\.?\d(?:[eEpP][+-]|'\0*\w|[\w.\0])*)
    |(?P<word>[^\W\d](?:\w|[$\0])*)
    |(?P<mark_of_directive>%\0*:\0*%\0*:|%\0*:|\#\0*\#|\#)
    |(?P<end>\n)
    |(?P<space>[ \t\r\f\v\0]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token, without splices."""

    kind: str
    """A group of the pattern: `comment`, `raw`, `string`, `number`, `word`, `end`, ..."""
    text: str
    line: int
    """Where it begins, from 1."""


def tokens_of(code: str) -> Iterator[Token]:
    """All tokens, also comments, blanks and line ends. The text holds no null character."""
    line = 1
    for found in _TOKEN.finditer(_SPLICED.sub("\0", code)):
        text = found[0]
        yield Token(kind=found.lastgroup or "other", text=text.replace("\0", ""), line=line)
        line += text.count("\n") + text.count("\0")


def logical_lines(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each line; a comment over several lines does not end one."""
    line: list[Token] = []
    for token in tokens:
        line.append(token)
        if token.kind == "end":
            yield line
            line = []
    if line:
        yield line
