"""Build the vocabularies that the package carries (src/.../tools/vocabularies/data/*.csv).

Usage:
  python scripts/build_vocabularies.py
Made from the Python that runs this and from the sqlglot that it has, along the outlines in
scripts/vocabularies: what an outline names must exist there. Same versions, same files.
"""

import builtins
import csv
import importlib
import inspect
import io
import pkgutil
import platform
import re
import tomllib
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypedDict, cast

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from infinite_instruct.tools.keywords import normal_form
from infinite_instruct.tools.vocabularies.wording import refusal, tidy

ROOT = Path(__file__).resolve().parents[1]
OUTLINES = ROOT / "scripts" / "vocabularies"
OUT = ROOT / "src" / "infinite_instruct" / "tools" / "vocabularies" / "data"
FEW = 6
"""Names of a module that are all listed. Of larger ones those that the outline names, and then some
that the module's own docstring mentions: not every function's name."""
DIALECTS = {
    "sql": "",
    "postgresql": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "tsql": "tsql",
}

LEFT_OUT = {"VALUES", "SQLITE_VERSION"}
"""VALUES() says nothing without its ON DUPLICATE KEY; SQLITE_VERSION() is VERSION() elsewhere."""


class Line(NamedTuple):
    """A word of a vocabulary, as its row has it."""

    text: str
    kind: str
    languages: tuple[str, ...]
    parents: tuple[str, ...]


class Area(TypedDict, total=False):
    """A part of an outline."""

    name: str
    modules: str
    functions: str
    home: str
    topics: str
    tasks: str
    instructions: str


KINDS = (("topics", "knowledge_point"), ("tasks", "task"), ("instructions", "instruction"))


def areas(name: str) -> list[Area]:
    """The areas of an outline."""
    outline = tomllib.loads((OUTLINES / f"{name}.toml").read_text())
    return cast("list[Area]", outline["area"])


def phrases(area: Area) -> Iterator[tuple[str, str, str]]:
    """The phrases of an area with their kinds, and what stands after each."""
    for key, kind in KINDS:
        for line in str(area.get(key, "")).strip().splitlines():
            phrase, _, said = line.partition(" = ")
            yield phrase, kind, said


def found(name: str) -> tuple[ModuleType, object]:
    """A dotted name of Python, with the module that it is in; fails where there is none."""
    try:
        value = pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        value = pkgutil.resolve_name(f"builtins.{name}")
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            return importlib.import_module(".".join(parts[:length])), value
        except ImportError:
            continue
    return builtins, value


def taught(module: ModuleType, named: set[str]) -> list[str]:
    """The names of a module that a course would list."""
    public = getattr(module, "__all__", None) or [n for n in dir(module) if not n.startswith("_")]
    own = sorted(name for name in public if is_tool(getattr(module, name, None), module))
    told = set(re.findall(r"[A-Za-z_]\w+", module.__doc__ or ""))
    first = [name for name in own if name in named]
    if len(own) <= FEW:
        return own
    more = [name for name in own if name in told and name not in named]
    return sorted([*first, *more[: max(0, FEW - len(first))]])


def is_tool(value: object, module: ModuleType) -> bool:
    """Whether a value is a function or a class of this module, and no exception."""
    if inspect.isclass(value) and issubclass(value, BaseException):
        return False
    home = getattr(value, "__module__", None) or module.__name__
    root = module.__name__.partition(".")[0]
    own = str(home).lstrip("_").partition(".")[0] in {root, f"{root}module", "builtins"}
    return (inspect.isclass(value) or inspect.isroutine(value)) and own


def python_lines() -> Iterator[Line]:
    """The vocabulary of Python's standard library."""
    named = {
        name
        for area in areas("python_stdlib")
        for *_, said in phrases(area)
        for name in said.split()
    }
    for area in areas("python_stdlib"):
        yield Line(area["name"], "knowledge_point", ("python",), ())
        for name in area["modules"].split():
            yield from module_lines(name, area["name"], named)
        for phrase, kind, said in phrases(area):
            modules = {found(name)[0].__name__: None for name in said.split()}
            homes = [f"{name} module" for name in modules if name in area["modules"].split()]
            yield Line(phrase, kind, ("python",), (area["name"], *homes))


