"""Code that no compiler and no run comes to, in every language but Python."""

import re
from collections.abc import Iterator

from tree_sitter import Node, Tree

from infinite_instruct.domain import Diagnostic, Language
from infinite_instruct.tools.analyzers.text.gate import own
from infinite_instruct.tools.shape import COMMENTS
from infinite_instruct.tools.syntax import first_error, nodes_of, text_of

_TESTS = ("if_statement", "while_statement", "if_expression", "while_expression", "if", "while",
          "unless", "until", "ternary_expression", "conditional_expression", "conditional",
          "elif_clause", "elsif", "if_modifier", "unless_modifier")  # fmt: skip
_CONSTANT_TEST = re.compile(
    r"(?:if|while|unless|until)\b[\s(!\[]*(?:false|true|[01]|nil|null|undefined)\b|(?:false|0)\s*\?"
)
"""In lower case; without one of these no condition is searched for."""
_FALSE = re.compile(
    r"(?:false|0|0\.0|nil|null|undefined|!true|!1|!\s*\(true\)|not true|''|\"\"|nullptr)"
    r"(?:\s*(?:&&|and)\b.*)?",
    re.IGNORECASE | re.DOTALL,
)
_TRUE = re.compile(r"(?:true|1)", re.IGNORECASE)
_NUMBERS = re.compile(r"(\d{1,9})\s*(===?|!==?|<=?|>=?)\s*(\d{1,9})")
_ZERO_IS_TRUE = {Language.RUBY, Language.KOTLIN, Language.SWIFT}

_CONDITIONALS = ("preproc_if", "preproc_ifdef")
_NEVER_SET = re.compile(r"0[xX]?0*|false|FALSE|0\s*&&.*|!\s*1|!\s*defined\s*\(?\s*__FILE__\s*\)?")
_ALWAYS_SET = re.compile(r"[1-9]\d{0,9}|true|!\s*0")
_KNOWN_MACROS = re.compile(
    r"_|(?:HAVE|USE|ENABLE|WITH|WITHOUT|CONFIG|HAS|NO|OPT|DEBUG|NDEBUG|TEST|TRACE|VERBOSE|LOCAL"
    r"|ONLINE_JUDGE|WIN|WIN32|WIN64|WINDOWS|LINUX|UNIX|MAC|APPLE|UNICODE|SYS|OS|BUILD|FEATURE"
    r"|SUPPORT|LOG|PROFILE|BENCH|MAIN|STANDALONE|BOOST|GCC|MSVC|CYGWIN|SUN|HPUX|AIX|M|NET|MONO)"
    r"(?:_\w*|\d*)$|(?:SIG|SO_|TCP_|IPV6_|AF_|MSG_|O_|S_I)\w+|(?:unix|linux|sun|hpux|sgi|mips|i386|vax)$"
    r"|\w*(?:_H|_HPP|_H_|DEBUG|TEST|_SUPPORT|_VERSION|NDK|SDK|ENABLED|HAVE_\w+)$"
)
"""Macros that a build or a platform sets."""
_DEFINES = re.compile(
    r"^[ \t=#/*-]*(?:def|class|module|function|func|fn|fun|sub|public|private|protected|static"
    r"|int|void|double|float|char|bool|string|struct|template|const|let|var|interface)\b[^\n]{0,200}[({:;]",
    re.MULTILINE,
)
_PHP_CODE = re.compile(r"[;{}]\s*$|\bfunction \w+\(", re.MULTILINE)


def hidden_code(tree: Tree, code: str, lower: str, language: Language) -> Iterator[Diagnostic]:
    """All of it."""
    children = tree.root_node.named_children
    if all("comment" in each.type or each.type == "php_tag" for each in children):
        yield own("hidden-code", "It holds only comments: there is no code.")
    if language is Language.PHP:
        yield from _outside_php(tree)
    if _CONSTANT_TEST.search(lower):
        yield from _never_true(tree, language)
    if "#if" in code or "# if" in code:
        yield from _not_compiled(tree, code, language)
    if language is Language.SHELL:
        yield from _after_exit(tree)
        yield from _in_heredoc(tree, code)
    if language in {Language.JAVASCRIPT, Language.TYPESCRIPT} and ("<!--" in code or "-->" in code):
        for comment in nodes_of(tree, language, ("html_comment",)):
            yield own("denied-token", "`<!--` is a comment to some parsers only.", _line(comment))
    if language is Language.RUBY and "\n=begin" in f"\n{code}":
        yield from _in_block_comment(tree, code, language)


def _never_true(tree: Tree, language: Language) -> Iterator[Diagnostic]:
    for node in nodes_of(tree, language, _TESTS):
        condition = node.child_by_field_name("condition") or _first_named(node)
        if condition is None:
            continue
        said = text_of(condition)[:200].strip(" \t\n;")
        negated = node.type.startswith(("unless", "until"))
        if _is_constant(said, language, wanted=negated):
            yield own("hidden-code", f"`{said[:80]}` never changes: it hides code.", _line(node))


