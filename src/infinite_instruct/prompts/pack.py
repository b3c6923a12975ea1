"""Prompt packs: a folder with `pack.toml` and one Markdown/Jinja file per prompt.

A pack that `extends` another holds only what differs. A prompt's file has a head in TOML between
two lines `+++` (temperature, max_tokens), then `## system` and `## user`.
"""

import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, NamedTuple

from jinja2 import Template, TemplateError, meta

from infinite_instruct.domain import Difficulty, Direction, Language, Message, Value
from infinite_instruct.errors import SettingsError
from infinite_instruct.prompts.catalogue import BY_NAME, CATALOGUE
from infinite_instruct.prompts.files import (
    POLICY,
    SUFFIX,
    PackFile,
    PromptFile,
    PromptHead,
    read_about,
    read_prompt,
    read_text,
    turns_of,
)
from infinite_instruct.prompts.safety import danger_in, sandbox

MAX_RENDERED = 200_000
"""Characters of a turn; the rest is cut off."""
_MAX_LAYERS = 8


class Rendered(Value):
    """A prompt, ready to be sent."""

    name: str
    version: str
    """First 8 hexadecimal digits of the sha256 of the prompt's file."""
    messages: tuple[Message, ...]
    head: PromptHead


class PromptPack:
    """The layers of a pack, the user's on top, `default` at the bottom."""

    def __init__(self, layers: list[tuple[PackFile, Traversable]]) -> None:
        self.about = layers[0][0]
        self._layers = layers
        self._environment = sandbox()
        self._compiled: dict[str, _Compiled] = {}
        self.directions = _merged_directions([file for file, _ in layers])
        self.difficulties = _merged_difficulties([file for file, _ in layers])

    @property
    def identity(self) -> str:
        """Name, version and hash of all its prompts: `default@1 (3f2a9c01)`."""
        texts = [f"{spec.name}\0{self.file(spec.name).version}" for spec in CATALOGUE]
        texts += [f"{direction}\0{how}" for direction, how in sorted(self.directions.items())]
        texts += [f"{level}\0{what}" for level, what in sorted(self.difficulties.items())]
        texts += self.policies
        texts += [f"{name}\0{value}" for name, value in sorted(self.sampling.items())]
        digest = hashlib.sha256("\0".join(texts).encode()).hexdigest()[:8]
        return f"{self.about.name}@{self.about.version} ({digest})"

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages of the domain; empty for all."""
        return next((file.languages for file, _ in self._layers if file.languages), ())

    @property
    def sampling(self) -> dict[str, Any]:
        """What the layers' `[sampling]` say of drawing keyword sets, the topmost first."""
        merged: dict[str, Any] = {}
        for file, _ in reversed(self._layers):
            merged.update(file.sampling)
        return merged

    @property
    def policies(self) -> tuple[str, ...]:
        """What the layers' `policy.toml` say of analyzers' rules, the lowest layer first.

        Raises:
            SettingsError: One cannot be read.
        """
        files = (folder / POLICY for _, folder in reversed(self._layers))
        return tuple(read_text(file) for file in files if file.is_file())

    def file(self, name: str) -> PromptFile:
        """The file of a prompt, from the topmost layer that has it.

        Raises:
            SettingsError: No layer has it, or its head is wrong.
        """
        for about, folder in self._layers:
            path = folder / f"{name}{SUFFIX}"
            if path.is_file():
                return read_prompt(path, f"{about.name}/{name}{SUFFIX}")
        known = ", ".join(spec.name for spec in CATALOGUE)
        raise SettingsError(
            f"The pack '{self.about.name}' has no prompt '{name}'.", remedy=f"There are: {known}."
        )

    def render(self, name: str, **variables: object) -> Rendered:
        """Render a prompt with the variables that its agent offers.

        Raises:
            SettingsError: The template names a variable that it does not get, or cannot be read.
        """
        prompt = self._compile(name)
        file = prompt.file
        try:
            messages = tuple(_rendered(turn, variables) for turn in prompt.turns)
        except TemplateError as error:
            raise _complaint(file, str(error), name) from error
        return Rendered(name=name, version=file.version, messages=messages, head=file.head)

    def _compile(self, name: str) -> "_Compiled":
        """A prompt as it was when it was first used: a run's prompts do not change under it."""
        if name not in self._compiled:
            file = self.file(name)
            try:
                turns: list[_Turn] = [
                    (turn.role, self._environment.from_string(turn.content))
                    for turn in turns_of(file.body)
                ]
            except TemplateError as error:
                raise _complaint(file, str(error), name) from error
            self._compiled[name] = _Compiled(file, tuple(turns))
        return self._compiled[name]

    def schema_note(self, schema: str) -> str:
        """Words for a JSON schema in the prompt, for an endpoint that takes none itself."""
        return self.render("say-schema", schema=schema).messages[-1].content

    def check(self) -> tuple[str, ...]:
        """All that is wrong with the pack's prompts, a sentence each; empty when it is sound."""
        return tuple(fault for spec in CATALOGUE for fault in self._faults(spec.name))

    def _faults(self, name: str) -> list[str]:
        try:
            file = self.file(name)
            tree = self._environment.parse(file.body)
            # Danger first: the search for variables computes constants as it goes.
            if danger := danger_in(tree):
                return [f"{file.origin}: {danger}"]
            asked = meta.find_undeclared_variables(tree)
        except (SettingsError, TemplateError, RecursionError) as error:
            return [f"{name}: {error}"]
        allowed = ", ".join(sorted(BY_NAME[name].variables))
        faults = [
            f"{file.origin}: it asks for '{unknown}'. It may use: {allowed}."
            for unknown in sorted(asked - BY_NAME[name].variables)
        ]
        if not any(turn.role == "user" for turn in turns_of(file.body)):
            faults.append(f"{file.origin}: there is no '## user' part.")
        return faults


