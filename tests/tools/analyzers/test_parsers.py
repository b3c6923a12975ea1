"""PHP, Ruby, Lua, SQL and shell by their own parsers: verdicts with reasons, alone as together."""

import asyncio

import pytest

from infinite_instruct.domain import Answer, Language, Status, Verdict
from infinite_instruct.tools.analyzers import Analyzer, Batching, Toolbox, builtin_analyzers, doctor
from infinite_instruct.tools.verification import Verifier

PHP, RUBY, LUA, SHELL = Language.PHP, Language.RUBY, Language.LUA, Language.SHELL
SQL, POSTGRESQL, MYSQL = Language.SQL, Language.POSTGRESQL, Language.MYSQL
SQLITE, TSQL = Language.SQLITE, Language.TSQL
TESTED = (PHP, RUBY, LUA, SHELL, SQL, POSTGRESQL, MYSQL, SQLITE, TSQL)

GOOD = {
    "php": (PHP, "<?php\ndeclare(strict_types=1);\nfunction f(int $a): int { return $a; }\n"),
    "php-again": (PHP, "<?php\nfunction f(): int { return 2; }\n"),
    "php-namespace": (
        PHP,
        "<?php\nnamespace A\\B;\nuse C\\D;\nfunction f(): D { return new D; }\n",
    ),
    "php-html": (PHP, "<p><?php function f() { return 1; } echo f(); ?></p>\n"),
    "php-shebang": (PHP, "#!/usr/bin/env php\n<?php declare(strict_types=1);\necho 1;\n"),
    "ruby": (RUBY, "def add(a, b) = a + b\n\nputs [1, 2].map { it + 1 }\n"),
    "ruby-begin": (RUBY, "BEGIN { puts 1 }\nputs 2\n"),
    "lua": (LUA, "local a <const> = 7 // 2\nprint(a)\n"),
    "lua-5.1": (LUA, "#!/usr/bin/lua\nlocal goto = 1\nprint(goto)\n"),
    "luajit": (LUA, "print(1LL)\n"),
    "shell": (SHELL, 'for x in "$@"; do echo "$x"; done\n'),
    "shell-extglob": (SHELL, "shopt -s extglob\nls !(a|b)\n"),
    "sql": (SQL, "SELECT a, COUNT(*) FROM t WHERE b = 1 GROUP BY a;\n"),
    "sql-backticks": (SQL, "CREATE TABLE `t` (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB;\n"),
    "sql-deep": (SQL, "SELECT " + "(" * 60 + "1" + ")" * 60 + ";\n"),
    "pg": (POSTGRESQL, "SELECT a::int FROM t WHERE b = $1 AND c @> '{1}';\n"),
    "pg-psql": (POSTGRESQL, "\\c shop\nSELECT :id;\nCOPY t FROM stdin;\n1\t2\n\\.\nSELECT 1;\n"),
    "pg-do": (POSTGRESQL, "DO $$ BEGIN PERFORM 1; END $$;\n"),
    "mysql": (MYSQL, "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2;\n"),
    "mysql-body": (
        MYSQL,
        "DELIMITER //\nCREATE PROCEDURE p()\nBEGIN\n  SELECT 1;\nEND //\nDELIMITER ;\n",
    ),
    "sqlite": (SQLITE, ".mode csv\nPRAGMA foreign_keys = ON;\nSELECT a FROM t WHERE b = ?1;\n"),
    "tsql": (TSQL, "SELECT TOP 5 [a] FROM [t];\nGO\n"),
}
BAD = {
    "php-syntax": (PHP, "<?php\necho 1 +;\n", "syntax", 2),
    "php-cut": (PHP, "<?php\nfunction f() {\n    return 1;\n", "syntax", 4),
    "php-twice": (PHP, "<?php\nfunction f() {}\nfunction f() {}\n", "redefinition", 3),
    "php-class-twice": (PHP, "<?php\nclass A {}\nclass A {}\n", "redefinition", 3),
    "php-break": (PHP, "<?php\nbreak;\n", "compile-error", 2),
    "php-halt": (PHP, "<?php\necho 1;\n__HALT_Compiler();\nx\n", "denied-token", 3),
    "ruby-syntax": (RUBY, "def f\n  1\n", "syntax", 1),
    "ruby-jump": (RUBY, "x = 1\nbreak\n", "syntax", 2),
    "ruby-end": (RUBY, "puts 1\n__END__\nputs (\n", "denied-token", 2),
    "ruby-coding": (RUBY, "# coding: shift_jis\nputs 1\n", "denied-token", 1),
    "lua-syntax": (LUA, "local x = 1\nx = = 2\n", "syntax", 2),
    "lua-goto": (LUA, "goto nowhere\n", "syntax", 1),
    "lua-const": (LUA, "local a <const> = 1\na = 2\n", "syntax", 2),
    "shell-cut": (SHELL, "cat <<EOF\ntext\n", "cut-off", 2),
    "shell-spaces": (SHELL, "total = 1\n", "lint-error", 1),
    "shell-test": (SHELL, "if [1 -eq 1 ]; then\n  echo a\nfi\n", "lint-error", 1),
    "sql-syntax": (SQL, "SELECT a FORM t WHRE b = 1;\n", "syntax", 1),
    "sql-start": (SQL, "SELEC a FROM t;\n", "syntax", 1),
    "sql-cut": (SQL, "SELECT a\nFROM t\nWHERE\n", "syntax", 4),
    "pg-comma": (POSTGRESQL, "SELECT a,\nFROM t;\n", "syntax", 2),
    "pg-body": (POSTGRESQL, "DO $$ BEGIN SELEC 1; END $$;\n", "syntax", 0),
    "mysql-list": (MYSQL, "INSERT INTO t VALUES (1,,2);\n", "syntax", 1),
    "sqlite-comma": (SQLITE, "CREATE TABLE t (a INT, b INT,);\n", "syntax", 0),
    "sqlite-body": (
        SQLITE,
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELET FROM u; END;\n",
        "syntax",
        0,
    ),
    "sql-template": (SQL, "SELECT {{ column }} FROM t;\n", "denied-token", 1),
}


