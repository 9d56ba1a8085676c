"""Pictures of one face that may be sent to Rekognition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class FacePicture:
    """The cut of one face that passed the kiosk's own quality and attack detection. Never printed.

    Attributes:
        jpeg: the content of a file; in memory only.
        width: pixels.
        height: pixels.
    """

    jpeg: bytes
    width: int
    height: int

    def __repr__(self) -> str:
        return "FacePicture(<hidden>)"
