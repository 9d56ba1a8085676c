"""A door whose relay is controlled over HTTP: Shelly Gen2 RPC, or a receiver of signed commands.

A release is never sent twice and never late: its permit is checked right before its bytes go out,
and an abandoned call delivers nothing (`hardware.door.http.call`). The verbs do not wait for each
other; if the door was secured while a release was in progress, the release is revoked.
"""

from __future__ import annotations

from typing import Protocol

import httpx

from hardware.door.driver import DoorDriver, Permit, taken_back
from hardware.door.http.call import Call, May, Web
from hardware.door.http.config import ShellyConfig, WebhookConfig, trust
from hardware.door.http.shelly import Shelly
from hardware.door.http.webhook import Webhook
from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, ReleaseOrder
from kiosk.domain.errors import DoorUnusable, SettingsError
from kiosk.domain.ports import Clock


class _Dialect(Protocol):
    """The protocol that a device speaks.

    Attributes:
        setting: identifies the device in a message.
    """

    @property
    def setting(self) -> str: ...

    def release(self, call: Call, order: ReleaseOrder, may: May) -> None: ...

    def secure(self, call: Call) -> None: ...

    def status(self, call: Call) -> DoorReading: ...


class HttpDoor(DoorDriver):
    """Implements the `Door` port over HTTP.

    Args:
        config: the settings; their type selects the device's protocol.
        rules: checks that every order must pass.
        clock: timestamps commands and measures answers.
        answer_seconds: time limit of a call, all its requests together.

    Raises:
        SettingsError: an address or a file of the settings cannot be used.
    """

    def __init__(
        self,
        config: ShellyConfig | WebhookConfig,
        rules: DoorRules,
        clock: Clock,
        answer_seconds: float,
    ) -> None:
        super().__init__(rules, clock, answer_seconds)
        for setting, url in config.urls().items():
            _check_address(setting, url)
        self._dialect: _Dialect = (
            Shelly(config)
            if isinstance(config, ShellyConfig)
            else Webhook(config, clock, answer_seconds)
        )
        self._web = Web(trust(config), clock, answer_seconds, self._dialect.setting)

    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        """Release for a limited time; returns when the device has reported the release."""
        permit.check()
        try:
            self._web.call(lambda call: self._dialect.release(call, order, permit.check))
        except DoorUnusable:  # the lock looks faulty if another thread secured it meanwhile
            if not permit.void:
                raise
        if permit.void:
            self.secure()
            raise taken_back()
        return None

    def _secure(self) -> None:
        self._web.call(self._dialect.secure)

    def status(self) -> DoorReading:
        """The device's current state.

        Raises:
            DoorTimeout: no answer came.
            DoorUnusable: the device is reachable but does not match the settings.
        """
        return self._web.call(self._dialect.status)

    def _close_device(self) -> None:
        """Do nothing: no connection is kept open."""


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
