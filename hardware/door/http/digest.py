"""Digest authentication as Gen2 relays ask for it: SHA-256, and nothing weaker (RFC 7616).

The password never goes over the wire. Whoever listens learns a hash of it and of a number that the
relay chose, which is why a challenge for a weaker hash is refused: it would come from somebody
else. Not the body but only the address of a request is covered: see `docs/doors/http.md`.
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

    Not to be used by two threads at once: hold ``lock`` meanwhile.

    Attributes:
        lock: of whoever uses it.
        challenged: whether a challenge is known, so that the next request goes out signed.
    """

    def __init__(self, password: str) -> None:
        super().__init__(USER, password)
        self.lock = threading.Lock()
        self.challenged = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """As httpx does it, once the challenge was found good."""
        flow = super().auth_flow(request)
        response = yield next(flow)
        if response.status_code != UNAUTHORISED:
            return
        _check(response.headers.get_list("www-authenticate"))
        self.challenged = True
        yield flow.send(response)


class Once(httpx.Auth):
    """Signs one request with a challenge that is known, and sends it once, whatever is answered.

    A relay takes a signature once. Where it refuses one, it may have taken it from somebody who
    listened and was faster: to sign the same order anew would be to give it twice.

    Args:
        digest: knows a challenge.
    """

    def __init__(self, digest: Digest) -> None:
        self._digest = digest

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """One request."""
        yield next(self._digest.auth_flow(request))


def _check(challenges: list[str]) -> None:
    """The first Digest challenge is the one that httpx answers, so it must be good."""
    first = next((c for c in challenges if c.lower().startswith("digest ")), "digest ")
    asked = parse_keqv_list(parse_http_list(first.partition(" ")[2]))
    ways = [way.strip() for way in asked.get("qop", "").split(",")]
    strong = asked.get("algorithm", "").upper() == "SHA-256" and "auth" in ways
    if not (strong and {"realm", "nonce"} <= asked.keys()):
        raise DoorUnusable(
            "The relay of door.http.url asks for its password in a way that is too weak.",
            "It must be a relay of the second generation or later, with digest SHA-256.",
        )
