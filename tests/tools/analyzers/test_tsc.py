"""JavaScript and TypeScript by the compiler: what is rejected, what is not, and who is hit."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from infinite_instruct.domain import Diagnostic, Language, Severity, Status, Verdict
from infinite_instruct.tools.analyzers import Batching, Toolbox, builtin_analyzers
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.findings import findings
from infinite_instruct.tools.analyzers.javascript.tsc import Tsc
from infinite_instruct.tools.analyzers.javascript.tsc_project import TypeScript
from infinite_instruct.tools.analyzers.policy import Policy
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TreeSitterSyntax
from infinite_instruct.tools.analyzers.toolchest import Toolchest, default_folder
from infinite_instruct.tools.verification import Verifier

JS, TS = Language.JAVASCRIPT, Language.TYPESCRIPT
COMPILER = TypeScript.find(Toolchest(folder=default_folder()))
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="TypeScript 7 is not installed")

FAULTY = {
    "js-syntax": (JS, "const f = (a => a;\n", "syntax"),
    "js-cut": (JS, "function f(a) {\n  if (a) {\n    retur", "syntax"),
    "js-types": (JS, "function f(a: number) { return a }\n", "syntax"),
    "js-await": (JS, "function f() { await g() }\nfunction g() {}\n", "syntax"),
    "js-name": (JS, "function f(a) { return b }\n", "undefined-name"),
    "js-increment": (JS, "for (let i = 0; i < 3; j++) {}\n", "undefined-name"),
    "js-twice": (JS, "const f = 1;\nconst f = 2;\n", "redefinition"),
    "js-function-twice": (JS, "function f() {}\nfunction f() {}\n", "redefinition"),
    "js-early": (JS, "const a = b + 1;\nlet b = 2;\n", "use-before-assignment"),
    "js-constant": (JS, "const a = 1;\na = 2;\n", "type-error"),
    "js-library": (JS, "const a = Object.merge({}, {});\n", "invented-attribute"),
    "js-library-value": (JS, "const a = Math.TAU;\n", "invented-attribute"),
    "js-method": (JS, "const a = [1].contains(1);\n", "invented-attribute"),
    "js-own-method": (JS, "class A { f() { this.g() } }\n", "invented-attribute"),
    "js-slip": (JS, "const f = (s) => s.splitt(' ');\n", "invented-attribute"),
    "js-foreign": (JS, "const f = (s) => s.lower();\n", "invented-attribute"),
    "js-node": (JS, "const fs = require('fs');\nfs.readAll('a');\n", "invented-attribute"),
    "js-node-name": (JS, "import { readFil } from 'fs';\nreadFil();\n", "invented-attribute"),
    "js-node-module": (JS, "const a = require('node:filesystem');\n", "invented-module"),
    "js-page-method": (JS, "document.getElementByIdd('a');\n", "invented-attribute"),
    "js-too-many": (JS, "const a = 'a'.toUpperCase(1);\n", "wrong-arguments"),
    "js-own-too-many": (JS, "function f(a) { return a }\nf(1, 2);\n", "wrong-arguments"),
    "js-word-for-number": (JS, "const a = 'abc'.repeat('x');\n", "wrong-arguments"),
    "js-list-for-number": (JS, "const a = Math.abs([1, 2]);\n", "wrong-arguments"),
    "js-number-for-function": (JS, "[1].map(5);\n", "wrong-arguments"),
    "js-not-callable": (JS, "const n = 5;\nn();\n", "wrong-arguments"),
    "js-null": (JS, "const a = null.length;\n", "type-error"),
    "js-no-result": (
        JS,
        "const f = (list) => {\n  let sum = 0;\n  for (const x of list) sum += Math.abs(x);\n};\n",
        "missing-return",
    ),
    "js-empty": (
        JS,
        "/* Returns the half. */\nconst half = (number) => {\n};\n",
        "placeholder-body",
    ),
    "ts-no-result": (
        TS,
        "export function f(a: number[]) {\n  const b = [];\n  for (const x of a) b.push(x);\n}\n",
        "missing-return",
    ),
    "ts-promised": (
        TS,
        "/** @returns the sign */\nexport const f = (a: number) => {\n  if (a) return 1;\n};\n",
        "missing-return",
    ),
    "ts-tags-name": (
        TS,
        "export const A = (p: { b: string }) => <p>{p.b}{d}</p>;\n",
        "undefined-name",
    ),
    "ts-syntax": (TS, "const a: string] = [];\n", "syntax"),
    "ts-name": (TS, "export const f = (a: number) => b;\n", "undefined-name"),
    "ts-early": (TS, "const a = b + 1;\nlet b = 2;\n", "use-before-assignment"),
    "ts-unset": (TS, "let a: number;\nconsole.log(a + 1);\n", "use-before-assignment"),
    "ts-twice": (TS, "const a = 1;\nconst a = 2;\n", "redefinition"),
    "ts-library": (TS, "const a = Math.cube(2);\n", "invented-attribute"),
    "ts-method": (TS, "const a: number[] = [];\na.append(1);\n", "invented-attribute"),
    "ts-few": (TS, "function f(a: number) { return a }\nf();\n", "wrong-arguments"),
    "ts-many": (TS, "const a = 'a'.toUpperCase(1);\n", "wrong-arguments"),
    "ts-argument": (TS, "const a = 'a'.repeat('x');\n", "wrong-arguments"),
    "ts-assignment": (TS, "const a: number = 'x';\n", "type-error"),
    "ts-no-return": (TS, "function f(): number {}\n", "placeholder-body"),
    "ts-no-return-at-end": (
        TS,
        "export function f(a: number): number { if (a) return a; }\n",
        "missing-return",
    ),
    "ts-wrong-return": (TS, "function f(): number { return 'a' }\n", "type-error"),
    "ts-beside-an-import": (TS, "import x from 'lodash';\nx.y(z);\n", "undefined-name"),
    "ts-data-beside-an-import": (TS, "import 'zod';\n'a'.upper();\n", "invented-attribute"),
}
RIGHT = {
    "js-commonjs": (JS, "const p = require('path');\nmodule.exports = { a: p.join('a') };\n"),
    "js-exports": (JS, "function f() {}\nmodule.exports = f;\nmodule.exports.default = f;\n"),
    "js-page": (JS, "document.getElementById('a').value = 1;\nfetch('x').then(r => r.json());\n"),
    "js-canvas": (JS, "const c = document.querySelector('c').getContext('2d');\nc.fill();\n"),
    "js-sloppy": (JS, "function f() { total = 1; return total }\nf();\n"),
    "js-typeof": (JS, "const a = typeof other !== 'undefined' ? other : null;\n"),
    "js-few": (JS, "function f(a, b) { return a || b }\nf(1);\n"),
    "js-variadic": (JS, "function f() { return arguments.length }\nf(1, 2);\n"),
    "js-converted": (JS, "parseInt(5);\nisNaN('3');\nnew Date() - new Date();\n"),
    "js-added": (JS, "const e = new Error('x');\ne.code = 1;\nconst f = () => 1;\nf.cache = {};\n"),
    "js-prototype": (JS, "Array.prototype.last = function () { return 1 };\n[1].last();\n"),
    "js-prototypes-class": (JS, "function A() {}\nA.prototype.f = function () { this.g() };\n"),
    "js-retyped": (JS, "let s = 'a';\ns = [s];\ns.push('b');\n"),
    "js-polyfill": (JS, "const a = [1].zip ? [1].zip() : [];\n"),
    "js-own-method-of-another": (JS, "const f = (user) => user.greetLoudly();\n"),
    "js-own-slip": (JS, "const o = { splitt: (a) => a };\nconst f = (p) => p.splitt(1);\n"),
    "js-comment-types": (JS, "/** @param {Frob} a */\nfunction f(a) { return a.b }\nf(1, );\n"),
    "js-tags": (JS, "export const A = (p) => <div className='a'>{p.b}</div>;\n"),
    "js-worker": (JS, "self.onmessage = (e) => postMessage(e.data);\nimportScripts('a');\n"),
    "js-tests": (JS, "describe('a', () => { it('b', () => expect(1).toBe(1)) });\n"),
    "js-strict-words": (JS, "var public = 1;\nwith (Math) { public = abs(1) }\n"),
    "js-top-level-await": (JS, "const r = await fetch('a');\nconsole.log(r.ok);\n"),
    "js-hash-bang": (JS, "#!/usr/bin/env node\nconsole.log(process.argv);\n"),
    "js-private": (JS, "class A {\n  #a\n  static async *b() {}\n  c() { return #a in this }\n}\n"),
    "js-callback": (JS, "const noop = (a) => {};\nfunction ignore(b) { /* nothing */ }\n"),
    "js-changes-what-it-got": (JS, "function f(a) { const b = a; b.push(1); a[0] = 2; }\n"),
    "js-calls-what-it-got": (JS, "function f(list, go) { list.map(go); }\nlet n = 0;\n"),
    "js-counts-outside": (JS, "let n = 0;\nfunction f(a) { n += a; }\nf(n);\n"),
    "js-throws": (JS, "function f(a) { if (a < 0) throw new Error('a'); }\nf(1);\n"),
    "js-finds-or-not": (JS, "function f(a) { for (const x of a) if (x) return x; }\nf([]);\n"),
    "ts-maybe-promised": (
        TS,
        "/** @returns 1 or undefined */\nexport const f = (a: number) => { if (a) return 1 };\n",
    ),
    "ts-tags": (TS, "export const A = (p: { b: string }) => <p title='a'>{p.b}</p>;\n"),
    "ts-casts": (TS, "export const a = <string>JSON.parse('</a>');\n"),
    "ts-untyped": (TS, "export function f(a, b = 1) { return a + b }\n"),
    "ts-maybe-null": (TS, "document.getElementById('a').focus();\n"),
    "ts-catch": (TS, "try { JSON.parse('') } catch (e) { console.log(e.message) }\n"),
    "ts-late-field": (TS, "export class A { a: number; set() { this.a = 1 } }\n"),
    "ts-variance": (TS, "export interface A<in out T> { f(a: T): T }\n"),
    "ts-type-exports": (TS, "export type * as b from 'fs';\n"),
    "ts-node": (TS, "import { statSync } from 'node:fs';\nimport p = require('path');\np.sep;\n"),
    "ts-own-globals": (TS, "declare global { interface Array<T> { z(): T } }\n[1].z();\n"),
    "ts-build": (TS, "export const a = __DEV__ ? 1 : 2;\n"),
    "ts-decorator": (TS, "function d(t: any, c: any) {}\n@d class A {}\nnew A();\n"),
}  # fmt: skip
SAMPLES = [(language, code) for language, code, _ in FAULTY.values()] + list(RIGHT.values())


def _judge(samples: Sequence[tuple[Language, str]], size: int = 50) -> list[Findings]:
    """Judge samples all at the same time, in batches of a size."""

    async def judge() -> list[Findings]:
        tsc = Tsc(Toolbox(batching=Batching(size=size, seconds=0 if size == 1 else 0.25)))
        return await asyncio.gather(*(tsc.check(code, language) for language, code in samples))

    return asyncio.run(judge())


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """Of all samples of both tables, judged together."""
    codes = {name: (language, code) for name, (language, code, _) in FAULTY.items()} | RIGHT

    async def judge() -> list[Verdict]:
        ours = [each for each in builtin_analyzers() if each.languages & {JS, TS}]
        verifier = Verifier(ours)
        each = (verifier.verify_code(code, language) for language, code in codes.values())
        return await asyncio.gather(*each)

    return dict(zip(codes, asyncio.run(judge()), strict=True))


@needs_compiler
@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_rejected_by_its_name(verdicts: dict[str, Verdict], name: str) -> None:
    verdict, reason = verdicts[name], FAULTY[name][2]
    assert (verdict.status, verdict.reason) == (Status.REJECTED, reason), verdict.detail
    assert verdict.diagnostics[0].line
    assert reason in findings()


@needs_compiler
@pytest.mark.parametrize("name", RIGHT)
def test_a_good_program_is_accepted(verdicts: dict[str, Verdict], name: str) -> None:
    verdict = verdicts[name]
    assert (verdict.status, verdict.reason) == (Status.ACCEPTED, "clean"), verdict.detail
    assert verdict.tier == 1


@needs_compiler
def test_alone_together_and_reversed_the_findings_are_the_same() -> None:
    samples = SAMPLES[::5]
    alone, together = _judge(samples, size=1), _judge(samples)
    assert alone == together == _judge(samples[::-1])[::-1]
    assert not any(each.fault for each in alone)


IMPORTS = {
    "import": (JS, "import x from 'lodash/fp';\nx.map([1], x.nothing).foo();\n", ("lodash",)),
    "require": (JS, "const { get } = require('@a/b/c');\nget().d(1, 2);\n", ("@a/b",)),
    "dynamic": (JS, "import('three').then((t) => t.go());\n", ("three",)),
    "effect": (JS, "import 'dotenv/config';\n", ("dotenv",)),
    "address": (JS, "import x from 'https://esm.sh/a';\nx();\n", ("https://esm.sh/a",)),
    "sibling": (JS, "import x from './x.js';\nimport y from './y.json';\n", ("./x.js", "./y.json")),
    "page": (JS, "$('a').hide();\njQuery('b').show();\n", ("jquery",)),
    "class": (
        TS,
        "import { B } from 'b';\nexport class A extends B { f() { return this.g(new A(1)) } }\n",
        ("b",),
    ),
    "guard": (
        TS,
        "import { is } from 'a';\nexport const f = (x: 1 | 'b'): number => is(x) ? x : 1;\n",
        ("a",),
    ),
    "callback": (TS, "import e from 'koa';\ne().get('/', (q, r) => r.send(q));\n", ("koa",)),
    "typed": (TS, "import type { T } from 't';\nexport const f = (t: T) => t.u.v;\n", ("t",)),
}  # fmt: skip


@needs_compiler
def test_imports_from_outside_are_named_without_cascades() -> None:
    found = _judge([(language, code) for language, code, _ in IMPORTS.values()])
    unresolved = {name: each.unresolved for name, each in zip(IMPORTS, found, strict=True)}
    assert unresolved == {name: names for name, (_, _, names) in IMPORTS.items()}
    policy = Policy.load()
    for (language, code, _), each in zip(IMPORTS.values(), found, strict=True):
        weighed = policy.judge(each.diagnostics, language)
        assert [one for one in weighed if one.severity is Severity.FATAL] == [], code


INVENTING = [
    (TS, "declare global { interface Array<T> { zork(): void } }\nexport {};\n"),
    (TS, "declare\nglobal " + " " * 99 + "{ interface Array<T> { zork(): void } }\nexport {};\n"),
    (TS, "declare glob\\u0061l { interface Array<T> { zork(): void } }\nexport {};\n"),
    (TS, "declare module 'fs' { export function zork(): void }\nexport {};\n"),
    (TS, "module /**/ 'fs' { export function zork(): void }\n"),
    (TS, "interface Array<T> { zork(): void }\nvar zork = 1;\n"),
    (JS, "declare global { interface Array { zork() } }\n"),
    (JS, "Array.prototype.zork = 1;\nwindow.zork = 1;\nglobalThis.zork = 1;\nzork = 1;\n"),
]


@needs_compiler
def test_what_a_text_declares_for_all_is_not_there_for_its_neighbours() -> None:
    victims = [
        (TS, "[1].zork();\nimport * as fs from 'fs';\nfs.zork();\nzork();\n"),
        (JS, "[1].zork();\nrequire('fs').zork();\nzork();\n"),
    ]
    alone = _judge(victims, size=1)
    assert [len(each.diagnostics) for each in alone] == [3, 3]
    among = _judge([*INVENTING, *victims, *INVENTING])
    assert among[len(INVENTING) : len(INVENTING) + 2] == alone
    assert _judge([*INVENTING, *victims], size=1)[len(INVENTING) :] == alone


@needs_compiler
@pytest.mark.parametrize("way", ["{folder}/secret", "./../../../../../../../..{folder}/secret"])
def test_no_file_outside_is_read(tmp_path: Path, way: str) -> None:
    (tmp_path / "secret.ts").write_text("export const secret = 'S3CRET' as const;\n")
    (tmp_path / "secret.json").write_text(json.dumps({"secret": "S3CRET"}))
    path = way.format(folder=tmp_path)
    codes = [
        f"import {{ secret }} from '{path}';\nexport const x: number = secret;\n",
        f"import s from '{path}.json';\nexport const x: number = s.secret;\n",
        f"let x: typeof import('{path}') = 1;\n",
        f"/// <reference path='{path}.ts' />\nlet x: number = 'a';\n",
        f"const s = require('{path}');\nlet x: number = s.secret;\n",
    ]
    found = _judge([(TS, code) for code in codes] + [(JS, code) for code in codes])
    assert "S3CRET" not in "".join(each.model_dump_json() for each in found)
    assert not any("verify-" in each.model_dump_json() for each in found)


BOMB = (
    "type D = 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j';\n"
    "type S = `${D}${D}${D}${D}`;\n"
    "type M = { [K in S]: { [L in S]: `${K}${L}` }[S] }[S];\nlet m: M = 'x';\n"
)


@needs_compiler
def test_a_type_bomb_hits_only_itself() -> None:
    good, bad = "export const a = 1;\n", "export const a = b;\n"

    async def judge() -> list[Findings]:
        tsc = Tsc(Toolbox(seconds=1))
        return await asyncio.gather(*(tsc.check(code, TS) for code in (good, bad, BOMB, bad, good)))

    first, second, bomb, third, last = asyncio.run(judge())
    assert bomb.fault
    assert not any(each.fault for each in (first, second, third, last))
    assert [each.diagnostics for each in (first, last)] == [(), ()]
    assert [d.rule for d in (*second.diagnostics, *third.diagnostics)] == ["TS2304"] * 2


@pytest.mark.parametrize(
    "stub",
    ["exit 0", "sleep 60", "kill -SEGV $$", "yes", "while read l; do printf '%s' x; done"],
    ids=["silent", "late", "crash", "garbage", "no-length"],
)
async def test_a_compiler_that_did_not_look_is_never_a_pass(tmp_path: Path, stub: str) -> None:
    program, types = tmp_path / "tsc", tmp_path / "types"
    program.write_text(f"#!/bin/sh\n{stub}\n")
    program.chmod(0o755)
    types.mkdir()
    (types / "index.d.ts").write_text("")
    tsc = Tsc(Toolbox(seconds=0.2), TypeScript(program=program, node_types=types, version="7"))
    verdict = await Verifier([tsc, TreeSitterSyntax()]).verify_code("let a = 1;\n", TS)
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")
    assert "tsc" in verdict.detail


async def test_without_the_compiler_nothing_is_accepted(tmp_path: Path) -> None:
    tsc = Tsc(Toolbox(chest=Toolchest(folder=tmp_path)))
    verdict = await Verifier([tsc, TreeSitterSyntax()]).verify_code("let a = 1;\n", JS)
    assert (verdict.status, verdict.reason) == (Status.UNVERIFIABLE, "analyzer-failed")
    assert "TypeScript is not installed" in verdict.detail
    state = await tsc.describe()
    assert state.version is None
    assert "doctor --install" in state.install


@needs_compiler
@pytest.mark.parametrize("code", ["\ud800", "x;" * 200_000], ids=["surrogate", "large"])
async def test_what_cannot_be_looked_at_is_a_fault_of_its_own(code: str) -> None:
    tsc = Tsc(Toolbox())
    barred, good = await asyncio.gather(tsc.check(code, JS), tsc.check("let a = 1;\n", JS))
    assert barred.fault
    assert not good.fault


@needs_compiler
async def test_doctor_tells_the_compilers_version() -> None:
    state = await Tsc(Toolbox()).describe()
    assert state.version is not None
    assert state.languages == (JS, TS)


@needs_compiler
@pytest.mark.parametrize(
    ("language", "code", "reason"),
    [
        pytest.param(TS, "export const f = (a) => a;\n", "type-error", id="implicit-any"),
        pytest.param(TS, "document.getElementById('a').focus();\n", "type-error", id="null"),
        pytest.param(JS, "parseInt(5);\n", "wrong-arguments", id="converted"),
    ],
)
async def test_a_strict_policy_rejects_what_the_compiler_calls_an_error(
    language: Language, code: str, reason: str
) -> None:
    tsc = Tsc(Toolbox())
    assert (await Verifier([tsc]).verify_code(code, language)).accepted
    strict = await Verifier([tsc], Policy.load(strict=True)).verify_code(code, language)
    assert (strict.status, strict.reason) == (Status.REJECTED, reason)


@needs_compiler
def test_places_are_counted_in_characters() -> None:
    (found,) = _judge([(TS, 'const a = "héé😀";\nconst b = "😀😀"; let c: number = a;\n')])
    (diagnostic,) = found.diagnostics
    assert isinstance(diagnostic, Diagnostic)
    assert (diagnostic.line, diagnostic.column) == (2, 21)
