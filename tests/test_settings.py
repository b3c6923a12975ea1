import os
from pathlib import Path

import pytest

from infinite_instruct.errors import SettingsError
from infinite_instruct.settings import dump_toml, load_settings


@pytest.fixture(autouse=True)
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("INFINITE_INSTRUCT_"):
            monkeypatch.delenv(name)


def toml(folder: Path, text: str) -> Path:
    path = folder / "campaign.toml"
    path.write_text(text)
    return path


def test_command_line_wins_over_environment_which_wins_over_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = toml(tmp_path, 'rows = 1\nseed = 1\n[model]\nname = "file"\ntimeout = 7\nretries = 1')
    monkeypatch.setenv("INFINITE_INSTRUCT_ROWS", "2")
    monkeypatch.setenv("INFINITE_INSTRUCT_MODEL__NAME", "variable")
    monkeypatch.setenv("INFINITE_INSTRUCT_MODEL__RETRIES", "2")
    settings = load_settings(config, {"rows": 3, "model.retries": 3, "seed": None})
    assert (settings.rows, settings.seed) == (3, 1), "None on the command line is not given"
    assert settings.model.name == "variable"
    assert settings.model.retries == 3
    assert settings.model.timeout == 7, "a section is merged key by key"


def test_without_anything_the_defaults_hold() -> None:
    settings = load_settings(None, {})
    assert (settings.pack, settings.mix.reverse, settings.mix.backfeed) == ("default", 0.6, 0.4)
    assert settings.row_limit == 20 * settings.rows + 20


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("row = 5", "no setting 'row'. Did you mean 'rows'", id="top"),
        pytest.param("[model]\nnmae = 'x'", "'model.nmae'. Did you mean 'model.name'", id="nested"),
        pytest.param("[verifyer]\nmode = 'agent'", "Did you mean 'verifier.", id="section"),
        pytest.param("[models.judge]\nnam = 'x'", "'models.judge.nam'", id="in-a-role"),
        pytest.param("rows = 0", "'rows' is wrong: .*greater than or equal to 1", id="range"),
        pytest.param("rows = 'many'", r"\(it is 'many'\)", id="type"),
        pytest.param("[seeds]\nlanguages = ['cobol']", r"'seeds\.languages\.0'", id="language"),
        pytest.param(
            "[quota.language]\npyton = 0.5",
            r"'quota\.language' is wrong: it knows no 'pyton'\. Did you mean 'python'",
            id="quota-name",
        ),
        pytest.param("[quota.type]\ncode_generation = 1.5", "at most 1.0", id="quota-share"),
        pytest.param("[mix]\nreverse = 0\nbackfeed = 0", "above 0", id="empty-mix"),
        pytest.param("rows = ", "is not TOML", id="no-toml"),
    ],
)
def test_wrong_file_is_told_with_the_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_settings(toml(tmp_path, text), {})


def test_binary_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "campaign.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not TOML"):
        load_settings(path, {})


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no configuration file"):
        load_settings(tmp_path / "none.toml", {})


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"'rows'.*\n.*'seeed'"):
        load_settings(toml(tmp_path, "rows = 0\nseeed = 1"), {})


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        pytest.param("SEEDS__LANGUAGES", "python,go", "written as JSON", id="not-json"),
        pytest.param("ROW", "5", r"INSTRUCT_ROW sets nothing.*mean 'rows'", id="typo"),
        pytest.param("MODLE__NAME", "x", r"Did you mean 'model\.name'", id="section-typo"),
        pytest.param("MODEL__NMAE", "x", r"Did you mean 'model\.name'", id="nested-typo"),
        pytest.param("ROWS", "-1", "'rows' is wrong", id="range"),
    ],
)
def test_wrong_variable_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"INFINITE_INSTRUCT_{variable}", value)
    with pytest.raises(SettingsError, match=told):
        load_settings(None, {})


def test_lists_in_variables_are_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFINITE_INSTRUCT_SEEDS__LANGUAGES", '["python", "go"]')
    assert load_settings(None, {}).seeds.languages == ("python", "go")


