"""The tree itself: what a reader, a tool or a clone relies on."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "infinite_instruct"


@pytest.mark.parametrize("name", ["agents", "graphs", "tools", "prompts"])
def test_folder_at_the_root_is_a_link_into_the_package(name: str) -> None:
    link = ROOT / name
    if not link.is_symlink():
        pytest.skip("cloned without symbolic links")
    assert not link.readlink().is_absolute()
    assert link.resolve() == PACKAGE / name


def test_test_files_have_unique_names() -> None:
    """Without packages in tests/, pytest and mypy know a file by its name alone."""
    names = Counter(path.name for path in ROOT.glob("tests/**/*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_every_module_tells_what_it_is() -> None:
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*.py")
        if not path.read_text(encoding="utf-8").lstrip().startswith('"""')
    ]
    assert silent == []


def test_import_loads_nothing_heavy_and_says_nothing() -> None:
    heavy = "chromadb wordllama torch xllamacpp pyarrow"
    code = (
        "import sys, infinite_instruct.graphs.row, infinite_instruct.prompts.pack\n"
        f"print(*[name for name in {heavy.split()!r} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 (our own words)
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")
