import pytest

from infinite_instruct.cli.quota_option import quotas_said
from infinite_instruct.errors import SettingsError
from infinite_instruct.settings import load_settings


def said(text: str) -> dict[str, dict[str, float]]:
    """The quotas that settings get of an option; dimensions without one are left out."""
    quota = load_settings(None, quotas_said(text.split(","))).quota.model_dump(mode="json")
    return {dimension: amounts for dimension, amounts in quota.items() if amounts}


def test_names_find_their_dimension_by_themselves() -> None:
    assert said("python=0.5,C++=20,hard=30%,reverse=.25,code-generation=7") == {
        "language": {"python": 0.5, "cpp": 20},
        "difficulty": {"hard": 0.3},
        "origin": {"reverse": 0.25},
        "type": {"code_generation": 7},
    }


def test_whole_numbers_are_rows_and_fractions_are_shares() -> None:
    amounts = said("python=1,go=1.0")["language"]
    assert [type(amounts[name]) for name in ("python", "go")] == [int, float]


def test_option_takes_the_place_of_all_quotas_of_before() -> None:
    before = {"quota.language": {"python": 0.5, "java": 0.5}, "quota.origin": {"reverse": 1.0}}
    settings = load_settings(None, before | quotas_said(["go=1.0"]))
    assert settings.quota.model_dump(mode="json")["language"] == {"go": 1.0}
    assert settings.quota.origin == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            "pyhton=0.5", r"knows no 'pyhton'\. Did you mean 'python' \(language\)", id="language"
        ),
        pytest.param("hrad=0.5", r"Did you mean 'hard' \(difficulty\)", id="difficulty"),
        pytest.param("revers=0.5", r"Did you mean 'reverse' \(origin\)", id="origin"),
        pytest.param("=0.5", "knows no ''", id="no name"),
        pytest.param("x" * 10_000 + "=1", "knows no 'x{60}'", id="a very long name"),
        pytest.param("\u202epy\x00=1", "knows no", id="control characters"),
        pytest.param("python", "python=: that is no amount", id="no amount"),
        pytest.param("python=half", "python=half: that is no amount", id="a word"),
        pytest.param("python=-1", "no amount", id="negative"),
        pytest.param("python=nan", "no amount", id="nan"),
        pytest.param("python=" + "9" * 5_000, "no amount", id="endless digits"),
        pytest.param("python=0.5,py=0.2", "names python twice", id="twice"),
        pytest.param("python=1.5", "share is at most", id="share above 1"),
    ],
)
def test_what_is_no_quota_is_refused_with_the_nearest(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        said(text)
