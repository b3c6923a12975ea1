import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from authored_endpoint import reply
from command import SEEDS, Finished, finish
from mock_endpoint import MockEndpoint

from infinite_instruct.runs.exports import FORMATS


def assert_told(done: Finished, code: int, *words: str) -> None:
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    for word in words:
        assert word in done.err, done.err


@pytest.mark.parametrize(
    ("words", "env", "code", "told"),
    [
        pytest.param(("run",), {}, 2, ("no seeds", "--seeds"), id="no seeds"),
        pytest.param(("run", "--seeds", "nowhere"), {}, 66, ("nowhere",), id="missing seeds"),
        pytest.param(
            ("run", "--seeds", SEEDS, "--languages", "klingon"),
            {},
            2,
            ("klingon", "python"),
            id="unknown language",
        ),
        pytest.param(
            ("run", "--seeds", SEEDS, "--pack", "defualt"),
            {},
            2,
            ("defualt", "default", "prompts new"),
            id="unknown pack",
        ),
        pytest.param(
            ("run", "--seeds", SEEDS, "--mix", "reverse=0,backfeed=0"),
            {},
            2,
            ("mix",),
            id="empty mix",
        ),
        pytest.param(
            ("run", "--seeds", SEEDS, "-n", "0"), {}, 2, ("rows",), id="a value out of range"
        ),
        pytest.param(
            ("run", "--seeds", SEEDS),
            {"INFINITE_INSTRUCT_MODEL__NAME": "gpt-none"},
            2,
            ("gpt-none", "qwen2.5-coder-1.5b"),
            id="unknown local model",
        ),
        pytest.param(
            ("run", "--seeds", SEEDS, "--base-url", "http://127.0.0.1:9/v1", "--model", "m"),
            {},
            69,
            ("http://127.0.0.1:9/v1",),
            id="unreachable endpoint",
        ),
        pytest.param(
            ("run", "--seeds", SEEDS, "--budget-usd", "5", "--base-url", "http://127.0.0.1:9/v1"),
            {"INFINITE_INSTRUCT_MODEL__NAME": "gpt-4o"},
            2,
            ("price of gpt-4o", "--budget-tokens"),
            id="a limit in dollars without a price",
        ),
        pytest.param(("report", "nowhere"), {}, 74, ("nowhere",), id="no run folder"),
        pytest.param(("prompts", "show", "slove"), {}, 2, ("slove", "solve"), id="unknown prompt"),
        pytest.param(("model", "pull", "llama"), {}, 2, ("llama", "qwen2.5"), id="unknown weights"),
    ],
)
async def test_a_mistake_is_told_with_cause_and_remedy(
    tmp_path: Path,
    words: tuple[object, ...],
    env: Mapping[str, str],
    code: int,
    told: tuple[str, ...],
) -> None:
    out = ("--out", tmp_path / "run") if words[0] == "run" else ()
    assert_told(await finish(*words, *out, env=env), code, *told)
    assert not (tmp_path / "run").exists(), "a run that never began is in the way of the next"


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        pytest.param("rows = ", ("not TOML",), id="broken"),
        pytest.param("[seeds]\npats = ['x']", ("seeds.pats", "seeds.paths"), id="unknown key"),
        pytest.param("rows = 'many'", ("rows", "many"), id="wrong type"),
    ],
)
async def test_a_wrong_configuration_names_the_key(
    tmp_path: Path, toml: str, told: tuple[str, ...]
) -> None:
    config = tmp_path / "campaign.toml"
    config.write_text(toml)
    assert_told(await finish("run", "--seeds", SEEDS, "--config", config), 2, *told)


async def test_a_wrong_key_is_told_without_showing_it(tmp_path: Path) -> None:
    out = tmp_path / "run"
    async with MockEndpoint(reply, key="sk-right") as mock:
        done = await finish(
            *("run", "--seeds", SEEDS, "--out", out, "--base-url", mock.base_url),
            *("--model", "mock", "--api-key-env", "MOCK_KEY"),
            env={"MOCK_KEY": "sk-wrong-CANARY"},
        )
    assert_told(done, 69, mock.base_url)
    assert "CANARY" not in done.out + done.err


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "run"


