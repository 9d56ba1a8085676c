"""The images or presentations in a folder, found by name. No file is opened."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.domain.errors import BadInput

CLIPS = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"})
"""Suffixes of video files in a folder; a file that is named directly may have any suffix."""

PassedOver = Callable[[Path], None]
"""Called with each entry of a folder that is neither image nor clip."""


def _nobody_asks(_: Path) -> None:
    return


@dataclass(frozen=True, slots=True)
class Presentation:
    """One presentation of an attack instrument or a person to the camera.

    Attributes:
        path: a folder of frames, or a clip.
        species: of the presentation attack instrument; None for a bona fide presentation.
    """

    path: Path
    species: str | None = None


def images_under(
    directory: Path, suffixes: Collection[str], passed_over: PassedOver = _nobody_asks
) -> tuple[Path, ...]:
    """Every image at any depth, in the order of their paths.

    Args:
        directory: the folder to search.
        suffixes: suffixes of images, in lower case.
        passed_over: called with every entry that is skipped.

    Raises:
        BadInput: there is no such folder, or no image in it.
    """
    _refuse_missing(directory)
    folders = list(_folders(directory))
    _tell(folders, suffixes, passed_over)
    found = (p for folder in folders for p in _files(folder, suffixes))
    images = tuple(sorted(found))
    if not images:
        raise BadInput(f"The folder {directory} holds no images.", _endings(suffixes))
    return images


def presentations_under(
    path: Path,
    suffixes: Collection[str],
    species: str | None = None,
    passed_over: PassedOver = _nobody_asks,
) -> tuple[Presentation, ...]:
    """The presentations at a path: a clip, or every clip and every folder of frames below it.

    Args:
        path: a clip, or a folder.
        suffixes: suffixes of frames, in lower case.
        species: of the presentation attack instrument; None for a bona fide presentation.
        passed_over: called with every entry that is skipped.

    Raises:
        BadInput: it does not exist, is a single picture, or holds no presentation.
    """
    if path.is_file():
        _refuse_picture(path, suffixes)
        return (Presentation(path, species),)
    _refuse_missing(path)
    folders = list(_folders(path))
    _tell(folders, {*suffixes, *CLIPS}, passed_over)
    found = [p for folder in folders for p in _presentations(folder, suffixes)]
    if not found:
        raise BadInput(
            f"The folder {path} holds no presentation.",
            "A presentation is a folder of frames or a video file. "
            + _endings([*suffixes, *CLIPS]),
        )
    return tuple(Presentation(p, species) for p in sorted(found))


def species_of(option: str) -> tuple[str, Path]:
    """The species and the path of an option SPECIES=PATH.

    Raises:
        BadInput: it is not of that form.
    """
    species, equals, path = option.partition("=")
    if not (species.strip() and equals and path.strip()):
        raise BadInput(
            f"'{option}' does not say which species of attack instrument it holds.",
            "Write --attack SPECIES=PATH, for example --attack print=recordings/prints.",
        )
    try:
        return species.strip(), Path(path.strip()).expanduser()
    except RuntimeError as error:
        raise BadInput(
            f"Nothing says whose folder '{path}' is.", "Write the whole path."
        ) from error


def _presentations(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    if next(_files(folder, suffixes), None) is not None:
        yield folder
    yield from _files(folder, CLIPS)


def _folders(top: Path) -> Iterator[Path]:
    """The folder and all folders below it, each once, even if several links lead to it."""
    seen: set[Path] = set()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        real = folder.resolve()
        if real not in seen:
            seen.add(real)
            yield folder
            waiting += _entries(folder, Path.is_dir)


def _files(folder: Path, suffixes: Collection[str]) -> Iterator[Path]:
    return (p for p in _entries(folder, Path.is_file) if p.suffix.lower() in suffixes)


def _tell(folders: Iterable[Path], taken: Collection[str], passed_over: PassedOver) -> None:
    """Report every entry that is skipped; a hidden folder is one entry."""
    for folder in folders:
        for each in sorted(folder.iterdir()):
            hidden = each.name.startswith(".")
            if hidden or not (each.is_dir() or (each.is_file() and each.suffix.lower() in taken)):
                passed_over(each)


def _entries(folder: Path, kind: Callable[[Path], bool]) -> list[Path]:
    """The entries of one kind that are not hidden.

    Raises:
        BadInput: the folder cannot be read.
    """
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and kind(p))
    except OSError as error:
        raise BadInput(
            f"The folder {folder} cannot be read: {error.strerror}.", "Check the path."
        ) from error


def _refuse_missing(folder: Path) -> None:
    if not folder.exists():
        raise BadInput(f"{folder} does not exist.", "Check the path.")
    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder.", "Name the folder that holds the images.")


def _refuse_picture(path: Path, suffixes: Collection[str]) -> None:
    if path.suffix.lower() in suffixes:
        raise BadInput(
            f"{path} is one picture, which is no presentation.",
            "Name a folder of frames, or a video file.",
        )


def _endings(suffixes: Collection[str]) -> str:
    return f"Names end in {', '.join(sorted(suffixes))}."
