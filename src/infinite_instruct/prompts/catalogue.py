"""Which prompts there are, who uses them, and which variables each may name."""

from infinite_instruct.domain import Value


class PromptSpec(Value):
    """One prompt that every pack must have, itself or from the pack that it extends."""

    name: str
    agent: str
    purpose: str
    variables: frozenset[str]


def _spec(name: str, agent: str, purpose: str, variables: str) -> PromptSpec:
    return PromptSpec(
        name=name, agent=agent, purpose=purpose, variables=frozenset(variables.split())
    )


_REVERSE = "code language difficulty"
_PROBLEM = "problem material problem_type language function parameters"

CATALOGUE: tuple[PromptSpec, ...] = (
    _spec("reverse-code_generation", "reverse-writer", "code → a task to program", _REVERSE),
    _spec("reverse-code_understanding", "reverse-writer", "code → a question on it", _REVERSE),
    _spec("reverse-knowledge_question", "reverse-writer", "code → a question behind it", _REVERSE),
    _spec(
        "compose",
        "problem-composer",
        "keywords → a problem",
        "keywords problem_type language difficulty",
    ),
    _spec(
        "evolve",
        "problem-evolver",
        "problem → a harder one",
        f"{_PROBLEM} direction how difficulty",
    ),
    _spec("reword", "problem-evolver", "problem → as people ask", _PROBLEM),
    _spec("solve", "solver", "problem → answer", _PROBLEM),
    _spec("repair", "solver", "faulty answer → next answer", f"{_PROBLEM} answer brief"),
    _spec("mine-keywords", "graph-curator", "problem → its keywords", "problem language"),
    _spec("merge-keywords", "graph-curator", "pairs → same or different", "pairs"),
    _spec(
        "expand",
        "graph-expander",
        "keyword → siblings, parts, prerequisites",
        "keyword kind language keywords",
    ),
    _spec("judge", "verifier", "what the analyzers cannot see (mode agent)", f"{_PROBLEM} answer"),
    _spec("correct-reply", "every agent", "re-asks after a malformed reply", "fault"),
    _spec("say-schema", "every agent", "where an endpoint takes no JSON schema", "schema"),
)

LISTS = frozenset({"keywords", "pairs", "parameters"})
"""Variables with several values, a few dozen at most: all that a prompt may loop over."""

BY_NAME = {spec.name: spec for spec in CATALOGUE}
