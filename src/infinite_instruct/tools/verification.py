"""The verifier: a model's answer goes in, a verdict with its reason comes out. Nothing is run."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from infinite_instruct.domain import Answer, Diagnostic, Language, Severity, Status, Value, Verdict
from infinite_instruct.tools.analyzers.base import MAX_DIAGNOSTICS, Analyzer, Findings
from infinite_instruct.tools.analyzers.batch_analyzer import Batched
from infinite_instruct.tools.analyzers.policy import Denied, Policy
from infinite_instruct.tools.analyzers.python.packages import Packages
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.analyzers.text.look import look_at_text
from infinite_instruct.tools.analyzers.text.structure import (
    Expectation,
    asked_for,
    repaired,
)
from infinite_instruct.tools.analyzers.text.tree_sitter_syntax import TRUSTED, TreeSitterSyntax
from infinite_instruct.tools.answers import (
    ExtractedCode,
    Fault,
    code_blocks,
    extract_code,
    one_line_end,
    tagged,
)
from infinite_instruct.tools.packages import PackageNames
from infinite_instruct.tools.prose import prose_faults
from infinite_instruct.tools.shape import functions_of
from infinite_instruct.tools.verdict_cache import FindingsCache, rules_identity

__all__ = ["Expectation", "Verifier"]

CACHE_SIZE = 10_000

_NOTHING_ASKED = Expectation()


class Looked(Value):
    """All that was found in one text, before it is weighed."""

    diagnostics: tuple[Diagnostic, ...] = ()
    unresolved: tuple[str, ...] = ()
    suppressions: int = 0
    faults: tuple[str, ...] = ()
    """Analyzers that could not look, each with its cause."""
    tools: tuple[str, ...] = ()
    tier: int = 0


class Verifier:
    """Judges answers by the analyzers of their language, cheapest checks first.

    Args:
        analyzers: Who looks; see `analyzers.builtin_analyzers`.
        policy: What weighs how.
        cache: Where findings are kept for other processes, too; None for this one only.
        packages: Tells which packages exist; None for the shipped lists.
        installed: The Python packages that are here to be looked into; None for none.
    """

    def __init__(
        self,
        analyzers: Sequence[Analyzer],
        policy: Policy | None = None,
        cache: FindingsCache | None = None,
        packages: PackageNames | None = None,
        installed: Packages | None = None,
    ) -> None:
        self.analyzers = tuple(analyzers)
        self._policy = policy or Policy.load()
        self._packages = packages or PackageNames()
        self._installed = installed
        self._seen = _Seen(cache)
        self._identities: dict[Language, str] = {}
        self._waking: dict[Language, list[asyncio.Task[None]]] = {}

    async def verify(
        self,
        answer: Answer,
        language: Language,
        expected: Expectation = _NOTHING_ASKED,
        previous: Answer | None = None,
    ) -> Verdict:
        """Judge an answer.

        Args:
            answer: What the model replied.
            language: The language that the code has to be in.
            expected: What the problem fixes.
            previous: The answer which this one repairs; a repair may not delete its way out.
        """
        started = time.monotonic()
        if answer.finish_reason != "stop":
            verdict = self._at_once("truncated", f"The model ended by {answer.finish_reason[:40]}.")
        elif expected.code_required:
            verdict = await self._verify_code_answer(answer, language, expected, previous)
        else:
            verdict = await self._verify_prose(answer, language, expected)
        return verdict.model_copy(update={"seconds": time.monotonic() - started})

    async def verify_code(self, code: str, language: Language) -> Verdict:
        """Judge a text that is code as a whole; what quick analyzers reject no slow one sees."""
        started = time.monotonic()
        looked = await self._look(one_line_end(code), language, every_stage=False)
        verdict = self._weigh(looked, language)
        return verdict.model_copy(update={"seconds": time.monotonic() - started})

    def code_of(self, answer: Answer, language: Language) -> str:
        """The code of an answer, whose lines the diagnostics count; empty where there is none."""
        extracted = extract_code(answer.text, language)
        return extracted.code if isinstance(extracted, ExtractedCode) else ""

    async def _verify_code_answer(
        self, answer: Answer, language: Language, expected: Expectation, previous: Answer | None
    ) -> Verdict:
        extracted = extract_code(answer.text, language)
        if isinstance(extracted, Fault):
            refusals = [each for each in prose_faults(answer.text) if each.rule == "refusal"]
            reason = "refusal" if refusals else extracted.code
            return self._at_once(reason, extracted.detail)
        language = extracted.language
        looked = await self._look(extracted.code, language)
        if not _is_gated(looked):
            more = [*asked_for(extracted.code, language, expected)]
            if previous is not None:
                more += repaired(extracted.code, self.code_of(previous, language), language)
            looked = looked.model_copy(update={"diagnostics": (*more, *looked.diagnostics)})
        return self._weigh(looked, language)

    async def _verify_prose(
        self, answer: Answer, language: Language, expected: Expectation
    ) -> Verdict:
        faults = tuple(prose_faults(answer.text))
        if faults:
            return self._weigh(Looked(diagnostics=faults, tools=("text",)), language)
        blocks = code_blocks(answer.text)
        if blocks and not blocks[-1].closed:
            return self._at_once("unclosed-fence", "The last code block is never closed.")
        codes = [each.code for each in tagged(blocks, language) if each.code.strip()]
        if expected.quotes:
            verdict = await self._verify_quotes(codes, language)
        else:
            verdict = await self._verify_examples(codes, language)
        if verdict is not None and not verdict.accepted:
            return verdict
        if verdict is None:
            return Verdict(status=Status.ACCEPTED, reason="clean", tools=("text",))
        return verdict.model_copy(update={"tools": ("text", *verdict.tools)})

    async def _verify_quotes(self, codes: list[str], language: Language) -> Verdict | None:
        """The worst verdict on quoted functions; lines torn out of code cannot be judged."""
        spared = self._policy.quoted_code_may_have
        whole = [code for code in codes if functions_of(code, language)]
        verdicts = [
            self._weigh(await self._look(each, language), language, spared) for each in whole
        ]
        return min(verdicts, key=_rank, default=None)

    async def _verify_examples(self, codes: list[str], language: Language) -> Verdict | None:
        """The verdict on an explanation's own examples: each by itself, or all as one text."""
        spared = self._policy.examples_may_have
        verdicts = [
            self._weigh(await self._look(each, language), language, spared) for each in codes
        ]
        worst = min(verdicts, key=_rank, default=None)
        if worst is None or worst.accepted or len(codes) == 1:
            return worst
        # A later block may build on an earlier one.
        return self._weigh(await self._look("\n".join(codes), language), language, spared)

    async def _look(self, code: str, language: Language, *, every_stage: bool = True) -> Looked:
        """All about a text, from the cache where it was seen before.

        Args:
            code: The text.
            language: Its language.
            every_stage: Whether to go on where a stage rejects already: a repair needs all.
        """
        key = self._key(code, language, every_stage=every_stage)
        known = self._seen.find(key)
        if known is not None:
            return known
        looked = await self._look_anew(code, language, every_stage=every_stage)
        if not looked.faults:
            self._seen.keep(key, looked)
        return looked

    def _key(self, code: str, language: Language, *, every_stage: bool) -> bytes:
        if language not in self._identities:
            self._identities[language] = self._identity(language)
        text = f"{self._identities[language]} {every_stage}\n{code}"
        return hashlib.sha256(text.encode(errors="surrogatepass")).digest()

    def missing(self, language: Language) -> tuple[str, ...]:
        """The analyzers of a language that are not on this machine: no answer of it can pass."""
        asked = (each for each in self.analyzers if language in each.languages)
        return tuple(each.name for each in asked if not each.identity())

    def _identity(self, language: Language) -> str:
        """All that findings depend on besides the text: tools, policy, our own rules."""
        tools = [each.identity() for each in self.analyzers if language in each.languages]
        installed = self._installed.folder if self._installed else ""
        whole = (tools, self._policy.model_dump_json(), str(installed), rules_identity())
        return hashlib.sha256(repr(whole).encode()).hexdigest()

    async def _look_anew(self, code: str, language: Language, *, every_stage: bool) -> Looked:
        denied = self._policy.denied.get(language, Denied())
        text = look_at_text(code, language, denied, self._installed)
        looked = Looked(
            diagnostics=text.diagnostics,
            unresolved=text.unresolved,
            suppressions=text.suppressions,
            tools=text.tools,
        )
        # A policy may let the language's own parser decide: then a broken tree ends nothing.
        if text.is_barred or (text.is_broken and self._rejects(looked, language)):
            return looked
        self._wake(language)
        for analyzers in _stages(self.analyzers, language):
            looked = await _ask(analyzers, text.code, language, looked)
            if not every_stage and self._rejects(looked, language):
                break
        return looked

    def _wake(self, language: Language) -> None:
        """At the first text of a language, start its slow tools beside the quick ones."""
        if language not in self._waking:
            slow = [each for each in self.analyzers if language in each.languages and _stage(each)]
            started = [each.wake() for each in slow if isinstance(each, Batched)]
            self._waking[language] = [asyncio.create_task(each) for each in started]

    def _rejects(self, looked: Looked, language: Language) -> bool:
        found = self._policy.judge(looked.diagnostics, language)
        return any(each.severity is Severity.FATAL for each in found)

    def _weigh(self, looked: Looked, language: Language, spared: tuple[str, ...] = ()) -> Verdict:
        """Make the verdict: faults of the code first, then what could not be looked at."""
        found = (*looked.diagnostics, *self._invented(looked, language))
        judged = self._policy.judge(found, language)[:MAX_DIAGNOSTICS]
        fatal = [each for each in judged if each.severity is Severity.FATAL]
        fatal = [each for each in fatal if self._policy.reason_of(each) not in spared]
        status, reason, detail = self._decide(fatal, looked, spared)
        return Verdict(
            status=status,
            reason=reason,
            detail=detail[:2_000],
            diagnostics=tuple(judged),
            unresolved=looked.unresolved,
            suppressions=looked.suppressions,
            tools=looked.tools,
            tier=looked.tier,
        )

    def _invented(self, looked: Looked, language: Language) -> Iterator[Diagnostic]:
        """The packages that nobody could look into, because there are none."""
        if not looked.unresolved:
            return
        standard = self._policy.headers_of(language)  # real, also where a compiler is too old
        for name in looked.unresolved:
            if name not in standard and self._packages.knows(language, name) is False:
                shown = name[:80]
                yield own("invented-package", f"No list of real packages knows `{shown}`.")

    def _decide(
        self, fatal: list[Diagnostic], looked: Looked, spared: tuple[str, ...]
    ) -> tuple[Status, str, str]:
        if fatal:
            return Status.REJECTED, self._policy.reason_of(fatal[0]), _place(fatal[0])
        if looked.faults:
            return Status.UNVERIFIABLE, "analyzer-failed", "; ".join(looked.faults)
        if looked.unresolved and "unresolved-import" not in spared:
            names = ", ".join(looked.unresolved[:10])
            return Status.UNVERIFIABLE, "unresolved-import", f"Not looked into: {names}."
        if not set(looked.tools) - {"text"}:
            return Status.UNVERIFIABLE, "no-analyzer", "No analyzer is here for the language."
        return Status.ACCEPTED, "clean", ""

    def _at_once(self, reason: str, detail: str) -> Verdict:
        found = (own(reason, detail),)
        return Verdict(
            status=Status.REJECTED, reason=reason, detail=detail, diagnostics=found, tools=("text",)
        )


