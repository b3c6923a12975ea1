"""The graph curator: keywords of accepted problems go into the knowledge graph, merged."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from infinite_instruct.agents.desk import Desk, Job, Reply
from infinite_instruct.agents.pair_judge import AGENT, PairJudge
from infinite_instruct.domain import Keyword, KeywordKind, Problem, RowPlan, Value
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.tools.merging import GreyPair, Ruling
from infinite_instruct.tools.vocabulary import Vocabulary

MINE = Job(AGENT, "curator", "mine-keywords")

Words = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=8)]


class MinedKeywords(Reply):
    """A problem's keywords, by kind (paper, appendix A.4)."""

    tasks: Words
    instructions: Words
    knowledge_points: Words


class Curated(Value):
    """What a problem added to the graph."""

    keywords: tuple[Keyword, ...] = ()
    events: tuple[str, ...] = ()
    """The graph's changes as JSON, to be stored with the row."""


@dataclass(frozen=True)
class GraphCurator:
    """The graph's only writer: rows wait for each other here, so that no merge is missed."""

    desk: Desk
    vocabulary: Vocabulary
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def curate(self, plan: RowPlan, problem: Problem) -> Curated:
        """Mine an accepted problem's keywords and add them. A failure costs no row."""
        keywords = await self._mine(plan, problem)
        if not keywords:
            return Curated()
        async with self._turn:
            grey = self.vocabulary.grey_pairs(keywords)
            rulings = await self.rule(plan, grey)
            events = self.vocabulary.learn(plan.id, plan.language, keywords, rulings, plan.keywords)
        return Curated(keywords=keywords, events=events)

    async def _mine(self, plan: RowPlan, problem: Problem) -> tuple[Keyword, ...]:
        variables = {"problem": problem.text, "language": plan.language.value}
        try:
            mined = await self.desk.ask(plan, MINE, MinedKeywords, variables)
        except ModelReplyError as error:
            self.desk.decide(plan, AGENT, "no keywords", error.cause, problem.text)
            return ()
        named = (
            (KeywordKind.TASK, mined.tasks),
            (KeywordKind.INSTRUCTION, mined.instructions),
            (KeywordKind.KNOWLEDGE_POINT, mined.knowledge_points),
        )
        return self._fit(plan, problem, [(kind, word) for kind, words in named for word in words])

    def _fit(
        self, plan: RowPlan, problem: Problem, words: list[tuple[KeywordKind, str]]
    ) -> tuple[Keyword, ...]:
        kept: dict[str, Keyword] = {}
        refused: list[str] = []
        for kind, word in words:
            text = " ".join(word.split())
            if not text or text.casefold() in kept:
                continue
            keyword = Keyword(kind=kind, text=text)
            unfit = self.vocabulary.unfit(keyword, problem.text)
            if unfit:
                refused.append(f"{text} ({unfit})")
            else:
                kept[text.casefold()] = keyword
        names = ", ".join(keyword.text for keyword in kept.values())
        self.desk.decide(
            plan, AGENT, f"keep: {names}", f"refused: {'; '.join(refused) or 'none'}", problem.text
        )
        return tuple(kept.values())

    async def rule(self, plan: RowPlan, grey: tuple[GreyPair, ...]) -> tuple[Ruling, ...]:
        """Ask about the grey pairs; what gets no opinion stays apart."""
        return await PairJudge(self.desk).rule(plan, grey)
