"""Known words that a rule could merge a new one with, found without comparing all."""

from infinite_instruct.tools.knowledge import KnowledgeGraph
from infinite_instruct.tools.languages import language_of_tag
from infinite_instruct.tools.merging import decide
from infinite_instruct.tools.words import lexicon, stem

_COMPARED = 8
"""Known words that a new one is compared with."""


class Kin:
    """The words of a graph by their stems: the rules merge none that have other stems."""

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph
        self._known: dict[str, list[str]] = {}
        for name in graph:
            if not graph.is_blocked(name):
                self.add(name, graph.text(name))

    def add(self, name: str, text: str) -> None:
        """Let later words be compared with this one."""
        kin = self._known.setdefault(_stems(name), [])
        if len(kin) < _COMPARED:
            kin.append(text)

    def same(self, text: str, name: str) -> tuple[str, str]:
        """The known word that a rule says is the same, and why; empty texts where there is none."""
        for known in self._known.get(_stems(name), ()):
            decision = decide(text, known, 1.0)
            if decision.decision == "same" and not self._graph.kept_apart(text, known):
                return known, decision.why
        return "", ""


def _stems(name: str) -> str:
    """What normal forms share wherever a rule says that they are the same."""
    known = lexicon().words
    empty = known.stop | known.articles | known.weightless
    words = [word for word in name.split() if word not in empty and not language_of_tag(word)]
    return " ".join(sorted(stem(word) for word in words))
