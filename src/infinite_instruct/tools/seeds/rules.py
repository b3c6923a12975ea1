"""What the user wants of the seeds."""

from pydantic import Field

from infinite_instruct.domain import Language, Value
from infinite_instruct.tools.syntax import MAX_BYTES


class SeedRules(Value):
    """Plain values; the settings make them."""

    languages: tuple[Language, ...] = ()
    """Empty: all."""
    min_lines: int = Field(default=5, ge=1)
    max_lines: int = Field(default=20, ge=1)
    """Lines of a snippet with its class header, without the imports carried along."""
    licenses: tuple[str, ...] = ()
    """SPDX ids that are allowed; empty: all, also unknown ones."""
    code_column: str = ""
    """The column of a data set that holds the code; empty: found by its name."""
    max_file_bytes: int = Field(default=MAX_BYTES, ge=1, le=MAX_BYTES)
    """Larger files are skipped; also the bound of a data set's text."""
