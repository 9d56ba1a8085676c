"""A short text as a QR code in a terminal, for a telephone that is held up to it."""

from __future__ import annotations

from io import StringIO


def terminal_code(text: str) -> str:
    """The lines of the code, in half blocks."""
    import segno

    drawn = StringIO()
    segno.make_qr(text, error="m").terminal(drawn, compact=True)
    return drawn.getvalue().rstrip("\n")
