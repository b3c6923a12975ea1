from pathlib import Path

import pytest
from run_rows import make_model_called, make_plan, make_rejection

from infinite_instruct.runs.folder import RunFolder
from infinite_instruct.runs.pages import read_sources, write_card, write_report
from infinite_instruct.runs.records import Call
from infinite_instruct.runs.report import SKIPPED_SEEDS, GraphReport, Share, make_report
from infinite_instruct.runs.store import RunStore


def make_call(key: str, cost: float | None) -> Call:
    return Call(
        key=key,
        role="solver",
        model="m",
        reply="{}",
        prompt_tokens=300,
        completion_tokens=100,
        cost_usd=cost,
        seconds=2.0,
    )


def parts(shares: tuple[Share, ...]) -> list[tuple[str, int, int]]:
    return [(share.name, share.part, share.whole) for share in shares]


async def test_the_funnel_narrows_from_planned_to_accepted(filled: RunStore) -> None:
    report = make_report(filled)
    assert parts(report.funnel) == [
        ("planned", 5, 5),
        ("posed", 4, 5),
        ("answered", 3, 5),
        ("verified", 3, 5),
        ("accepted", 2, 5),
    ]
    assert report.unfinished == 1


async def test_repairs_count_by_attempt(filled: RunStore) -> None:
    report = make_report(filled)
    assert parts(report.attempts) == [("first answer", 1, 3), ("repair 1", 1, 2)]
    assert report.repaired == 1


async def test_rates_are_of_finished_rows(filled: RunStore) -> None:
    report = make_report(filled)
    assert parts(report.languages) == [("python", 2, 4)]
    assert parts(report.origins) == [("reverse", 2, 4)]
    assert parts(report.directions) == [("deepening", 2, 4)]


async def test_reasons_have_counts_and_an_example(filled: RunStore) -> None:
    await filled.plan_row(make_plan("r6"))
    await filled.finish_row(make_rejection("r6", reason="near-duplicate"))
    first = make_report(filled).reasons[0]
    assert (first.stage, first.reason, first.count, first.example_row) == (
        "gate",
        "near-duplicate",
        2,
        "r4",
    )


async def test_cost_per_accepted_row_counts_what_was_paid_for_rejected_ones(
    filled: RunStore,
) -> None:
    await filled.record(make_call("a", 0.5))
    await filled.record(make_call("b", 1.5))
    filled.emit(make_model_called(1).model_copy(update={"replayed": True}))
    filled.emit(make_model_called(2))
    await filled.record(make_call("c", None))
    await filled.flush()
    report = make_report(filled)
    assert report.tokens_per_accepted == 600
    assert report.cost_per_accepted == 1.0
    assert (report.total.calls, report.total.unpriced, report.replayed) == (3, 1, 1)


async def test_an_unknown_price_is_not_zero(filled: RunStore) -> None:
    await filled.record(make_call("a", None))
    assert make_report(filled).cost_per_accepted is None


async def test_the_page_shows_it_all_and_runs_nothing(filled: RunStore, tmp_path: Path) -> None:
    hostile = make_rejection("r5", reason="<script>alert(1)</script>")
    await filled.finish_row(hostile)
    await filled.note(SKIPPED_SEEDS, '{"test file": 3, "generated": 7}')
    await filled.record(make_call("a", None))
    report = make_report(filled, GraphReport(facts=(("keywords", 12), ("largest part", "91 %"))))
    write_report(report, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    for shown in ("deepening", "repair 1", "near-duplicate", "keywords", "generated", "unknown"):
        assert shown in page


@pytest.mark.parametrize("template", ["report", "card"])
def test_an_empty_run_has_pages(store: RunStore, tmp_path: Path, template: str) -> None:
    report = make_report(store)
    write_report(report, tmp_path / "report")
    write_card(report, read_sources(store), tmp_path / "card")
    assert (tmp_path / template).stat().st_size > 1_000


async def test_the_card_counts_rows_and_licences(filled: RunStore, folder: RunFolder) -> None:
    write_card(make_report(filled), read_sources(filled), folder.card)
    card = folder.card.read_text()
    front = card.split("---\n")[1]
    assert 'pretty_name: "run"' in front
    assert "data_files: samples.parquet" in front
    assert "- n<1K" in front
    assert "| MIT | 2 |" in card
    assert "4 finished rows in = samples + rejections. 1 rows had not finished" in card
    assert "mypy 2.4.1 (2)" in card


async def test_untrusted_text_cannot_break_the_cards_tables(
    filled: RunStore, folder: RunFolder
) -> None:
    await filled.finish_row(make_rejection("r5", reason="a|b\n# <img src=x>"))
    write_card(make_report(filled), read_sources(filled), folder.card)
    assert "| gate | a\\|b \\# \\<img src=x\\> | 1 |" in folder.card.read_text()


def make_shares(*parts: int) -> tuple[Share, ...]:
    return tuple(
        Share(name=f"{5 * at + 1}-{5 * at + 5}", part=part, whole=100)
        for at, part in enumerate(parts)
    )


def test_the_page_draws_novelty_as_a_curve_that_is_told_too(
    store: RunStore, tmp_path: Path
) -> None:
    graph = GraphReport(
        facts=(("keywords", 3),),
        communities=(Share(name="<b>heap</b>", part=3, whole=4),),
        new_keywords=make_shares(100, 50, 0),
        new_pairs=make_shares(100, 90, 80),
    )
    write_report(make_report(store, graph), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert 'points="44.0,10.0 484.0,80.0 924.0,150.0 "' in page, "from the top to the bottom"
    assert "problems 6-10: 50 of 100 keywords are new (50%)" in page
    assert "New keywords went from 100% to 0%, new pairs from 100% to 80%" in page
    assert "&lt;b&gt;heap&lt;/b&gt;" in page


@pytest.mark.parametrize("points", [0, 1])
def test_without_a_course_there_is_no_curve(store: RunStore, tmp_path: Path, points: int) -> None:
    shares = make_shares(*[100] * points)
    graph = GraphReport(facts=(("keywords", 3),), new_keywords=shares, new_pairs=shares)
    write_report(make_report(store, graph), tmp_path / "report.html")
    assert "<svg" not in (tmp_path / "report.html").read_text()
