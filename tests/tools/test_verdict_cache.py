"""Findings are kept on disk, shared, and never a reason to fail."""

import gc
from pathlib import Path

import pytest

from infinite_instruct.tools import verdict_cache
from infinite_instruct.tools.verdict_cache import FindingsCache


def test_what_was_kept_is_there_for_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "findings.sqlite"
    first = FindingsCache(file)
    first.put(b"a", "found")
    assert first.get(b"a") == "found"
    first.close()
    second = FindingsCache(file)
    assert second.get(b"a") == "found"
    assert second.get(b"b") is None


def test_two_processes_share_it(tmp_path: Path) -> None:
    one, two = (FindingsCache(tmp_path / "f.sqlite") for _ in range(2))
    one.put(b"a", "1")
    one.flush()
    two.put(b"b", "2")
    two.flush()
    assert (one.get(b"b"), two.get(b"a")) == ("2", "1")


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "f.sqlite"
    file.write_bytes(b"this is no database" * 1000)
    cache = FindingsCache(file)
    cache.put(b"a", "1")
    cache.close()
    assert FindingsCache(file).get(b"a") == "1"


def test_where_nothing_can_be_written_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = FindingsCache(tmp_path / "file" / "findings.sqlite")
    cache.put(b"a", "1")
    assert cache.get(b"a") is None
    cache.close()


def test_the_oldest_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_cache, "MOST_TEXTS", 10)
    cache = FindingsCache(tmp_path / "f.sqlite")
    for number in range(20):
        cache.put(bytes([number]), str(number))
    cache.close()
    again = FindingsCache(tmp_path / "f.sqlite")
    kept = [number for number in range(20) if again.get(bytes([number])) is not None]
    assert kept == list(range(11, 20))


def test_who_ends_without_closing_loses_nothing(tmp_path: Path) -> None:
    cache = FindingsCache(tmp_path / "f.sqlite")
    cache.put(b"a", "1")
    del cache
    gc.collect()
    assert FindingsCache(tmp_path / "f.sqlite").get(b"a") == "1"
