"""From a model's reply to the code in it, line by line: replies may be made to hang a regex."""

import re
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.languages import family_of, language_of_tag, speaks
from infinite_instruct.tools.shape import functions_of

MAX_BLOCKS = 50
"""More fences than this are no answer."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,}) *([^`\s]*)[^`]*$")

_OVERLOADING = {Language.JAVA, Language.CPP, Language.CSHARP, Language.KOTLIN, Language.SWIFT}

FaultCode = Literal["no-code-block", "unclosed-fence", "several-alternatives", "wrong-language"]


class Fault(Value):
    """Why a reply holds no usable code."""

    code: FaultCode
    detail: str


class CodeBlock(Value):
    """One fence of a reply."""

    tag: str
    code: str
    first_line: int = Field(ge=1)
    closed: bool = True

    def is_in(self, language: Language) -> bool:
        """Whether it may be the language: by its tag, or because it has none."""
        return not self.tag or speaks(language_of_tag(self.tag), language)


class ExtractedCode(Value):
    """The code of a reply, as one text."""

    language: Language
    """The asked one, or the dialect of it that the fences name."""
    code: str
    first_line: int = Field(ge=1)
    """The line of the reply at which the code starts."""


def code_blocks(reply: str) -> tuple[CodeBlock, ...]:
    """All fences of a reply, in order. The last one may be unclosed."""
    blocks: list[CodeBlock] = []
    fence, tag, start, lines = "", "", 0, list[str]()
    for number, line in enumerate(one_line_end(reply).split("\n"), start=1):
        match = _FENCE.match(line)
        if not fence:
            if match:
                fence, tag, start, lines = match[1], match[2], number, []
        elif match and not match[2] and match[1].startswith(fence):
            blocks.append(CodeBlock(tag=tag, code=_joined(lines), first_line=start + 1))
            fence = ""
        else:
            lines.append(line)
    if fence:
        blocks.append(CodeBlock(tag=tag, code=_joined(lines), first_line=start + 1, closed=False))
    return tuple(blocks)


def one_line_end(text: str) -> str:
    """The text with one kind of line end, without a byte order mark: others hide code."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def extract_code(reply: str, language: Language) -> ExtractedCode | Fault:
    """The code that a reply answers with; blocks that belong together are joined.

    Blocks with the language's tag come first; without any, those without a tag count.
    """
    blocks = code_blocks(reply)
    fault = _fault_of(blocks, language)
    if fault:
        return fault
    chosen = tagged(blocks, language) or [block for block in blocks if not block.tag]
    chosen = [block for block in chosen if block.code.strip()]
    if not chosen:
        return Fault(code="no-code-block", detail="The code block is empty.")
    if clash := _clash(chosen, language):
        return Fault(
            code="several-alternatives", detail=f"Several code blocks define `{clash}`: give one."
        )
    code = "\n".join(block.code for block in chosen)
    return ExtractedCode(
        language=_named(chosen, language), code=code, first_line=chosen[0].first_line
    )


def _named(blocks: list[CodeBlock], asked: Language) -> Language:
    """The dialect that all blocks name, where a language with dialects was asked."""
    named = {language_of_tag(block.tag) or asked for block in blocks}
    only = named.pop() if len(named) == 1 else asked
    return only if family_of(only) is asked else asked


def language_of_reply(reply: str) -> Language | None:
    """The language of the first code block that names one of ours; None where none does."""
    found = (language_of_tag(block.tag) for block in code_blocks(reply))
    return next((language for language in found if language), None)


def tagged(blocks: tuple[CodeBlock, ...], language: Language) -> list[CodeBlock]:
    """The blocks whose tag names the language."""
    return [block for block in blocks if speaks(language_of_tag(block.tag), language)]


def _fault_of(blocks: tuple[CodeBlock, ...], language: Language) -> Fault | None:
    if not blocks:
        return Fault(code="no-code-block", detail="The reply has no fenced code block.")
    if len(blocks) > MAX_BLOCKS:
        return Fault(code="several-alternatives", detail=f"{len(blocks)} code blocks: give one.")
    if not blocks[-1].closed:
        return Fault(code="unclosed-fence", detail="The last code block is never closed.")
    if not any(block.is_in(language) for block in blocks):
        tags = ", ".join(sorted({block.tag[:20] for block in blocks}))
        detail = f"The code blocks are marked {tags}, not {language.value}."
        return Fault(code="wrong-language", detail=detail)
    return None


def _clash(blocks: list[CodeBlock], language: Language) -> str:
    """A function that two blocks define: then they are alternatives, not parts."""
    seen: set[str] = set()
    for block in blocks if len(blocks) > 1 else ():
        names = set(_defined(block.code, language))
        if again := sorted(seen & names):
            return again[0]
        seen |= names
    return ""


def _defined(code: str, language: Language) -> Iterator[str]:
    """What a block defines: `f`, `Class.method`; where names may be overloaded, `f/2`."""
    for function in functions_of(code, language):
        name = f"{function.owner}.{function.name}" if function.owner else function.name
        if name != "main":
            yield f"{name}/{function.parameters}" if language in _OVERLOADING else name
