"""What Python's type checkers have in common: what they are shown of imports, and not believed."""

from functools import cached_property

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batch_analyzer import Batched
from infinite_instruct.tools.analyzers.python.cascades import without_cascades
from infinite_instruct.tools.analyzers.python.imports import without_relative_imports
from infinite_instruct.tools.analyzers.python.packages import Packages


class PythonChecker(Batched):
    """A type checker of Python."""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, without what only follows from an import that is not here."""
        found = await super().check(without_relative_imports(code), language)
        kept = without_cascades(found.diagnostics, code, self.packages)
        return found.model_copy(update={"diagnostics": kept})

    @cached_property
    def packages(self) -> Packages | None:
        """What the user has installed for the samples."""
        place = self._toolbox.packages
        return Packages.of(place) if place else None
