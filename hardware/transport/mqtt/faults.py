"""Errors for a broker's refusals: the setting to correct, and the remedy.

An absent or silent broker is a `DoorTimeout`. A broker that does not match the settings, or rejects
the kiosk's login, is a `DoorUnusable`.
"""

from __future__ import annotations

import ssl

from paho.mqtt.reasoncodes import ReasonCode

from hardware.transport.mqtt.broker import Broker
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable

NOBODY_LISTENS = 0x10
_NAME = 0x85
_STRANGERS = frozenset({0x86, 0x87, 0x8C})
_BUSY = frozenset({0x88, 0x89, 0x8B, 0x97, 0x9F})
_TAKEN_OVER = 0x8E


def unreachable(broker: Broker, error: OSError) -> DoorError:
    """The error for a failed connection attempt."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _another(broker, error)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | TimeoutError):
        why = getattr(error, "reason", None) or "no reason given"
        return DoorUnusable(
            f"What answers for {broker} speaks no TLS that we accept ({why}).",
            f"Correct {broker.section}.port, and switch TLS on at the broker.",
        )
    return DoorTimeout(
        f"Nothing answers for {broker}: {_why(error)}.",
        f"Look whether it runs; else correct {broker.section}.host and {broker.section}.port.",
    )


def _another(broker: Broker, error: ssl.SSLCertVerificationError) -> DoorUnusable:
    """The error for a certificate issued for another name, or signed by another authority."""
    why = error.verify_message.rstrip(".")
    if "mismatch" in why:
        return DoorUnusable(
            f"The certificate of {broker} is made out to another name ({why}).",
            f"Correct {broker.section}.host, or make the broker's certificate out to it.",
        )
    return DoorUnusable(
        f"{broker.section}.ca_file does not vouch for the certificate of {broker} ({why}).",
        f"Correct {broker.section}.ca_file, or find out who answers in the broker's place.",
    )


def refused(broker: Broker, reason: ReasonCode) -> DoorError:
    """The error for a connection that the broker refused or ended."""
    if reason.value in _STRANGERS:
        return _stranger(broker)
    if reason.value in {_NAME, _TAKEN_OVER}:
        return DoorUnusable(
            f"Another client calls itself like us at {broker}, or may not be called so.",
            f"Give every kiosk its own name in {broker.section}.kiosk_name.",
        )
    if reason.value in _BUSY:
        return DoorTimeout(
            f"The connection to {broker} is refused for now ({reason}).", "Look at the broker."
        )
    return DoorUnusable(
        f"What answers for {broker} refuses us ({reason}).",
        f"It must speak MQTT 5; else correct {broker.section}.host and {broker.section}.port.",
    )


def _stranger(broker: Broker) -> DoorUnusable:
    section = broker.section
    ours = f"{section}.user and {section}.password_file"
    if broker.user is None:
        ours = f"{section}.certificate_file" if broker.certificate_file else f"{section}.user"
    return DoorUnusable(
        f"What {ours} say of us is not accepted by {broker}.",
        f"Correct {ours}, or let that user in at the broker.",
    )


def certificate_refused(broker: Broker) -> DoorUnusable:
    """The error for TLS ended by the broker because of the client certificate, or its absence."""
    setting = f"{broker.section}.certificate_file"
    return DoorUnusable(
        f"The certificate that we show is not accepted by {broker}.",
        f"Set {setting} and {broker.section}.key_file to one that the broker's authority signed.",
    )


def forbidden(broker: Broker, topic: str) -> DoorUnusable:
    """The error for a topic that the broker's access list does not allow."""
    who = f"{broker.section}.user" if broker.user else f"{broker.section}.certificate_file"
    return DoorUnusable(
        f"The topic {topic} is not open to us at {broker}.",
        f"Allow it to the name of {who} in the broker's access list.",
    )


def hung_up(broker: Broker) -> DoorTimeout:
    """The error for a connection that ended without a stated reason."""
    return DoorTimeout(
        f"The connection to {broker} broke.",
        f"Look at the network and the broker's log; {broker.section}.port must speak "
        f"{'plain TCP' if broker.allow_insecure else 'TLS'}, and no two clients may share "
        f"{broker.section}.kiosk_name.",
    )


def silent(broker: Broker) -> DoorTimeout:
    """The error for a broker that accepts the connection and does not answer."""
    return DoorTimeout(
        f"What answers for {broker} does not greet us.",
        f"Correct {broker.section}.host and {broker.section}.port, and look at the broker.",
    )


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return error.strerror or "it hung up"
