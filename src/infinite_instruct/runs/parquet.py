"""Values as Parquet, their schema told by their types: an empty set has it, too.

The only module that knows pyarrow, which ships without types.
"""
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false

import json
import types
from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import pyarrow as pa  # type: ignore[import-untyped] # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped] # it ships no types

from infinite_instruct.domain import Value
from infinite_instruct.runs.jsontext import json_line

_GROUP = 1_000
"""Rows that are held in memory before they are written."""

_SCALARS: dict[type, Any] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
}


class ParquetFile:
    """A Parquet file that grows row by row, with flat memory.

    Args:
        path: The file to make. It is readable only after `close`.
        kind: The class of its rows.
    """

    def __init__(self, path: Path, kind: type[Value]) -> None:
        self._schema = pa.schema(_struct(kind))
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []

    def add(self, value: Value) -> None:
        """Add one row."""
        self._rows.append(json.loads(json_line(value)))
        if len(self._rows) >= _GROUP:
            self._write()

    def close(self) -> None:
        """Write what is left and the footer."""
        if self._rows:
            self._write()
        self._writer.close()

    def _write(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


@contextmanager
def parquet_file(path: Path, kind: type[Value]) -> Generator[ParquetFile]:
    """Open a Parquet file to fill; it is closed at the end."""
    file = ParquetFile(path, kind)
    try:
        yield file
    finally:
        file.close()


def _struct(kind: type[Value]) -> Any:  # noqa: ANN401 - pyarrow has no types
    return pa.struct(
        [(name, _arrow_type(field.annotation)) for name, field in kind.model_fields.items()]
    )


def _arrow_type(annotation: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """The Arrow type of a field: values are structs, tuples lists, enumerations strings."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _arrow_type(next(each for each in arguments if each is not type(None)))
    if origin is tuple:
        return pa.list_(_arrow_type(arguments[0]))
    if origin is Literal or issubclass(annotation, StrEnum):
        return pa.string()
    if issubclass(annotation, Value):
        return _struct(annotation)
    return _SCALARS[annotation]
