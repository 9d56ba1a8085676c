"""Operator settings: who may command the door remotely, and through which channels."""

from __future__ import annotations

import base64
import binascii
import re

from pydantic import Field, field_validator

from config.sections.broker import NAME, BrokerSettings
from config.sections.common import Section

PUBLIC_BYTES = 32
MOST_OPERATORS = 256


class OperatorMqttSettings(BrokerSettings):
    """A broker for operator orders, and for calls for help."""


class OperatorSettings(Section):
    """Operators and their channels. Without keys no order is accepted."""

    door: str = Field("door", pattern=NAME)
    """This door's name, in every order and in the topics of a broker."""
    keys: dict[str, str] = Field(default_factory=dict, max_length=MOST_OPERATORS)
    """The public key of each operator by name, as `kiosk operator key` prints it."""
    local: bool = True
    """Listen on `control.sock` in the kiosk's home, for the kiosk's own user and root."""
    mqtt: OperatorMqttSettings | None = None
    """Listen through a broker; unset: do not."""

    @field_validator("keys")
    @classmethod
    def _are_keys(cls, keys: dict[str, str]) -> dict[str, str]:
        for name, text in keys.items():
            if not re.fullmatch(NAME, name):
                raise ValueError("an operator's name has 1 to 64 letters, digits, - or _")
            if not _is_public_key(text):
                raise ValueError(
                    f"the key of {name} must be an operator's public key: 32 bytes in base64"
                )
        if len(set(keys.values())) < len(keys):
            raise ValueError("no two operators may share a key: the journal could not tell them")
        return keys


def _is_public_key(text: str) -> bool:
    """True for 32 bytes that are not all the same, as in a placeholder."""
    try:
        held = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(held) == PUBLIC_BYTES and len(set(held)) > 1
