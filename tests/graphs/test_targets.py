import pytest

from infinite_instruct.errors import SettingsError
from infinite_instruct.graphs.targets import REST, Amount, targets_of

LANGUAGES = ("python", "java", "go", "rust")


@pytest.mark.parametrize(
    ("quota", "rows", "targets"),
    [
        pytest.param({}, 10, {}, id="free"),
        pytest.param({"python": 0.5}, 10, {"python": 5, REST: 5}, id="rest to others"),
        pytest.param({"python": 3}, 10, {"python": 3, REST: 7}, id="whole number is rows"),
        pytest.param({"python": 1.0}, 10, {"python": 10}, id="share of all"),
        pytest.param({"python": 1}, 10, {"python": 1, REST: 9}, id="one row"),
        pytest.param(
            {"python": 0.5, "java": 2, "go": 0.3},
            10,
            {"python": 5, "java": 2, "go": 3},
            id="shares and rows",
        ),
        pytest.param(
            {"python": 0.33, "java": 0.33, "go": 0.33},
            10,
            {"python": 4, "java": 3, "go": 3},
            id="thirds with two digits are the whole",
        ),
        pytest.param({"python": 0.99}, 100, {"python": 99, REST: 1}, id="no whole by itself"),
        pytest.param(
            {"python": 0.5, "java": 0.25},
            3,
            {"python": 1, "java": 1, REST: 1},
            id="largest remainder",
        ),
        pytest.param(
            {"python": 0.4, "java": 0.3, "go": 0.2},
            10,
            {"python": 4, "java": 3, "go": 2, "rust": 1},
            id="the only one left is named",
        ),
        pytest.param({"python": 0.0}, 4, {"python": 0, REST: 4}, id="none of one"),
        pytest.param({"python": 0.01}, 10, {"python": 0, REST: 10}, id="less than a row"),
    ],
)
def test_shares_become_rows_that_add_up(
    quota: dict[str, Amount], rows: int, targets: dict[str, int]
) -> None:
    assert targets_of("language", quota, rows, LANGUAGES) == targets


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 99, 1_000, 99_999])
def test_targets_always_add_up_and_are_next_to_their_shares(rows: int) -> None:
    for first in range(0, 101, 7):
        shares: dict[str, Amount] = {"python": first / 100, "java": (100 - first) / 200}
        targets = targets_of("language", shares, rows, LANGUAGES)
        assert sum(targets.values()) == rows
        assert all(abs(targets[name] - shares[name] * rows) < 1 for name in shares)


@pytest.mark.parametrize(
    ("quota", "told"),
    [
        pytest.param({"python": 0.6, "java": 0.6}, "make 12 of 10", id="shares"),
        pytest.param({"python": 6, "java": 6}, "make 12 of 10", id="rows"),
        pytest.param(
            {"python": 2, "java": 2, "go": 2, "rust": 2}, "make 8 of 10", id="nothing for the rest"
        ),
    ],
)
def test_what_does_not_add_up_is_refused(quota: dict[str, Amount], told: str) -> None:
    with pytest.raises(SettingsError, match=rf"quotas of language .*{told}"):
        targets_of("language", quota, 10, LANGUAGES)
