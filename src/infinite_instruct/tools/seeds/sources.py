"""Where seeds come from: a folder, a file of code, a data set."""

from collections.abc import Iterator
from pathlib import Path, PurePath

from infinite_instruct.errors import SeedError
from infinite_instruct.tools.languages import language_of_path
from infinite_instruct.tools.seeds import licences, screening
from infinite_instruct.tools.seeds.datasets import SUFFIXES, read_dataset
from infinite_instruct.tools.seeds.documents import Document
from infinite_instruct.tools.seeds.reasons import Reason, Skip
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.seeds.walk import SkippedFileError, Walk, read_text


def check_source(source: Path) -> None:
    """See that a source is one.

    Raises:
        SeedError: It is missing, or neither a folder nor a file of a known kind.
    """
    if source.is_dir():
        return
    if not source.exists():
        raise SeedError(
            f"The seeds '{source}' do not exist.",
            remedy="Name a folder of source code, a source file, or a JSONL or Parquet data set.",
        )
    if not source.is_file() or not (source.suffix in SUFFIXES or language_of_path(source)):
        raise SeedError(
            f"The seeds '{source}' are no source code and no data set.",
            remedy="Source files are known by their ending, data sets by .jsonl or .parquet.",
        )


def documents(source: Path, rules: SeedRules, seed: int, skip: Skip) -> Iterator[Document]:
    """All texts of a source."""
    if source.is_dir():
        found = _of_folder(source, rules, seed, skip)
    elif source.suffix in SUFFIXES:
        found = read_dataset(source, rules, skip)
    else:
        found = _of_file(source, rules, skip)
    for document in found:
        fault = screening.fault_of_text(document.text) or _fault_of_licence(document, rules)
        if fault:
            skip(fault)
        else:
            yield document


def _fault_of_licence(document: Document, rules: SeedRules) -> Reason | None:
    allowed = licences.is_allowed(document.licence, rules.licenses)
    return None if allowed else Reason.LICENCE


def _of_folder(root: Path, rules: SeedRules, seed: int, skip: Skip) -> Iterator[Document]:
    real = root.resolve()
    installed = _InstalledLicences(real)
    walk = Walk(real, lambda name: _fault_of_file(name, rules), rules.max_file_bytes, seed, skip)
    for file in walk:
        language = language_of_path(PurePath(file.path))
        if language:  # always: the walk wants no others
            nearest = file.licence or installed.licence_of(file.path)
            yield Document(
                source=str(root),
                path=file.path,
                language=language,
                text=file.text,
                licence=licences.from_header(file.text) or nearest or licences.UNKNOWN,
            )


def _of_file(path: Path, rules: SeedRules, skip: Skip) -> Iterator[Document]:
    """The one file that the user named: neither its name nor its size class is questioned."""
    language = language_of_path(path)
    try:
        text = read_text(path.resolve(), rules.max_file_bytes)
    except SkippedFileError as skipped:
        skip(skipped.reason)
        return
    if language:  # always: `check_source` saw to it
        licence = licences.from_header(text) or licences.UNKNOWN
        yield Document(
            source=str(path), path=path.name, language=language, text=text, licence=licence
        )


def _fault_of_file(name: str, rules: SeedRules) -> Reason | None:
    language = language_of_path(PurePath(name))
    if name.startswith("."):
        return Reason.HIDDEN
    if language is None:
        return Reason.NOT_CODE
    if rules.languages and language not in rules.languages:
        return Reason.LANGUAGE_NOT_ASKED
    return screening.fault_of_name(name)


class _InstalledLicences:
    """What the metadata beside installed packages says, each looked up once.

    The source may be a package (`site-packages/attrs`) or the folder of packages.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own = licences.of_installed(root)
        self._found: dict[str, str] = {}

    def licence_of(self, path: str) -> str:
        first, _, rest = path.partition("/")
        if self._own or not rest:
            return self._own
        if first not in self._found:
            self._found[first] = licences.of_installed(self._root / first)
        return self._found[first]
