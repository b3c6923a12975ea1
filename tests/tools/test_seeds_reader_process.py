"""Seeds read by another process: the same snippets and counts, and no end that is not told."""

import json
import os
import signal
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from infinite_instruct.domain import Snippet
from infinite_instruct.errors import SeedError
from infinite_instruct.tools.seeds.harvest import harvest
from infinite_instruct.tools.seeds.reader_process import SeedReader
from infinite_instruct.tools.seeds.reading import Tally
from infinite_instruct.tools.seeds.rules import SeedRules

SEEDS = Path(__file__).parents[1] / "fixtures" / "seeds"
CLAMP = """\
def clamp(value: float, low: float, high: float) -> float:
    if low > high:
        raise ValueError(f"{low} is above {high}")
    return max(low, min(high, value))
"""


@pytest.fixture
def reader() -> Generator[SeedReader]:
    with closing(SeedReader()) as made:
        yield made


def test_it_gives_what_a_harvest_in_this_process_gives(reader: SeedReader) -> None:
    own = harvest([SEEDS], SeedRules(), seed=3)

    assert list(reader.read([SEEDS], SeedRules(), seed=3)) == list(own)
    assert reader.tally == own.tally
    assert reader.tally.kept > 1


def test_to_look_at_the_first_snippet_takes_none_away(reader: SeedReader) -> None:
    reader.read([SEEDS], SeedRules())

    assert reader.first() == reader.first()
    assert list(reader) == list(harvest([SEEDS], SeedRules()))


def test_what_was_asked_for_is_at_hand(reader: SeedReader) -> None:
    reader.read([SEEDS], SeedRules()).first()

    assert reader.at_hand()


def test_the_tally_is_that_of_the_snippets_given_however_far_the_process_is_ahead(
    reader: SeedReader,
) -> None:
    own, tallies = harvest([SEEDS], SeedRules()), list[Tally]()
    for _ in own:
        tallies.append(own.tally)

    assert [_after(reader, each) for each in reader.read([SEEDS], SeedRules())] == tallies


def _after(reader: SeedReader, _: Snippet) -> Tally:
    return reader.tally


def test_seeds_without_a_snippet_say_why(reader: SeedReader, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")

    assert reader.read([tmp_path], SeedRules()).first() is None
    assert reader.tally.skipped == {"no-candidate": 1}


def test_a_source_that_cannot_be_read_is_told_as_by_a_harvest(
    reader: SeedReader, tmp_path: Path
) -> None:
    with pytest.raises(SeedError, match="do not exist"):
        reader.read([tmp_path / "gone"], SeedRules()).first()


def test_a_path_and_a_data_set_that_are_no_unicode_are_read(
    reader: SeedReader, tmp_path: Path
) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    (folder / "one.py").write_text(CLAMP)
    row = {"code": CLAMP.replace("clamp", "bring"), "license": "\ud800", "lang": "python"}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    sources = [folder, tmp_path / "rows.jsonl"]
    rules = SeedRules(min_lines=2)
    own = list(harvest(sources, rules))

    assert list(reader.read(sources, rules)) == own
    assert own[0].provenance.source == str(folder)


def test_the_death_of_the_process_is_no_end_of_the_seeds(
    reader: SeedReader, tmp_path: Path
) -> None:
    """A run that took it for the end would compose all its rows from few snippets."""
    for number in range(200):
        text = "".join(f"def f{number}_{n}(a, b):\n    return a * {n} + b\n" for n in range(20))
        (tmp_path / f"m{number}.py").write_text(text)
    reader.read([tmp_path], SeedRules(min_lines=2)).first()
    os.kill(reader.process, signal.SIGKILL)

    with pytest.raises(SeedError, match="died"):
        list(reader)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_of_all_processes_is_left_to_the_campaign(
    reader: SeedReader, stop: signal.Signals
) -> None:
    os.kill(reader.process, stop)

    assert list(reader.read([SEEDS], SeedRules())) == list(harvest([SEEDS], SeedRules()))


def test_it_leaves_no_process_behind() -> None:
    with closing(SeedReader()) as reader:
        reader.read([SEEDS], SeedRules()).first()
        child = reader.process

    assert not Path(f"/proc/{child}").exists()


def test_it_ends_with_a_campaign_that_was_killed() -> None:
    if (campaign := os.fork()) == 0:
        with closing(SeedReader()):
            time.sleep(60)
        os._exit(0)
    (child,) = _awaited_children(campaign)
    os.kill(campaign, signal.SIGKILL)
    os.waitpid(campaign, 0)

    _wait_until_gone(child)


def _awaited_children(parent: int) -> list[int]:
    told, deadline = Path(f"/proc/{parent}/task/{parent}/children"), time.monotonic() + 20
    while not told.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    return [int(each) for each in told.read_text().split()]


def _wait_until_gone(process: int) -> None:
    deadline = time.monotonic() + 20
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline, f"{process} is still there"
        time.sleep(0.01)
