"""Data sets with a column of code: JSON lines and Parquet, read row by row.

Magicoder's OSS-Instruct works as it is: its code is in `seed`, its language in `lang`. Such seeds
are cut at random lines, so that only the whole functions and types in them become snippets.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, BinaryIO, TypeGuard, cast

from infinite_instruct.domain import Language
from infinite_instruct.errors import SeedError
from infinite_instruct.tools.languages import family_of, language_of_path, language_of_tag
from infinite_instruct.tools.seeds import licences, screening
from infinite_instruct.tools.seeds.documents import Document
from infinite_instruct.tools.seeds.reasons import Reason, Skip
from infinite_instruct.tools.seeds.rules import SeedRules

SUFFIXES = (".jsonl", ".ndjson", ".parquet")
CODE_COLUMNS = ("code", "content", "seed", "snippet", "text", "source_code", "func_code_string")
_LANGUAGE_COLUMNS = ("lang", "language", "programming_language")
_PATH_COLUMNS = ("path", "max_stars_repo_path", "file_path", "filename", "file_name")
_LICENCE_COLUMNS = ("license", "licence", "licenses", "max_stars_repo_licenses")
_LINE_FACTOR = 8
"""How much longer than its code a JSON line may be: escapes, and the other columns."""
_BATCH_ROWS = 64

_Row = Mapping[str, Any]


def read_dataset(path: Path, rules: SeedRules, skip: Skip) -> Iterator[Document]:
    """The rows of a data set as texts.

    Raises:
        SeedError: No column holds code, or the file is no data set.
    """
    is_parquet = path.suffix == ".parquet"
    rows = _parquet_rows(path) if is_parquet else _json_rows(path, rules.max_file_bytes, skip)
    column = rules.code_column
    for number, row in rows:
        column = column or _code_column(path, row)
        document = _document(path, number, row, column, rules)
        if isinstance(document, Document):
            yield document
        else:
            skip(document)


def _code_column(path: Path, row: _Row) -> str:
    column = next((name for name in CODE_COLUMNS if isinstance(row.get(name), str)), None)
    if column is None:
        columns = ", ".join(row)[:300]
        raise SeedError(
            f"No column of '{path}' is known to hold code; it has {columns}.",
            remedy="Name the column with --code-column.",
        )
    return column


def _document(
    path: Path, number: int, row: _Row, column: str, rules: SeedRules
) -> Document | Reason:
    text = row.get(column)
    if not isinstance(text, str) or not _is_unicode(text):
        return Reason.BAD_ROW
    if len(text.encode()) > rules.max_file_bytes:
        return Reason.TOO_LARGE
    language = _language(row, rules)
    if language is None:
        return Reason.LANGUAGE_UNKNOWN
    if rules.languages and not {language, family_of(language)} & set(rules.languages):
        return Reason.LANGUAGE_NOT_ASKED
    inner = _first_text(row, _PATH_COLUMNS)
    if inner and (fault := screening.fault_of_path(inner)):
        return fault
    return Document(
        source=str(path),
        path=f"{path.name}:row {number}",
        language=language,
        text=text.replace("\r\n", "\n"),
        licence=licences.from_header(text) or _licence(row),
    )


def _is_unicode(text: str) -> bool:
    """JSON may smuggle lone surrogates in, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _language(row: _Row, rules: SeedRules) -> Language | None:
    tag = _first_text(row, _LANGUAGE_COLUMNS)
    if tag:
        return language_of_tag(tag)
    by_path = language_of_path(PurePath(_first_text(row, _PATH_COLUMNS)))
    only = rules.languages[0] if len(rules.languages) == 1 else None
    return by_path or only


def _first_text(row: _Row, columns: tuple[str, ...]) -> str:
    return next((row[name] for name in columns if isinstance(row.get(name), str)), "")


def _licence(row: _Row) -> str:
    """One id, or a list of ids which all hold."""
    found = next((row[name] for name in _LICENCE_COLUMNS if row.get(name)), "")
    ids: list[object] = [found] if isinstance(found, str) else found if _is_list(found) else []
    return " AND ".join(sorted(str(each)[:60] for each in ids[:5] if each)) or licences.UNKNOWN


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _json_rows(path: Path, max_bytes: int, skip: Skip) -> Iterator[tuple[int, _Row]]:
    bound = max_bytes * _LINE_FACTOR
    with path.open("rb") as file:
        number = 0
        while line := file.readline(bound):
            number += 1
            if not line.endswith(b"\n") and len(line) == bound:
                _finish_line(file, bound)
                skip(Reason.TOO_LARGE)
            elif row := _json_object(line):
                yield number, row
            elif line.strip():
                skip(Reason.BAD_ROW)


def _finish_line(file: BinaryIO, bound: int) -> None:
    while (rest := file.readline(bound)) and not rest.endswith(b"\n"):
        pass


def _json_object(line: bytes) -> _Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("_Row", row) if isinstance(row, dict) else None


def _parquet_rows(path: Path) -> Iterator[tuple[int, _Row]]:
    # Imported when used: 0.3 s that only Parquet needs. Arrow's errors are ValueErrors or OSErrors.
    import pyarrow.parquet as pq  # type: ignore[import-untyped] # noqa: PLC0415 - it has no stubs

    try:
        with pq.ParquetFile(path) as file:
            batches = cast("Iterable[Any]", file.iter_batches(batch_size=_BATCH_ROWS))
            rows = (cast("_Row", row) for batch in batches for row in batch.to_pylist())
            yield from enumerate(rows, start=1)
    except (ValueError, NotImplementedError, OSError) as error:
        raise SeedError(
            f"'{path}' cannot be read as Parquet: {str(error)[:300]}",
            remedy="Check the file, or name another one.",
        ) from error
