"""The picture of a badge: a QR code, black on white."""

from __future__ import annotations

import io

KINDS = ("svg", "png")
MODULE_PX = 8


def badge_picture(text: str, kind: str) -> bytes:
    """The QR code of a badge's text, with error correction level Q so that it survives a scratch.

    Args:
        text: the badge's text.
        kind: one of `KINDS`.
    """
    import segno  # noqa: PLC0415 - only who makes a badge waits for it

    made = io.BytesIO()
    segno.make_qr(text, error="q").save(
        made, kind=kind, scale=MODULE_PX, border=4, dark="black", light="white"
    )
    return made.getvalue()
