"""A receiver of signed commands, written from `docs/doors/http.md` and from nothing else.

It checks the signature before it reads a word, then door, id and expiry, and keeps the time of a
release itself.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time

from http_peer import Device, Handler, HttpPeer, Manner

KEY = bytes(range(32))
DOOR = "lobby"
SKEW_SECONDS = 2.0


def webhook_receiver(certificate: object = None) -> HttpPeer:
    """Switched on."""
    return HttpPeer("webhook_receiver.py", KEY, certificate)  # type: ignore[arg-type] # a Path


class Receiver(Device):
    """Knows which commands it has seen."""

    def __init__(self) -> None:
        self.not_before = time.time()
        self.seen: dict[str, float] = {}
        self.alone = threading.Lock()
        super().__init__(Hook)

    def verdict(self, headers: object, body: bytes) -> int:
        """200 where a request is ours, fresh and new."""
        said = {name: headers.get(name, "") for name in ("Lintel-Timestamp", "Lintel-Id")}  # type: ignore[attr-defined] # a Message
        text = b".".join((said["Lintel-Timestamp"].encode(), said["Lintel-Id"].encode(), body))
        key = bytes(32) if self.manner is Manner.OTHER_SECRET else self.secret
        signature = "v1=" + hmac.new(key, text, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, headers.get("Lintel-Signature", "")):  # type: ignore[attr-defined] # same
            return 401
        if abs(time.time() - float(said["Lintel-Timestamp"])) > SKEW_SECONDS:
            return 401
        return self._judge(said["Lintel-Id"], json.loads(body)) if body else 200

    def _judge(self, ident: str, command: dict[str, object]) -> int:
        now = time.time()
        if command["door"] != DOOR or command["id"] != ident:
            return 403
        issued, expires = (float(str(command[name])) for name in ("issued_at", "expires_at"))
        with self.alone:
            if not now < expires < now + 10 or issued < self.not_before:
                return 410
            self.seen = {known: end for known, end in self.seen.items() if end > now}
            if ident in self.seen:
                return 409
            self.seen[ident] = expires
            if command["verb"] == "secure":
                self.not_before = issued
        return 200


class Hook(Handler):
    """POST /release, POST /secure, GET /status."""

    server: Receiver

    def do_POST(self) -> None:  # noqa: N802 - http.server calls it so
        body = self.heard()
        verdict = self.server.verdict(self.headers, body)
        if verdict == 200:
            command = json.loads(body)
            if command["verb"] != self.path.strip("/"):
                verdict = 403
            elif self.server.manner is not Manner.LYING:
                self._obey(command)
        self._say(verdict)

    def do_GET(self) -> None:  # noqa: N802 - http.server calls it so
        self._say(self.server.verdict(self.headers, b""))

    def _obey(self, command: dict[str, float]) -> None:
        memory = self.server.memory
        if command["verb"] == "secure":
            memory.switch(0, 0.0)
            return
        memory.put("releases", memory.get("releases") + 1)
        memory.put("pushes", memory.get("pushes") + bool(command["push_seconds"]))
        memory.switch(0, time.monotonic() + command["seconds"])

    def _say(self, verdict: int) -> None:
        memory, ident = self.server.memory, self.headers.get("Lintel-Id", "")
        foreign = self.server.manner is Manner.FOREIGN_ID
        said = {
            "id": "another" if foreign else ident,
            "lock": "released" if memory.is_on() else "secured",
            "leaf": "open" if memory.get("leaf_open") else "closed",
        }
        self.answer(verdict, json.dumps(said if verdict == 200 else {}).encode())


if __name__ == "__main__":
    Receiver().run()
