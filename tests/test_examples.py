import runpy
from pathlib import Path

import pytest

from infinite_instruct.llm.scripted import ScriptedModel
from scripted_author import author

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "tests" / "fixtures" / "seeds"


async def test_the_examples_make_a_run_and_read_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    script = runpy.run_path(str(ROOT / "examples" / "run_from_a_script.py"))
    await script["main"](str(SEEDS), str(out), ScriptedModel(author))
    said = capsys.readouterr().out
    assert "reverse-writer: write" in said
    assert "done: 3 accepted" in said
    runpy.run_path(str(ROOT / "examples" / "read_decisions.py"))["main"](str(out))
    read = capsys.readouterr().out
    assert read.count(" sample ") == 3
    assert "attempt 0: clean" in read


async def test_a_pack_of_ones_own_makes_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = runpy.run_path(str(ROOT / "examples" / "new_domain.py"))
    model = ScriptedModel(author)
    await script["main"](str(SEEDS), str(tmp_path / "run"), model)
    assert "done: 3 rows" in capsys.readouterr().out
    asked = [request.messages[0].content for request in model.requests]
    assert any("concurrent programming" in system for system in asked)