async def test_a_finished_run_can_be_looked_at_from_every_side(run_folder: Path) -> None:
    async with MockEndpoint(reply) as mock:
        done = await finish(
            *("run", "--seeds", SEEDS, "--out", run_folder, "-n", 6),
            *("--base-url", mock.base_url, "--model", "mock"),
        )
    assert done.code == 0, done.err
    report = await finish("report", run_folder)
    assert "Funnel" in report.out
    assert "6 kept" in report.out
    listed = await finish("trace", run_folder)
    assert "r000001" in listed.out
    story = await finish("trace", run_folder, "r000001")
    for told in (
        "reverse-writer decided",
        "by reverse-code_generation@",
        "verifier judged",
        "mypy",
    ):
        assert told in story.out
    graph = await finish("graph", run_folder)
    assert "Knowledge graph" in graph.out
    assert_told(await finish("graph", run_folder, "no such word"), 2, "no such word")
    assert_told(await finish("trace", run_folder, "r999999"), 74, "r999999")
    for form in FORMATS:
        exported = await finish("export", run_folder, "--format", form)
        assert exported.code == 0, exported.err
    chat = (run_folder / "export-chat.jsonl").read_text().splitlines()
    assert [turn["role"] for turn in json.loads(chat[0])["messages"]] == ["user", "assistant"]
    assert_told(await finish("export", run_folder, "--format", "chta"), 2, "chta", "chat")
    other = await finish("run", "--seeds", SEEDS, "--out", run_folder)
    assert_told(other, 74, "resume")


async def test_verify_judges_lines_in_their_order(tmp_path: Path) -> None:
    good = {
        "id": "good",
        "language": "python",
        "code": "def double(x: int) -> int:\n    return 2 * x\n",
    }
    bad = {"id": "bad", "language": "py", "code": "def double(x: int) -> int:\n    return y * x\n"}
    cut = {"id": "cut", "language": "go", "code": "package main\nfunc main() {\n"}
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in (good, bad, cut)))
    done = await finish("verify", file)
    verdicts = [json.loads(line) for line in done.out.splitlines()]
    assert [(line["id"], line["verdict"]) for line in verdicts] == [
        ("good", "accepted"),
        ("bad", "rejected"),
        ("cut", "rejected"),
    ]
    assert verdicts[1]["diagnostics"][0]["line"] == 2
    assert "3 judged" in done.err
    file.write_text("{}\nnot JSON\n" + json.dumps(good) + "\n")
    read = [json.loads(line) for line in (await finish("verify", file)).out.splitlines()]
    assert [line["reason"] for line in read] == ["unreadable-line", "unreadable-line", "clean"]
    assert "Line 1" in read[0]["detail"]
    assert_told(await finish("verify", tmp_path / "nowhere.jsonl"), 2, "nowhere.jsonl")


async def test_verify_loses_no_line_of_a_long_file(tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    code = {"language": "go", "code": "package main\n\nfunc main() {}\n"}
    file.write_text("".join(json.dumps({"id": n, **code}) + "\n" for n in range(250)))
    done = await finish("verify", file)
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == list(range(250))


async def test_verify_filters_a_data_set_by_its_replies(tmp_path: Path) -> None:
    good = "Here it is:\n\n```python\ndef double(x: int) -> int:\n    return 2 * x\n```\n"
    rows = [
        {"id": 1, "lang": "python", "answer": good},
        {"id": 2, "answer": good},
        {"id": 3, "answer": good.replace("* x", "* y")},
        {"id": 4, "answer": "I would do it with a loop."},
        {"id": 5, "lang": "COBOL", "answer": good},
        {"id": 6, "lang": "python", "answer": 5},
    ]
    file, kept = tmp_path / "in.jsonl", tmp_path / "kept.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = await finish("verify", file, "--field", "answer", "--keep", kept, "--jobs", "1")
    told = [json.loads(line) for line in done.out.splitlines()]
    assert [line["reason"] for line in told] == [
        "clean",
        "clean",
        "undefined-name",
        "unknown-language",
        "unknown-language",
        "unreadable-line",
    ]
    assert [json.loads(line) for line in kept.read_text().splitlines()] == rows[:2]
    assert "2 accepted, 1 rejected, 3 unverifiable" in done.err


async def test_doctor_names_the_analyzers_with_versions() -> None:
    done = await finish("doctor")
    assert done.code == 0, done.err
    for analyzer in ("ruff", "mypy", "pyright", "jail"):
        assert analyzer in done.out


async def test_a_pack_is_made_changed_and_checked(tmp_path: Path) -> None:
    pack = tmp_path / "mypack"
    assert (await finish("prompts", "new", pack)).code == 0
    shown = await finish("prompts", "show", "solve")
    (pack / "solve.md.j2").write_text(shown.out)
    sound = await finish("prompts", "check", pack)
    assert "1 prompts of its own" in sound.out
    (pack / "solve.md.j2").write_text("## user\n{{ prblem }}\n")
    assert_told(await finish("prompts", "check", pack), 2, "prblem", "problem")


async def test_help_imports_nothing_heavy() -> None:
    done = await finish("--help")
    assert done.code == 0
    loaded = await finish("--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    for heavy in ("langgraph", "chromadb", "langchain_openai", "pydantic"):
        assert f" {heavy}\n" not in loaded.err
