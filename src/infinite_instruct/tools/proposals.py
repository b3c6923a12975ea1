"""What becomes of the keywords that a model proposed: added, merged or refused, each with why."""

from collections.abc import Iterator, Mapping, Sequence

from infinite_instruct.domain import Keyword
from infinite_instruct.tools.expansion import Suggestion, ThinRegion
from infinite_instruct.tools.graph_events import MAX_TEXT, Proposal, Related
from infinite_instruct.tools.keywords import junk_reason, normal_form
from infinite_instruct.tools.knowledge import KnowledgeGraph

ORIGIN = "expansion"

Same = Mapping[str, tuple[str, str]]
"""By normal form: the known keyword that a new one is another name of, and why."""


def fresh_ones(graph: KnowledgeGraph, suggestions: Sequence[Suggestion]) -> list[Keyword]:
    """The suggestions that may enter and that the graph does not have, each once."""
    fresh: dict[str, Keyword] = {}
    for each in suggestions:
        name = normal_form(each.text)
        if not _refused(graph, each.text) and name not in graph:
            fresh.setdefault(name, Keyword(kind=each.kind, text=each.text))
    return list(fresh.values())


def settled(
    graph: KnowledgeGraph, region: ThinRegion, suggestions: Sequence[Suggestion], same: Same
) -> Iterator[Proposal]:
    """Each suggestion with its verdict; those without a text are left out."""
    center, taken = graph.resolve(region.keyword), set[str]()
    for each in suggestions:
        if not each.text:
            continue
        name = normal_form(each.text)
        refused = _refused(graph, each.text)
        if refused is None and name in graph and graph.resolve(name) == center:
            refused = "the keyword itself"
        if refused is None and name in taken:
            refused = "said twice"
        taken.add(name)
        known = same.get(name)
        if refused:
            yield _proposal(each, "refused", refused)
        elif known:
            yield _proposal(each, "merged", f"another name of '{known[0]}': {known[1]}")
        elif name in graph:
            yield _proposal(each, "merged", "in the graph already")
        else:
            yield _proposal(each, "added", "new")


def relate_merged(
    graph: KnowledgeGraph, region: ThinRegion, proposals: Sequence[Proposal], same: Same
) -> Iterator[Related]:
    """Tie the keyword to those that proposals are only another name of."""
    for each in proposals:
        known = same.get(normal_form(each.text))
        if each.verdict != "merged" or known is None or each.relation == "sibling":
            continue
        ends = (known[0], region.keyword)
        source, target = ends if each.relation == "part-of" else ends[::-1]
        if graph.resolve(source) != graph.resolve(target):
            yield graph.relate(source, target, each.relation, ORIGIN)


def _refused(graph: KnowledgeGraph, text: str) -> str | None:
    if graph.is_blocked(text):
        return "blocked"
    return junk_reason(text) or (None if normal_form(text) else "no-word")


def _proposal(each: Suggestion, verdict: str, why: str) -> Proposal:
    return Proposal.model_validate(
        {
            "text": each.text[:MAX_TEXT],
            "kind": each.kind,
            "relation": each.relation,
            "verdict": verdict,
            "why": why,
        }
    )
