"""The knowledge graph with its vectors: what the curator writes and the composer draws from."""

import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from infinite_instruct.domain import Keyword, KeywordSet, Language, Value
from infinite_instruct.errors import RunFolderError
from infinite_instruct.tools.expansion import Suggestion, ThinRegion, saturated, thin_region
from infinite_instruct.tools.graph_events import GRAPH_EVENT, GraphEvent, Proposal
from infinite_instruct.tools.keywords import junk_reason, normal_form, supported_by
from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.matching import Matcher
from infinite_instruct.tools.merging import GreyPair, Ruling, embedded_form
from infinite_instruct.tools.proposals import fresh_ones, relate_merged, settled
from infinite_instruct.tools.sampling import sample_keywords
from infinite_instruct.tools.sampling_rules import DEFAULT_RULES, SamplingRules
from infinite_instruct.tools.vectors import VectorIndex

Fetch = Callable[[Sequence[str]], Awaitable[None]]
"""Gets all that comparing these texts needs."""


async def _have_all(_texts: Sequence[str]) -> None:
    """Get nothing."""


class Drawn(Value):
    """A keyword set, and the graph's note of it."""

    keywords: KeywordSet
    events: tuple[str, ...]
    """The graph's changes as JSON, to be stored before the row's first call."""


class Grown(Value):
    """What an expansion came to."""

    proposals: tuple[Proposal, ...]
    events: tuple[str, ...]
    """The graph's changes as JSON, to be stored."""


async def at_once() -> None:
    """Wait for nothing."""


