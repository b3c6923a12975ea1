"""C and C++ as the preprocessor reads them: which headers they want, and what steers a compiler.

Lines may be spliced anywhere, comments may stand inside a directive, `%:` is `#`, and raw strings
hide what looks like code: so the text is cut into tokens, as the standard's phases 2 and 3 do.
"""

import re
from collections.abc import Iterator, Sequence

from infinite_instruct.domain import Diagnostic, Value
from infinite_instruct.tools.analyzers.c.preprocessor_tokens import (
    Token,
    logical_lines,
    tokens_of,
)
from infinite_instruct.tools.analyzers.text.gate import own

UNRESOLVED = "unresolved"
"""What the warning says that stands for an include of an unknown header."""

_HEADER = r'(?:<([^>\n]{1,200})>|"([^"\n]{1,200})")'
_INCLUDED = re.compile(rf"\s*{_HEADER}\s*")
_ASKED_FOR = re.compile(rf"\s*\(\s*{_HEADER}\s*\)")
_DIRECTIVES = frozenset(
    [
        *("include", "define", "undef", "if", "ifdef", "ifndef", "elif", "elifdef", "elifndef"),
        *("else", "endif", "error", "warning", "pragma", "ident", "sccs", ""),
    ]
)
_PRAGMA = re.compile(
    r"(?!\s*(?:GCC|clang)\b)|\s*clang\s+(?!diagnostic|system_header)"
    r"|\s*GCC\s+(?:optimize|target|ivdep|unroll|push_options|pop_options|visibility)\b"
)
_RAW = frozenset({"R", "LR", "uR", "UR", "u8R"})
_ASK_WHETHER_ASKING_WORKS = frozenset({"defined", "(", "ifdef", "ifndef", "elifdef", "elifndef"})
_PIECES_OF_PRAGMA = re.compile(r"_(P(r(a(gm?)?)?)?)?|Pragma|r?agma|gma")
_BETWEEN_INCLUDES = re.compile(r"(using namespace std ; ?)*")


class Directive(Value):
    """A line of the preprocessor: `#include <vector>`."""

    name: str
    rest: str
    """What follows the name; comments are blanks."""
    line: int
    first_line: int
    """Where the comments before it begin."""
    last_line: int
    leading: bool
    """Whether nothing but includes, pragmas and `using namespace std` stands before it."""

    @property
    def header(self) -> str:
        """What it includes; empty where it includes nothing, or not by name."""
        found = _INCLUDED.fullmatch(self.rest) if self.name == "include" else None
        return (found[1] or found[2]) if found else ""


class Unit(Value):
    """What a compiler may see of a sample."""

    text: str = ""
    """At the same lines; includes of unknown headers are warnings instead."""
    headers: frozenset[str] = frozenset()
    """The known headers that it begins with."""
    strange: tuple[tuple[int, str], ...] = ()
    """The lines of those warnings, each with the header's name; in quotes where it has them."""
    denied: tuple[Diagnostic, ...] = ()
    """What no compiler may see."""
    unbalanced: tuple[Diagnostic, ...] = ()
    """Brackets without their other half. Not looked for where branches of `#if` hold them."""


def read_unit(code: str, known: frozenset[str]) -> Unit:
    """Look at a sample as its preprocessor does.

    Args:
        code: The text, past the gate.
        known: The headers that may be read.
    """
    if "\0" in code:
        return Unit(denied=(own("control-character", "It holds a null character."),))
    tokens = list(tokens_of(code))
    directives = list(_directives(tokens))
    denied = [*_denied_directives(directives), *_denied_words(tokens)]
    strange = [each for each in directives if each.header and each.header not in known]
    return Unit(
        text=_with_warnings(code, strange),
        headers=frozenset(e.header for e in directives if e.leading and e.header in known),
        strange=tuple((each.line, _shown(each)) for each in strange),
        denied=tuple(denied[:10]),
        unbalanced=() if _has_branches(directives) else tuple(_unbalanced(tokens)),
    )


def _shown(directive: Directive) -> str:
    is_local = directive.rest.lstrip().startswith('"')
    return f'"{directive.header}"' if is_local else directive.header


