"""One photograph from a file, for enrolment and measurements. It is read, never copied."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.source import IMAGE_SUFFIXES, natural
from kiosk.domain.errors import ImageError
from kiosk.domain.vision.frame import Pixels

MOST_STILL_PIXELS = 50_000_000
"""OpenCV refuses more from the header: see `hardware/__init__.py`."""
OTHERS_NAMED = 5
"""Maximum number of other files named in the error for a folder without images."""
BRANDS = {
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"hevc": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
    b"avif": "AVIF",
    b"avis": "AVIF",
}
"""Signatures of image formats that no library here reads (ISO/IEC 14496-12, ftyp)."""


def read_still(path: Path, max_bytes: int) -> Pixels:
    """Read the image in a file, rotated upright according to its metadata.

    Args:
        path: the file.
        max_bytes: a larger file is not read.

    Returns:
        (height, width, 3) BGR.

    Raises:
        ImageError: names the file and why it is not a usable image.
    """
    return still_in(_content(path, max_bytes), str(path))


def still_in(content: bytes, name: str = "The photograph") -> Pixels:
    """Read the image in a file's content, rotated upright according to its metadata.

    Args:
        content: of the file.
        name: names it in a message.

    Returns:
        (height, width, 3) BGR.

    Raises:
        ImageError: says why it is not a usable image.
    """
    pixels = None
    with contextlib.suppress(cv2.error):  # raised for an image with too many pixels
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None or pixels.shape[0] * pixels.shape[1] > MOST_STILL_PIXELS:
        if brand := _brand(content):
            raise ImageError(
                f"{name} is {brand}, whatever its name says, and that is not read.",
                "Save it as JPEG.",
            )
        raise ImageError(
            f"{name} is not a picture that can be read.",
            "Give a whole JPEG or PNG photograph of at most 50 megapixels.",
        )
    return np.asarray(pixels, np.uint8)


def jpeg_of(pixels: Pixels) -> bytes:
    """An image as the content of a JPEG file.

    Args:
        pixels: (height, width, 3) BGR.

    Raises:
        ImageError: it is empty.
    """
    if not pixels.size:
        raise ImageError("A picture is empty.", "Take another one.")
    _, content = cv2.imencode(".jpg", pixels)
    return np.asarray(content, np.uint8).tobytes()


def stills_in(
    paths: Sequence[Path], passed_over: Callable[[Path], None] = lambda _: None
) -> tuple[Path, ...]:
    """Resolve files as they are, and folders to their images in natural order.

    Subfolders are not searched: they may be of other people.

    Args:
        paths: files and folders.
        passed_over: called for every entry of a folder that is not used.

    Raises:
        ImageError: a path does not exist, or a folder cannot be read or contains no image.
    """
    return tuple(still for path in paths for still in _stills(path, passed_over))


def _stills(path: Path, passed_over: Callable[[Path], None]) -> Sequence[Path]:
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise ImageError(f"{path} does not exist.", "Check the path.")
    entries = _entries(path)
    pictures = [each for each in entries if _is_picture(each)]
    others = [each for each in entries if not _is_picture(each)]
    if not pictures:
        raise ImageError(
            f"The folder {path} holds no pictures{_and_what_else(others)}.",
            f"Pictures end in {', '.join(sorted(IMAGE_SUFFIXES))}; save others as JPEG.",
        )
    for each in others:
        passed_over(each)
    return pictures


def _entries(folder: Path) -> Sequence[Path]:
    try:
        return sorted(folder.iterdir(), key=lambda each: natural(each.name))
    except OSError as error:
        raise ImageError(
            f"The folder {folder} cannot be read: {error.strerror}.", "Check the path."
        ) from error


def _is_picture(path: Path) -> bool:
    """True if the name is that of an image; `._1.jpg` is another system's metadata for `1.jpg`."""
    suffix = path.suffix.lower()
    return suffix in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def _and_what_else(others: Sequence[Path]) -> str:
    names = [ascii(each.name)[1:-1] for each in others[:OTHERS_NAMED]]
    more = f" and {len(others) - OTHERS_NAMED:,} more" if len(others) > OTHERS_NAMED else ""
    return f", but {', '.join(names)}{more}" if names else ""


def _brand(content: bytes) -> str | None:
    return BRANDS.get(content[8:12]) if content[4:8] == b"ftyp" else None


def _content(path: Path, max_bytes: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > max_bytes:
            raise ImageError(
                f"{path} is too large: {size:,} bytes of at most {max_bytes:,}.",
                "Make it smaller, or raise enrolment.max_image_bytes.",
            )
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read: {error.strerror}.", "Check the path.") from error
    if not content:
        raise ImageError(f"{path} is empty.", "Give a whole photograph.")
    return content