class _Seen:
    """What was found before: the latest texts in memory, more on disk."""

    def __init__(self, cache: FindingsCache | None) -> None:
        self._cache = cache
        self._latest: OrderedDict[bytes, Looked] = OrderedDict()

    def find(self, key: bytes) -> Looked | None:
        if key in self._latest:
            self._latest.move_to_end(key)
            return self._latest[key]
        kept = self._cache.get(key) if self._cache else None
        try:
            return Looked.model_validate_json(kept) if kept else None
        except ValidationError:  # of another version, or damaged: look anew
            return None

    def keep(self, key: bytes, looked: Looked) -> None:
        self._latest[key] = looked
        if len(self._latest) > CACHE_SIZE:
            self._latest.popitem(last=False)
        if self._cache:
            self._cache.put(key, looked.model_dump_json())


def _stages(analyzers: Sequence[Analyzer], language: Language) -> Iterator[list[Analyzer]]:
    """The analyzers of a language, the quick ones first."""
    every = [each for each in analyzers if language in each.languages]
    compilers = [each for each in every if not isinstance(each, TreeSitterSyntax)]
    # The syntax was judged with the text, where the grammar is trusted or a compiler decides.
    chosen = compilers if compilers or language in TRUSTED else every
    for stage in sorted({_stage(each) for each in chosen}):
        yield [each for each in chosen if _stage(each) == stage]


