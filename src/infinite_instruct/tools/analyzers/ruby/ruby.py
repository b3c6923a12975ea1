"""Ruby by its own parser, Prism, as WebAssembly: always the newest syntax, nothing is run."""

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.node_parser import node_parser, package_version
from infinite_instruct.tools.analyzers.worker_analyzer import WorkerAnalyzer
from infinite_instruct.tools.worker import Program

_PACKAGE = "@ruby/prism"


class Ruby(WorkerAnalyzer):
    """Prism also finds jumps, returns and assignments that Ruby's compiler refuses."""

    name = "prism"
    language = Language.RUBY
    lost = "syntax of Ruby (tree-sitter is wrong in 1 % of good files)"
    broken = "def f(\n"

    def program(self) -> Program | None:
        """Node with Prism."""
        return node_parser("ruby_parser.mjs", _PACKAGE, self._toolbox)

    def version(self) -> str:
        """The installed version of Prism."""
        return package_version(_PACKAGE, self._toolbox)
