"""SQL by the parsers of its dialects: PostgreSQL's and SQLite's own, and two of others' making.

PostgreSQL's and SQLite's parsers decide about their dialects. Elsewhere one parser that fails says
only that it does not know the statement: a text is refused where no parser takes it.
"""

import sys
from collections.abc import Sequence
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.base import Findings, ToolState
from infinite_instruct.tools.analyzers.batches import Batcher
from infinite_instruct.tools.analyzers.node_parser import node_parser, package_version
from infinite_instruct.tools.analyzers.parser_worker import Parsed, ParserWorker, Request
from infinite_instruct.tools.analyzers.sql.clients import without_client_commands
from infinite_instruct.tools.analyzers.sql.verdict import refusal, taken
from infinite_instruct.tools.analyzers.toolbox import Toolbox
from infinite_instruct.tools.analyzers.worker_analyzer import MAX_SECONDS, findings
from infinite_instruct.tools.worker import Program, WorkerLimits

_SCRIPT = Path(__file__).with_name("parsers.py")
_POSTGRESQL = "libpg-query"
_MYSQL = "dt-sql-parser"
_LOST = "syntax of SQL (tree-sitter is wrong in half of the good queries)"
_BROKEN = "SELEC a FORM\n"

LANGUAGES = (Language.SQL, Language.POSTGRESQL, Language.MYSQL, Language.SQLITE, Language.TSQL)


class SqlParsers:
    """Every dialect by the parsers that know it, in long-lived children.

    Args:
        toolbox: Jail, batching, limits and programs.
        bundled: Another child than ours for sqlglot and SQLite.
    """

    name = "sql"
    languages = frozenset(LANGUAGES)

    def __init__(self, toolbox: Toolbox, bundled: Program | None = None) -> None:
        self._toolbox = toolbox
        ours = bundled or (_bundled(toolbox) if find_spec("sqlglot") else None)
        postgresql = node_parser("postgresql_parser.mjs", _POSTGRESQL, toolbox)
        mysql = node_parser("mysql_parser.mjs", _MYSQL, toolbox)
        self._bundled = self._worker(ours, ("sql", _BROKEN))
        self._postgresql = self._worker(postgresql, _BROKEN)
        self._mysql = self._worker(mysql, _BROKEN)
        self._batchers = {
            language: Batcher(partial(self.check_batch, language), toolbox.batching)
            for language in LANGUAGES
        }

    def identity(self) -> str:
        """Names this very tool; empty where it is missing."""
        return f"sql {self._version}" if self._bundled else ""

    async def check(self, code: str, language: Language) -> Findings:
        """Look at one sample, together with others of its dialect."""
        return await self._batchers[language].submit(code)

    async def check_batch(self, language: Language, texts: Sequence[str]) -> list[Findings]:
        """Look at many samples of one dialect: a parser sees what those before it refused."""
        texts = [without_client_commands(text, language) for text in texts]
        said: list[list[Parsed]] = [[] for _ in texts]
        for parser, is_bundled in self._parsers(language):
            open_ones = [number for number, each in enumerate(said) if not taken(each)]
            asked = [texts[number] for number in open_ones]
            requests = [(language.value, text) for text in asked] if is_bundled else asked
            for number, parsed in zip(open_ones, await parser.parse(requests), strict=True):
                said[number].append(parsed)
        return [self._decide(each, language) for each in said]

    async def describe(self) -> ToolState:
        """What is here: sqlglot and SQLite come with this package, the others are installed."""
        (found,) = await self.check_batch(Language.SQLITE, ["SELECT 1;\n"])
        parsers = {"PostgreSQL": self._postgresql, "MySQL": self._mysql}
        missing = " and ".join(name for name, parser in parsers.items() if parser is None)
        return ToolState(
            name=self.name,
            version=None if found.fault else self._version,
            languages=LANGUAGES,
            lost=f"the parser of {missing}" if missing and not found.fault else _LOST,
            install="infinite-instruct doctor --install",
        )

    def _worker(self, program: Program | None, broken: Request) -> ParserWorker | None:
        seconds = min(MAX_SECONDS, self._toolbox.seconds)
        return ParserWorker(program, broken, self._toolbox.slots, seconds) if program else None

    def _parsers(self, language: Language) -> list[tuple[ParserWorker, bool]]:
        """Who is asked, quick ones first, and whether it wants to be told the dialect."""
        postgresql, bundled, mysql = self._postgresql, self._bundled, self._mysql
        chosen = {
            Language.POSTGRESQL: (postgresql,),
            Language.SQLITE: (bundled,),
            Language.MYSQL: (bundled, mysql),
            Language.TSQL: (bundled, postgresql, mysql),
        }.get(language, (postgresql, bundled, mysql))
        return [(each, each is bundled) for each in chosen if each]

    def _decide(self, said: Sequence[Parsed], language: Language) -> Findings:
        """The findings of one text, from what each parser said until one took it."""
        tool = f"{self.name} {self._version}"
        if taken(said):
            return Findings(tool=tool)
        failures = [each.failure for each in said if each.failure]
        if failures or not said:
            return Findings(fault="; ".join(failures) or "no parser of the dialect is installed")
        told = refusal(said, language)
        if isinstance(told, str):
            return Findings(fault=told)
        return findings(Parsed(faults=(told,)), self.name, tool)

    @cached_property
    def _version(self) -> str:
        """Of all parsers that are here."""
        here = [f"postgresql {package_version(_POSTGRESQL, self._toolbox)}"] * bool(
            self._postgresql
        )
        here += [f"mysql {package_version(_MYSQL, self._toolbox)}"] * bool(self._mysql)
        return ", ".join([f"sqlglot {_sqlglot_version()}", *here])


def _bundled(toolbox: Toolbox) -> Program:
    return Program(
        command=[sys.executable, "-I", str(_SCRIPT)],
        jail=toolbox.jail,
        readable=(_SCRIPT.parent,),
        limits=WorkerLimits(memory_mb=1024),
    )


def _sqlglot_version() -> str:
    try:
        return version("sqlglot")
    except PackageNotFoundError:
        return "unknown"
