"""What the publisher may do about settings: hold a version back from whoever has it not yet.

It says so in the timestamp, which it signs by itself and which every kiosk reads first. It can make
no kiosk take a version over, and none go back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tuf.api.metadata import Targets, Timestamp

from kiosk.fleet.rollout.plan import Rollout
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

HALTED = "x-lintel-halted"
"""The field of the timestamp."""
Halting = Callable[[VerifiedStore, Targets], Mapping[str, int]]
"""Finds the versions of settings that go wrong, by scope."""


def nothing_halts(_: VerifiedStore, __: Targets) -> Mapping[str, int]:
    """Where nobody looks at the devices: what is held back already stays so."""
    return {}


def halted_in(stamp: Timestamp | None) -> Mapping[str, int]:
    """The versions that are held back, by scope; whatever else is said there holds none back."""
    said = {} if stamp is None else stamp.unrecognized_fields.get(HALTED, {})
    if not isinstance(said, Mapping):
        return {}
    return {scope: number for scope, number in said.items() if type(number) is int}


def rollout_of(verified: VerifiedStore, targets: Targets, scope: str) -> Rollout | None:
    """What admins have signed about a scope's settings; None for nothing.

    Raises:
        FleetRefused: it is missing from the store, or this version does not understand it.
    """
    raw = verified.read_target(targets, layout.rollout_target(scope))
    return None if raw is None else Rollout.decode(raw, scope)


def still_held(
    verified: VerifiedStore, targets: Targets, halted: Mapping[str, int]
) -> Mapping[str, int]:
    """Those of which a rollout still speaks: a newer version, or admins' own halt, ends it."""
    held: dict[str, int] = {}
    for scope, number in halted.items():
        rollout = rollout_of(verified, targets, scope)
        if rollout is not None and rollout.is_held(halted) and not rollout.halted:
            held[scope] = number
    return held
