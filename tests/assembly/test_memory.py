"""Memory that rows have left free goes back to the system."""

import ctypes
from pathlib import Path

import pytest

from infinite_instruct.assembly.memory import Trimmer
from infinite_instruct.domain import Language, Origin
from infinite_instruct.events import RowStarted


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than Linux's own"
)
def test_what_is_free_between_things_that_stay_goes_back() -> None:
    trimmer, kept = Trimmer(), list[bytes]()
    texts = [bytes(20_000) for _ in range(4_000)]
    kept.extend(bytes(1_000) for _ in range(10))
    kept.extend(texts[::40])  # each of them holds what is below it
    del texts
    full = _resident_megabytes()

    for number in range(1_000):
        trimmer(RowStarted(row=f"r{number}", origin=Origin.REVERSE, language=Language.PYTHON))

    assert full - _resident_megabytes() > 40
    assert len(kept) == 110


def _resident_megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
