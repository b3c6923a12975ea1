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
            name = normal_form(text)
            self._seen[text] = (name, clean(text))
            # A normal form of a normal form may be another: rules add words ("big o").
            self._seen.setdefault(name, (name, name))
        return self._seen[text]
