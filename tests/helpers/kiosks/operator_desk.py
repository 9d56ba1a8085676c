"""A desk with real keys, and operators who sign for it; what is obeyed is kept."""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path

from hardware.operators.keys import Signer, make_key, verifier
from kiosk.domain.audit import Value
from kiosk.domain.operators.judgement import OperatorRules
from kiosk.domain.operators.orders import Order, OrderAnswer, OrderOutcome, Verb
from kiosk.domain.ports import Clock
from kiosk.journal.events.event import JournalEvent
from kiosk.operators.gate import OrderGate
from kiosk.pipeline.clock import SystemClock

DOOR = "door"


class OperatorDesk:
    """A desk at a kiosk's door, and anna's key.

    Attributes:
        obeyed: orders that counted.
        notes: what was written down.
        public: anna's public key.
    """

    def __init__(self, folder: Path, clock: Clock | None = None, kiosk: str = "") -> None:
        self.key = folder / "anna.key"
        self.public = make_key(self.key)
        self.signer = Signer(self.key)
        self.obeyed: list[Order] = []
        self.notes: list[tuple[str, dict[str, Value]]] = []
        self.told: list[tuple[str, str | None]] = []
        self.answer = OrderAnswer(OrderOutcome.DONE, "", {"condition": "secured"})
        self.changed = threading.Condition()
        verify = verifier({"anna": self.public})
        rules = OperatorRules(DOOR, frozenset({"anna"}), 60.0, verify, kiosk)
        self.gate = OrderGate(rules, clock or SystemClock(), self._obey, self._note)
        time.sleep(0.002)  # nothing counts that was issued in the desk's own millisecond

    def hear(self, sent: bytes) -> bytes:
        return self.gate.hear(sent, "test")

    def tell(self, channel: str, problem: str | None) -> None:
        """What a channel says of itself."""
        with self.changed:
            self.told.append((channel, problem))
            self.changed.notify_all()

    def wait_told(self, count: int, seconds: float = 60.0) -> bool:
        """Whether a channel has said so many things in time."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.told) >= count, seconds)

    def order(self, verb: Verb = Verb.STATUS) -> Order:
        """A new one of anna's."""
        now = int(time.time() * 1000)
        return Order(secrets.token_hex(16), verb, DOOR, "anna", now, now + 5000)

    def sealed(self, verb: Verb = Verb.STATUS) -> bytes:
        """A new one of anna's, signed."""
        return self.signer.seal(self.order(verb))

    def _obey(self, order: Order) -> OrderAnswer:
        with self.changed:
            self.obeyed.append(order)
            self.changed.notify_all()
        return self.answer

    def _note(self, event: JournalEvent) -> None:
        self.notes.append((event.name, event.details()))
