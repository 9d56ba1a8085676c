"""A badge that was drawn, and its picture: a QR code, black on white."""

from __future__ import annotations

import io
from dataclasses import dataclass

from kiosk.domain.vision.template import SubjectId

KINDS = ("svg", "png")
MODULE_PX = 8
LONG_TEXT = 120
"""Characters from which on larger modules help a camera more than what survives a scratch."""


@dataclass(frozen=True, slots=True)
class DrawnBadge:
    """A badge that is not valid yet. Never printed.

    Attributes:
        subject: its owner.
        serial: what makes it valid, once it is issued.
        text: the text of its QR code.
    """

    subject: SubjectId
    serial: str
    text: str

    def __repr__(self) -> str:
        return "DrawnBadge(<hidden>)"


def badge_picture(text: str, kind: str) -> bytes:
    """The QR code of a badge's or an invitation's text.

    Args:
        text: of the code.
        kind: one of `KINDS`.
    """
    import segno  # noqa: PLC0415 - only who makes a badge waits for it

    made = io.BytesIO()
    segno.make_qr(text, error=level(text)).save(
        made, kind=kind, scale=MODULE_PX, border=4, dark="black", light="white"
    )
    return made.getvalue()


def level(text: str) -> str:
    """The level of error correction: Q, so that a badge survives a scratch; M for a long text."""
    return "q" if len(text) < LONG_TEXT else "m"
