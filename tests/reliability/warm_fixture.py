"""The fixture `command`, for modules that name this one in `pytest_plugins`."""

from collections.abc import Iterator

import pytest
from warm_command import WarmCommand, warm_command


@pytest.fixture(scope="session")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmCommand]:
    """The command line, its imports done."""
    with warm_command(tmp_path_factory.mktemp("warm")) as started:
        yield started
