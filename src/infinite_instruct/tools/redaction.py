"""Secrets and personal data, found and replaced before anything leaves the machine.

The shapes of keys are those of detect-secrets, whose detectors are asked directly: no settings of
theirs are touched, and nothing is verified over the network.
"""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import cast

from detect_secrets.plugins.artifactory import ArtifactoryDetector
from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.basic_auth import BasicAuthDetector
from detect_secrets.plugins.cloudant import CloudantDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.github_token import GitHubTokenDetector
from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
from detect_secrets.plugins.ip_public import IPPublicDetector
from detect_secrets.plugins.jwt import JwtTokenDetector
from detect_secrets.plugins.keyword import KeywordDetector
from detect_secrets.plugins.mailchimp import MailchimpDetector
from detect_secrets.plugins.npm import NpmDetector
from detect_secrets.plugins.openai import OpenAIDetector
from detect_secrets.plugins.pypi_token import PypiTokenDetector
from detect_secrets.plugins.sendgrid import SendGridDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.softlayer import SoftlayerDetector
from detect_secrets.plugins.square_oauth import SquareOAuthDetector
from detect_secrets.plugins.stripe import StripeDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

from infinite_instruct.domain import Value

PERSONAL = frozenset({"EMAIL", "PHONE", "IP_ADDRESS"})
"""Kinds that are personal data, no secrets."""

_WINDOW = 1_000
_OVERLAP = 200
"""Long lines are searched in windows: some detectors need quadratic time on a line."""

_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "PRIVATE_KEY",
        re.compile(
            r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:(?!-----BEGIN )[\s\S]){0,20000}?"
            r"(?:-----END (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----|\Z)"
        ),
    ),
    ("OPENAI_KEY", re.compile(r"\bsk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{24,}")),
    ("GOOGLE_KEY", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("GITHUB_TOKEN", re.compile(r"\bgithub_pat_[A-Za-z0-9_]{50,}")),
    ("HUGGING_FACE_TOKEN", re.compile(r"\bhf_[A-Za-z0-9]{34}\b")),
    (
        "EMAIL",
        re.compile(
            r"(?<![\w.+/@-])[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,4}"
            r"(?:com|org|net|edu|gov|mil|int|info|biz|io|dev|ai|app|me|eu|uk|de|fr|nl|se|no|fi|dk"
            r"|pl|cz|it|es|pt|ch|at|be|ru|ua|cn|jp|kr|in|br|ca|au|nz|us|tw|hk|sg|il|ie|gr|tr|mx|ar)"
            r"\b(?!\.[A-Za-z]|\()",
        ),
    ),
    (
        "PHONE",
        re.compile(
            r"(?<![\w.+)-])(?:\+[1-9]\d{0,2}[ .-]?\(?\d{1,4}\)?(?:[ .-]\d{2,4}){2,4}"
            r"|\(\d{3}\) ?\d{3}-\d{4})(?![\w-])"
        ),
    ),
)
_RESERVED_DOMAIN = re.compile(r"@(?:[\w-]+\.)*example\.\w+$|@(?:[\w-]+\.)*(?:domain|foo|bar)\.com$")
_SECRET_WORD = re.compile(r"(?:key|pass|pwd|secret|contrase).*[\"'`]", re.IGNORECASE)
_MIN_SECRET = 12
_MIN_ENTROPY = 3.2
_PLACEHOLDER = re.compile(
    r"[<{$%]|example|changeme|placeholder|your|dummy|x{4}|\*{3}|test", re.IGNORECASE
)


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


_Span = tuple[int, int, str]


