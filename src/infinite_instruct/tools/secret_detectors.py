"""The detectors of detect-secrets, asked directly.

No settings of theirs are touched, and nothing is verified over the network.
"""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, cast

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

Span = tuple[int, int, str]
"""Where something stands, and of which kind it is."""

_SECRET_WORD = re.compile(r"(?:key|pass|pwd|secret|contrase).*[\"'`]", re.IGNORECASE)
_MIN_SECRET = 12
_MIN_ENTROPY = 3.2
_PLACEHOLDER = re.compile(
    r"[<{$%]|example|changeme|placeholder|your|dummy|x{4}|\*{3}|test", re.IGNORECASE
)


class Detector(NamedTuple):
    """Asks one of the library's detectors."""

    shapes: Sequence[re.Pattern[str]]
    """What it finds has one of these."""
    find: Callable[[str], Iterator[Span]]
    """What it finds in a line of bounded length: some need quadratic time on it."""


@cache
def detectors() -> Sequence[Detector]:
    """All of them."""
    known = (
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
    keyword = Detector((_SECRET_WORD,), _find_by_keyword)
    return (*(_by_shape(kind, detector) for kind, detector in known), keyword)


def _by_shape(kind: str, detector: RegexBasedDetector) -> Detector:
    shapes = tuple(cast("Iterable[re.Pattern[str]]", detector.denylist))

    def find(line: str) -> Iterator[Span]:
        if any(kind != "IP_ADDRESS" or _is_global(v) for v in detector.analyze_string(line)):
            for shape in shapes:
                yield from (_span_of(match, kind) for match in shape.finditer(line))

    return Detector(shapes, find)


def _find_by_keyword(line: str) -> Iterator[Span]:
    if _SECRET_WORD.search(line):
        for value in filter(_looks_random, KeywordDetector().analyze_string(line)):
            yield from _occurrences(value, line, "SECRET")


def _occurrences(value: str, piece: str, kind: str) -> Iterator[Span]:
    start = piece.find(value)
    while start >= 0:
        yield start, start + len(value), kind
        start = piece.find(value, start + len(value))


def _span_of(match: re.Match[str], kind: str) -> Span:
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
