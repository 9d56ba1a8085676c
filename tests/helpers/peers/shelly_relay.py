"""A relay of Shelly's second generation, as far as a door needs it: RPC, digest, its own timer.

As the maker documents it: user `admin`, SHA-256, qop `auth`; `Switch.Set` with `toggle_after`;
`Shelly.GetStatus` with two switches and two inputs; error -105 for what it lacks. A counter that
does not grow is a request that was overheard: it is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import threading
import time

from http_peer import OUTPUTS, Device, Handler, HttpPeer, Manner

REALM = "shellyplus2pm-0123456789ab"
PASSWORD = b"correct horse battery staple"


def shelly_relay(certificate: object = None) -> HttpPeer:
    """Switched on."""
    return HttpPeer("shelly_relay.py", PASSWORD, certificate)  # type: ignore[arg-type] # a Path


class Relay(Device):
    """Keeps the challenges that it gave out, and how often each was answered."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.alone = threading.Lock()
        super().__init__(Rpc)

    def admits(self, method: str, path: str, authorisation: str) -> bool:
        """RFC 7616."""
        said = dict(re.findall(r'(\w+)="?([^",]+)"?', authorisation.partition(" ")[2]))
        with self.alone:
            return self._counts(said, method, path)

    def _counts(self, said: dict[str, str], method: str, path: str) -> bool:
        """One request for each count, also where two come at once."""
        try:
            count, known = int(said["nc"], 16), self.counts[said["nonce"]]
            expected = self._response(said, method)
        except (KeyError, ValueError):
            return False
        right = said["uri"] == path and secrets.compare_digest(said["response"], expected)
        if not right or count <= known:
            return False
        self.counts[said["nonce"]] = count
        return True

    def challenge(self) -> str:
        nonce = secrets.token_hex(8)
        self.counts[nonce] = 0
        algorithm = "MD5" if self.manner is Manner.WEAK_DIGEST else "SHA-256"
        return f'Digest qop="auth", realm="{REALM}", nonce="{nonce}", algorithm={algorithm}'

    def _response(self, said: dict[str, str], method: str) -> str:
        secret = "another" if self.manner is Manner.OTHER_SECRET else self.secret.decode()
        one = _sha256("admin", REALM, secret)
        two = _sha256(method, said["uri"])
        return _sha256(one, said["nonce"], said["nc"], said["cnonce"], said["qop"], two)


class Rpc(Handler):
    """POST /rpc."""

    server: Relay

    def do_POST(self) -> None:  # noqa: N802 - http.server calls it so
        said, relay = self.heard(), self.server
        if relay.manner is Manner.FORGETFUL:
            relay.counts.clear()
            relay.memory.put("manner", Manner.HONEST)
        admitted = relay.admits("POST", self.path, self.headers.get("Authorization", ""))
        if self.path != "/rpc":
            self.answer(404, b"")
        elif not admitted and relay.manner is not Manner.NO_PASSWORD:
            self.answer(401, b'{"code":401}', WWW_Authenticate=relay.challenge())
        else:
            asked = json.loads(said)
            number = asked["id"] + (relay.manner is Manner.FOREIGN_ID)
            answer = {"id": number, "src": REALM, **self._do(asked)}
            self.answer(200, json.dumps(answer).encode(), Content_Type="application/json")

    def _do(self, asked: dict[str, object]) -> dict[str, object]:
        if asked["method"] == "Shelly.GetStatus":
            return {"result": self._status()}
        params = asked["params"]
        assert isinstance(params, dict)
        if params["id"] not in range(OUTPUTS):
            return {"error": {"code": -105, "message": "Argument 'id', value not found!"}}
        return {"result": {"was_on": self._set(**params)}}

    def _set(self, id: int, *, on: bool, toggle_after: float = 0.0) -> bool:  # noqa: A002 - its name
        memory, manner = self.server.memory, self.server.manner
        was_on = memory.is_on(id)
        if manner is Manner.LYING:
            return was_on
        if on:
            memory.put(name := "pushes" if id else "releases", memory.get(name) + 1)
        timed = toggle_after and manner is not Manner.NO_TIMER
        end = time.monotonic() + toggle_after if timed else float("inf")
        memory.switch(id, end if on else 0.0)
        return was_on

    def _status(self) -> dict[str, object]:
        memory, manner = self.server.memory, self.server.manner
        status: dict[str, object] = {"sys": {"mac": "0123456789AB"}}
        for output in range(OUTPUTS):
            on, end = memory.is_on(output), memory.until(output)
            timer = {"timer_started_at": 1.0, "timer_duration": 5.0}
            timed = (on and end != float("inf")) or manner is Manner.AUTO_ON
            status[f"switch:{output}"] = {"id": output, "output": on} | (timer if timed else {})
        leaf = None if memory.get("button") else not memory.get("leaf_open")
        status["input:0"] = {"id": 0, "state": leaf}
        status["input:1"] = {"id": 1, "state": False}
        return status


def _sha256(*parts: str) -> str:
    return hashlib.sha256(":".join(parts).encode()).hexdigest()


if __name__ == "__main__":
    Relay().run()
