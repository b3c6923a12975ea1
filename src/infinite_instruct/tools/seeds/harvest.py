"""Harvest snippets: read sources, cut, judge, redact; every file and piece left out is counted."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from infinite_instruct.domain import Language, Provenance, Snippet
from infinite_instruct.tools.redaction import redact
from infinite_instruct.tools.seeds import python_names, screening
from infinite_instruct.tools.seeds.cut import Candidate, Cut, cut
from infinite_instruct.tools.seeds.documents import Document
from infinite_instruct.tools.seeds.duplicates import Duplicates, tokens_of
from infinite_instruct.tools.seeds.grammar import grammar_of
from infinite_instruct.tools.seeds.independence import judge
from infinite_instruct.tools.seeds.interleaving import interleave
from infinite_instruct.tools.seeds.reading import Tally
from infinite_instruct.tools.seeds.reasons import Reason
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.seeds.sources import check_source, documents

__all__ = ["Harvest", "SeedRules", "harvest"]

_FILES_AT_ONCE = 32
"""Snippets are taken from so many files in turn: no file fills a small run alone."""
_MIN_TOKENS = 25
"""Shorter code holds hardly any logic. Where shorter snippets are asked for, 5 a line do."""
_MIN_TOKENS_PER_LINE = 5


def harvest(sources: Sequence[Path], rules: SeedRules, *, seed: int = 0) -> "Harvest":
    """The snippets of several sources, in turn, in an order that the seed alone decides.

    Raises:
        SeedError: A source is missing, or is neither code nor a data set.
    """
    for source in sources:
        check_source(source)
    return Harvest(sources, rules, seed)


class Harvest:
    """The snippets of some sources. While it is read it counts; each reading starts anew."""

    def __init__(self, sources: Sequence[Path], rules: SeedRules, seed: int) -> None:
        self._sources = tuple(sources)
        self._rules = rules
        self._seed = seed
        self._reset()

    def _reset(self) -> None:
        self.files = self.candidates = self.kept = self.redacted = 0
        self.skipped: Counter[str] = Counter()
        self._seen_files: set[bytes] = set()
        self._duplicates = Duplicates()

    def __iter__(self) -> Iterator[Snippet]:
        self._reset()
        readers = [
            documents(source, self._rules, self._seed, self._skip) for source in self._sources
        ]
        texts = interleave(iter(readers), len(readers))
        return interleave((self._snippets(text) for text in texts), _FILES_AT_ONCE)

    @property
    def tally(self) -> Tally:
        """What was counted so far."""
        return Tally(
            files=self.files,
            candidates=self.candidates,
            kept=self.kept,
            redacted=self.redacted,
            skipped=dict(self.skipped),
        )

    def first(self) -> Snippet | None:
        """As `Reading`."""
        return next(iter(self), None)

    def at_hand(self) -> bool:
        """As `Reading`: it is still to be cut."""
        return False

    def _skip(self, reason: Reason) -> None:
        self.skipped[reason.value] += 1

    def _snippets(self, document: Document) -> Iterator[Snippet]:
        pieces = self._cut(document)
        if pieces is None:
            return
        kept_until = 0
        for candidate in pieces.candidates:
            self.candidates += 1
            if candidate.inside[0] < kept_until:
                self._skip(Reason.INSIDE_ANOTHER)
                continue
            outcome = self._examine(document, candidate, pieces)
            if isinstance(outcome, Reason):
                self._skip(outcome)
                continue
            kept_until = candidate.inside[1]
            self.kept += 1
            yield outcome

    def _cut(self, document: Document) -> Cut | None:
        digest = hashlib.blake2b(document.text.encode(), digest_size=16).digest()
        if digest in self._seen_files:
            self._skip(Reason.DUPLICATE_FILE)
            return None
        self._seen_files.add(digest)
        self.files += 1
        pieces = cut(document.language, document.text)
        if document.language is Language.PYTHON and pieces.candidates:
            exact = python_names.imports(document.text) or pieces.imports
            pieces = Cut(candidates=pieces.candidates, imports=exact)
        if not pieces.candidates:
            self._skip(Reason.NO_CANDIDATE)
        return pieces

    def _examine(self, document: Document, candidate: Candidate, pieces: Cut) -> Snippet | Reason:
        """A snippet of a candidate, or why it is none: the cheap reasons first."""
        fault = self._fault_of(candidate)
        if fault:
            return fault
        judgement = judge(document.language, candidate.code, pieces.imports)
        if judgement.fault:
            return judgement.fault
        tokens = tokens_of(document.language, grammar_of(document.language).prefix + candidate.code)
        enough = min(_MIN_TOKENS, _MIN_TOKENS_PER_LINE * self._rules.min_lines)
        if len(tokens) < enough or _is_placeholder(document.language, candidate.code):
            return Reason.TRIVIAL
        nameless = ["_" if token == candidate.name else token for token in tokens]
        return self._duplicates.fault_of(nameless) or self._snippet(
            document, candidate, judgement.imports
        )

    def _fault_of(self, candidate: Candidate) -> Reason | None:
        if candidate.lines < self._rules.min_lines:
            return Reason.TOO_SHORT
        if candidate.lines > self._rules.max_lines:
            return Reason.TOO_LONG
        if screening.is_test_name(candidate.name):
            return Reason.TEST
        return Reason.SYNTAX_ERROR if candidate.broken else None

    def _snippet(self, document: Document, candidate: Candidate, imports: str) -> Snippet:
        code, header = redact(candidate.code), redact(imports)
        self.redacted += bool(code.found or header.found)
        text = f"{header.text}\n\n{code.text}" if header.text else code.text
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Snippet(
            id=f"s{digest[:12]}",
            language=document.language,
            imports=header.text,
            code=code.text,
            name=candidate.name,
            provenance=Provenance(
                source=document.source,
                path=document.path,
                first_line=candidate.first_line,
                last_line=candidate.last_line,
                content_hash=digest,
                licence=document.licence,
            ),
        )


def _is_placeholder(language: Language, code: str) -> bool:
    return language is Language.PYTHON and python_names.is_placeholder(code)
