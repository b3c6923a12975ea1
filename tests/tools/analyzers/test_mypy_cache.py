"""Mypy's cache outlives the process, and no sample is ever in it."""

from pathlib import Path

import pytest

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers import Batching, Toolbox
from infinite_instruct.tools.analyzers.python.mypy import Mypy


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(each): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


async def test_samples_leave_no_trace_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    box = Toolbox(batching=Batching(seconds=0))
    first = await Mypy(box).check("import json\njson.parse('{}')\n", Language.PYTHON)
    kept = _contents(tmp_path)
    second = await Mypy(box).check("import json\njson.parse('{}')\n", Language.PYTHON)
    assert [each.rule for each in first.diagnostics] == ["attr-defined"]
    assert second == first
    assert kept
    assert _contents(tmp_path) == kept
