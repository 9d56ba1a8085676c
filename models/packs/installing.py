"""Installing a pack: each file from the first source that has the pinned bytes.

Files that are right already are not fetched again, so an installation that was cut off goes on
where it stopped. One installation at a time works in a folder; another one waits for it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from kiosk.domain.errors import ModelError
from models.packs.atomic_file import Partial
from models.packs.installed import State, state_of
from models.packs.manifest import Pack, PackFile, Source
from models.packs.sources import PackFolder, fetch


class Progress(Protocol):
    """Is told how an installation goes."""

    def kept(self, file: PackFile) -> None:
        """The file is there and right."""

    def started(self, file: PackFile, source: str) -> None:
        """The file is now asked of this source."""

    def advanced(self, file: PackFile, done: int) -> None:
        """So many bytes of the file are here."""

    def failed(self, file: PackFile, source: str, reason: str) -> None:
        """This source did not give the file; the next one is tried."""

    def finished(self, file: PackFile) -> None:
        """The file is in its place."""

    def waiting(self, directory: Path) -> None:
        """Another installation works in the folder."""


def install(pack: Pack, directory: Path, folder: Path | None, progress: Progress) -> None:
    """Put every file of the pack into ``directory``.

    Args:
        pack: the pack; its base's files come along.
        directory: the folder whose subfolders are packs; it is made if need be.
        folder: a local folder to ask before any other source.
        progress: is told what happens.

    Raises:
        ModelError: the directory cannot be written, or some file could be had from no source; the
            files that could be had are in place, and nothing half-written is.
    """
    try:
        with _alone(directory, progress):
            lacking = [f for f in pack.files if not _placed(f, directory, folder, progress)]
    except OSError as error:
        raise ModelError(
            f"The folder {directory} does not take the model files: {error.strerror or error}.",
            "Free or mount space there and check its owner, or choose another folder with --into.",
        ) from error
    if lacking:
        raise _lacking(pack, lacking)


def _placed(file: PackFile, directory: Path, folder: Path | None, progress: Progress) -> bool:
    """Whether the file is in its place now."""
    if state_of(file, directory).state is State.OK:
        progress.kept(file)
        return True
    place = directory / file.pack / file.name
    place.parent.mkdir(exist_ok=True)
    try:
        with Partial(file, place, lambda done: progress.advanced(file, done)) as partial:
            return any(_took(source, partial, progress) for source in _sources(file, folder))
    finally:
        with contextlib.suppress(OSError):  # it stays if there is anything in it
            place.parent.rmdir()


def _sources(file: PackFile, folder: Path | None) -> Sequence[Source | PackFolder]:
    return (*((PackFolder(folder),) if folder is not None else ()), *file.sources)


def _took(source: Source | PackFolder, partial: Partial, progress: Progress) -> bool:
    """Whether this source gave the pinned file."""
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
    """Hold the folder's lock; it is on the folder itself, so it leaves no file behind."""
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
    names = ", ".join(file.name for file in lacking)
    by_hand = all(not file.sources for file in lacking)
    how = (
        "This pack is never downloaded: fetch its files as its licence asks, "
        if by_hand
        else "Let this machine reach its package registries, or copy the files to it, "
    )
    return ModelError(
        f"The model pack {pack.name} is not complete: no source gave {names}.",
        f"{how}then run `kiosk models install {pack.name} --from DIR`.",
    )