def _has_branches(directives: Sequence[Directive]) -> bool:
    return any(each.name.startswith(("el", "define")) for each in directives)


def _unbalanced(tokens: Sequence[Token]) -> Iterator[Diagnostic]:
    for opening, closing in ("{}", "()", "[]"):
        surplus = sum((t.text == opening) - (t.text == closing) for t in tokens)
        if surplus:
            which = opening if surplus > 0 else closing
            yield own("syntax", f"There is a `{which}` without its other half.")


def _directives(tokens: Sequence[Token]) -> Iterator[Directive]:
    leading = True
    before = ""
    for line in logical_lines(tokens):
        code = [token for token in line if token.kind not in {"space", "comment", "end"}]
        if not code or code[0].text not in {"#", "%:"}:
            before += "".join(f"{token.text} " for token in code) if leading else ""
            leading = leading and bool(_BETWEEN_INCLUDES.fullmatch(before))
            continue
        directive = _directive(line, code, leading=leading)
        leading = leading and directive.name in {"include", "pragma"}
        yield directive


def _directive(line: Sequence[Token], code: Sequence[Token], *, leading: bool) -> Directive:
    name = code[1] if len(code) > 1 else code[0]
    rest = line[next(i for i, token in enumerate(line) if token is name) + 1 :]
    words = (" " if token.kind in {"comment", "end"} else token.text for token in rest)
    return Directive(
        name="" if name is code[0] else name.text,
        rest="".join(words),
        line=code[0].line,
        first_line=line[0].line,
        last_line=line[-1].line,
        leading=leading,
    )


def _with_warnings(code: str, strange: Sequence[Directive]) -> str:
    """The compiler then tells which of them it came to: not those inside an `#ifdef _WIN32`."""
    lines = code.split("\n")
    for each in strange:
        lines[each.first_line - 1 : each.last_line] = [""] * (each.last_line - each.first_line + 1)
        lines[each.line - 1] = f"#warning {UNRESOLVED}"
    return "\n".join(lines)


def _denied_directives(directives: Sequence[Directive]) -> Iterator[Diagnostic]:
    for each in directives:
        if each.name not in _DIRECTIVES:
            yield _denied(f"#{each.name}", each.line)
        elif each.name == "include" and (not each.header or each.header.startswith("/")):
            yield _denied(f"#include{each.rest}", each.line)
        elif each.name == "pragma" and not _PRAGMA.match(each.rest):
            yield _denied(f"#pragma{each.rest}", each.line)


def _denied_words(tokens: Sequence[Token]) -> Iterator[Diagnostic]:
    """Operators that work as directives do, also where macros make them of pieces."""
    code = [token for token in tokens if token.kind not in {"space", "comment", "end"}]
    pastes = any(token.text in {"##", "%:%:"} for token in code)
    for number, token in enumerate(code):
        if token.kind != "word":
            continue
        before = code[number - 1].text if number else ""
        after = "".join(each.text for each in code[number + 1 : number + 40])
        if (
            (token.text == "_Pragma" and not _is_harmless_pragma(code[number + 1 : number + 4]))
            or (token.text.startswith(("__has_include", "__has_embed")) and _asks(before, after))
            or (pastes and _PIECES_OF_PRAGMA.fullmatch(token.text))
            or (token.text in _RAW and after.startswith('"'))  # a raw string that never ends
        ):
            yield _denied(token.text, token.line)


def _is_harmless_pragma(after: Sequence[Token]) -> bool:
    texts = [token.text for token in after]
    said = texts[1].strip('"') if len(texts) == len("()x") else ""
    return bool(said) and after[1].kind == "string" and bool(_PRAGMA.match(said))


def _asks(before: str, after: str) -> bool:
    """Whether a question for a file may be for one that is no header by its name."""
    found = _ASKED_FOR.match(after)
    if not found:
        return after.startswith("(") or before not in _ASK_WHETHER_ASKING_WORKS
    return (found[1] or found[2]).startswith("/")


def _denied(what: str, line: int) -> Diagnostic:
    shown = " ".join(what.split())[:40]
    return own("denied-token", f"`{shown}` steers or hides from a checker.", line)
