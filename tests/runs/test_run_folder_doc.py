import re
from pathlib import Path

import pytest
from postgres_server import PASSWORD

from infinite_instruct.runs.exports import FORMATS
from infinite_instruct.runs.store import RunStore

DOC = Path(__file__).parents[2] / "docs" / "run-folder.md"


async def test_the_example_runs(
    filled: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOC.read_text(), re.DOTALL)
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.chdir(filled.ledger.folder)
    exec(code.replace("my-run", "."), {})  # noqa: S102 - our own text
    assert capsys.readouterr().out.startswith("planned=5 samples=2 rejections=2")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_told(form: str) -> None:
    assert f"`{form}`" in DOC.read_text()
