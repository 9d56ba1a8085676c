"""Checks of a picture before it is sent: a JPEG within Rekognition's bounds."""

from __future__ import annotations

from typing import Final

from kiosk.domain.cloud.faces import LEAST_FACE_PX, MOST_IMAGE_BYTES
from kiosk.domain.errors import CloudRefused

_BEGIN: Final = b"\xff\xd8"
_MARK: Final = 0xFF
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""Markers of a segment that says how large the picture is."""
_ALONE: Final = {0x01, *range(0xD0, 0xD8)}
"""Markers without a segment."""


def usable(picture: bytes) -> bytes:
    """The same picture, if it may be sent.

    Raises:
        CloudRefused: it is no JPEG, larger than 5 MB, or under 50 pixels wide or high.
    """
    if len(picture) > MOST_IMAGE_BYTES:
        raise CloudRefused(
            "A picture is larger than the 5 MB that Rekognition takes.",
            "Send the crop of the face, or a smaller picture.",
        )
    size = jpeg_size(picture)
    if size is None:
        raise CloudRefused("A picture for Rekognition is no JPEG.", "Send a whole JPEG.")
    if min(size) < LEAST_FACE_PX:
        raise CloudRefused(
            f"A picture for Rekognition is {size[0]} by {size[1]} pixels; it takes"
            f" {LEAST_FACE_PX} by {LEAST_FACE_PX} or more.",
            "Come closer to the camera, or send a larger picture.",
        )
    return picture


def jpeg_size(picture: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG, in pixels; None if it is none."""
    if picture[:2] != _BEGIN:
        return None
    at = 2
    while at + 4 <= len(picture) and picture[at] == _MARK:
        marker = picture[at + 1]
        if marker == _MARK:
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        if marker in _FRAMES and at + 9 <= len(picture):
            height = int.from_bytes(picture[at + 5 : at + 7])
            return int.from_bytes(picture[at + 7 : at + 9]), height
        at += 2 + int.from_bytes(picture[at + 2 : at + 4])
    return None
