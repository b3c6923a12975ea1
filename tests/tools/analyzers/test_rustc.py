"""Rust by rustc: in company and alone, with crates that are missing, under attack."""

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from infinite_instruct.domain import Language, Severity, Status, Verdict
from infinite_instruct.tools.analyzers import Batching, Toolbox
from infinite_instruct.tools.analyzers.findings import findings
from infinite_instruct.tools.analyzers.policy import Policy
from infinite_instruct.tools.analyzers.rust.rustc import Rustc
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.verification import Verifier

needs_rustc = pytest.mark.skipif(shutil.which("rustc") is None, reason="rustc is not installed")

FAULTY = {
    "syntax": ("fn f() { let x = (1; }\n", "syntax"),
    "cut": ("fn f() -> u8 {\n    let x = 1;\n", "syntax"),
    "name": ("fn f() -> u8 { x }\n", "undefined-name"),
    "import": ("fn f() { let m: HashMap<u8, u8>; }\n", "undefined-name"),
    "module": ('fn f() { fs::read("a").unwrap(); }\n', "undefined-name"),
    "invented": ('fn f() { std::fs::read_all("a"); }\n', "undefined-name"),
    "method": ("fn f() { vec![1].push_all(2); }\n", "invented-attribute"),
    "arity": ("fn f(x: u8) {}\nfn g() { f(1, 2); }\n", "wrong-arguments"),
    "type": ('fn f() -> i32 { "x" }\n', "type-error"),
    "return": ("fn f(x: u8) -> u8 {\n    if x > 1 { return 2; }\n}\n", "type-error"),
    "early": ("fn f() { let x: u8; let y = x; }\n", "use-before-assignment"),
    "twice": ("fn f() {}\nfn f() {}\n", "redefinition"),
    "moved": ("fn f(v: Vec<u8>) { drop(v); drop(v); }\n", "borrow-error"),
    "borrowed": (
        'fn f(v: &mut Vec<u8>) { let a = &v[0]; v.push(1); print!("{a}"); }\n',
        "borrow-error",
    ),
    "constant": ("fn f() -> u8 { let a = [1]; a[1] }\n", "compile-error"),
    "empty-branch": ("fn f(x: u8) -> u8 {\n    if x > 1 {\n\n    }\n    x\n}\n", "empty-branch"),
    "main": ("fn main() -> i32 { 1 }\n", "type-error"),
    "in-tests": ("#[cfg(test)]\nmod t {\n    #[test]\n    fn a() { b(); }\n}\n", "undefined-name"),
    "outside-tests": ('#[cfg(not(test))]\nfn f() -> u8 { "x" }\n', "type-error"),
    "file": ("mod other;\nfn f() {}\n", "missing-module"),
    "super": ("use super::*;\nfn f() {}\n", "undefined-name"),
    "macro": ('fn f() { sprintln!("a"); }\n', "undefined-name"),
}
RIGHT = {
    "plain": "fn f(x: u8) -> u8 { x + 1 }\n",
    "main": "fn main() -> Result<(), Box<dyn std::error::Error>> { Ok(()) }\n",
    "inferred": "fn f(s: &str) -> bool { 5 == s.parse().unwrap() }\n",
    "felt": "struct A;\nimpl PartialEq<A> for i32 { fn eq(&self, _: &A) -> bool { true } }\n",
    "its-root": "fn f() {}\nmod a { fn g() { crate::f(); } }\n",
    "exported": "#[macro_export]\nmacro_rules! twice { ($x:expr) => { $x + $x } }\n",
    "tests": "fn f() {}\n#[cfg(test)]\nmod t {\n    use super::*;\n    #[test]fn a() { f(); }\n}\n",
    "no-std": "#![no_std]\nextern crate alloc;\nuse alloc::vec::Vec;\nfn f(v: Vec<u8>) {}\n",
    "in-2024": "fn f(a: Option<u8>) -> u8 { if let Some(x) = a && x > 1 { x } else { 0 } }\n",
    "in-2018": "fn f(e: Box<std::error::Error>) {}\n",
    "lints": "#![deny(warnings)]\nfn f() { let unused = 1; }\n",
    "allowed": "#[allow(dead_code, clippy::too_many_arguments)]\nfn f() {}\n",
    "newer-than-the-grammar": 'unsafe extern "C" { safe fn abs(x: i32) -> i32; }\n',
    "env": "use std::env;\nfn f() -> usize { env::args().count() }\n",
}
LACKING = {
    "serde": (
        (
            "use serde::{Deserialize, Serialize};\n#[derive(Serialize, Deserialize)]\n"
            "#[serde(default)]\nstruct A { #[serde(skip)] x: u8 }\n"
            'fn f() -> A { serde_json::from_str("").unwrap() }\n'
        ),
        ("serde", "serde_json"),
    ),
    "methods": (
        'use itertools::Itertools;\nfn f() -> String { [1].iter().join(",") }\n',
        ("itertools",),
    ),
    "glob": ("use rayon::prelude::*;\nfn f(v: Vec<u8>) -> u8 { v.par_iter().sum() }\n", ("rayon",)),
    "parser": (
        (
            "use clap::Parser;\n#[derive(Parser)]\n#[command(version)]\n"
            "struct Args { #[arg(short)] n: u8 }\n"
            "fn main() { let n = Args::parse().n; }\n"
        ),
        ("clap",),
    ),
    "errors": (
        (
            '#[derive(thiserror::Error, Debug)]\nenum E { #[error("a")] A }\n'
            "fn f() -> Result<(), Box<dyn std::error::Error>> { Err(E::A)? }\n"
        ),
        ("thiserror",),
    ),
    "async": (
        "#[tokio::main]\nasync fn main() -> anyhow::Result<()> { Ok(()) }\n",
        ("tokio", "anyhow"),
    ),
    "old": (
        (
            "#[macro_use]\nextern crate lazy_static;\nextern crate rand as r;\nuse r::Rng;\n"
            "lazy_static! { static ref X: u8 = 1; }\nfn f() -> u8 { *X }\n"
        ),
        ("lazy_static", "rand"),
    ),
    "like-std": (
        "use num::BigInt;\nuse time::OffsetDateTime as T;\nfn f(x: BigInt) { T::now_utc(); }\n",
        ("num", "time"),
    ),
}
BESIDE = {
    "type": 'use regex::Regex;\nfn f() -> i32 { "x" }\n',
    "moved": "use rand::Rng;\nfn f(v: Vec<u8>) { drop(v); drop(v); }\n",
    "name": "use rand::Rng;\nfn f() -> u8 { undefined }\n",
    "method": 'use regex::Regex;\nfn f() { Regex::new("a"); String::new().shout(); }\n',
    "derive": 'use serde::Serialize;\n#[derive(Serialize)]\nstruct A;\nfn f() -> i32 { "x" }\n',
}