def _first_named(node: Node) -> Node | None:
    return next(iter(node.named_children), None)


def _is_constant(said: str, language: Language, *, wanted: bool) -> bool:
    """Whether a condition is always the same, so that its code never runs."""
    while said.startswith("(") and said.endswith(")"):
        said = said[1:-1].strip()
    if wanted:
        return bool(_TRUE.fullmatch(said))
    if said[:1] in {"0", "'", '"'} and language in _ZERO_IS_TRUE:
        return False
    numbers = _NUMBERS.fullmatch(said)
    if numbers:
        return not _holds(int(numbers[1]), numbers[2], int(numbers[3]))
    return bool(_FALSE.fullmatch(said))


def _holds(left: int, sign: str, right: int) -> bool:
    order = (left > right) - (left < right)
    return order in {
        "=": (0,),
        "!": (1, -1),
        "<": (-1,),
        ">": (1,),
        "<=": (-1, 0),
        ">=": (1, 0),
    }.get(sign if sign in {"<=", ">="} else sign[0], ())


def _not_compiled(tree: Tree, code: str, language: Language) -> Iterator[Diagnostic]:
    fault = first_error(tree)
    place = fault.start_byte if fault else -1
    for node in nodes_of(tree, language, _CONDITIONALS):
        condition = node.child_by_field_name("condition") or node.child_by_field_name("name")
        said = text_of(condition).strip("() ") if condition is not None else ""
        if message := _skipped(node, said, place, code):
            yield own("hidden-code", message, _line(node))


def _skipped(node: Node, said: str, fault: int, code: str) -> str:
    if _NEVER_SET.fullmatch(said):
        return f"`#if {said[:40]}` hides code from the compiler."
    if _ALWAYS_SET.fullmatch(said) and node.child_by_field_name("alternative"):
        return f"What stands behind the `#else` of `#if {said[:40]}` is hidden from the compiler."
    if _is_never_defined(node, said, fault, code):
        return f"`{said[:80]}` is never defined: the compiler skips what follows."
    return ""


def _is_never_defined(node: Node, said: str, fault: int, code: str) -> bool:
    """Whether code, with no other beside it, hangs on a macro that nobody sets."""
    is_positive = node.children[0].type in {"#ifdef", "#if"}
    name = re.sub(r"^defined\s*\(?\s*|\)$", "", said).strip()
    if not is_positive or not name.isidentifier() or _KNOWN_MACROS.match(name):
        return False
    if node.child_by_field_name("alternative") is not None:
        return False
    holds_fault = node.start_byte < fault < node.end_byte
    most = 2 * (node.end_byte - node.start_byte) > len(code)
    if not holds_fault and not (most and _DEFINES.search(text_of(node))):
        return False
    return re.search(rf"#\s*define\s+{name}\b", code) is None


def _outside_php(tree: Tree) -> Iterator[Diagnostic]:
    children = tree.root_node.named_children
    texts = [text_of(each) for each in children if each.type in {"text", "text_interpolation"}]
    if all(each.type in {"text", "comment"} for each in children):
        yield own("hidden-code", "Without `<?php` this is text, no code.")
        return
    is_page = any("<" in each.replace("<?", "") for each in texts)
    if not is_page and any(_PHP_CODE.search(each) for each in texts):
        yield own("hidden-code", "Code outside of `<?php ... ?>` is text.")


def _after_exit(tree: Tree) -> Iterator[Diagnostic]:
    statements = [child for child in tree.root_node.named_children if "comment" not in child.type]
    for statement in statements[:-1]:
        if statement.type == "command" and text_of(statement).split()[:1] == ["exit"]:
            yield own("hidden-code", "Nothing runs after `exit`.", _line(statement))
            return


def _in_heredoc(tree: Tree, code: str) -> Iterator[Diagnostic]:
    """`: <<X` is a comment: as one it may not hold most of the text."""
    if "<<" not in code:
        return
    lines = code.count("\n") + 1
    for node in nodes_of(tree, Language.SHELL, ("redirected_statement",)):
        size = node.end_point.row - node.start_point.row
        if text_of(node)[:1] == ":" and size * 2 > lines:
            yield own(
                "hidden-code", "Most of the text stands in a here-document of `:`.", _line(node)
            )


def _in_block_comment(tree: Tree, code: str, language: Language) -> Iterator[Diagnostic]:
    """Definitions that stand only in a comment."""
    comments = nodes_of(tree, language, COMMENTS)
    blocks = [each for each in comments if (each.text or b"").startswith(b"=begin")]
    data = bytearray(code.encode())
    for each in reversed(blocks):
        del data[each.start_byte : each.end_byte]
    if re.search(rb"\b(?:def|class|module)\b", data):
        return
    for each in blocks:
        if _DEFINES.search(f"{text_of(each)}:"):
            yield own("hidden-code", "The definitions stand in a comment.", _line(each))


def _line(node: Node) -> int:
    return node.start_point.row + 1
