"""Normal forms of the texts that a graph has seen: each is worked out once."""

from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.words import clean


class Spellings:
    """Texts with their name and their surface form. A name is always its own name."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, str]] = {}

    def name(self, text: str) -> str:
        """The normal form of any text; empty where it has no word."""
        seen = self._seen.get(text)
        return seen[0] if seen else normal_form(text)

    def keep(self, text: str) -> tuple[str, str]:
        """The normal form and the surface form of a text, kept for the next time."""
        if text not in self._seen:
            name, surface = normal_form(text), clean(text)
            # A normal form of a normal form may be another: rules add words ("big o").
            known = self._seen.setdefault(name, (name, name))[0]
            name = _one_of(name, known)
            self._seen[text] = (name, _one_of(surface, name, text))
        return self._seen[text]


def _one_of(text: str, *others: str) -> str:
    """An equal one of the others, if there is any: equal texts need be in memory once."""
    return next((other for other in others if other == text), text)