@pytest.fixture(scope="module")
def analyzers() -> tuple[Analyzer, ...]:
    every = builtin_analyzers(Toolbox(batching=Batching(seconds=0.05)))
    return tuple(each for each in every if each.languages & set(TESTED))


@pytest.fixture(scope="module")
def missing(analyzers: tuple[Analyzer, ...]) -> dict[Language, str]:
    """The languages whose parsers are not all here, each with what it lacks."""
    states = asyncio.run(doctor(analyzers))
    return {
        language: state.name
        for state in states
        for language in state.languages
        if state.version is None or state.lost.startswith("the parser of")
    }


@pytest.fixture(scope="module")
def verdicts(analyzers: tuple[Analyzer, ...]) -> dict[str, Verdict]:
    """Of all samples, judged together."""
    return _judged(analyzers, [*GOOD, *BAD])


def _judged(analyzers: tuple[Analyzer, ...], names: list[str]) -> dict[str, Verdict]:
    async def judge() -> list[Verdict]:
        verifier = Verifier(analyzers)
        samples = [(GOOD.get(name) or BAD[name])[:2] for name in names]
        return await asyncio.gather(
            *(verifier.verify_code(code, language) for language, code in samples)
        )

    return dict(zip(names, asyncio.run(judge()), strict=True))


def _need(missing: dict[Language, str], language: Language) -> None:
    if language in missing:
        pytest.skip(f"{missing[language]} is not installed")


@pytest.mark.parametrize("name", GOOD)
def test_good_code_is_accepted(
    verdicts: dict[str, Verdict], missing: dict[Language, str], name: str
) -> None:
    _need(missing, GOOD[name][0])
    verdict = verdicts[name]
    assert (verdict.status, verdict.reason) == (Status.ACCEPTED, "clean"), verdict.detail


@pytest.mark.parametrize("name", BAD)
def test_faulty_code_is_rejected_for_its_fault_at_its_line(
    verdicts: dict[str, Verdict], missing: dict[Language, str], name: str
) -> None:
    language, _, reason, line = BAD[name]
    _need(missing, language)
    verdict = verdicts[name]
    assert (verdict.status, verdict.reason) == (Status.REJECTED, reason), verdict.detail
    assert verdict.diagnostics[0].line == line


def test_verdicts_are_the_same_in_the_other_order(
    analyzers: tuple[Analyzer, ...], verdicts: dict[str, Verdict]
) -> None:
    reversed_ones = _judged(analyzers, [*GOOD, *BAD][::-1])
    assert {name: _lasting(each) for name, each in reversed_ones.items()} == {
        name: _lasting(each) for name, each in verdicts.items()
    }


@pytest.mark.parametrize("name", ["php-again", "php-html", "ruby-jump", "lua-5.1", "sql-syntax"])
def test_a_verdict_is_the_same_alone(
    analyzers: tuple[Analyzer, ...], verdicts: dict[str, Verdict], name: str
) -> None:
    assert _lasting(_judged(analyzers, [name])[name]) == _lasting(verdicts[name])


def _lasting(verdict: Verdict) -> Verdict:
    return verdict.model_copy(update={"seconds": 0.0})


def test_sql_that_only_one_parser_takes_is_not_decided(
    analyzers: tuple[Analyzer, ...], missing: dict[Language, str]
) -> None:
    _need(missing, SQL)
    verdict = asyncio.run(Verifier(analyzers).verify_code("SELECT a, FROM t;\n", SQL))
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")
    assert "disagree" in verdict.detail


@pytest.mark.parametrize(
    ("asked", "tag", "status"),
    [
        pytest.param(SQL, "sql", Status.ACCEPTED, id="sql"),
        pytest.param(SQL, "mysql", Status.ACCEPTED, id="its-dialect"),
        pytest.param(SQL, "postgresql", Status.REJECTED, id="another-dialect"),
        pytest.param(MYSQL, "sql", Status.ACCEPTED, id="only-the-family"),
        pytest.param(MYSQL, "postgresql", Status.REJECTED, id="not-the-asked-dialect"),
    ],
)
def test_the_fence_names_the_dialect(
    analyzers: tuple[Analyzer, ...],
    missing: dict[Language, str],
    asked: Language,
    tag: str,
    status: Status,
) -> None:
    _need(missing, asked)
    reply = Answer(text=f"Here it is.\n```{tag}\nSELECT `a` FROM `t` LIMIT 1, 2;\n```\n")
    assert asyncio.run(Verifier(analyzers).verify(reply, asked)).status is status