def _stage(analyzer: Analyzer) -> int:
    return analyzer.stage if isinstance(analyzer, Batched) else 0


async def _checked(analyzer: Analyzer, code: str, language: Language) -> Findings:
    try:
        return await analyzer.check(code, language)
    except Exception as fault:  # noqa: BLE001  a fault of ours is no reason to crash or to accept
        return Findings(fault=f"{type(fault).__name__}: {fault}"[:500])


async def _ask(
    analyzers: Sequence[Analyzer], code: str, language: Language, looked: Looked
) -> Looked:
    """What is known of a text, and what these analyzers say of it."""
    found = await asyncio.gather(*(_checked(each, code, language) for each in analyzers))
    pairs = list(zip(analyzers, found, strict=True))
    seen = [f.tool or a.name for a, f in pairs if not f.fault and not f.unresolved]
    return looked.model_copy(
        update={
            "diagnostics": (*looked.diagnostics, *_all_diagnostics(found)),
            "unresolved": tuple(dict.fromkeys([*looked.unresolved, *_all_unresolved(found)])),
            "faults": (*looked.faults, *(f"{a.name}: {f.fault}" for a, f in pairs if f.fault)),
            "tools": (*(each for each in looked.tools if each != "text"), *seen),
            "tier": 0 if isinstance(analyzers[0], TreeSitterSyntax) else 1,
        }
    )


def _is_gated(looked: Looked) -> bool:
    """Whether the text must not be parsed again."""
    barred = {
        "too-large", "not-utf8", "too-deep", "control-character", "no-code-block", "unparsable",
    }  # fmt: skip
    return any(each.rule in barred for each in looked.diagnostics)


def _all_diagnostics(found: Sequence[Findings]) -> list[Diagnostic]:
    return [each for findings in found for each in findings.diagnostics]


def _all_unresolved(found: Sequence[Findings]) -> list[str]:
    return [each for findings in found for each in findings.unresolved]


def _place(each: Diagnostic) -> str:
    where = f"Line {each.line}: " if each.line else ""
    return f"{where}{each.message} ({each.tool} {each.rule})"


def _rank(verdict: Verdict) -> int:
    return [Status.REJECTED, Status.UNVERIFIABLE, Status.ACCEPTED].index(verdict.status)
