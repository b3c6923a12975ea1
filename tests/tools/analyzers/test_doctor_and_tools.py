"""Doctor tells what is here; agents get the analyzers as LangChain tools."""

import json

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers import Batching, Toolbox, builtin_analyzers, doctor
from infinite_instruct.tools.analyzers.langchain_tools import langchain_tools
from infinite_instruct.tools.analyzers.python.mypy import Mypy


async def test_doctor_names_what_is_missing_and_how_to_get_it() -> None:
    (state,) = await doctor([Mypy(Toolbox(), ["/nowhere/mypy"])])
    assert state.version is None
    assert state.install == "pip install mypy"
    assert Language.PYTHON in state.languages


async def test_doctor_finds_the_tools_that_come_with_the_package() -> None:
    states = await doctor(builtin_analyzers(Toolbox(batching=Batching(seconds=0))))
    here = {state.name for state in states if state.version}
    assert {"ruff", "ty", "mypy", "pyright", "syntax", "sql"} <= here


async def test_every_language_has_an_analyzer() -> None:
    judged = {language for each in builtin_analyzers() for language in each.languages}
    assert judged == set(Language)


async def test_a_tool_answers_with_diagnostics_as_json() -> None:
    tools = {tool.name: tool for tool in langchain_tools(builtin_analyzers())}
    assert {"check_with_ruff", "check_with_mypy", "check_with_gcc_cpp"} <= set(tools)
    said = await tools["check_with_ruff"].ainvoke({"code": "x = y\n", "language": "python"})
    assert [each["rule"] for each in json.loads(said)["diagnostics"]] == ["F821"]


async def test_a_tool_passes_the_gate_and_knows_its_languages() -> None:
    tools = {tool.name: tool for tool in langchain_tools(builtin_analyzers())}
    deep = await tools["check_with_ruff"].ainvoke({"code": "(" * 999, "language": "python"})
    assert json.loads(deep)["diagnostics"][0]["rule"] == "too-deep"
    other = await tools["check_with_ruff"].ainvoke({"code": "x", "language": "java"})
    assert "does not check java" in json.loads(other)["fault"]
