"""Key installation on an OSDP device: the only operation that uses the public key.

It is started explicitly, by a person at the device who has put it into install mode. The new key is
stored next to its final file before it is sent, since a key that only the device knew would lock
the kiosk out; it gets the final name only after a handshake with the device succeeded.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from hardware.door.osdp.config import OsdpConfig
from hardware.door.osdp.frames import Way
from hardware.door.osdp.key import KEY_BYTES, PUBLIC_KEY
from hardware.door.osdp.line import SerialLine
from hardware.door.osdp.panel import Panel
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable, SettingsError

SECTION = "door.osdp"
_TURN_SECONDS = 0.01
_REFUSALS = 2


class LearnStep(Enum):
    """The current step; the texts are shown to the person who waits."""

    HANDSHAKE = "Looking for the device in install mode, and handing it a new key"
    VERIFY = "Shaking hands with the new key"
    KEEP = "Keeping the new key"


def learn_key(
    config: OsdpConfig,
    key_file: Path,
    tell: Callable[[LearnStep], None],
    *,
    overwrite: bool = False,
    step_seconds: float = 10.0,
) -> None:
    """Create a key, install it on the device, verify it, and store it in a private file.

    Args:
        config: connection settings of the device; their `key_file` is not read.
        key_file: the file for the key; an absolute path.
        tell: called at the start of each step.
        overwrite: True if an existing key file may be replaced.
        step_seconds: time limit of the device for each step.

    Raises:
        SettingsError: the file cannot be written, or already exists.
        DoorTimeout: the port or the device does not answer.
        DoorUnusable: the device answers, but is not in install mode.
    """
    key = _lay_down(_fresh(), key_file, overwrite=overwrite)
    line = SerialLine(config.port, config.baud, config.address, Way.REPLIES, SECTION)
    try:
        tell(LearnStep.HANDSHAKE)
        _install(line, config, key, step_seconds)
        tell(LearnStep.VERIFY)
        _shake_hands(line, config, key.secret, step_seconds)
        tell(LearnStep.KEEP)
        key.pending.replace(key_file)
        _make_durable(key_file.parent)
    except DoorError as error:
        if not key.handed:
            raise
        raise key.lost(error) from error
    finally:
        key.erase_unless_handed()
        line.let_go()
        line.close_bell()


@dataclass(slots=True)
class _NewKey:
    """A key that is being installed.

    Attributes:
        secret: 16 bytes.
        pending: its file until it is verified.
        handed: True if the device may have received it.
    """

    secret: bytes = field(repr=False)
    pending: Path
    handed: bool = False

    def erase_unless_handed(self) -> None:
        """Delete the file if the device has not received the key."""
        if not self.handed:
            self.pending.unlink()

    def lost(self, error: DoorError) -> DoorError:
        """The same error, with the location of the key that the device may have."""
        return type(error)(
            error.problem,
            f"The device may have the new key, which is in {self.pending}: try it as "
            f"{SECTION}.key_file before you erase it.",
        )


def _install(line: SerialLine, config: OsdpConfig, key: _NewKey, seconds: float) -> None:
    """Let the library fail with the new key, fall back to the public one, and set the new key.

    A handshake of which one answer was late ends as with a device that refuses the public key, so
    a device refuses it only if it does so again.
    """
    end = time.monotonic() + seconds
    for _ in range(_REFUSALS):
        if _takes_key(line, config, key, end):
            return
    raise DoorUnusable(
        f"The OSDP device {config.address} answers, and does not take the public key.",
        "Put it into install mode, as its manual says, and start again.",
    )


def _takes_key(line: SerialLine, config: OsdpConfig, key: _NewKey, end: float) -> bool:
    """One session; False where the device answers, but over no secure channel."""
    line.open()
    panel = Panel(line, config.address, key.secret, enforce=False)
    try:
        while not panel.online:
            line.wait(_TURN_SECONDS)
            panel.turn()
            key.handed |= panel.was_secure
            if panel.plain:
                return False
            if time.monotonic() > end:
                raise _silence(config)
        return True
    finally:
        panel.close()


def _shake_hands(line: SerialLine, config: OsdpConfig, key: bytes, seconds: float) -> None:
    """Connect with the new key, and with no other."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        line.open()
        panel = Panel(line, config.address, key)
        try:
            while not panel.over:
                line.wait(_TURN_SECONDS)
                panel.turn()
                if panel.online:
                    return
        finally:
            panel.close()
    raise _silence(config)


def _silence(config: OsdpConfig) -> DoorTimeout:
    return DoorTimeout(
        f"The OSDP device {config.address} on {config.port} does not answer.",
        f"Check its power, the line, and {SECTION}.port, .baud and .address.",
    )


def _fresh() -> bytes:
    """A random key from the operating system; the library's own key generator is predictable."""
    key = secrets.token_bytes(KEY_BYTES)
    return key if key != PUBLIC_KEY else _fresh()


def _lay_down(secret: bytes, key_file: Path, *, overwrite: bool) -> _NewKey:
    """Write the key durably next to its final file, so that a crash cannot lose it."""
    setting = f"{SECTION}.key_file"
    if not key_file.is_absolute():
        raise SettingsError(
            f"{setting} names {key_file}, which is no whole path.",
            "Learn the key into a file, and hand that to systemd as a credential.",
        )
    if key_file.exists() and not overwrite:
        raise SettingsError(
            f"There is a key in {key_file} already.",
            "Say that it may be overwritten, or name another file.",
        )
    pending = key_file.with_name(key_file.name + ".new")
    try:
        descriptor = os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise SettingsError(
            f"An earlier run left a key in {pending}; the device may have it.",
            f"Try it as {setting}; erase it if the device does not take it.",
        ) from None
    except OSError as error:
        raise SettingsError(
            f"{pending} cannot be written: {error.strerror}.", f"Correct {setting}."
        ) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secret.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    _make_durable(pending.parent)
    return _NewKey(secret, pending)


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
