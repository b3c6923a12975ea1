"""What a Rust text asks of its compiler is read before the compiler sees it."""

import pytest

from infinite_instruct.tools.analyzers.rust.cfg import Condition
from infinite_instruct.tools.analyzers.rust.source import Form, read_source

FACTS = frozenset({"unix", 'target_os="linux"', "debug_assertions"})


@pytest.mark.parametrize(
    ("code", "form"),
    [
        pytest.param("fn f() -> u8 { 1 }\n", Form.MODULE, id="plain"),
        pytest.param("pub(crate) fn f() {}\n", Form.MODULE, id="visible-in-its-crate"),
        pytest.param("mod a { use super::*; }\n", Form.MODULE, id="super-inside"),
        pytest.param("use super::*;\n", Form.TESTED, id="super-outside"),
        pytest.param("mod a { use super::super::b; }\n", Form.TESTED, id="super-twice"),
        pytest.param("fn f() {}\nfn g() { crate::f(); }\n", Form.TESTED, id="its-own-root"),
        pytest.param("#![no_std]\n", Form.TESTED, id="an-attribute-of-crates"),
        pytest.param("#![allow(dead_code)]\nfn f() {}\n", Form.MODULE, id="one-of-modules"),
        pytest.param("#[macro_export]\nmacro_rules! m { () => {} }\n", Form.TESTED, id="exported"),
        pytest.param("struct A;\nimpl PartialEq<A> for i32 {}\n", Form.TESTED, id="felt-by-others"),
        pytest.param("struct A;\nimpl PartialEq<i32> for &A {}\n", Form.MODULE, id="its-own-type"),
        pytest.param("trait A {}\nimpl A for i32 {}\n", Form.MODULE, id="its-own-trait"),
        pytest.param(
            "macro_rules! m { ($t:ty) => { impl A for $t {} } }\n", Form.TESTED, id="by-macro"
        ),
        pytest.param("#[proc_macro]\npub fn f() {}\n", Form.MACROS, id="macros"),
        pytest.param("fn f() { (1; }\n", Form.TESTED, id="broken"),
    ],
)
def test_a_text_that_feels_its_neighbours_is_compiled_alone(code: str, form: Form) -> None:
    assert read_source(code, FACTS).form is form


@pytest.mark.parametrize(
    ("main", "is_strange"),
    [
        ("fn main() {", False),
        ("pub fn main() -> Result<(), Box<dyn std::error::Error + Send>> {", False),
        ("fn main() -> std::io::Result<()> {", False),
        ("fn main() -> i32 {", True),
        ("fn main(n: u8) {", True),
        ("async fn main() {", True),
        ("fn main() -> Result<(), Mine> {", True),
    ],
)
def test_a_strange_main_is_compiled_as_a_program_too(main: str, *, is_strange: bool) -> None:
    assert read_source(f"{main}\n}}\n", FACTS).second is (Form.PROGRAM if is_strange else None)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        pytest.param('const X: u8 = r#include_bytes!("a")[0];', "denied-token", id="raw-name"),
        pytest.param("use std::{include_str as pick};", "denied-token", id="new-name"),
        pytest.param("use std::include as pick;", "denied-token", id="include-renamed"),
        pytest.param('include /*a*/ !("a");', "denied-token", id="comment-between"),
        pytest.param(
            "macro_rules! m { ($i:ident) => {$i!(1)} } m!(include);", "denied-token", id="passed"
        ),
        pytest.param('fn f() { env!("PATH"); }', "denied-token", id="environment"),
        pytest.param('#[r#path = "/a"] mod x;', "missing-module", id="file-by-raw-path"),
        pytest.param(
            'macro_rules! m { ($a:ident) => {#[$a = "/a"] mod x;} } m!(path);',
            "denied-token",
            id="path-by-macro",
        ),
        pytest.param('#![recursion_limit = "9999"]', "denied-token", id="limit"),
        pytest.param("#![allow(long_running_const_eval)]", "denied-token", id="endless-constant"),
        pytest.param("#[cfg(any())] fn f() {}", "hidden-code", id="never-compiled"),
        pytest.param("#[r#cfg(not(all()))] fn f() {}", "hidden-code", id="never-by-raw-name"),
        pytest.param("#[cfg_attr(all(), cfg(any()))] fn f() {}", "denied-token", id="never-twice"),
        pytest.param(
            "macro_rules! m { () => { #[cfg(any())] fn f() {} } }", "hidden-code", id="in-macro"
        ),
        pytest.param(
            'fn f() { unsafe extern "C" { safe fn g(); } } #[cfg(FALSE)] fn f() {}',
            "hidden-code",
            id="unknown-grammar",
        ),
    ],
)
def test_what_steers_the_compiler_never_reaches_it(code: str, reason: str) -> None:
    assert reason in [each.rule for each in read_source(code, FACTS).denied]


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("use std::env;\nfn f() { env::args(); }", id="a-module"),
        pytest.param("fn f(include: bool, path: u8) -> bool { include }", id="names"),
        pytest.param('fn f() -> &\'static str { "include_str!" } // include!("a")', id="text"),
        pytest.param('fn f() -> &\'static str { env!("CARGO_PKG_VERSION") }', id="of-cargo"),
        pytest.param("#[cfg(test)]\nmod tests { use super::*; }", id="tests"),
        pytest.param("fn f() -> bool { cfg!(windows) }", id="asked-at-run-time"),
        pytest.param('#[cfg_attr(feature = "serde", derive(Serialize))] struct A;', id="derived"),
    ],
)
def test_what_only_looks_like_it_is_compiled(code: str) -> None:
    source = read_source(code, FACTS)
    assert source.denied == ()
    assert source.left_out == ""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("(test)", "tests"),
        ("(not(test))", "outside"),
        ("(unix)", "both"),
        ('(all(unix, not(target_os = "windows"), any(test, debug_assertions)))', "both"),
        ('(target_os = "windows")', "elsewhere"),
        ('(feature = "fast")', "elsewhere"),
        ("(any())", "nowhere"),
        ("(not(all()))", "nowhere"),
        ("(FALSE)", "nowhere"),
        ("()", "nowhere"),
        ("(all(", "nowhere"),
    ],
)
def test_a_condition_is_weighed_as_the_compiler_does(text: str, where: str) -> None:
    condition = Condition.read(text, FACTS)
    found = {
        (True, True): "both",
        (True, False): "tests",
        (False, True): "outside",
    }.get((condition.in_tests, condition.outside_tests))
    assert (found or ("elsewhere" if condition.elsewhere else "nowhere")) == where
    assert condition.nowhere is (where == "nowhere")