class _Compiled(NamedTuple):
    """A prompt's file, and a template for each of its turns: no text from outside can open one."""

    file: PromptFile
    turns: "tuple[_Turn, ...]"


_Role = Literal["system", "user", "assistant", "tool"]
_Turn = tuple[_Role, Template]


def _rendered(turn: _Turn, variables: Mapping[str, object]) -> Message:
    role, template = turn
    return Message(role=role, content=template.render(variables)[:MAX_RENDERED].strip())


def open_pack(where: str) -> PromptPack:
    """Open a shipped pack by name, or one's own by its folder, and check every prompt.

    Raises:
        SettingsError: It is not there, or something in it is wrong: every fault is listed.
    """
    pack = load_pack(where)
    faults = pack.check()
    if faults:
        raise SettingsError(
            f"The prompt pack '{where}' cannot be used:\n" + "\n".join(faults),
            remedy="Correct these files; `infinite-instruct prompts check` shows what is left.",
        )
    return pack


def load_pack(where: str) -> PromptPack:
    """Read a pack with the packs that it extends, without checking its prompts."""
    layers: list[tuple[PackFile, Traversable]] = []
    folder = _find(where, None)
    while True:
        about = read_about(folder)
        layers.append((about, folder))
        if not about.extends:
            return PromptPack(layers)
        if len(layers) == _MAX_LAYERS:
            raise SettingsError(
                f"The pack '{where}' extends more than {_MAX_LAYERS} others, or itself.",
                remedy="Look at `extends` in each pack.toml.",
            )
        folder = _find(about.extends, folder)


def shipped_packs() -> tuple[str, ...]:
    """Names of the packs that come with this package."""
    return tuple(sorted(entry.name for entry in _shipped().iterdir() if entry.is_dir()))


def _shipped() -> Traversable:
    return resources.files("infinite_instruct.prompts") / "packs"


def _find(where: str, beside: Traversable | None) -> Traversable:
    candidates: list[Traversable] = [Path(where)]
    if isinstance(beside, Path):
        candidates.insert(0, beside / where)
    if where in shipped_packs():
        candidates.insert(0, _shipped() / where)
    for candidate in candidates:
        if (candidate / "pack.toml").is_file():
            return candidate
    raise SettingsError(
        f"There is no prompt pack '{where}': neither a folder with a pack.toml nor a shipped one.",
        remedy=f"Shipped are: {', '.join(shipped_packs())}. "
        f"`infinite-instruct prompts new {Path(where).name or 'mypack'}` makes a new one.",
    )


def _complaint(file: PromptFile, fault: str, name: str) -> SettingsError:
    allowed = ", ".join(sorted(BY_NAME[name].variables))
    return SettingsError(f"{file.origin}: {fault}.", remedy=f"It may use: {allowed}.")


def _merged_directions(files: list[PackFile]) -> dict[Direction, str]:
    merged: dict[Direction, str] = {}
    for file in reversed(files):
        merged.update(file.directions)
    missing = [direction.value for direction in Direction if direction not in merged]
    if missing:
        raise SettingsError(
            f"The pack '{files[0].name}' does not say how to go in: {', '.join(missing)}.",
            remedy='Add them under [directions], or extend a pack that has them ("default").',
        )
    return merged


def _merged_difficulties(files: list[PackFile]) -> dict[Difficulty, str]:
    """What each difficulty means; its bare name where no layer says more."""
    merged = {level: level.value for level in Difficulty}
    for file in reversed(files):
        merged.update(file.difficulties)
    return merged
