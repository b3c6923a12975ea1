import pytest

from infinite_instruct.errors import SettingsError
from infinite_instruct.runs.store_url import split_password


@pytest.mark.parametrize(
    ("url", "plain", "password"),
    [
        ("postgresql://u:pw@h:5/d", "postgresql://u@h:5/d", "pw"),
        ("postgresql://u:p%40%2F@h/d", "postgresql://u@h/d", "p@/"),
        ("postgres://u@h/d", "postgres://u@h/d", ""),
        ("postgresql:///d?host=/run/pg", "postgresql:///d?host=/run/pg", ""),
        (
            "postgresql://h/d?password=pw&sslmode=require",
            "postgresql://h/d?sslmode=require",
            "pw",
        ),
        ("postgresql://u:a@b@h1:1,h2:2/d", "postgresql://u@h1:1,h2:2/d", "a@b"),
    ],
    ids=["plain", "quoted", "none", "socket", "parameter", "bare-at-and-two-hosts"],
)
def test_a_password_is_taken_out(url: str, plain: str, password: str) -> None:
    assert split_password(url) == (plain, password)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:SECRET@h/d",
        "postgresql://u:SEC/RET@h/d",
        "postgresql://u:SEC#RET@h/d",
        "postgresql://u:SEC?RET@h/d",
        "postgresql://u:SECRET@[h/d",
    ],
    ids=["other-database", "slash", "hash", "question-mark", "broken"],
)
def test_a_wrong_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingsError, match="store's URL is wrong") as caught:
        split_password(url)
    assert "SEC" not in str(caught.value)
