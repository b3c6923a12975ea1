from pathlib import Path

import pytest
from shop import make_settings, run_session

from infinite_instruct.errors import SeedError, SettingsError
from infinite_instruct.llm.scripted import ScriptedModel
from scripted_author import author


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"quota__type": {"code_generation": 9}}, "make 9 of 4 rows", id="too many"),
        pytest.param(
            {"quota__language": {"go": 2}, "seeds__languages": ["javascript"]},
            "quota for go, but this run takes only javascript",
            id="barred language",
        ),
        pytest.param({"quota__origin": {"backfeed": 1.0}}, "graph is empty", id="no graph"),
        pytest.param(
            {"quota__type": {"code_understanding": 3}, "quota__origin": {"backfeed": 0.5}},
            "contradict each other: 3 rows",
            id="questions need reverse rows",
        ),
    ],
)
async def test_quotas_that_cannot_be_are_refused_before_a_call_is_paid(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    model = ScriptedModel(author)
    settings = make_settings(tmp_path, rows=4, **changes)
    with pytest.raises(SettingsError, match=told):
        await run_session(settings, model)
    assert model.requests == []
    assert not settings.out.exists(), "a run that never began is in the way of the next"


@pytest.mark.parametrize(
    ("quota", "told"),
    [
        pytest.param({"kotlin": 1, "javascript": 3}, "no snippet in kotlin", id="named"),
        pytest.param({"javascript": 3}, "in languages without a quota", id="the rest"),
    ],
)
async def test_language_without_seeds_is_named(
    tmp_path: Path, quota: dict[str, int], told: str
) -> None:
    settings = make_settings(tmp_path, rows=4, quota__language=quota)
    with pytest.raises(SeedError, match=told):
        await run_session(settings)
    assert not settings.out.exists()
