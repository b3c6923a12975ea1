"""The graph curator: keywords of accepted problems go into the knowledge graph, merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from infinite_instruct.agents.curated import Curated
from infinite_instruct.agents.desk import Desk, Errand, Job, Reply
from infinite_instruct.agents.pair_judge import AGENT, PairJudge
from infinite_instruct.agents.replied_words import ReplyWords
from infinite_instruct.domain import (
    Keyword,
    KeywordKind,
    KeywordSet,
    KeywordUse,
    Problem,
    RowPlan,
)
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.merging import GreyPair, Ruling
from infinite_instruct.tools.vocabulary import Vocabulary

MINE = Job(AGENT, "curator", "mine-keywords")

_ROUNDS = 2
"""How often a row's keywords are compared again, since other rows add theirs meanwhile."""

Words = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=8)]
_SHOWN = 60
"""Characters of a refused keyword that a trace shows."""


class MinedKeywords(Reply):
    """A problem's keywords, by kind (paper, appendix A.4)."""

    tasks: ReplyWords
    instructions: ReplyWords
    knowledge_points: ReplyWords


@dataclass(frozen=True)
class GraphCurator:
    """The graph's only writer. Rows ask the model side by side, and write in one step."""

    desk: Desk
    vocabulary: Vocabulary

    async def curate(self, plan: RowPlan, problem: Problem) -> Curated:
        """Mine an accepted problem's keywords and add them. A failure costs no row."""
        keywords = await self._mine(plan, problem)
        if not keywords:
            return Curated()
        rulings = await self.rulings(plan, keywords)
        needed = _needed(plan.keywords, problem.uses)
        events = self.vocabulary.learn(plan.id, plan.language, keywords, rulings, needed)
        return Curated(keywords=keywords, events=events)

    async def _mine(self, plan: RowPlan, problem: Problem) -> tuple[Keyword, ...]:
        variables = {"problem": problem.text, "language": plan.language.value}
        try:
            mined = await self.desk.ask(plan, MINE, MinedKeywords, variables)
        except ModelReplyError as error:
            self.desk.decide(plan, AGENT, "no keywords", error.cause, problem.text)
            return ()
        # Asked for before: a graph that is still being loaded holds up no call.
        await self.vocabulary.ready()
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
            name = normal_form(text)
            if not text or name in kept:
                continue
            unfit = self.vocabulary.unfit(text, problem.text)
            if unfit:
                refused.append(f"{text[:_SHOWN]} ({unfit})")
            else:
                kept[name] = Keyword(kind=kind, text=text)
        names = ", ".join(keyword.text for keyword in kept.values())
        self.desk.decide(
            plan, AGENT, f"keep: {names}", f"refused: {'; '.join(refused) or 'none'}", problem.text
        )
        return tuple(kept.values())

    async def rulings(self, errand: Errand, keywords: Sequence[Keyword]) -> tuple[Ruling, ...]:
        """Ask about what no rule decides.

        Rows ask side by side, for no row may hold up the endpoint: what others add meanwhile is
        asked about in a second round, and what they add then stays apart.
        """
        await self.vocabulary.prepare(keywords)
        asked: set[tuple[str, str]] = set()
        rulings: tuple[Ruling, ...] = ()
        for _ in range(_ROUNDS):
            pairs = self.vocabulary.grey_pairs(keywords)
            grey = tuple(each for each in pairs if (each.a, each.b) not in asked)
            if not grey:
                break
            asked.update((each.a, each.b) for each in grey)
            rulings += await self.rule(errand, grey)
        return rulings

    async def rule(self, errand: Errand, grey: tuple[GreyPair, ...]) -> tuple[Ruling, ...]:
        """Ask about the grey pairs; what gets no opinion stays apart."""
        return await PairJudge(self.desk).rule(errand, grey)


def _needed(drawn: KeywordSet | None, uses: tuple[KeywordUse, ...]) -> KeywordSet | None:
    """Of a drawn set what the problem needs: what it left out was not accepted with it."""
    if drawn is None or not uses:
        return drawn
    needed = {use.keyword for use in uses}
    kept = tuple(keyword for keyword in drawn.keywords if keyword.text in needed)
    return drawn.model_copy(update={"keywords": kept})
