"""Digest authentication for Gen2 relays: SHA-256, and nothing weaker (RFC 7616).

The password is never transmitted. An eavesdropper learns a hash of it and of a number that the
relay chose; a challenge for a weaker hash is refused, since it would come from an attacker. Only
the address of a request is covered, not the body: see `docs/doors/http.md`.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from urllib.request import parse_http_list, parse_keqv_list

import httpx

from hardware.door.http.answer import UNAUTHORISED
from kiosk.domain.errors import DoorUnusable

USER = "admin"


class Digest(httpx.DigestAuth):
    """Answers a relay's challenge, and keeps it for the next request.

    Not thread-safe: hold ``lock`` while using it.

    Attributes:
        lock: held by the user of this object.
        challenged: True if a challenge is known, so that the next request goes out signed.
    """

    def __init__(self, password: str) -> None:
        super().__init__(USER, password)
        self.lock = threading.Lock()
        self.challenged = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Authenticate as httpx does, after checking the strength of the challenge."""
        flow = super().auth_flow(request)
        response = yield next(flow)
        if response.status_code != UNAUTHORISED:
            return
        _check(response.headers.get_list("www-authenticate"))
        self.challenged = True
        yield flow.send(response)


class Once(httpx.Auth):
    """Signs one request with a known challenge, and sends it once, whatever the answer.

    A relay accepts a signature once. If it refuses one, an eavesdropper may have replayed it first;
    signing the same order again would execute it twice.

    Args:
        digest: holds a challenge.
    """

    def __init__(self, digest: Digest) -> None:
        self._digest = digest

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send one request."""
        yield next(self._digest.auth_flow(request))


def _check(challenges: list[str]) -> None:
    """Check the first Digest challenge, which is the one that httpx answers."""
    first = next((c for c in challenges if c.lower().startswith("digest ")), "digest ")
    asked = parse_keqv_list(parse_http_list(first.partition(" ")[2]))
    ways = [way.strip() for way in asked.get("qop", "").split(",")]
    strong = asked.get("algorithm", "").upper() == "SHA-256" and "auth" in ways
    if not (strong and {"realm", "nonce"} <= asked.keys()):
        raise DoorUnusable(
            "The relay of door.http.url asks for its password in a way that is too weak.",
            "It must be a relay of the second generation or later, with digest SHA-256.",
        )
