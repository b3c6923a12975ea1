"""The vocabularies that the package carries; `scripts/build_vocabularies.py` made them."""

from pathlib import Path

from infinite_instruct.errors import VocabularyError
from infinite_instruct.tools.vocabularies.formats import form_of

SHIPPED = ("python-stdlib", "sql")
"""By name: `import python-stdlib`."""
_FOLDER = Path(__file__).parent / "data"


def vocabulary_path(name: str) -> Path:
    """The file of a vocabulary that a user named: a shipped one, or a file of his own.

    Raises:
        VocabularyError: There is none, or it is no text.
    """
    path = Path(name)
    if name in SHIPPED and not path.is_file():
        return _FOLDER / f"{name}.csv"
    if not path.exists():
        raise VocabularyError(
            f"There is no vocabulary '{name}'.",
            remedy=f"Name a file, or one that is shipped: {', '.join(SHIPPED)}.",
        )
    form_of(path)
    return path


def vocabulary_name(path: Path) -> str:
    """How the graph names a vocabulary: a shipped one by its name, others by their file's."""
    return path.stem if path.parent == _FOLDER and path.stem in SHIPPED else path.name
