"""Calls of installed packages are checked, and no interpreter is started for it."""

from pathlib import Path

import pytest

from infinite_instruct.domain import Language, Status, Verdict
from infinite_instruct.errors import SettingsError
from infinite_instruct.tools.analyzers import Batching, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.python.packages import Packages
from infinite_instruct.tools.verification import Verifier


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment with a typed package, and traps for whoever runs any of it."""
    trap = f"#!/bin/sh\ntouch '{tmp_path}/started'\n"
    site = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    (site / "shapes").mkdir(parents=True)
    (site / "shapes" / "py.typed").touch()
    (site / "shapes" / "__init__.py").write_text(
        f"open({str(tmp_path / 'imported')!r}, 'w')\n\n"
        "def area(width: int, height: int) -> int:\n    return width * height\n"
    )
    (site / "trap.pth").write_text(f"import os; open({str(tmp_path / 'started')!r}, 'w')\n")
    interpreter = tmp_path / "venv" / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.write_text(trap)
    interpreter.chmod(0o755)
    return interpreter


async def _judge(code: str, environment: Path, tool: str = "") -> Verdict:
    toolbox = Toolbox(batching=Batching(seconds=0), packages=environment)
    chosen = [each for each in builtin_analyzers(toolbox) if each.name == tool or not tool]
    verifier = Verifier(chosen, installed=Packages.of(environment))
    return await verifier.verify_code(code, Language.PYTHON)


async def test_a_right_call_is_accepted_and_nothing_runs(environment: Path) -> None:
    verdict = await _judge("from shapes import area\n\nprint(area(1, 2))\n", environment)
    assert (verdict.status, verdict.unresolved) == (Status.ACCEPTED, ())
    made = environment.parents[2]
    assert not (made / "started").exists()
    assert not (made / "imported").exists()


@pytest.mark.parametrize("tool", ["ty", "mypy", "pyright"])
@pytest.mark.parametrize("code", ["shapes.area(1)", "shapes.perimeter(1, 2)"])
async def test_each_checker_knows_the_package(environment: Path, tool: str, code: str) -> None:
    verdict = await _judge(f"import shapes\n\nprint({code})\n", environment, tool)
    assert {each.tool for each in verdict.diagnostics} == {tool}


@pytest.mark.parametrize("name", ["numpy", "shapes.nothing"])
async def test_what_is_not_installed_stays_unresolved(environment: Path, name: str) -> None:
    verdict = await _judge(f"import {name}\nprint({name})\n", environment)
    assert verdict.status is Status.UNVERIFIABLE
    assert verdict.unresolved == (name.partition(".")[0],)


def test_a_folder_without_packages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No packages are installed in"):
        Packages.of(tmp_path)


def test_an_environment_is_named_by_its_folder_or_its_interpreter(environment: Path) -> None:
    assert Packages.of(environment) == Packages.of(environment.parents[1])


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("a/b.py", "a.b"),
        ("a-stubs/b.pyi", "a.b"),
        ("c.cpython-311-x86_64-linux-gnu.so", "c"),
        ("namespace/d/e.py", "namespace.d"),
    ],
)
def test_a_module_is_found_in_each_of_its_forms(tmp_path: Path, file: str, module: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).touch()
    packages = Packages(folder=tmp_path)
    assert packages.has(module)
    assert not packages.has(f"{module}x")
