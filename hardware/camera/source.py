"""Camera sources: their names.

`device:N` and `device:/dev/v4l/by-id/…` are local cameras, `rtsps://…` and `https://…` are streams.
Both are live: they can be lost and come back. `file:PATH` and `images:DIR?fps=15` are replays,
which end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hardware.camera.network.address import (
    HINT,
    SCHEMES,
    Address,
    shown,
    understand,
)
from kiosk.domain.errors import SourceError

FORMS = (
    "Write device:0, device:/dev/v4l/by-id/NAME, file:recording.mp4, images:folder?fps=15, "
    "rtsps://host/path or https://host/path."
)
DEFAULT_FPS = 15.0
MIN_FPS, MAX_FPS = 1.0, 240.0
DEVICE_PATH = re.compile(r"/dev/(video[0-9]{1,3}|v4l/by-(id|path)/[^/\s]{1,200})")
IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, slots=True)
class DeviceSource:
    """A local camera, by its number, or by a path that is stable across reboots.

    Attributes:
        place: a number, or the path of a video device.
    """

    place: int | str

    def __str__(self) -> str:
        return f"device:{self.place}"


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A network camera. Its address may contain a password, which is never shown."""

    address: Address

    def __str__(self) -> str:
        return str(self.address)

    def __repr__(self) -> str:
        return f"StreamSource({self})"


@dataclass(frozen=True, slots=True)
class FileSource:
    """A recording."""

    path: Path

    def __str__(self) -> str:
        return f"file:{self.path}"


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder of images, played at a fixed rate."""

    directory: Path
    fps: float = DEFAULT_FPS

    def __str__(self) -> str:
        return f"images:{self.directory}?fps={self.fps:g}"

    def images(self) -> tuple[Path, ...]:
        """Its images in natural order: frame2 before frame10."""
        found = (p for p in self.directory.iterdir() if _is_image(p))
        return tuple(sorted(found, key=lambda p: natural(p.name)))


Source = DeviceSource | StreamSource | FileSource | FolderSource
Replay = FileSource | FolderSource
"""Sources that end; for `isinstance`."""


def parse(spec: str) -> Source:
    """Parse a source's name. Files and folders must exist; devices are checked when opened.

    Raises:
        SourceError: names the source, the mistake and the correct form.
    """
    if spec.strip().startswith("/dev/"):
        return _device(spec, spec.strip())
    scheme, colon, rest = spec.strip().partition(":")
    match scheme.lower() if colon else "":
        case "device":
            return _device(spec, rest)
        case "file":
            return _file(spec, rest)
        case "images":
            return _folder(spec, rest)
        case known if known in SCHEMES:
            return StreamSource(understand(spec.strip()))
        case _:
            remedy = f"{FORMS} {HINT}" if "@" in spec else FORMS
            raise SourceError(f"The camera source {shown(spec)} is of no known kind.", remedy)


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key that compares digits as numbers and ignores case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(p)) if p.isdecimal() else (1, p) for p in parts if p)


def _device(spec: str, rest: str) -> DeviceSource:
    if re.fullmatch(r"[0-9]{1,3}", rest):
        return DeviceSource(int(rest))
    if DEVICE_PATH.fullmatch(rest):
        return DeviceSource(rest)
    raise SourceError(
        f"The camera source {shown(spec)} does not name a device by its number or its path.",
        "Write device:0 for the first camera; `ls /dev/video*` shows their numbers. Numbers may "
        "change from boot to boot: `ls /dev/v4l/by-id` shows names that do not.",
    )


def _file(spec: str, rest: str) -> FileSource:
    path = _expanded(rest)
    if not rest or not path.is_file():
        raise SourceError(
            f"The camera source {shown(spec)} names no file that exists.",
            "Write file: and the path of a video; for a folder of pictures write images:DIR.",
        )
    return FileSource(path)


def _expanded(name: str) -> Path:
    """The path with its `~` expanded; unchanged for an unknown user, so that it does not exist."""
    path = Path(name)
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _folder(spec: str, rest: str) -> FolderSource:
    name, mark, options = rest.rpartition("?")
    if not mark:
        name, options = rest, f"fps={DEFAULT_FPS}"
    directory = _expanded(name)
    if not name or not directory.is_dir():
        raise SourceError(
            f"The camera source {shown(spec)} names no folder that exists.",
            "Write images: and the path of a folder; for a video write file:PATH.",
        )
    source = FolderSource(directory, _fps(spec, options))
    if not source.images():
        raise SourceError(
            f"The camera source {shown(spec)} is a folder without pictures.",
            f"Pictures end in {', '.join(sorted(IMAGE_SUFFIXES))}.",
        )
    return source


def _fps(spec: str, options: str) -> float:
    """The one option of a folder. The comparison also rejects nan."""
    found = re.fullmatch(r"fps=([0-9]+(?:\.[0-9]+)?)", options)
    fps = float(found.group(1)) if found else float("nan")
    if not MIN_FPS <= fps <= MAX_FPS:
        raise SourceError(
            f"The camera source {shown(spec)} has a bad option '{options}'.",
            f"Write ?fps= and a number from {MIN_FPS:g} to {MAX_FPS:g}, such as ?fps=15.",
        )
    return fps


def _is_image(path: Path) -> bool:
    return (
        path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
