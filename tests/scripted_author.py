"""A deterministic stand-in for a model that does every role's work well, offline and at once."""

import json
import random
import re
from collections.abc import Callable, Sequence

from infinite_instruct.llm.model import ChatRequest

_NOUNS = [
    "invoices",
    "temperatures",
    "parcels",
    "tickets",
    "melodies",
    "recipes",
    "galaxies",
    "passengers",
    "molecules",
    "bridges",
    "lanterns",
    "harvests",
    "glaciers",
    "archives",
    "turbines",
    "orchards",
    "satellites",
    "violins",
    "cathedrals",
    "markets",
]
_VERBS = [
    "group",
    "merge",
    "rank",
    "filter",
    "balance",
    "encode",
    "rotate",
    "compare",
    "schedule",
    "compress",
    "partition",
    "validate",
    "interleave",
    "normalise",
    "sample",
]
_POINTS = [
    "dictionary",
    "binary search",
    "heap queue",
    "sliding window",
    "prefix sums",
    "set intersection",
    "string slicing",
    "generator",
    "memoization",
    "topological order",
    "bit mask",
    "regular expression",
]
_RULES = ["in place", "stable order", "ignore empty input", "constant memory", "single pass"]

_CODE = {
    "python": (
        "def NAME(items: list[int], limit: int) -> list[int]:\n"
        '    """Keep the items up to a limit."""\n'
        "    return [item for item in items if item <= limit]\n"
    ),
    "javascript": (
        "function NAME(items, limit) {\n  return items.filter((item) => item <= limit);\n}\n"
    ),
    "sql": "SELECT region, SUM(total) AS revenue\nFROM orders\nGROUP BY region;\n",
}


def author(request: ChatRequest) -> str:
    """Reply in the form that the request asks for; another seed gives another text."""
    rng = random.Random(f"{request.seed}{request.schema_name}{len(request.messages)}")
    text = request.messages[1].content
    writers: dict[str, Callable[[], dict[str, object]]] = {
        "PosedTask": lambda: _task(rng, text) | {"features": "loops", "scenario": "a shop"},
        "PosedQuestion": lambda: _question(rng) | {"features": "loops", "scenario": "a review"},
        "ComposedTask": lambda: _task(rng, text, _offered(text)) | _composition(text),
        "ComposedQuestion": lambda: _question(rng, _offered(text)) | _composition(text),
        "HarderTask": lambda: {"problem": _harder(text), "parameters": ["items", "limit"]},
        "NewWording": lambda: {"problem": f"Could you help me? {_data(text)} Thank you."},
        "MinedKeywords": lambda: _keywords(text),
        "ProposedKeywords": lambda: _proposals(rng),
        "PairOpinions": lambda: {"pairs": []},
        "Opinion": lambda: {"why": "It does what is asked.", "acceptable": True},
    }
    writer = writers.get(request.schema_name)
    return json.dumps(writer()) if writer else _answer(text)


def _words(rng: random.Random, offered: Sequence[str]) -> str:
    """What a problem is about: the offered keywords, or a new job."""
    extra = " ".join(rng.sample(_NOUNS, 8))
    if offered:
        return f"{', '.join(offered)}, over {extra} and {rng.choice(_NOUNS)}"
    verb, noun, point = rng.choice(_VERBS), rng.choice(_NOUNS), rng.choice(_POINTS)
    rule, where = rng.choice(_RULES), rng.choice(_NOUNS)
    return f"{verb} {noun} with a {point}, {rule}, beside the {where}, over {extra}"


def _task(rng: random.Random, asked: str, offered: Sequence[str] = ()) -> dict[str, object]:
    if "function: leave it empty" in asked:
        problem = f"Write one query on orders(region, total) that has to {_words(rng, offered)}."
        return {"problem": problem, "function": "", "parameters": []}
    name = f"{rng.choice(_VERBS)}_{rng.choice(_NOUNS)}"
    problem = f"Write a function `{name}(items, limit)` that has to {_words(rng, offered)}."
    return {"problem": problem, "function": name, "parameters": ["items", "limit"]}


def _question(rng: random.Random, offered: Sequence[str] = ()) -> dict[str, object]:
    return {"problem": f"Explain to a new colleague how one would {_words(rng, offered)}, and why."}


def _offered(text: str) -> list[str]:
    pattern = r"^- (.+) \((?:task|instruction|knowledge point)\)$"
    return re.findall(pattern, text, re.MULTILINE)


def _composition(text: str) -> dict[str, object]:
    """All offered keywords, each leaning on the one before."""
    offered = _offered(text)
    used = [
        {"keyword": word, "because": f"It asks for {word}.", "needs": [before]}
        for before, word in zip([*offered[-1:], *offered], offered, strict=False)
    ]
    return {"connection": "They meet in one job.", "used": used}


def _proposals(rng: random.Random) -> dict[str, object]:
    """Neighbours of whatever was asked for; now and then one that is no keyword."""
    return {
        "siblings": [f"{rng.choice(_VERBS)} {rng.choice(_NOUNS)}" for _ in range(2)],
        "parts": [f"{rng.choice(_NOUNS)} {rng.choice(_POINTS)}", "code"],
        "prerequisites": [rng.choice(_POINTS)],
    }


def _harder(text: str) -> str:
    return f"{_data(text)} Reject negative limits with an error."


def _data(text: str) -> str:
    found = re.search(r"<data-(\w+)>\n(.*?)\n</data-\1>", text, re.DOTALL)
    return found[2] if found else text


def _keywords(text: str) -> dict[str, object]:
    problem = _data(text)
    verbs = [f"{verb} {noun}" for verb in _VERBS for noun in _NOUNS if f"{verb} {noun}" in problem]
    return {
        "tasks": verbs[:2],
        "instructions": [rule for rule in _RULES if rule in problem][:2],
        "knowledge_points": [point for point in _POINTS if point in problem][:3],
    }


def _answer(text: str) -> str:
    name = re.search(r"must define `(\w+)`", text)
    language = re.search(r"a line ```(\w+), the (?:code|query)", text)
    if language is None:
        return "It walks over the items once and keeps what it needs. " * 4
    code = _CODE[language[1]].replace("NAME", name[1] if name else "unnamed")
    return f"```{language[1]}\n{code}```\nIt keeps the items that do not exceed the limit."
