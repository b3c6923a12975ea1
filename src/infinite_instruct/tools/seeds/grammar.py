"""What cutting has to know of a language: one TOML file each, in `grammars/`.

`candidates` and `names` are tree-sitter queries. Their captures:

- `@function`, `@type`, `@query`: a candidate, with its `@name`;
- `@class`: what a method stands in, where that is no candidate itself;
- `@import`: an import statement; `@imported`: a name that it brings (its last segment counts);
- `@reference`: a name that must come from somewhere;
- `@binding`: a name that the code itself introduces (it need not be a reference, too);
- `@member`: a name that is looked up in a value, not in the scope;
- `@own`: a member of the code's own class; `@defines`: a member which the code itself defines.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import cast

from pydantic import Field
from tree_sitter import Query
from tree_sitter_language_pack import SupportedLanguage, get_language

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.languages import family_of, spec_of


class Grammar(Value):
    """A language's queries and names, as its file has them."""

    candidates: str
    names: str = ""
    """Empty: every candidate counts as independent (SQL: tables are what a query is about)."""
    prefix: str = ""
    """What a text must start with to be parsed as this language."""
    header_opens: str = ""
    """What ends a class header: `{`, `:`; empty where the body just begins."""
    closer: str = ""
    """What ends a class that holds one method."""
    import_keyword: str = ""
    """What an import statement misses where several share one keyword (Go)."""
    local_import: str = r"(?!)"
    """A pattern of imports from the code's own project: they mean nothing elsewhere."""
    builtins: str = ""
    """Names that need no import, separated by white space."""
    provided: dict[str, str] = Field(default_factory=dict)
    """Names that an import brings without naming them: part of its text -> names."""

    @property
    def builtin_names(self) -> frozenset[str]:
        """The names that need no import."""
        return frozenset(self.builtins.split())


@cache
def grammar_of(language: Language) -> Grammar:
    """The grammar of a language; a dialect has the one of its family."""
    path = files("infinite_instruct.tools.seeds") / "grammars" / f"{family_of(language).value}.toml"
    return Grammar.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


@cache
def candidates_query(language: Language) -> Query:
    """The query that finds candidates and imports."""
    return _query(language, grammar_of(language).candidates)


@cache
def names_query(language: Language) -> Query:
    """The query that tells names apart."""
    return _query(language, grammar_of(language).names)


def _query(language: Language, source: str) -> Query:
    return Query(get_language(cast("SupportedLanguage", spec_of(language).grammar)), source)
