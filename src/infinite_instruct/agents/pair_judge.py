"""The grey zone: a model's opinions on pairs of keywords that no rule decides, in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from infinite_instruct.agents.desk import Desk, Errand, Job, Reply
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.tools.merging import GreyPair, Ruling, control_pair

AGENT = "graph-curator"
MERGE = Job(AGENT, "curator", "merge-keywords")
MAX_PAIRS = 16
"""Pairs of one question: small models lose count of more."""


class PairOpinion(Reply):
    """Whether the two keywords of one pair are the same."""

    number: Annotated[int, Field(ge=1)]
    why: Annotated[str, Field(max_length=200)]
    same: bool


class PairOpinions(Reply):
    """An opinion on each pair."""

    pairs: Annotated[list[PairOpinion], Field(max_length=2 * MAX_PAIRS)]


@dataclass(frozen=True)
class PairJudge:
    """Asks about grey pairs. What gets no opinion stays apart.

    Each question ends with a pair that is known to be different: a model that merges that one
    merges anything, and none of its answer is believed.
    """

    desk: Desk

    async def rule(self, plan: Errand, grey: Sequence[GreyPair]) -> tuple[Ruling, ...]:
        """Ask about the first MAX_PAIRS pairs. An unusable reply gives no ruling."""
        asked = tuple(grey[:MAX_PAIRS])
        if not asked:
            return ()
        control = control_pair(asked)
        variables = {"pairs": [pair.model_dump() for pair in (*asked, control)]}
        try:
            reply = await self.desk.ask(plan, MERGE, PairOpinions, variables)
        except ModelReplyError as error:
            self.desk.decide(plan, AGENT, "merge nothing", error.cause)
            return ()
        # Of two opinions on one pair, the first counts.
        opinions = {opinion.number: opinion for opinion in reversed(reply.pairs)}
        checked = opinions.pop(len(asked) + 1, None)
        if checked and checked.same:
            why = f"the model also merges {control.a} / {control.b}: it merges anything"
            self.desk.decide(plan, AGENT, "merge nothing", why)
            return tuple(Ruling(pair=pair, same=False, why=why) for pair in asked)
        rulings = tuple(
            Ruling(pair=pair, same=opinion.same, why=opinion.why)
            for number, pair in enumerate(asked, start=1)
            if (opinion := opinions.get(number))
        )
        self._tell(plan, rulings)
        return rulings

    def _tell(self, plan: Errand, rulings: Sequence[Ruling]) -> None:
        for ruling in rulings:
            verb = "merge" if ruling.same else "keep apart"
            decision = f"{verb}: {ruling.pair.a} / {ruling.pair.b}"
            self.desk.decide(plan, AGENT, decision, ruling.why, f"{ruling.pair.similarity:.2f}")
