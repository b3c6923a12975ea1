"""The analyzers as LangChain tools, for agents that choose themselves what to look with."""

import json
from collections.abc import Sequence

from langchain_core.tools import StructuredTool
from pydantic import BaseModel, Field

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Analyzer, Findings
from infinite_instruct.tools.analyzers.policy import Denied, Policy
from infinite_instruct.tools.analyzers.text.look import look_at_text
from infinite_instruct.tools.answers import one_line_end


class AnalyzerArguments(BaseModel):
    """What a model passes to an analyzer."""

    code: str = Field(description="The whole code to check, without fences.")
    language: Language = Field(description="The language of the code.")


def langchain_tools(
    analyzers: Sequence[Analyzer], policy: Policy | None = None
) -> list[StructuredTool]:
    """One tool for each analyzer, named `check_with_NAME` (gcc's has its language behind it).

    A tool answers with JSON: `{"diagnostics": [...], "unresolved": [...], "fault": ""}`. The code
    passes the same gate as in the verifier, so that a model cannot send what kills a parser.
    """
    policy = policy or Policy.load()
    names = [analyzer.name for analyzer in analyzers]
    return [
        _tool(analyzer, policy, is_unique=names.count(analyzer.name) == 1) for analyzer in analyzers
    ]


def _tool(analyzer: Analyzer, policy: Policy, *, is_unique: bool) -> StructuredTool:
    languages = sorted(language.value for language in analyzer.languages)
    name = analyzer.name if is_unique else f"{analyzer.name}_{languages[0]}"

    async def check(code: str, language: Language) -> str:
        return await _answer(analyzer, policy, one_line_end(code), language)

    return StructuredTool.from_function(
        coroutine=check,
        name=f"check_with_{name}",
        description=f"Check {', '.join(languages)} code with {analyzer.name}, without running it.",
        args_schema=AnalyzerArguments,
    )


async def _answer(analyzer: Analyzer, policy: Policy, code: str, language: Language) -> str:
    if language not in analyzer.languages:
        return _as_json(Findings(fault=f"{analyzer.name} does not check {language.value}"))
    text = look_at_text(code, language, policy.denied.get(language, Denied()))
    if text.is_barred:
        return _as_json(Findings(diagnostics=text.diagnostics, tool="text"))
    found = await analyzer.check(text.code, language)
    judged = tuple(policy.judge(found.diagnostics, language))
    return _as_json(found.model_copy(update={"diagnostics": judged}))


def _as_json(findings: Findings) -> str:
    return json.dumps(findings.model_dump(mode="json"), ensure_ascii=True)
