"""A rollout in words, for an admin who is asked to sign it: what it sets, and how far it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kiosk.domain.errors import LintelError
from kiosk.fleet.rollout.plan import Ring, Rollout, SealedVersion, SharedVersion, decode_rings


def rollout_difference(
    old: bytes | None, new: bytes, scope: str, opened: Callable[[SealedVersion], SharedVersion]
) -> Iterator[str]:
    """What another rollout of a scope changes, a sentence or a line of settings each.

    Args:
        old: the target that counts; None for none.
        new: the one that would.
        scope: its name.
        opened: opens a version; raises LintelError where no key here does.

    Raises:
        FleetRefused: this version does not understand it.
    """
    before = None if old is None else Rollout.decode(old, scope)
    after = Rollout.decode(new, scope)
    number = after.version.number
    if after.halted:
        back = (
            "their own settings" if after.previous is None else f"version {after.previous.number}"
        )
        yield f"Scope {scope}: version {number} is halted, and every kiosk goes back to {back}."
    else:
        yield f"Scope {scope}: version {number} of the settings goes as far as {after.ring.value}."
    if before is None or before.version != after.version:
        yield from _version(after.version, opened)
    if before is None or before.previous != after.previous:
        back = (
            "their own settings" if after.previous is None else f"version {after.previous.number}"
        )
        yield f"Kiosks that do not get it have {back}."
    if before is None or before.limits != after.limits:
        limits = after.limits
        yield (
            f"It halts if refusals rise by more than {100 * limits.refusals:g} points, slow grants "
            f"by {100 * limits.slow:g}, or failures to {limits.faults:g} times; it goes on after "
            f"{limits.decisions} decisions."
        )


def rings_difference(old: bytes | None, new: bytes) -> Iterator[str]:
    """Which devices come into another ring, a sentence each.

    Raises:
        FleetRefused: this version does not understand it.
    """
    before, after = decode_rings(old), decode_rings(new)
    for device in sorted(before.keys() | after.keys()):
        ring = after.get(device, Ring.ALL)
        if before.get(device, Ring.ALL) is not ring:
            yield f"Device {device} comes into the ring {ring.value}."


def _version(
    version: SealedVersion, opened: Callable[[SealedVersion], SharedVersion]
) -> Iterator[str]:
    try:
        shared = opened(version)
    except LintelError as error:
        yield f"What version {version.number} sets cannot be read here: {error.problem}"
        return
    lines = [line for line in shared.settings.splitlines() if line.strip()]
    yield f"Version {version.number} sets:" if lines else f"Version {version.number} sets nothing."
    yield from (f"    {_printable(line)}" for line in lines)
    if shared.pack is not None:
        pack = shared.pack
        yield f"Its models are the pack {_printable(pack.name)}, digest {pack.digest[:12]}."


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else " " for each in text)
