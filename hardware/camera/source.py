"""What a source's name means, and the one place that turns it into a camera.

`device:N` is a local camera, `rtsp://…` and `http://…` are streams: live, they can be lost and
come back. `file:PATH` and `images:DIR?fps=15` are replays: they end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.domain.errors import SourceError
from kiosk.domain.ports import Camera

FORMS = (
    "Write device:0, file:recording.mp4, images:folder?fps=15, rtsp://host/path or "
    "http://host/path."
)
DEFAULT_FPS = 15.0
MIN_FPS, MAX_FPS = 1.0, 240.0
STREAM_SCHEMES = ("rtsp", "rtsps", "http", "https")
IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, slots=True)
class DeviceSource:
    """A camera of this machine, by its number."""

    number: int

    def __str__(self) -> str:
        return f"device:{self.number}"


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A network camera. Its address may hold a password, which is never shown."""

    url: str

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}"

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
    """A folder of pictures, played at a rate."""

    directory: Path
    fps: float = DEFAULT_FPS

    def __str__(self) -> str:
        return f"images:{self.directory}?fps={self.fps:g}"

    def images(self) -> tuple[Path, ...]:
        """Its pictures in natural order: frame2 before frame10."""
        found = (p for p in self.directory.iterdir() if _is_image(p))
        return tuple(sorted(found, key=lambda p: natural(p.name)))


Source = DeviceSource | StreamSource | FileSource | FolderSource
Replay = FileSource | FolderSource
"""Sources that end; for `isinstance`."""


def parse(spec: str) -> Source:
    """Understand a source's name. Files and folders must exist; devices are tried when opened.

    Raises:
        SourceError: names the source, what is wrong with it and what would be right.
    """
    scheme, colon, rest = spec.strip().partition(":")
    match scheme.lower() if colon else "":
        case "device":
            return _device(spec, rest)
        case "file":
            return _file(spec, rest)
        case "images":
            return _folder(spec, rest)
        case known if known in STREAM_SCHEMES:
            return _stream(spec)
        case _:
            raise SourceError(f"The camera source {_shown(spec)} is of no known kind.", FORMS)


def open_camera(
    source: Source,
    *,
    width: int = 640,
    height: int = 480,
    fps: int = 30,
    warmup_frames: int = 5,
    open_seconds: float = 3.0,
    realtime: bool = False,
) -> Camera:
    """The camera that a source names, opened.

    Args:
        source: from `parse`.
        width: pixels asked of a device.
        height: pixels asked of a device.
        fps: frames a second asked of a device.
        warmup_frames: first frames of a live camera that are thrown away.
        open_seconds: how long a stream may take to answer.
        realtime: a replay plays as a camera would, instead of as fast as it is read.

    Raises:
        CameraLost: a live camera is absent or does not answer.
        SourceError: a recording cannot be read.
    """
    if isinstance(source, Replay):
        return _open_replay(source, realtime=realtime)
    from hardware.camera.opencv import LiveCamera, Wanted  # noqa: PLC0415 - what was named only

    wanted = Wanted(width, height, fps, warmup_frames, open_seconds)
    return LiveCamera(source, wanted)


def _open_replay(source: Replay, *, realtime: bool) -> Camera:
    from hardware.camera.replay import FileReplay, FolderReplay, Paced  # noqa: PLC0415 - same

    replay: Camera = (
        FileReplay(source.path)
        if isinstance(source, FileSource)
        else FolderReplay(source.images(), source.fps)
    )
    return Paced(replay) if realtime else replay


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """A sorting key in which numbers count as numbers and case does not count."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(p)) if p.isdecimal() else (1, p) for p in parts if p)


def _device(spec: str, rest: str) -> DeviceSource:
    if not re.fullmatch(r"[0-9]{1,3}", rest):
        raise SourceError(
            f"The camera source {_shown(spec)} does not name a device by its number.",
            "Write device:0 for the first camera; `ls /dev/video*` shows their numbers.",
        )
    return DeviceSource(int(rest))


def _stream(spec: str) -> StreamSource:
    try:
        host = urlsplit(spec.strip()).hostname
    except ValueError:
        host = None
    if not host:
        raise SourceError(
            f"The camera source {_shown(spec)} names no host.", "Write rtsp://host/path."
        )
    return StreamSource(spec.strip())


def _file(spec: str, rest: str) -> FileSource:
    path = _expanded(rest)
    if not rest or not path.is_file():
        raise SourceError(
            f"The camera source {_shown(spec)} names no file that exists.",
            "Write file: and the path of a video; for a folder of pictures write images:DIR.",
        )
    return FileSource(path)


def _expanded(name: str) -> Path:
    """Its `~` replaced; that of nobody stays, and names nothing that exists."""
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
            f"The camera source {_shown(spec)} names no folder that exists.",
            "Write images: and the path of a folder; for a video write file:PATH.",
        )
    source = FolderSource(directory, _fps(spec, options))
    if not source.images():
        raise SourceError(
            f"The camera source {_shown(spec)} is a folder without pictures.",
            f"Pictures end in {', '.join(sorted(IMAGE_SUFFIXES))}.",
        )
    return source


def _fps(spec: str, options: str) -> float:
    """The one option of a folder. Compared so that nan is refused."""
    found = re.fullmatch(r"fps=([0-9]+(?:\.[0-9]+)?)", options)
    fps = float(found.group(1)) if found else float("nan")
    if not MIN_FPS <= fps <= MAX_FPS:
        raise SourceError(
            f"The camera source {_shown(spec)} has a bad option '{options}'.",
            f"Write ?fps= and a number from {MIN_FPS:g} to {MAX_FPS:g}, such as ?fps=15.",
        )
    return fps


def _is_image(path: Path) -> bool:
    return (
        path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def _shown(spec: str) -> str:
    """The source as it was written, without a password or a query that may hold one."""
    return "'" + re.sub(r"//[^/@]*@", "//***@", spec) + "'"