def _spans(text: str) -> Iterator[_Span]:
    """Where something stands and of which kind it is; spans may overlap."""
    for kind, shape in _SHAPES:
        for match in shape.finditer(text):
            if not _RESERVED_DOMAIN.search(match[0]):
                yield match.start(), match.end(), kind
    for start, piece in _pieces(text):
        for first, last, kind in _detected(piece):
            yield start + first, start + last, kind


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text with their offsets, long ones in overlapping windows."""
    offset = 0
    for line in text.splitlines(keepends=True):
        for start in range(0, max(1, len(line) - _OVERLAP), _WINDOW - _OVERLAP):
            yield offset + start, line[start : start + _WINDOW]
        offset += len(line)


def _occurrences(value: str, piece: str, kind: str) -> Iterator[_Span]:
    start = piece.find(value)
    while start >= 0:
        yield start, start + len(value), kind
        start = piece.find(value, start + len(value))


def _merged(spans: list[_Span]) -> list[_Span]:
    """Sorted spans without overlaps: the first of those that overlap names them all."""
    merged: list[_Span] = []
    for start, end, kind in spans:
        if merged and start < merged[-1][1]:
            first, last, name = merged[-1]
            merged[-1] = (first, max(last, end), name)
        else:
            merged.append((start, end, kind))
    return merged


@cache
def _detectors() -> Sequence[tuple[str, RegexBasedDetector]]:
    return (
        ("ARTIFACTORY_TOKEN", ArtifactoryDetector()),
        ("AWS_KEY", AWSKeyDetector()),
        ("AZURE_KEY", AzureStorageKeyDetector()),
        ("PASSWORD", BasicAuthDetector()),
        ("CLOUDANT_KEY", CloudantDetector()),
        ("DISCORD_TOKEN", DiscordBotTokenDetector()),
        ("GITHUB_TOKEN", GitHubTokenDetector()),
        ("GITLAB_TOKEN", GitLabTokenDetector()),
        ("IP_ADDRESS", IPPublicDetector()),
        ("JWT", JwtTokenDetector()),
        ("MAILCHIMP_KEY", MailchimpDetector()),
        ("NPM_TOKEN", NpmDetector()),
        ("OPENAI_KEY", OpenAIDetector()),
        ("PYPI_TOKEN", PypiTokenDetector()),
        ("SENDGRID_KEY", SendGridDetector()),
        ("SLACK_TOKEN", SlackDetector()),
        ("SOFTLAYER_KEY", SoftlayerDetector()),
        ("SQUARE_SECRET", SquareOAuthDetector()),
        ("STRIPE_KEY", StripeDetector()),
        ("TELEGRAM_TOKEN", TelegramBotTokenDetector()),
        ("TWILIO_KEY", TwilioKeyDetector()),
    )


def _detected(line: str) -> Iterator[_Span]:
    for kind, detector in _detectors():
        if any(kind != "IP_ADDRESS" or _is_global(v) for v in detector.analyze_string(line)):
            for pattern in cast("Iterable[re.Pattern[str]]", detector.denylist):
                yield from (_span_of(match, kind) for match in pattern.finditer(line))
    if _SECRET_WORD.search(line):
        for value in filter(_looks_random, KeywordDetector().analyze_string(line)):
            yield from _occurrences(value, line, "SECRET")


def _span_of(match: re.Match[str], kind: str) -> _Span:
    """Where the secret of a match is: its last group, save where that is a token's mere prefix."""
    group = match.lastindex if match.lastindex and match.start(1) > match.start() else 0
    start, end = match.span(group or 0)
    bare = match.string[start:end].strip(" \t\"'=:")
    start += match.string[start:end].find(bare)
    return start, start + len(bare), kind


def _is_global(address: str) -> bool:
    """Whether an address can be somebody's: not one of documentation, of a mask, of a home."""
    try:
        return ipaddress.ip_address(address.partition(":")[0]).is_global
    except ValueError:
        return False


def _looks_random(value: str) -> bool:
    """Whether a value beside a secret-sounding name is one: no word, no prose, no placeholder."""
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    plain = len(value) >= _MIN_SECRET and not re.search(r"[\s()\[\]]", value)
    return mixed and plain and not _PLACEHOLDER.search(value) and _entropy(value) >= _MIN_ENTROPY


def _entropy(value: str) -> float:
    """Shannon entropy in bits per character."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
