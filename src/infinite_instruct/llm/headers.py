"""What an endpoint's headers say about when to ask: untrusted, so read within bounds."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from infinite_instruct.domain import Value

MOST_SECONDS = 120.0
"""The longest `Retry-After` that is obeyed; whoever tells a longer one is asked again then."""
_LONGEST_RESET = 60.0
_LONGEST_TEXT = 64
_PARTS = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|h|m|s)")
_SECONDS_OF = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Allowance(Value):
    """What is left of one of the endpoint's limits."""

    remaining: float
    limit: float | None
    reset: float
    """Seconds until it is full again."""


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to wait before the call that got these headers is made again; None if not told.

    `retry-after-ms` goes before `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3).

    Args:
        headers: Of the refusal, their names in small letters or case-insensitive.
        now: The time that a date is compared with; by default this machine's.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    told = headers.get("retry-after")
    seconds = _number(told) if milliseconds is None else milliseconds / 1000
    if seconds is None:
        seconds = _seconds_until(told, now or datetime.now(UTC))
    return None if seconds is None else min(max(0.0, seconds), MOST_SECONDS)


def read_allowance(headers: Mapping[str, str], of: str) -> Allowance | None:
    """What `x-ratelimit-*` says of `requests` or of `tokens`; None where it says nothing of use."""
    remaining = _number(headers.get(f"x-ratelimit-remaining-{of}"))
    reset = _duration(headers.get(f"x-ratelimit-reset-{of}"))
    if remaining is None or reset is None or remaining < 0 or reset <= 0:
        return None
    limit = _number(headers.get(f"x-ratelimit-limit-{of}"))
    known = limit if limit is not None and limit > 0 else None
    return Allowance(remaining=remaining, limit=known, reset=min(reset, _LONGEST_RESET))


def _number(text: str | None) -> float | None:
    try:
        number = float((text or "")[:_LONGEST_TEXT])
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _duration(text: str | None) -> float | None:
    """Seconds of `1.5`, `20ms`, `6m0s`."""
    seconds = _number(text)
    parts = _PARTS.findall((text or "")[:_LONGEST_TEXT])
    if seconds is None and parts:
        return sum(float(number) * _SECONDS_OF[unit] for number, unit in parts)
    return seconds


def _seconds_until(text: str | None, now: datetime) -> float | None:
    try:
        date = parsedate_to_datetime((text or "")[:_LONGEST_TEXT])
        # A date without a zone is UTC (RFC 9110, 5.6.7).
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