def module_lines(name: str, area: str, named: set[str]) -> Iterator[Line]:
    """A module and what it is known for."""
    module = importlib.import_module(name)
    home = f"{name} module"
    yield Line(home, "knowledge_point", ("python",), (area,))
    own = {
        full.removeprefix(f"{name}.").partition(".")[0]
        for full in named
        if full.startswith(f"{name}.")
    }
    for each in taught(module, own):
        if not hasattr(builtins, each) or name == "builtins":
            yield Line(f"{name}.{each}", "knowledge_point", ("python",), (home,))


def sql_lines() -> Iterator[Line]:
    """The vocabulary of SQL and its dialects."""
    everywhere = tuple(DIALECTS)
    for area in areas("sql"):
        name = area["name"]
        yield Line(name, "knowledge_point", everywhere, ())
        for function in area.get("functions", "").split():
            yield Line(f"{function} function", "knowledge_point", known_in(function), (name,))
        for function in area.get("home", "").split():
            yield Line(f"{function} function", "knowledge_point", added_in(function), (name,))
        for phrase, kind, example in phrases(area):
            text, _, bracket = phrase.partition(" [")
            languages = tuple(bracket.rstrip("]").split()) or everywhere
            check(example, languages)
            yield Line(text, kind, languages, (name,))
    homes = {each for area in areas("sql") for each in area.get("home", "").split()}
    homeless = {each for language in DIALECTS for each in additions(language)} - homes - LEFT_OUT
    if homeless:
        raise SystemExit(f"No area of sql.toml is the home of {sorted(homeless)}.")


def functions(language: str) -> set[str]:
    """The functions that sqlglot's parser of a language knows."""
    parser = Dialect.get_or_raise(DIALECTS[language]).parser_class
    return {str(name) for name in (*parser.FUNCTIONS, *parser.FUNCTION_PARSERS)}


def additions(language: str) -> set[str]:
    """What a dialect's own parser adds to the functions of all."""
    return functions(language) - functions("sql")


def known_in(function: str) -> tuple[str, ...]:
    """The languages that know a function of all; fails where one does not."""
    return tuple(language for language in DIALECTS if function in functions(language) or 1 / 0)


def added_in(function: str) -> tuple[str, ...]:
    """The dialects that add a function; those of all are listed as `functions`."""
    return tuple(language for language in DIALECTS if function in additions(language))


def check(example: str, languages: Iterable[str]) -> None:
    """Fail unless sqlglot parses an example in these languages, as what it is."""
    for language in languages:
        try:
            tree = sqlglot.parse_one(example, read=DIALECTS[language])
        except sqlglot.ParseError as error:
            raise SystemExit(f"`{example}` is no {language}: {error}") from error
        if isinstance(tree, exp.Command):
            raise SystemExit(f"sqlglot does not know `{example}` in {language}.")


def written(lines: Iterable[Line], remark: str) -> str:
    """Lines as a table; fails on a word that an import would refuse or change."""
    seen: dict[tuple[str, str], None] = {}
    out = io.StringIO()
    out.write(f"# {remark}\n")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(("text", "kind", "languages", "parents"))
    faults: list[str] = []
    for line in lines:
        if refusal(line.text) or tidy(line.text) != line.text or not line.languages:
            faults.append(f"{line} would be refused: {refusal(line.text)}, {tidy(line.text)!r}")
        if (normal_form(line.text), line.kind) not in seen:
            seen[normal_form(line.text), line.kind] = None
            table.writerow((line.text, line.kind, "|".join(line.languages), "|".join(line.parents)))
    if faults:
        raise SystemExit("\n".join(faults))
    return out.getvalue()


def main() -> None:
    """Write both files."""
    warnings.simplefilter("ignore", DeprecationWarning)
    python = f"Made by scripts/build_vocabularies.py from Python {platform.python_version()}"
    sql = f"Made by scripts/build_vocabularies.py from sqlglot {sqlglot.__version__}"
    for name, lines, remark in (
        ("python-stdlib", python_lines(), python),
        ("sql", sql_lines(), sql),
    ):
        text = written(lines, remark)
        (OUT / f"{name}.csv").write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {text.count(chr(10)) - 2} words, {len(text):,} bytes")


if __name__ == "__main__":
    main()
