"""Shares become rows: how many accepted rows of each value of a dimension a campaign makes."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from infinite_instruct.errors import SettingsError

Amount = int | float
"""What is asked for: a whole number of rows, or, as a float, a share of all rows."""
S = TypeVar("S", bound=str)
REST = ""
"""Names all values of a dimension that are not named, together."""
_ROUNDED = 0.005
"""What a share that was written with two digits may lack: 0.33 for a third."""
_MANY = 3
"""Shares that may be rounded; two can be written exactly."""


def targets_of(
    dimension: str, quota: Mapping[S, Amount], rows: int, values: Collection[str]
) -> dict[str, int]:
    """Rows of each named value, and REST for what is left; they add up to `rows`.

    Args:
        dimension: For the error: `language`.
        quota: What is asked for, by value; empty where the dimension is free.
        rows: All rows.
        values: All values that there can be.

    Raises:
        SettingsError: More than all rows are asked for, or fewer and no other value is there.
    """
    if not quota:
        return {}
    amounts = {str(name): amount for name, amount in quota.items()}
    unnamed = sorted(set(values) - amounts.keys())
    exact = _exact(amounts, rows)
    rest = rows - sum(exact.values())
    if rest < 0 or (rest > 0 and not unnamed):
        raise _does_not_add_up(dimension, amounts, sum(exact.values()), rows)
    if rest > 0:
        exact[unnamed[0] if len(unnamed) == 1 else REST] = rest
    return _rounded(exact, rows)


def _exact(amounts: Mapping[str, Amount], rows: int) -> dict[str, float]:
    """Rows with fractions. Three shares or more that miss the whole by a rounding are stretched."""
    exact = {
        name: amount * rows if isinstance(amount, float) else float(amount)
        for name, amount in amounts.items()
    }
    shares = {name: exact[name] for name, amount in amounts.items() if isinstance(amount, float)}
    whole = rows - (sum(exact.values()) - sum(shares.values()))
    told = sum(shares.values())
    slack = _ROUNDED * len(shares) * rows if len(shares) >= _MANY else 0.0
    if told > 0 and abs(whole - told) <= slack + 1e-9 * rows:
        exact.update({name: each * whole / told for name, each in shares.items()})
        # Whatever floats lose on the way is not a row.
        last = next(reversed(shares))
        exact[last] += rows - sum(exact.values())
    return exact


def _rounded(exact: Mapping[str, float], rows: int) -> dict[str, int]:
    """Whole rows by the largest remainder; the first of equals gets it."""
    whole = {name: int(each + 1e-9) for name, each in exact.items()}
    by_remainder = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in by_remainder[: rows - sum(whole.values())]:
        whole[name] += 1
    return whole


def _does_not_add_up(
    dimension: str, amounts: Mapping[str, Amount], asked: float, rows: int
) -> SettingsError:
    told = ", ".join(f"{name}={amount}" for name, amount in amounts.items())
    return SettingsError(
        f"The quotas of {dimension} ({told}) make {asked:g} of {rows} rows.",
        remedy="Shares (0.5) add up to 1 and whole numbers (50) to --rows, "
        "unless other values are left for the rest.",
    )
