"""Keywords of real problems, mined by plain rules: the same each time, without a model."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from infinite_instruct.domain import Keyword, KeywordKind, Language
from infinite_instruct.tools.keywords import junk_reason, normal_form, supported_by
from infinite_instruct.tools.knowledge import KnowledgeGraph

MIN_PROBLEMS = 3
"""A term that fewer problems have is no Knowledge Point here."""
MAX_POINTS = 5
_TASK = re.compile(r"(?:function|method|code|program)? ?\b(?:to|that|which) (\w+ [^.,;:()\n]+)")
_BEGINNING = re.compile(r"^\W*(\w+ [^.,;:()\n]+)")
_INSTRUCTION = re.compile(
    r"\b((?:using|without|in (?:ascending|descending|reverse|sorted)|at (?:least|most)|only|"
    r"ignoring|case|given|same|consecutive|non|specified|whether) [a-z]+(?: [a-z]+)?)"
)
_WORDS_THAT_END = """
a an and are as by for from given has have if in into is it of on or so such than that the their
them then there these they this to using was were when where whether which with write function
method python find check return returns returned get use perform only one not example input output
whose its all any each every you your
"""
_END = frozenset(re.findall(r"\w+", _WORDS_THAT_END))
_TASK_WORDS = 4


def read_problems(folder: Path) -> Iterator[str]:
    """The texts of MBPP and HumanEval, read in place."""
    for line in (folder / "mbpp.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)["text"]
    with gzip.open(folder / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            yield _docstring(json.loads(line)["prompt"])


def _docstring(prompt: str) -> str:
    found = re.findall(r"(?:\"\"\"|''')(.*?)(?:\"\"\"|''')", prompt, re.DOTALL)
    return found[-1].partition(">>>")[0].strip() if found else prompt


def mine(texts: Sequence[str]) -> list[list[Keyword]]:
    """The keywords of each problem."""
    frequent = _frequent([_terms(text) for text in texts])
    return [list(_mined(text, frequent)) for text in texts]


def mined_graph(texts: Sequence[str]) -> KnowledgeGraph:
    """The graph of all problems that have keywords."""
    graph = KnowledgeGraph()
    for number, keywords in enumerate(mine(texts)):
        graph.add_problem(f"p{number}", Language.PYTHON, keywords)
    return graph


def _mined(text: str, frequent: Counter[str]) -> Iterator[Keyword]:
    tasks = _TASK.findall(text)[:1] or _BEGINNING.findall(text)[:1]
    points = sorted(_terms(text) & frequent.keys(), key=lambda term: (frequent[term], term))
    for kind, words in (
        (KeywordKind.TASK, [_phrase(task) for task in tasks]),
        (KeywordKind.INSTRUCTION, _INSTRUCTION.findall(text.lower())[:2]),
        (KeywordKind.KNOWLEDGE_POINT, points[:MAX_POINTS]),
    ):
        for word in words:
            if word and not junk_reason(word) and supported_by(word, text):
                yield Keyword(kind=kind, text=word)


def _phrase(text: str) -> str:
    """A verb with its object: up to the first word that opens something else."""
    verb, *rest = text.lower().split()[: _TASK_WORDS + 2]
    while rest and rest[0] in _END:
        rest.pop(0)
    ended = next((at for at, word in enumerate(rest) if word in _END), len(rest))
    return " ".join([verb, *rest[:ended][: _TASK_WORDS - 1]])


def _terms(text: str) -> frozenset[str]:
    """Its words and pairs of words, as nouns may stand: the word before the last is no ending."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    content = [word if word not in _END else "" for word in words]
    pairs = [f"{a} {b}" for a, b in pairwise(content) if a and b]
    return frozenset(filter(None, (normal_form(term) for term in (*content, *pairs) if term)))


def _frequent(documents: Sequence[frozenset[str]]) -> Counter[str]:
    counted = Counter(term for terms in documents for term in terms)
    return Counter({term: count for term, count in counted.items() if count >= MIN_PROBLEMS})
