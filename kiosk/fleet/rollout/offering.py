"""What a sync finds about the settings of its device: targets that admins have signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tuf.api.metadata import Timestamp

from kiosk.fleet.client import FleetClient
from kiosk.fleet.device import Device
from kiosk.fleet.rollout.plan import Ring, Rollout, decode_rings
from kiosk.fleet.rollout.taking import OfferedSettings, SettingsTaking
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.trust import layout

TakeSettings = Callable[[FleetClient, Device, Mapping[str, ScopeKeys], Timestamp], None]
"""Takes over what is offered; raises FleetRefused where it cannot be believed."""


def nothing_taken(*_: object) -> None:
    """Where nobody takes settings over."""


def taking_offers(taking: SettingsTaking | None) -> TakeSettings:
    """What takes over the settings that each sync finds; nothing for None."""
    if taking is None:
        return nothing_taken

    def take(
        client: FleetClient, device: Device, keys: Mapping[str, ScopeKeys], stamp: Timestamp
    ) -> None:
        taking.take(offered_settings(client, device, keys, stamp))

    return take


def offered_settings(
    client: FleetClient, device: Device, keys: Mapping[str, ScopeKeys], stamp: Timestamp
) -> OfferedSettings:
    """What the fleet offers a device, as of the last refresh.

    Args:
        client: has refreshed.
        device: what the kiosk is in its fleet.
        keys: of its scopes.
        stamp: what the publisher has signed.

    Raises:
        FleetRefused: it cannot be verified, or this version does not understand it.
        FleetStoreUnreachable: the store does not answer.
    """
    found = {scope: client.target(layout.rollout_target(scope)) for scope in keys}
    rollouts = (Rollout.decode(raw, scope) for scope, raw in found.items() if raw is not None)
    rings = decode_rings(client.target(layout.RINGS_TARGET))
    return OfferedSettings(
        rings.get(device.fingerprint, Ring.ALL),
        tuple(rollouts),
        keys,
        client.halted(stamp),
        client.signers(),
    )
