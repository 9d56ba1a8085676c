"""One photograph from a file, for enrolment and measurements. It is read, never copied."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hardware.camera.codec import cv2
from hardware.camera.source import IMAGE_SUFFIXES, natural
from kiosk.domain.errors import ImageError
from kiosk.domain.frame import Pixels


def read_still(path: Path, max_bytes: int) -> Pixels:
    """The picture in a file, upright as its camera meant it.

    Args:
        path: the file.
        max_bytes: a larger file is not read.

    Returns:
        (height, width, 3) BGR.

    Raises:
        ImageError: names the file and why it is no picture that can be used.
    """
    content = _content(path, max_bytes)
    pixels = None
    with contextlib.suppress(cv2.error):  # how a picture of too many pixels is refused
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise ImageError(
            f"{path} is not a picture that can be read.",
            "Give a whole JPEG or PNG photograph of at most 64 megapixels.",
        )
    return np.asarray(pixels, np.uint8)


def stills_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Files as they are, folders as their pictures in natural order.

    Raises:
        ImageError: a path does not exist, or a folder holds no picture.
    """
    return tuple(still for path in paths for still in _stills(path))


def _stills(path: Path) -> Sequence[Path]:
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise ImageError(f"{path} does not exist.", "Check the path.")
    pictures = [p for p in path.iterdir() if p.is_file() and p.suffix.lower() in IMAGE_SUFFIXES]
    if not pictures:
        raise ImageError(
            f"The folder {path} holds no pictures.",
            f"Pictures end in {', '.join(sorted(IMAGE_SUFFIXES))}.",
        )
    return sorted(pictures, key=lambda picture: natural(picture.name))


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
