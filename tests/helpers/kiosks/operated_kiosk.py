"""A kiosk as its own process, and an operator whom it knows."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

from kept_home import furnish
from kiosk_process import WATCHED, Running, Said, environment
from mosquitto_broker import MosquittoBroker

from hardware.operators.keys import Signer, make_key
from hardware.operators.local import say
from kiosk.domain.operators.orders import Order, Verb
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, kiosk_id

LIFE_MS = 5000
WAITS = """
[access]
granted_hold_seconds = 1
refused_hold_seconds = 1
retry_seconds = 1
"""


class Anna:
    """An operator, and the kiosk's home that knows her key.

    Args:
        folder: for her key, and for a home where none is given.
        more: of the settings.
        home: one that was furnished already.
    """

    def __init__(self, folder: Path, more: str = "", home: Path | None = None) -> None:
        self.home = home or furnish(folder / "home")
        public = make_key(folder / "anna.key")
        keys = f'\n[operators.keys]\nanna = "{public}"\n'
        (self.home / "config.toml").write_text(WAITS + keys + more, encoding="utf-8")
        self.key = folder / "anna.key"
        self._signer = Signer(self.key)

    def sealed(
        self,
        verb: Verb,
        seconds: float | None = None,
        *,
        issued_at: int | None = None,
        home: Path | None = None,
    ) -> bytes:
        """An order of hers.

        Args:
            verb: what.
            seconds: of a release.
            issued_at: milliseconds since 1970; now, where it is not given.
            home: of the kiosk that is meant; this one, where it is not given.
        """
        at = issued_at or int(time.time() * 1000)
        ident = secrets.token_hex(16)
        kiosk = kiosk_id(FileKey(Home(home or self.home)))
        order = Order(ident, verb, "door", "anna", at, at + LIFE_MS, seconds, kiosk=kiosk)
        return self._signer.seal(order)

    def says(self, order: bytes) -> Said:
        """What the kiosk answers over the socket, within two seconds."""
        answer: Said = json.loads(say(self.home, order))
        return answer

    def orders(self, verb: Verb, seconds: float | None = None) -> Said:
        """The same of a new order that is carried out."""
        answer = self.says(self.sealed(verb, seconds))
        assert answer["outcome"] == "done", answer
        return answer

    def run(self, source: str, command: Sequence[str] = WATCHED, **more: str) -> Running:
        """The kiosk, with more in its environment."""
        arguments = ("run", "--home", self.home, "--source", source, "--headless", "--json")
        env = environment(**more) if more else None
        return Running(*arguments, command=command, env=env)


def over(broker: MosquittoBroker) -> str:
    """Settings that hear operators through a broker, and tell them."""
    return f"""
[operators.mqtt]
host = "127.0.0.1"
port = {broker.port}
ca_file = "{broker.ca_file}"
user = "kiosk"
password_file = "{broker.password_file("kiosk")}"
"""
