"""What came back over HTTP, and what it means where it is not what was asked for."""

from __future__ import annotations

import json

from kiosk.domain.errors import DoorTimeout, DoorUnusable

OK = 200
UNAUTHORISED = 401
FORBIDDEN = 403
NOT_FOUND = 404
_REDIRECTS = range(300, 400)
_TOO_MANY = 429
_SERVER_ERRORS = range(500, 600)


def parsed(body: bytes, device: str) -> dict[str, object]:
    """An answer's JSON object.

    Raises:
        DoorTimeout: it is none: that is no answer.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise gibberish(device)
    return said


def gibberish(device: str) -> DoorTimeout:
    """Something came back that answers nothing."""
    return DoorTimeout(
        f"{device} answered something that makes no sense.",
        "Check that it is the right device, and its network.",
    )


def unexpected(device: str, status: int, setting: str) -> DoorTimeout | DoorUnusable:
    """Another status than 200: the device's trouble if it says so, else another device."""
    if status == _TOO_MANY or status in _SERVER_ERRORS:
        return DoorTimeout(f"{device} answered HTTP {status}.", "Look at the device itself.")
    where = " and leads elsewhere, where nothing is sent" if status in _REDIRECTS else ""
    return DoorUnusable(f"{device} answered HTTP {status}{where}.", f"Correct {setting}.")