def _verifier(batching: Batching | None = None, seconds: float = 20) -> Verifier:
    box = Toolbox(batching=batching or Batching(), seconds=seconds)
    return Verifier([TreeSitterSyntax(), Rustc(box)])


async def _judge(codes: Sequence[str], verifier: Verifier) -> list[Verdict]:
    return list(
        await asyncio.gather(*(verifier.verify_code(code, Language.RUST) for code in codes))
    )


def _lasting(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [each.model_copy(update={"seconds": 0.0}) for each in verdicts]


ALL = {
    **{f"faulty-{name}": code for name, (code, _) in FAULTY.items()},
    **{f"right-{name}": code for name, code in RIGHT.items()},
    **{f"lacking-{name}": code for name, (code, _) in LACKING.items()},
    **{f"beside-{name}": code for name, code in BESIDE.items()},
}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Of all samples, judged together."""
    return dict(zip(ALL, asyncio.run(_judge([*ALL.values()], _verifier())), strict=True))


@needs_rustc
@pytest.mark.parametrize("name", FAULTY)
def test_faulty_rust_is_rejected_for_its_fault(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"faulty-{name}"]
    assert (verdict.status, verdict.reason) == (Status.REJECTED, FAULTY[name][1]), verdict.detail
    assert verdict.reason in findings()
    assert verdict.diagnostics[0].line <= ALL[f"faulty-{name}"].count("\n")


@needs_rustc
@pytest.mark.parametrize("name", RIGHT)
def test_good_rust_is_accepted(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[f"right-{name}"]
    assert verdict.accepted, verdict.detail
    assert any(tool.startswith("rustc ") for tool in verdict.tools)


@needs_rustc
@pytest.mark.parametrize("name", LACKING)
def test_missing_crates_are_named_and_reject_nothing(
    verdicts: dict[str, Verdict], name: str
) -> None:
    verdict = verdicts[f"lacking-{name}"]
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "unresolved-import"), verdict
    assert set(verdict.unresolved) == set(LACKING[name][1])


@needs_rustc
@pytest.mark.parametrize("name", BESIDE)
def test_a_fault_beside_a_missing_crate_still_rejects(
    verdicts: dict[str, Verdict], name: str
) -> None:
    verdict = verdicts[f"beside-{name}"]
    assert verdict.status is Status.REJECTED, verdict
    assert len(verdict.unresolved) == 1


@needs_rustc
def test_the_verdict_is_the_same_alone_and_in_any_company(verdicts: dict[str, Verdict]) -> None:
    names = [name for number, name in enumerate(ALL) if number % 4 == 0]
    alone = asyncio.run(_judge([ALL[name] for name in names], _verifier(Batching(size=1))))
    backwards = asyncio.run(_judge([*reversed(ALL.values())], _verifier(Batching(size=7))))
    assert _lasting(alone) == _lasting([verdicts[name] for name in names])
    assert _lasting([*reversed(backwards)]) == _lasting([*verdicts.values()])


@needs_rustc
def test_messages_tell_of_their_own_text_only() -> None:
    codes = ["fn f() { Args::new(); }\n", "pub struct Args;\n", "const _: () = panic!(file!());\n"]
    lost, _, panicked = asyncio.run(_judge(codes, _verifier()))
    assert lost.diagnostics[0].message.startswith("cannot find type `Args` in this scope")
    assert "sample.rs" in panicked.diagnostics[0].message
    assert not any(word in panicked.model_dump_json() for word in ("verify-", "/tmp", "s_"))


@needs_rustc
def test_an_attack_costs_its_neighbours_nothing() -> None:
    bomb = "macro_rules! b { ($($t:tt)*) => { b!($($t)* $($t)*); } }\nb!(a);\n"
    slow = "fn f() { let x = 1u8; " + "let x = (x, x); " * 40 + "let y: i32 = x; }\n"
    codes = [RIGHT["plain"], bomb, FAULTY["type"][0], slow, RIGHT["inferred"]]
    right, bombed, wrong, slowed, inferred = asyncio.run(_judge(codes, _verifier(seconds=2)))
    assert right.accepted
    assert inferred.accepted
    assert wrong.reason == "type-error"
    assert {bombed.reason, slowed.reason} == {"analyzer-failed"}


@needs_rustc
def test_files_outside_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("S3CRET 1 2")
    codes = [
        f'use std::include_str as p;\nconst _: () = panic!("{{}}", p!("{secret}"));\n',
        f'macro_rules! m {{ ($i:ident) => {{ $i!("{secret}"); }} }}\nm!(include);\n',
        f'#[cfg_attr(all(), path = "{secret}")]\nmod m;\n',
        f'macro_rules! m {{ ($a:ident $b:tt) => {{ #[$a = "{secret}"] $b x; }} }} m!(path mod);\n',
        f'#![debugger_visualizer(natvis_file = "{secret}")]\nfn f() {{}}\n',
    ]
    verdicts = asyncio.run(_judge(codes, _verifier()))
    assert not any(each.status is Status.ACCEPTED for each in verdicts)
    assert not any("S3CRET" in each.model_dump_json() for each in verdicts)


@needs_rustc
def test_code_for_other_machines_is_not_verified() -> None:
    code = 'fn f() {}\n#[cfg(target_os = "windows")]\nfn g() {}\n'
    (verdict,) = asyncio.run(_judge([code], _verifier()))
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")
    assert 'cfg(target_os = "windows")' in verdict.detail


@needs_rustc
def test_a_lint_that_tells_of_a_fault_warns_and_rejects_where_it_is_strict() -> None:
    code = "fn f(x: u8) -> u8 { f(x) }\n"
    verifier = _verifier()
    (lenient,) = asyncio.run(_judge([code], verifier))
    strict = Verifier(verifier.analyzers, Policy.load(strict=True))
    (rejected,) = asyncio.run(_judge([code], strict))
    assert lenient.accepted
    assert [each.severity for each in lenient.diagnostics] == [Severity.WARNING]
    assert rejected.diagnostics[0].rule == "unconditional_recursion"
    assert rejected.status is Status.REJECTED


@pytest.mark.parametrize(
    "stub", ["exit 0", "echo garbage >&2; exit 1", "kill -SEGV $$", "sleep 60", "exit 101"]
)
async def test_a_compiler_that_did_not_look_is_never_a_pass(tmp_path: Path, stub: str) -> None:
    tool = tmp_path / "rustc"
    answers = 'case "$*" in *--print*) echo /none; exit;; *--version*) echo rustc 1; exit;; esac'
    tool.write_text(f"#!/bin/sh\n{answers}\n{stub}\n")
    tool.chmod(0o755)
    rustc = Rustc(Toolbox(batching=Batching(seconds=0), seconds=0.3), [str(tool)])
    for code in (RIGHT["plain"], RIGHT["its-root"]):
        (verdict,) = await _judge([code], Verifier([rustc]))
        assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")
    assert (await rustc.describe()).version is None


async def test_a_missing_compiler_is_told() -> None:
    rustc = Rustc(Toolbox(batching=Batching(seconds=0)), ["/nowhere/rustc"])
    assert (await rustc.check("fn f() {}\n", Language.RUST)).fault == "rustc is not installed"
    assert (await rustc.describe()).version is None
