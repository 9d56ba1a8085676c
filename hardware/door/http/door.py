"""A door whose relay is told over HTTP: one of Shelly's Gen2 RPC, or a receiver of signed commands.

A release is never sent twice and never late: the rules are asked right before its bytes go out,
and what a call gave up on is not delivered any more (`http_call`). The verbs do not wait for each
other; where the door was secured while a release was under way, the release is taken back.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Protocol

import httpx

from hardware.door.http.call import Call, May, Web
from hardware.door.http.config import ShellyConfig, WebhookConfig, trust
from hardware.door.http.shelly import Shelly
from hardware.door.http.webhook import Webhook
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused, DoorUnusable, SettingsError
from kiosk.domain.ports import Clock


class _Dialect(Protocol):
    """How a device is told.

    Attributes:
        setting: names the device in a message.
    """

    @property
    def setting(self) -> str: ...

    def release(self, call: Call, order: ReleaseOrder, may: May) -> None: ...

    def secure(self, call: Call) -> None: ...

    def status(self, call: Call) -> DoorReading: ...


class HttpDoor:
    """Fulfils the `Door` port over HTTP.

    Args:
        wire: the settings; their type chooses how the device is told.
        rules: what the door will do.
        clock: stamps commands and measures answers.
        answer_seconds: how long a call may take, all its requests together.

    Raises:
        SettingsError: an address or a file of the settings cannot be used.
    """

    def __init__(
        self,
        wire: ShellyConfig | WebhookConfig,
        rules: DoorRules,
        clock: Clock,
        answer_seconds: float,
    ) -> None:
        for setting, url in wire.urls().items():
            _check_address(setting, url)
        self._dialect: _Dialect = (
            Shelly(wire) if isinstance(wire, ShellyConfig) else Webhook(wire, clock, answer_seconds)
        )
        self._web = Web(trust(wire), clock, answer_seconds, self._dialect.setting)
        self._rules = rules
        self._clock = clock
        self._lock = threading.Lock()
        self._secured = 0
        self._closed = False

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release for a time; returns when the device has said that it is released.

        Raises:
            DoorTimeout: no acknowledgement came; if the lock moved, it returns by itself.
            DoorRefused: stale evidence, a time that is not allowed, or secured meanwhile.
            DoorUnusable: the device is there, and is not what the settings say.
        """
        secured = self._secured

        def may() -> None:
            self._rules.check(order, self._clock.monotonic())
            if self._closed or self._secured != secured:
                raise _taken_back()

        may()
        try:
            self._web.call(lambda call: self._dialect.release(call, order, may))
        except DoorUnusable:  # it looks like disobedience where another thread had it locked
            if self._secured == secured:
                raise
        if self._secured != secured:
            self.secure()
            raise _taken_back()
        return None

    def secure(self) -> None:
        """Lock at once.

        Raises:
            DoorTimeout: no acknowledgement came.
            DoorUnusable: the device is there, and is not what the settings say.
        """
        with self._lock:
            self._secured += 1
        self._web.call(self._dialect.secure)

    def status(self) -> DoorReading:
        """What the device says now.

        Raises:
            DoorTimeout: nothing was heard.
            DoorUnusable: the device is there, and is not what the settings say.
        """
        return self._web.call(self._dialect.status)

    def close(self) -> None:
        """Secure the door; no connection is kept that would have to be let go."""
        if not self._closed:
            self._closed = True
            with contextlib.suppress(DoorError):
                self.secure()


def _check_address(setting: str, url: str) -> None:
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL()
    if address.scheme not in {"http", "https"} or not address.host or address.userinfo:
        raise SettingsError(
            f"{setting} is no address of a device.",
            f"Write {setting} as https://host or http://host, without a password.",
        )


def _taken_back() -> DoorRefused:
    return DoorRefused(
        "The door was secured, or let go, while it was about to be released.",
        "Ask again, if the door may still be released.",
    )
