"""The graph expander: a model is asked for more where the knowledge graph is thin."""

from collections.abc import Iterator
from dataclasses import dataclass

from infinite_instruct.agents.desk import Desk, Job, Reply
from infinite_instruct.agents.graph_curator import GraphCurator
from infinite_instruct.agents.replied_words import ReplyWords
from infinite_instruct.domain import KeywordKind, Value
from infinite_instruct.errors import ModelReplyError
from infinite_instruct.events import Noticed
from infinite_instruct.tools.expansion import Suggestion, ThinRegion
from infinite_instruct.tools.vocabulary import Grown

JOB = Job("graph-expander", "curator", "expand")
_SHOWN = 60
"""Characters of a refused proposal that a trace shows."""


class ProposedKeywords(Reply):
    """What a model proposes around a keyword."""

    siblings: ReplyWords
    parts: ReplyWords
    prerequisites: ReplyWords


class Expansion(Value):
    """Work on the graph, for the run and for no row."""

    id: str = ""
    seed: int


@dataclass(frozen=True)
class GraphExpander:
    """Asks for siblings, parts and prerequisites of a keyword; the curator's rules judge them."""

    desk: Desk
    curator: GraphCurator

    async def expand(self, region: ThinRegion, seed: int) -> Grown:
        """Expand the graph around a keyword. An unusable reply is noted, too: it counts as tried.

        Args:
            region: The keyword, and what is known beside it.
            seed: Sent to the model.

        Raises:
            InfiniteInstructError: The model cannot be asked: stopped, out of budget, unreachable.
        """
        errand = Expansion(seed=seed)
        suggestions = await self._ask(errand, region)
        vocabulary = self.curator.vocabulary
        rulings = await self.curator.rulings(errand, vocabulary.fresh(suggestions))
        grown = vocabulary.grow(region, suggestions, rulings)
        self._tell(errand, region, grown)
        return grown

    async def _ask(self, errand: Expansion, region: ThinRegion) -> tuple[Suggestion, ...]:
        variables = {
            "keyword": region.keyword,
            "kind": region.kind.value,
            "language": region.language.value,
            "keywords": region.known,
        }
        try:
            reply = await self.desk.ask(errand, JOB, ProposedKeywords, variables)
        except ModelReplyError as error:
            self.desk.decide(errand, JOB.agent, "propose nothing", error.cause, region.keyword)
            return ()
        return tuple(_suggestions(reply, region.kind))

    def _tell(self, errand: Expansion, region: ThinRegion, grown: Grown) -> None:
        told = {
            verdict: [
                f"{each.text[:_SHOWN]} ({each.relation}; {each.why})"
                for each in grown.proposals
                if each.verdict == verdict
            ]
            for verdict in ("added", "merged", "refused")
        }
        counts = ", ".join(f"{len(words)} {verdict}" for verdict, words in told.items())
        grounds = "; ".join(
            f"{verdict}: {', '.join(words)}" for verdict, words in told.items() if words
        )
        decision = f"expand '{region.keyword}': {counts}"
        self.desk.decide(errand, JOB.agent, decision, grounds or "nothing was proposed", region.why)
        self.desk.emit(Noticed(message=f"The graph was asked to {decision} ({region.why})."))


def _suggestions(reply: ProposedKeywords, kind: KeywordKind) -> Iterator[Suggestion]:
    """A sibling is of the same kind; parts and prerequisites are knowledge."""
    point = KeywordKind.KNOWLEDGE_POINT
    for text in reply.siblings:
        yield Suggestion(text=" ".join(text.split()), kind=kind, relation="sibling")
    for text in reply.parts:
        yield Suggestion(text=" ".join(text.split()), kind=point, relation="part-of")
    for text in reply.prerequisites:
        yield Suggestion(text=" ".join(text.split()), kind=point, relation="needs")
