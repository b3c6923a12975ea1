"""Lines come whole, in order, as soon as they are there, however long the input is."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from infinite_instruct.cli import lines
from infinite_instruct.cli.flight import Flight
from infinite_instruct.cli.lines import Stream, read_lines
from infinite_instruct.errors import SettingsError


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"a\nb\n", [b"a", b"b"], id="lines"),
        pytest.param(b"a\n\nb", [b"a", b"", b"b"], id="no end"),
        pytest.param(b"x" * 300_000 + b"\ny", [b"x" * 300_000, b"y"], id="over chunks"),
    ],
)
async def test_lines_are_whole(data: bytes, expected: list[bytes]) -> None:
    stream = io.BufferedReader(cast("io.RawIOBase", io.BytesIO(data)))
    assert [line async for line in read_lines(stream)] == expected


async def test_a_line_without_end_is_cut_and_the_next_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "MAX_LINE", 1_000)
    data = b"x" * 3_000_000 + b"\nnext\n"
    stream = io.BufferedReader(cast("io.RawIOBase", io.BytesIO(data)))
    found = [line async for line in read_lines(stream)]
    assert found == [b"x" * 1_000, b"next"]


async def test_a_pipes_line_comes_before_the_pipe_ends() -> None:
    read, write = os.pipe()
    with os.fdopen(read, "rb") as stream, os.fdopen(write, "wb", buffering=0) as pipe:
        found = read_lines(cast("Stream", stream))
        pipe.write(b"first\nsec")
        assert await anext(found) == b"first"
        pipe.write(b"ond\n")
        assert await anext(found) == b"second"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere"), lines.opened(str(tmp_path / "nowhere")):
        pass


async def test_results_keep_the_order_and_only_so_many_are_in_flight() -> None:
    now, most = 0, 0

    async def judge(number: int) -> int:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _ in range(number * 7 % 5):
            await asyncio.sleep(0)
        now -= 1
        return -number

    async def numbers() -> AsyncIterator[int]:
        for number in range(50):
            yield number

    flight = Flight(judge, lambda _: 16 * 1024 * 1024)
    found = [each async for each in flight.results(numbers())]
    assert found == [(number, -number) for number in range(50)]
    assert most <= 6


async def test_an_input_that_breaks_off_is_told_and_hangs_nobody() -> None:
    class Breaks:
        def read1(self, size: int = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(SettingsError, match="Input/output error"):
        await anext(read_lines(Breaks()))