def test_role_without_its_own_model_keeps_the_common_one() -> None:
    settings = load_settings(None, {"model.name": "small", "models.judge.name": "large"})
    assert settings.endpoint("solver").name == "small"
    assert settings.endpoint("judge").name == "large"


def test_key_is_in_no_text_that_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    settings = load_settings(None, {"model.api_key_env": "MY_KEY"})
    assert settings.secrets() == ("sk-very-secret",), "the log must know what to hide"
    written = (dump_toml(settings), repr(settings), str(settings.fingerprint()))
    assert not [text for text in written if "very-secret" in text]
    assert "very-secret" not in repr(settings.model.api_key())


def test_dump_is_read_back_as_the_same_settings(tmp_path: Path) -> None:
    before = load_settings(
        None, {"rows": 7, "seeds.paths": ["a", "b"], "models.judge.name": "j", "budget.usd": 1.5}
    )
    after = load_settings(toml(tmp_path, dump_toml(before)), {})
    assert after.model_dump() == before.model_dump()


@pytest.mark.parametrize(
    ("key", "value", "changes"),
    [
        pytest.param("seed", 5, True, id="seed"),
        pytest.param("pack", "sql-analytics", True, id="pack"),
        pytest.param("seeds.languages", ["go"], True, id="seeds"),
        pytest.param("mix.backfeed", 0.9, False, id="mix"),
        pytest.param("graph.expansions", 9, False, id="expansions"),
        pytest.param("verifier.max_attempts", 1, True, id="verifier"),
        pytest.param("gate.benchmarks", ["mine.jsonl"], True, id="gate"),
        pytest.param("model.name", "other", True, id="model"),
        pytest.param("models.judge.name", "other", True, id="model-of-a-role"),
        pytest.param("rows", 99, False, id="rows"),
        pytest.param("concurrency", 9, False, id="concurrency"),
        pytest.param("budget.tokens", 9, False, id="budget"),
        pytest.param("quota.language", {"go": 1.0}, False, id="quota"),
        pytest.param("model.base_url", "http://127.0.0.1:1/v1", False, id="address"),
        pytest.param("model.api_key_env", "OTHER", False, id="key"),
        pytest.param("log_level", "DEBUG", False, id="log-level"),
    ],
)
def test_fingerprint_follows_only_what_decides_a_row(
    key: str, value: object, *, changes: bool
) -> None:
    plain, changed = load_settings(None, {}), load_settings(None, {key: value})
    assert (plain.fingerprint() != changed.fingerprint()) is changes


TWO_ENDPOINTS = """
[model]
base_url = "http://one/v1"
name = "large"
api_key_env = "KEY_ONE"
concurrency = 8
[[model.endpoints]]
base_url = "http://two/v1"
[[model.endpoints]]
base_url = "http://three/v1"
name = "large-fp8"
api_key_env = "KEY_THREE"
requests_per_minute = 60
"""


def test_endpoints_of_a_model_take_from_it_what_they_do_not_tell(tmp_path: Path) -> None:
    one, two, three = load_settings(toml(tmp_path, TWO_ENDPOINTS), {}).model.replicas()
    assert (one.base_url, one.name, one.concurrency) == ("http://one/v1", "large", 8)
    assert (two.name, two.api_key_env, two.concurrency) == ("large", "KEY_ONE", 0)
    assert (three.name, three.api_key_env) == ("large-fp8", "KEY_THREE")
    assert three.requests_per_minute == 60
    assert load_settings(None, {}).model.replicas() == (), "the embedded local model has none"


def test_keys_of_all_endpoints_are_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_ONE", "sk-one-secret")
    monkeypatch.setenv("KEY_THREE", "sk-three-secret")
    settings = load_settings(toml(tmp_path, TWO_ENDPOINTS), {})
    assert settings.secrets() == ("sk-one-secret", "sk-three-secret")


def test_endpoints_may_change_on_resume_and_survive_the_dump(tmp_path: Path) -> None:
    several = load_settings(toml(tmp_path, TWO_ENDPOINTS), {})
    single = load_settings(None, {"model.name": "large"})
    assert several.fingerprint() == single.fingerprint()
    after = load_settings(toml(tmp_path, dump_toml(several)), {})
    assert after.model.replicas() == several.model.replicas()
