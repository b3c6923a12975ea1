"""C and C++ by gcc's front end: syntax, names and types, no code made."""

import re
import shutil
from collections.abc import Iterator, Sequence

from infinite_instruct.domain import Diagnostic, Language, Severity
from infinite_instruct.tools.analyzers.base import Findings
from infinite_instruct.tools.analyzers.batch_analyzer import Toolbox
from infinite_instruct.tools.analyzers.single import SingleAnalyzer
from infinite_instruct.tools.process import Ran

_INCLUDE = re.compile(r"^\s*#\s*include\s*([<\"])([^>\"\n]{1,200})[>\"]", re.MULTILINE)
_SAID = re.compile(r"(?::(\d{1,9}))(?::(\d{1,9}))?: (fatal error|error|warning): (.*)")
_FLAG = re.compile(r"\[-W([\w+=-]+)\]$")
_WARNINGS = ("-Wreturn-type", "-Wuninitialized", "-Wint-conversion")

_C_HEADERS = frozenset(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign "
    "stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads "
    "time uchar wchar wctype unistd pthread fcntl dirent sys/types sys/stat sys/socket sys/time "
    "sys/wait netinet/in arpa/inet getopt semaphore poll sys/mman".split()
)
_CPP_HEADERS = frozenset(
    "algorithm any array atomic barrier bit bitset cassert cctype cerrno cfloat charconv chrono "
    "cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine "
    "csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cwchar cwctype deque exception "
    "execution filesystem format forward_list fstream functional future initializer_list iomanip ios "
    "iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new "
    "numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set "
    "shared_mutex source_location span sstream stack stdexcept stop_token streambuf string "
    "string_view system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set "
    "utility valarray variant vector version bits/stdc++.h".split()
)


class Gcc(SingleAnalyzer):
    """`gcc -fsyntax-only`, for texts that include only the standard's headers.

    A compiler reads any file that it is told to include, so nothing else reaches it.

    Args:
        language: C or C++.
        toolbox: Jail and limits.
        command: Another program than the installed one.
    """

    name = "gcc"
    languages = frozenset()
    lost = "names and types of C and C++ (tree-sitter is wrong in 2 % of good files)"
    install = "apt install gcc g++"
    broken = "int broken( {\n"

    def __init__(
        self, language: Language, toolbox: Toolbox, command: Sequence[str] | None = None
    ) -> None:
        found = shutil.which("g++" if language is Language.CPP else "gcc")
        super().__init__(command or ([found] if found else None), toolbox)
        self.languages = frozenset({language})

    async def check(self, code: str, language: Language) -> Findings:
        """Look at the sample unless it needs headers that are not the standard's."""
        strange = strange_headers(code, language)
        if strange:
            return Findings(unresolved=strange)
        return await super().check(code, language)

    def arguments(self, file: str, language: Language) -> list[str]:
        """Check only; the limits on depth end most bombs before the clock does."""
        standard = "-std=gnu++20" if language is Language.CPP else "-std=gnu17"
        plain = ["-fsyntax-only", "-fdiagnostics-plain-output", "-fmax-errors=50", "-Wsystem-headers"]
        return [*plain, *_WARNINGS, "-ftemplate-depth=200", standard, file]

    def parse(self, ran: Ran, file: str) -> Iterator[Diagnostic]:
        """Read `sample.c:3:5: error: ...`; what it says of headers is left out."""
        for line in ran.stderr.splitlines():
            found = _SAID.match(line.removeprefix(file)) if line.startswith(file) else None
            if found:
                flag = _FLAG.search(found[4])
                is_error = found[3] != "warning"
                yield Diagnostic(
                    tool=self.name,
                    rule="error" if is_error or not flag else flag[1],
                    severity=Severity.FATAL if is_error else Severity.WARNING,
                    line=int(found[1]),
                    column=int(found[2] or 0),
                    message=found[4][:2_000],
                )


def strange_headers(code: str, language: Language) -> tuple[str, ...]:
    """The headers of a text that are not the standard's."""
    known = {f"{name}.h" for name in _C_HEADERS}
    known |= _CPP_HEADERS if language is Language.CPP else set()
    named = (found[2] for found in _INCLUDE.finditer(code) if found[2] not in known or found[1] == '"')
    return tuple(dict.fromkeys(named))
