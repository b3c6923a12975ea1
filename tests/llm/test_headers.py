from datetime import UTC, datetime

import pytest

from infinite_instruct.llm.headers import MOST_SECONDS, read_allowance, retry_after

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "0.5"}, 0.5, id="fraction"),
        pytest.param({"retry-after-ms": "250", "retry-after": "9"}, 0.25, id="milliseconds-first"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, 30.0, id="date"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 12:00:30"}, 30.0, id="date-without-zone"),
        pytest.param({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0, id="date-past"),
        pytest.param({"retry-after": "-3"}, 0.0, id="negative"),
        pytest.param({"retry-after": "86400"}, MOST_SECONDS, id="a-day-is-bounded"),
        pytest.param({"retry-after": "Sun, 23 Nov 2036 12:00:30 GMT"}, MOST_SECONDS, id="year"),
        pytest.param({"retry-after": "nan"}, None, id="nan"),
        pytest.param({"retry-after": "inf"}, None, id="infinite"),
        pytest.param({"retry-after": "soon"}, None, id="words"),
        pytest.param({"retry-after": ""}, None, id="empty"),
        pytest.param({"retry-after": "Mon, 99 Nov 2026 99:99:99 GMT"}, None, id="no-date"),
        pytest.param({"retry-after": "1" * 10_000}, MOST_SECONDS, id="long"),
        pytest.param({"retry-after-ms": "x", "retry-after": "3"}, 3.0, id="falls-back"),
        pytest.param({}, None, id="none"),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1s", 1.0),
        ("20ms", 0.02),
        ("1m3.5s", 60.0),
        ("0m7.66s", 7.66),
        ("12", 12.0),
        ("2h", 60.0),
    ],
)
def test_time_until_a_limit_is_full_again(text: str, seconds: float) -> None:
    headers = {"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": text}
    allowance = read_allowance(headers, "tokens")
    assert allowance is not None
    assert allowance.reset == pytest.approx(seconds)
