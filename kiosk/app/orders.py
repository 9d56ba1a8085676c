"""An operator's order to the kiosk on the same machine: signed, sent, and answered."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.operators.keys import Signer
from hardware.operators.local import say
from kiosk.domain.errors import OutOfServiceError
from kiosk.domain.operators.orders import Order, Verb
from kiosk.domain.vision.template import SubjectId
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, kiosk_id

LIFE_MS = 5000
"""The lifetime of an order in milliseconds; an order received later is void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an operator wants of a door.

    Attributes:
        verb: what is to be done.
        door: the door's name, as the settings have it.
        operator: the operator's name, as the settings have it.
        seconds: for how long; None for the usual time.
        subject: whom it is about; None for everybody.
    """

    verb: Verb
    door: str
    operator: str
    seconds: float | None = None
    subject: SubjectId | None = None


def give_order(home: Path, key: Path, wish: Wish) -> dict[str, Any]:
    """Sign an order and send it to the kiosk of a home; returns its answer as it was sent.

    Args:
        home: the kiosk's home.
        key: the file of the operator's private key.
        wish: what is to be done.

    Raises:
        BadInput: the key cannot be used.
        OutOfServiceError: no kiosk answers.
    """
    now = int(time.time() * 1000)
    order = Order(
        id=secrets.token_hex(16),
        verb=wish.verb,
        door=wish.door,
        operator=wish.operator,
        issued_at=now,
        expires_at=now + LIFE_MS,
        seconds=wish.seconds,
        subject=wish.subject,
        kiosk=kiosk_id(FileKey(Home(home))),
    )
    return _read(say(home, Signer(key, "--key").seal(order)), order.id)


def _read(said: bytes, ident: str) -> dict[str, Any]:
    answer: Any = json.loads(said)
    if answer["id"] not in {ident, None}:
        raise OutOfServiceError("The kiosk answered another order.", "Ask for the status.")
    return dict(answer)
