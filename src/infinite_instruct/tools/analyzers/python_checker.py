"""What Python's type checkers have in common: what they are shown of imports, and not believed."""

from functools import cached_property

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batch_analyzer import Batched
from infinite_instruct.tools.analyzers.python_imports import (
    takes_all_of_unknown,
    without_relative_imports,
)
from infinite_instruct.tools.analyzers.python_packages import Packages

_UNDEFINED = frozenset({"name-defined", "reportUndefinedVariable", "unresolved-reference"})


class PythonChecker(Batched):
    """A type checker of Python."""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, without names that an unknown package's `import *` may bring."""
        found = await super().check(without_relative_imports(code), language)
        is_undefined = [each for each in found.diagnostics if each.rule in _UNDEFINED]
        if not is_undefined or not takes_all_of_unknown(code, self.packages):
            return found
        kept = tuple(each for each in found.diagnostics if each not in is_undefined)
        return found.model_copy(update={"diagnostics": kept})

    @cached_property
    def packages(self) -> Packages | None:
        """What the user has installed for the samples."""
        place = self._toolbox.packages
        return Packages.of(place) if place else None
