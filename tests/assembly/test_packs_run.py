from pathlib import Path

import pytest

from infinite_instruct.assembly import open_campaign
from infinite_instruct.domain import Language, ProblemType, Sample
from infinite_instruct.llm.scripted import ScriptedModel
from infinite_instruct.settings import load_settings
from scripted_author import author

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.mark.parametrize(
    ("pack", "seeds", "language", "words"),
    [
        ("default", "seeds", Language.PYTHON, "You are an expert programmer."),
        ("sql-analytics", "queries", Language.SQL, "You are an expert data analyst."),
    ],
)
async def test_each_shipped_pack_makes_rows_of_its_domain_in_its_own_words(
    tmp_path: Path, pack: str, seeds: str, language: Language, words: str
) -> None:
    model = ScriptedModel(author)
    given = {"seeds.paths": [FIXTURES / seeds], "out": tmp_path / "run", "rows": 3, "pack": pack}
    async with open_campaign(load_settings(None, given), model=model) as campaign:
        ending = await campaign.run()
        rows = [row for row in campaign.store.outcomes() if isinstance(row, Sample)]
    assert ending.accepted == 3
    assert {row.language for row in rows} == {language}
    assert {row.type for row in rows} == set(ProblemType)
    assert all(row.lineage.pack.startswith(f"{pack}@1 (") for row in rows)
    assert any(words in request.messages[0].content for request in model.requests)
    code = next(row for row in rows if row.type is ProblemType.CODE_GENERATION)
    assert f"```{language.value}" in code.response
