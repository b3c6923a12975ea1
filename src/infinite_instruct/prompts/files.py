"""A pack's files: `pack.toml`, and prompts as Markdown with Jinja, split into their parts."""

import hashlib
import tomllib
from importlib.resources.abc import Traversable
from typing import Any

from pydantic import Field, ValidationError

from infinite_instruct.domain import Difficulty, Direction, Language, Message, Value
from infinite_instruct.errors import SettingsError

MAX_FILE_BYTES = 64 * 1024
SUFFIX = ".md.j2"
POLICY = "policy.toml"
"""What a pack changes in the analyzers' policy."""


class PackFile(Value):
    """What `pack.toml` may say."""

    name: str
    version: str = "1"
    description: str = ""
    extends: str = ""
    """A shipped pack's name, or a folder relative to this pack."""
    languages: tuple[Language, ...] = ()
    """Languages of the domain; empty for all. The user's own choice comes first."""
    sampling: dict[str, Any] = Field(default_factory=dict[str, Any])
    """How keyword sets are drawn; `tools.sampling_rules` knows the names."""
    directions: dict[Direction, str] = Field(default_factory=dict[Direction, str])
    """How to go in each direction, in words for the model."""
    difficulties: dict[Difficulty, str] = Field(default_factory=dict[Difficulty, str])
    """What each difficulty asks of a problem, in words for the model."""


class PromptHead(Value):
    """What stands between the `+++` lines of a prompt's file."""

    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=800, ge=16, le=32_768)


class PromptFile(Value):
    """One prompt's file, split into its parts."""

    text: str
    """The whole file."""
    head: PromptHead
    body: str
    version: str
    origin: str
    """Pack and file: `default/solve.md.j2`."""


def read_about(folder: Traversable) -> PackFile:
    """Read a folder's `pack.toml`.

    Raises:
        SettingsError: It cannot be read, or says what it may not.
    """
    try:
        return PackFile.model_validate(tomllib.loads(read_text(folder / "pack.toml")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise SettingsError(
            f"{folder / 'pack.toml'} is wrong: {error}",
            remedy="See docs/prompts.md for what a pack.toml may say.",
        ) from error


def read_prompt(path: Traversable, origin: str) -> PromptFile:
    """Read a prompt's file.

    Args:
        path: The file.
        origin: How errors name it.

    Raises:
        SettingsError: It cannot be read, or its head is wrong.
    """
    text = read_text(path)
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    head: dict[str, Any] = {}
    body = text
    if text.startswith("+++\n"):
        raw, _, body = text.removeprefix("+++").partition("\n+++\n")
        try:
            head = tomllib.loads(raw)
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(
                f"{origin}: its head is not TOML: {error}",
                remedy="The head stands between two lines '+++'.",
            ) from error
    try:
        parsed = PromptHead.model_validate(head)
    except ValidationError as error:
        raise SettingsError(
            f"{origin}: its head is wrong: {error}",
            remedy=f"It may set: {', '.join(PromptHead.model_fields)}.",
        ) from error
    return PromptFile(text=text, head=parsed, body=body, version=version, origin=origin)


def turns_of(text: str) -> tuple[Message, ...]:
    """The turns of a prompt's body, by their headings."""
    turns: list[Message] = []
    for role in ("system", "user"):
        _, mark, rest = f"\n{text}".partition(f"\n## {role}\n")
        content = rest.partition("\n## user\n")[0] if role == "system" else rest
        if mark and content.strip():
            turns.append(Message(role=role, content=content.strip()))
    return tuple(turns)


def read_text(path: Traversable) -> str:
    """A pack's file as text, of at most MAX_FILE_BYTES.

    Raises:
        SettingsError: It cannot be read, is larger, or is no UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise SettingsError(
                f"{path} is larger than {MAX_FILE_BYTES} bytes.", remedy="Shorten it."
            )
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {error}", remedy="Prompts are UTF-8 text files."
        ) from error
