from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["agents", "graphs", "tools", "prompts"])
def test_a_folder_at_the_root_is_a_link_into_the_package(name: str) -> None:
    link = ROOT / name
    if not link.is_symlink():
        pytest.skip("this checkout has no links")
    assert link.resolve() == ROOT / "src" / "infinite_instruct" / name