class Vocabulary:
    """One writer's view of the graph. What it changes comes back as JSON, to be stored.

    Args:
        graph: The graph.
        index: Its vectors.
        rules: Of drawing.
        ready: Waits until the graph is loaded; before that nobody may ask or change it.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        index: VectorIndex,
        rules: SamplingRules = DEFAULT_RULES,
        fetch: Fetch = _have_all,
        ready: Callable[[], Coroutine[Any, Any, None]] = at_once,
    ) -> None:
        self.graph = graph
        self.ready = ready
        self._fetch = fetch
        self._index = index
        self._matcher = Matcher(graph, index)
        self._rules = rules

    def unfit(self, keyword: str, problem: str) -> str | None:
        """Why a mined keyword may not enter: junk, blocked, or not in the problem's text."""
        if self.graph.is_blocked(keyword):
            return "blocked"
        junk = junk_reason(keyword)
        if junk:
            return junk
        return None if supported_by(keyword, problem) else "not in the problem"

    async def prepare(self, keywords: Iterable[Keyword]) -> None:
        """Get the vectors of new keywords, so that comparing and adding them waits for nothing.

        Raises:
            InfiniteInstructError: The embedder or the index cannot be used.
        """
        new = [embedded_form(word.text) for word in keywords if word.text not in self.graph]
        await self._fetch(new)

    def grey_pairs(self, keywords: Iterable[Keyword]) -> tuple[GreyPair, ...]:
        """Pairs of a new and a known keyword that need an opinion, the nearest first."""
        return self._matcher.grey_pairs(keywords)

    def learn(
        self,
        row: str,
        language: Language,
        keywords: Sequence[Keyword],
        rulings: Sequence[Ruling],
        composed_from: KeywordSet | None = None,
    ) -> tuple[str, ...]:
        """Add an accepted row's keywords, merged with what is known. Gives the changes as JSON.

        Args:
            row: The row's id; a row enters once.
            language: Its language.
            keywords: What was mined from its problem.
            rulings: Opinions on its grey pairs.
            composed_from: The drawn set, where the row was composed.
        """
        sure, ruled = self._matcher.sure_merges(keywords), self._matcher.ruled_merges(rulings)
        events: list[GraphEvent] = [self.graph.add_problem(row, language, keywords)]
        merged = [
            self.graph.merge(each.source, each.target, each.why)
            for each in (*sure, *ruled)
            if self._apart(each.source, each.target)
        ]
        events += merged
        self._index.remove([each.source for each in merged])
        if composed_from is not None:
            events.append(self.graph.mark_accepted(row, composed_from, composed_from.difficulty))
        self._follow(keywords)
        return tuple(event.model_dump_json() for event in events)

    def draw(self, row: str, language: Language, rng: random.Random) -> Drawn | None:
        """A set that was never drawn before; None while the graph has not enough."""
        keywords = sample_keywords(self.graph, language, rng, self._rules)
        if keywords is None:
            return None
        event = self.graph.mark_sampled(row, keywords, keywords.difficulty)
        return Drawn(keywords=keywords, events=(event.model_dump_json(),))

    def saturated(self, language: Language, rng: random.Random) -> bool:
        """Whether only repetition is left: all looked at were drawn often."""
        return saturated(self.graph, language, rng, self._rules)

    def thin_region(self, language: Language, rng: random.Random) -> ThinRegion | None:
        """Where to ask for more; None where nothing is left to ask about."""
        return thin_region(self.graph, language, rng)

    def fresh(self, suggestions: Sequence[Suggestion]) -> list[Keyword]:
        """The suggestions that may enter and that the graph does not have, each once."""
        return fresh_ones(self.graph, suggestions)

    def grow(
        self, region: ThinRegion, suggestions: Sequence[Suggestion], rulings: Sequence[Ruling]
    ) -> Grown:
        """Enter what a model proposed around a keyword, merged with what is known.

        Args:
            region: The keyword.
            suggestions: All that was proposed; each is kept with its verdict.
            rulings: Opinions on the grey pairs of the fresh ones.
        """
        fresh = self.fresh(suggestions)
        merges = [*self._matcher.sure_merges(fresh), *self._matcher.ruled_merges(rulings)]
        same = {normal_form(each.source): (each.target, each.why) for each in reversed(merges)}
        proposals = tuple(settled(self.graph, region, suggestions, same))
        events: list[GraphEvent] = [self.graph.record_expansion(region.keyword, proposals)]
        events += relate_merged(self.graph, region, proposals, same)
        self._follow(fresh)
        return Grown(proposals=proposals, events=tuple(event.model_dump_json() for event in events))

    def _apart(self, a: str, b: str) -> bool:
        """Whether both may be merged: known, not blocked, not one already, no merge undone."""
        if not self._usable(a) or not self._usable(b) or self.graph.kept_apart(a, b):
            return False
        return self.graph.resolve(a) != self.graph.resolve(b)

    def _usable(self, keyword: str) -> bool:
        return keyword in self.graph and not self.graph.is_blocked(keyword)

    def _follow(self, keywords: Iterable[Keyword]) -> None:
        ids = {self.graph.resolve(word.text) for word in keywords if self._usable(word.text)}
        self._index.upsert({name: embedded_form(name) for name in sorted(ids)})


def rebuild_graph(events: Iterable[str]) -> KnowledgeGraph:
    """The graph of a run, from its stored changes.

    Raises:
        RunFolderError: A stored change is none.
    """
    return KnowledgeGraph.replay(read_changes(events))


def read_changes(events: Iterable[str]) -> Iterator[GraphEvent]:
    """The stored changes of a graph, oldest first.

    Raises:
        RunFolderError: A stored change is none.
    """
    return (_read(number, text) for number, text in enumerate(events, start=1))


def _read(number: int, text: str) -> GraphEvent:
    try:
        return GRAPH_EVENT.validate_json(text)
    except ValidationError as error:
        raise RunFolderError(
            f"Change {number} of the run's knowledge graph cannot be read "
            f"({error.errors()[0]['msg']}).",
            remedy="It was damaged or written by another version: read it with that one.",
        ) from error


def index_texts(graph: KnowledgeGraph) -> dict[str, str]:
    """All that a vector index of the graph should hold, by id."""
    return {name: embedded_form(name) for name in graph if not graph.is_blocked(name)}
