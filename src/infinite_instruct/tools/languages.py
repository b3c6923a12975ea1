"""What is known of each language: file endings, fence tags, grammar."""

from pathlib import PurePath

from infinite_instruct.domain import Language, Value
from infinite_instruct.errors import SettingsError


class LanguageSpec(Value):
    """One language's names in the outside world."""

    language: Language
    extensions: tuple[str, ...]
    """File endings; the first is the one that we write."""
    tags: tuple[str, ...]
    """Names used behind code fences and in data sets, lower case."""
    grammar: str
    """Its name in tree-sitter-language-pack."""
    syntax_trusted: bool = True
    """Whether a tree-sitter error may reject: its false rate on good files was measured as ~0."""
    dialect_of: Language | None = None
    """The language that this is a dialect of: what asks for that one takes this one, too."""


def _sql_dialect(language: Language, extension: str, *tags: str) -> LanguageSpec:
    return LanguageSpec(
        language=language,
        extensions=(extension,),
        tags=tags,
        grammar="sql",
        syntax_trusted=False,
        dialect_of=Language.SQL,
    )


SPECS: tuple[LanguageSpec, ...] = (
    LanguageSpec(
        language=Language.PYTHON,
        extensions=(".py", ".pyi"),
        tags=("python", "py", "python3"),
        grammar="python",
    ),
    LanguageSpec(
        language=Language.JAVASCRIPT,
        extensions=(".js", ".mjs", ".cjs", ".jsx"),
        tags=("javascript", "js", "jsx", "node"),
        grammar="javascript",
    ),
    LanguageSpec(
        language=Language.TYPESCRIPT,
        extensions=(".ts", ".mts", ".cts"),
        tags=("typescript", "ts"),
        grammar="typescript",
    ),
    LanguageSpec(language=Language.JAVA, extensions=(".java",), tags=("java",), grammar="java"),
    LanguageSpec(
        language=Language.C, extensions=(".c", ".h"), tags=("c",), grammar="c", syntax_trusted=False
    ),
    LanguageSpec(
        language=Language.CPP,
        extensions=(".cpp", ".cc", ".cxx", ".hpp", ".hh"),
        tags=("cpp", "c++", "cxx"),
        grammar="cpp",
        syntax_trusted=False,
    ),
    LanguageSpec(
        language=Language.CSHARP,
        extensions=(".cs",),
        tags=("csharp", "c#", "cs"),
        grammar="csharp",
    ),
    LanguageSpec(language=Language.GO, extensions=(".go",), tags=("go", "golang"), grammar="go"),
    LanguageSpec(language=Language.RUST, extensions=(".rs",), tags=("rust", "rs"), grammar="rust"),
    LanguageSpec(
        language=Language.PHP,
        extensions=(".php",),
        tags=("php",),
        grammar="php",
        syntax_trusted=False,
    ),
    LanguageSpec(
        language=Language.RUBY,
        extensions=(".rb",),
        tags=("ruby", "rb"),
        grammar="ruby",
        syntax_trusted=False,
    ),
    LanguageSpec(
        language=Language.LUA,
        extensions=(".lua",),
        tags=("lua", "luajit"),
        grammar="lua",
        syntax_trusted=False,
    ),
    LanguageSpec(
        language=Language.SHELL,
        extensions=(".sh", ".bash"),
        tags=("shell", "bash", "sh"),
        grammar="bash",
        syntax_trusted=False,
    ),
    LanguageSpec(
        language=Language.KOTLIN,
        extensions=(".kt", ".kts"),
        tags=("kotlin", "kt"),
        grammar="kotlin",
    ),
    LanguageSpec(language=Language.SWIFT, extensions=(".swift",), tags=("swift",), grammar="swift"),
    LanguageSpec(
        language=Language.SQL,
        extensions=(".sql",),
        tags=("sql", "ansi", "bigquery", "duckdb", "hive", "oracle", "snowflake", "sparksql"),
        grammar="sql",
        syntax_trusted=False,
    ),
    _sql_dialect(Language.POSTGRESQL, ".pgsql", "postgresql", "postgres", "pgsql", "plpgsql"),
    _sql_dialect(Language.MYSQL, ".mysql", "mysql", "mariadb"),
    _sql_dialect(Language.SQLITE, ".sqlite", "sqlite", "sqlite3"),
    _sql_dialect(Language.TSQL, ".tsql", "tsql", "t-sql", "mssql", "sqlserver"),
)

_BY_LANGUAGE = {spec.language: spec for spec in SPECS}
_BY_EXTENSION = {extension: spec.language for spec in SPECS for extension in spec.extensions}
_BY_TAG = {tag: spec.language for spec in SPECS for tag in spec.tags}


def spec_of(language: Language) -> LanguageSpec:
    """All that is known of a language."""
    return _BY_LANGUAGE[language]


def family_of(language: Language) -> Language:
    """The language itself, or the one that it is a dialect of."""
    return spec_of(language).dialect_of or language


def speaks(named: Language | None, asked: Language) -> bool:
    """Whether code that is named so may answer where the other is asked: SQL in any dialect."""
    if named is None:
        return False
    return asked in {named, family_of(named)} or named is family_of(asked)


def language_of_path(path: PurePath) -> Language | None:
    """The language of a file, by its ending; None for others."""
    return _BY_EXTENSION.get(path.suffix.lower())


def language_of_tag(tag: str) -> Language | None:
    """The language behind a fence's tag or a data set's label (`C#`, `py`); None for others."""
    return _BY_TAG.get(tag.strip().lower())


def parse_language(name: str) -> Language:
    """The language that a user named.

    Raises:
        SettingsError: It is none of ours.
    """
    language = language_of_tag(name)
    if language is None:
        known = ", ".join(spec.language.value for spec in SPECS)
        raise SettingsError(f"'{name}' is no language known here.", remedy=f"Use one of: {known}.")
    return language
