"""Secrets and personal data, found and replaced before anything leaves the machine."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from infinite_instruct.domain import Value
from infinite_instruct.tools.secret_detectors import Detector, Span, detectors

PERSONAL = frozenset({"EMAIL", "PHONE", "IP_ADDRESS"})
"""Kinds that are personal data, no secrets."""

_WINDOW = 1_000
_OVERLAP = 200
"""Long lines are searched in windows: some detectors need quadratic time on a line."""

_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "PRIVATE_KEY",
        "-----BEGIN ",
        re.compile(
            r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:(?!-----BEGIN )[\s\S]){0,20000}?"
            r"(?:-----END (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    ),
    ("OPENAI_KEY", "sk-", re.compile(r"\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{24,}")),
    ("GOOGLE_KEY", "AIza", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("GITHUB_TOKEN", "github_pat_", re.compile(r"\bgithub_pat_[A-Za-z0-9_]{50,}")),
    ("HUGGING_FACE_TOKEN", "hf_", re.compile(r"\bhf_[A-Za-z0-9]{34}\b")),
    (
        "EMAIL",
        "@",
        re.compile(
            r"(?<![\w.+/@-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,4}"
            r"(?:com|org|net|edu|gov|mil|int|info|biz|io|dev|ai|app|me|eu|uk|de|fr|nl|se|no|fi|dk"
            r"|pl|cz|it|es|pt|ch|at|be|ru|ua|cn|jp|kr|in|br|ca|au|nz|us|tw|hk|sg|il|ie|gr|tr|mx|ar)"
            r"\b(?!\.[A-Za-z]|\()",
        ),
    ),
    (
        "PHONE",
        "",
        re.compile(
            r"(?<![\w.+)-])(?:\+[1-9]\d{0,2}[ .-]?\(?\d{1,4}\)?(?:[ .-]\d{2,4}){2,4}"
            r"|\(\d{3}\) ?\d{3}-\d{4})(?![\w-])"
        ),
    ),
)
"""Kind, what stands in every match of the shape (looked for first, as it is fast), and shape."""
_RESERVED_DOMAIN = re.compile(r"@(?:[\w-]+\.)*example\.\w+$|@(?:[\w-]+\.)*(?:domain|foo|bar)\.com$")


class Redacted(Value):
    """A text without its secrets and personal data."""

    text: str
    found: tuple[str, ...]
    """The kinds of what was replaced, sorted, each once: `AWS_KEY`, `EMAIL`."""


def redact(text: str) -> Redacted:
    """Replace secrets and personal data by typed placeholders such as `<AWS_KEY>`."""
    spans = _merged(sorted(_spans(text)))
    parts: list[str] = []
    edges = [0, *(edge for start, end, _ in spans for edge in (start, end)), len(text)]
    for index, (start, end) in enumerate(pairwise(edges)):
        parts.append(text[start:end] if index % 2 == 0 else f"<{spans[index // 2][2]}>")
    return Redacted(text="".join(parts), found=tuple(sorted({kind for _, _, kind in spans})))


def find_secrets(text: str) -> tuple[str, ...]:
    """The kinds of secrets in a text, sorted; personal data does not count as a secret."""
    return tuple(sorted({kind for _, _, kind in _spans(text)} - PERSONAL))


def _spans(text: str) -> Iterator[Span]:
    """Where something stands and of which kind it is; spans may overlap."""
    for kind, mark, shape in _SHAPES:
        for match in shape.finditer(text) if mark in text else ():
            if not _RESERVED_DOMAIN.search(match[0]):
                yield match.start(), match.end(), kind
    lines = text.splitlines(keepends=True)
    for start, piece in _pieces(lines) if (suspects := _suspects(lines)) else ():
        for first, last, kind in (found for each in suspects for found in each.find(piece)):
            yield start + first, start + last, kind


def _suspects(lines: Sequence[str]) -> Sequence[Detector]:
    """The detectors that can find something in one of the lines.

    A shape that is nowhere in the text is in no line of it: to all shapes, the end of a line is
    white space like the end of the text. Only where lines are cut does a shape see other ends.
    """
    if max(map(len, lines), default=0) > _WINDOW:
        return detectors()
    text = "".join(f"{line}\n" for line in lines)  # no shape goes beyond this end of a line
    return [each for each in detectors() if any(shape.search(text) for shape in each.shapes)]


def _pieces(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Lines with their offsets, long ones in overlapping windows."""
    offset = 0
    for line in lines:
        for start in range(0, max(1, len(line) - _OVERLAP), _WINDOW - _OVERLAP):
            yield offset + start, line[start : start + _WINDOW]
        offset += len(line)


def _merged(spans: list[Span]) -> list[Span]:
    """Sorted spans without overlaps: the first of those that overlap names them all."""
    merged: list[Span] = []
    for start, end, kind in spans:
        if merged and start < merged[-1][1]:
            first, last, name = merged[-1]
            merged[-1] = (first, max(last, end), name)
        else:
            merged.append((start, end, kind))
    return merged
