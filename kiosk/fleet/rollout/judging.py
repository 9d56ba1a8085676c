"""The rings of a rollout as their devices report them: whether it goes on, waits or halts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tuf.api.metadata import Targets

from kiosk.domain.errors import LintelError
from kiosk.domain.fleet.halting import DoorTally, RingDevice, RingState, RingVerdict, ring_verdict
from kiosk.fleet.reporting.reading import DeviceStatus, device_statuses
from kiosk.fleet.reporting.seen import SeenReports
from kiosk.fleet.rollout.holding import halted_in, rollout_of
from kiosk.fleet.rollout.plan import Ring, Rollout, decode_rings
from kiosk.fleet.rollout.report import SettingsReport
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

WATCHED = timedelta(days=7)
"""For so long a version that has reached everybody is still looked at."""


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """A rollout, and what its rings' devices say.

    Attributes:
        rollout: as admins have signed it.
        devices: of the rings that it has reached.
        verdict: what becomes of it.
        held: whether the publisher holds it back from devices that have it not yet.
    """

    rollout: Rollout
    devices: tuple[RingDevice, ...]
    verdict: RingVerdict
    held: bool = False


def ring_of(verified: VerifiedStore, targets: Targets) -> Mapping[str, Ring]:
    """The ring of each device that has one; the others are in the last.

    Raises:
        FleetRefused: what admins have signed cannot be verified.
    """
    return decode_rings(verified.read_target(targets, layout.RINGS_TARGET))


def rollouts_in(verified: VerifiedStore, targets: Targets) -> Sequence[Rollout]:
    """The newest rollout of each scope that has one, by scope.

    Raises:
        FleetRefused: what admins have signed cannot be verified.
    """
    found = (rollout_of(verified, targets, it) for it in layout.scopes_in(targets.targets))
    return [rollout for rollout in found if rollout is not None]


def rollout_statuses(
    verified: VerifiedStore, targets: Targets, seen: SeenReports, now: datetime
) -> Sequence[RolloutStatus]:
    """Each scope's newest rollout, with what its devices say.

    Raises:
        FleetRefused: what admins or the publisher have signed cannot be verified.
        FleetStoreUnreachable: the store does not answer.
    """
    rollouts = rollouts_in(verified, targets)
    if not rollouts:
        return []
    devices, rings = device_statuses(verified, seen, now), ring_of(verified, targets)
    stamp = verified.timestamp()
    held = halted_in(None if stamp is None else stamp[0])
    found = (_status(rollout, devices, rings) for rollout in rollouts)
    return [replace(it, held=it.rollout.is_held(held)) for it in found]


def _status(
    rollout: Rollout, devices: Sequence[DeviceStatus], rings: Mapping[str, Ring]
) -> RolloutStatus:
    reached = tuple(_reached(rollout, devices, rings))
    return RolloutStatus(rollout, reached, ring_verdict(reached, rollout.limits))


def _reached(
    rollout: Rollout, devices: Sequence[DeviceStatus], rings: Mapping[str, Ring]
) -> Iterator[RingDevice]:
    for status in devices:
        early = rings.get(status.device, Ring.ALL).place <= rollout.ring.place
        if rollout.scope in status.scopes and early and not _runs_newer(status, rollout):
            yield _ring_device(status, rollout.version.number)


def _runs_newer(status: DeviceStatus, rollout: Rollout) -> bool:
    """True for a device of several scopes that goes by the newer settings of another one."""
    runs = None if status.health is None else status.health.settings
    return len(status.scopes) > 1 and runs is not None and runs > rollout.version.number


def _ring_device(status: DeviceStatus, number: int) -> RingDevice:
    health = status.health
    if health is None:
        return RingDevice(status.device, runs=False, problem=status.problem)
    said, runs = health.rollout or SettingsReport(), health.settings == number
    problem = None if runs else said.problem
    if status.late:
        problem = "It has not reported for too long."
    return RingDevice(
        status.device,
        runs=runs,
        before=None if said.before == DoorTally() else said.before,
        after=said.since if runs else DoorTally(),
        problem=problem,
        failed=said.failed == number,
    )


class RolloutWatch:
    """Looks at rollouts for a publisher that goes on publishing; calling it finds what goes wrong.

    Args:
        seen: the file that remembers which reports were seen.
        now: monotonic seconds.
        utc: the wall clock.
        every_seconds: how often it looks at the devices.
    """

    def __init__(
        self,
        seen: Path,
        now: Callable[[], float],
        utc: Callable[[], datetime],
        every_seconds: float = 30.0,
    ) -> None:
        self._seen, self._now, self._utc, self._every = seen, now, utc, every_seconds
        self._next = now()
        self.reasons: dict[str, Sequence[str]] = {}
        """Why a scope's version is held back."""

    def __call__(self, verified: VerifiedStore, targets: Targets) -> Mapping[str, int]:
        """The versions that go wrong, by scope; none where the devices cannot be read now."""
        if self._now() < self._next:
            return {}
        self._next = self._now() + self._every
        try:
            return self._looked(verified, targets)
        except LintelError:
            return {}  # a report that is damaged holds up no publishing; the next look sees more

    def _looked(self, verified: VerifiedStore, targets: Targets) -> Mapping[str, int]:
        now, seen = self._utc(), SeenReports(self._seen)
        moving = [it for it in rollouts_in(verified, targets) if _is_watched(it, now)]
        if not moving:
            return {}
        devices, rings = device_statuses(verified, seen, now), ring_of(verified, targets)
        seen.save()
        found = [_status(rollout, devices, rings) for rollout in moving]
        bad = [each for each in found if each.verdict.state is RingState.BAD]
        self.reasons |= {each.rollout.scope: each.verdict.reasons for each in bad}
        return {each.rollout.scope: each.rollout.version.number for each in bad}


def _is_watched(rollout: Rollout, now: datetime) -> bool:
    settled = rollout.ring is Ring.ALL and now - rollout.ring_since > WATCHED
    return not (rollout.halted or settled)
