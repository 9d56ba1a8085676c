"""HTTP answers, and the errors for unexpected ones."""

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
    """Parse the JSON object of an answer.

    Raises:
        DoorTimeout: it is not a JSON object; that counts as no answer.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise gibberish(device)
    return said


def gibberish(device: str) -> DoorTimeout:
    """The error for an answer that does not match the request."""
    return DoorTimeout(
        f"{device} answered something that makes no sense.",
        "Check that it is the right device, and its network.",
    )


def unexpected(device: str, status: int, setting: str) -> DoorTimeout | DoorUnusable:
    """The error for a status other than 200: device fault if it says so, else wrong device."""
    if status == _TOO_MANY or status in _SERVER_ERRORS:
        return DoorTimeout(f"{device} answered HTTP {status}.", "Look at the device itself.")
    where = " and leads elsewhere, where nothing is sent" if status in _REDIRECTS else ""
    return DoorUnusable(f"{device} answered HTTP {status}{where}.", f"Correct {setting}.")
