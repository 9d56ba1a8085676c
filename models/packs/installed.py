"""Installed packs. A file is used only if its SHA-256 is that of the manifest.

The layout is ``<directory>/<pack>/<file>``. Every byte is read at each start (44 MB for the default
pack, about 25 ms), so that a faulty disk or a changed file is detected before any face is
processed.
"""

from __future__ import annotations

import functools
import hashlib
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from pathlib import Path

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from models.packs.manifest import Manifest, Pack, PackFile
from models.packs.parsing import parse

__all__ = [
    "FileState",
    "InstalledPack",
    "Manifest",
    "Pack",
    "PackFile",
    "State",
    "inspect",
    "load_manifest",
    "remedy",
    "shared_directory",
    "state_of",
    "verified",
    "weights_directory",
]


class State(Enum):
    """State of a pinned file on disk."""

    OK = "ok"
    MISSING = "missing"
    ALTERED = "altered"


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as found on disk.

    Attributes:
        file: its pin.
        path: its expected path.
        state: comparison with the pin.
        detail: the problem, as the end of a sentence; empty if there is none.
        sha256: of the file found; None if it was not read (missing, or longer than pinned).
    """

    file: PackFile
    path: Path
    state: State
    detail: str = ""
    sha256: str | None = None


@functools.cache
def load_manifest() -> Manifest:
    """The manifest shipped with this version.

    Raises:
        ModelError: it cannot be read or parsed.
    """
    try:
        text = resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8")
        return parse(tomllib.loads(text))
    except (OSError, ValueError) as error:
        raise ModelError(
            "The manifest of the model packs cannot be read.", "Install Lintel again."
        ) from error


def shared_directory() -> Path:
    """The folder where packs are installed for all kiosks of this installation."""
    return Path(sys.prefix) / "share" / "lintel" / "models"


def weights_directory(explicit: Path | None, home: Path, pack: Pack) -> Path:
    """The folder whose subfolders are packs.

    Args:
        explicit: the setting ``models.directory``; it always takes precedence.
        home: the kiosk's home; its ``models`` folder is used if it contains the pack.
        pack: the pack that will be loaded.
    """
    if explicit is not None:
        return _expanded(explicit)
    own = home / "models"
    return own if (own / pack.name).is_dir() else shared_directory()


def _expanded(path: Path) -> Path:
    """The path with its `~` expanded; unchanged for an unknown user, so that it does not exist."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def inspect(pack: Pack, directory: Path) -> Sequence[FileState]:
    """Every file of the pack as found in ``directory``; reads each file completely."""
    return tuple(state_of(file, directory) for file in pack.files)


@dataclass(frozen=True, slots=True)
class InstalledPack:
    """A pack as found in a folder.

    Attributes:
        pack: the pack.
        directory: the folder whose subfolders are packs.
        files: its files as found there.
    """

    pack: Pack
    directory: Path
    files: Sequence[FileState]

    @classmethod
    def in_folder(cls, pack: Pack, directory: Path) -> InstalledPack:
        """Look at every file of a pack; reads each one completely."""
        return cls(pack, directory, inspect(pack, directory))

    @property
    def good(self) -> bool:
        """True if every file is that of the manifest."""
        return all(file.state is State.OK for file in self.files)

    @property
    def condition(self) -> str:
        """``yes``, ``no`` (none of its own files is present), ``damaged`` or ``incomplete``."""
        found = {file.state for file in self.files}
        own = {file.state for file in self.files if file.file.pack == self.pack.name}
        if State.ALTERED in found:
            return "damaged"
        if State.MISSING in found:
            return "no" if own == {State.MISSING} else "incomplete"
        return "yes"


def state_of(file: PackFile, directory: Path) -> FileState:
    """Compare the file in ``directory`` with its pin."""
    path = directory / file.pack / file.name
    try:
        size = path.stat().st_size
        digest = _digest(path) if size <= file.bytes else None
    except FileNotFoundError:
        return FileState(file, path, State.MISSING, "is missing")
    except OSError as error:
        return FileState(file, path, State.ALTERED, f"cannot be read: {error.strerror}")
    if size != file.bytes:
        how = "truncated" if size < file.bytes else "altered"
        detail = f"is {how}: {size} bytes instead of {file.bytes}"
        return FileState(file, path, State.ALTERED, detail, digest)
    if digest != file.sha256:
        return FileState(file, path, State.ALTERED, "is altered: its SHA-256 differs", digest)
    return FileState(file, path, State.OK, sha256=digest)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verified(pack: Pack, directory: Path) -> dict[str, Path]:
    """The pack's files by role, each read and verified.

    Args:
        pack: the files of one engine, see `Pack.for_engine`; of a whole pack, the originals count.
        directory: the folder whose subfolders are packs; see `weights_directory`.

    Raises:
        ModelError: names the first file that is missing, truncated or altered.
    """
    states = inspect(pack, directory)
    for state in states:
        if state.state is not State.OK:
            raise ModelError(
                f"The model file {state.path} {state.detail}.",
                remedy(pack, directory),
            )
    return {state.file.role: state.path for state in reversed(states)}


def remedy(pack: Pack, directory: Path) -> Remedy:
    """The remedy for a pack that is incomplete or altered in ``directory``."""
    if directory == shared_directory():
        return Remedy(
            f"Install the model pack {pack.name}.", NextStep.INSTALL_MODELS, pack=pack.name
        )
    return Remedy(
        f"Install the model pack {pack.name} into {directory}.",
        NextStep.INSTALL_MODELS_INTO,
        pack=pack.name,
        directory=str(directory),
    )
