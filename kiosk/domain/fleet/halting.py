"""When a rollout goes on, waits or halts: what devices of its rings did before and after it.

Three tests, each of one side: more refusals, more failures of parts, more grants that were slow. A
rollout halts only if a rise is both hardly chance and large enough to matter, and goes on only if
enough was decided and nothing hints at a rise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.fleet.comparison import (
    Frequency,
    FrequencyPair,
    Share,
    SharePair,
    frequency_chance,
    share_chance,
    share_rise,
)

HALTS_AT = 0.001
"""A rise that chance makes so seldom or more seldom halts: it is looked for again and again."""
WAITS_AT = 0.05
"""A rise that chance makes so seldom is a hint: more has to be seen first."""
FAST = 0.95
"""A grant is slow if this share of those before were faster."""


@dataclass(frozen=True, slots=True)
class HaltLimits:
    """What a rollout may change, and how much has to be seen.

    Attributes:
        decisions: that the ring's devices must have taken with the new settings, together.
        refusals: by how much the share of refusals may rise.
        slow: by how much the share of slow grants may rise.
        faults: how many times as often parts may fail.
    """

    decisions: int = 200
    refusals: float = 0.05
    slow: float = 0.10
    faults: float = 2.0


@dataclass(frozen=True, slots=True)
class DoorTally:
    """What a device did with certain settings.

    Attributes:
        decisions: grants and refusals.
        refusals: those of them that let nobody in.
        faults: how often a part failed.
        hours: for how long it ran.
        speeds: how many grants there were, by class of time from capture to release, fastest first.
    """

    decisions: int = 0
    refusals: int = 0
    faults: int = 0
    hours: float = 0.0
    speeds: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RingDevice:
    """A device of the rings that a rollout has reached.

    Attributes:
        device: its fingerprint.
        runs: whether it runs with the new settings.
        before: what it did with those before; None where it does not say.
        after: what it did with the new ones.
        problem: why it has not taken them over, or nothing is known of it; None if all is well.
        failed: whether it has tried them, and went back.
    """

    device: str
    runs: bool
    before: DoorTally | None = None
    after: DoorTally = field(default_factory=DoorTally)
    problem: str | None = None
    failed: bool = False


class RingState(Enum):
    """What becomes of a rollout."""

    GOOD = "good"
    """It may go on to the next ring."""
    WAITS = "waits"
    """More has to be seen, or a device does not answer."""
    BAD = "bad"
    """It halts."""


@dataclass(frozen=True, slots=True)
class RingVerdict:
    """The state of the rings that a rollout has reached.

    Attributes:
        state: what becomes of it.
        reasons: a sentence each; none if all is good.
        decisions: that were taken with the new settings.
    """

    state: RingState
    reasons: tuple[str, ...]
    decisions: int


def ring_verdict(devices: Sequence[RingDevice], limits: HaltLimits) -> RingVerdict:
    """What becomes of a rollout whose rings have these devices."""
    running = [each for each in devices if each.runs]
    decisions = sum(each.after.decisions for each in running)
    bad = [f"Device {each.device} went back: {each.problem}" for each in devices if each.failed]
    hints: list[str] = []
    for rise in _rises(running, limits):
        if rise.halts:
            bad.append(rise.sentence)
        elif rise.hints:
            hints.append(f"{rise.sentence} That may still be chance.")
    if bad:
        return RingVerdict(RingState.BAD, tuple(bad), decisions)
    waits = [*hints, *_missing(devices, running, decisions, limits)]
    state = RingState.WAITS if waits else RingState.GOOD
    return RingVerdict(state, tuple(waits), decisions)


def _missing(
    devices: Sequence[RingDevice], running: Sequence[RingDevice], decisions: int, limits: HaltLimits
) -> Iterator[str]:
    """What has to be seen first, where no device went back."""
    if not devices:
        yield "No device is in this ring."
    for each in devices:
        if not each.runs:
            yield f"Device {each.device} does not run with it yet. {each.problem or ''}".rstrip()
        elif each.problem is not None:
            yield f"Device {each.device}: {each.problem}"
    if devices and decisions < limits.decisions:
        yield f"{decisions} of {limits.decisions} decisions were taken with it."
    elif running and not any(each.before and each.before.decisions for each in running):
        yield "No device says what it did before, so that nothing can be compared."


# -- what has risen ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rise:
    """Whether something has risen.

    Attributes:
        chance: how often chance alone makes as much; times how many were looked at, so that it may
            be more than 1.
        large: whether it is more than is allowed.
        sentence: what it is.
    """

    chance: float
    large: bool
    sentence: str

    @property
    def halts(self) -> bool:
        return self.large and self.chance <= HALTS_AT

    @property
    def hints(self) -> bool:
        return self.large and self.chance <= WAITS_AT


def _rises(running: Sequence[RingDevice], limits: HaltLimits) -> Iterator[_Rise]:
    """All devices together, and each alone: one door that is out of order is lost among many."""
    alone = [
        (f"Device {each.device}", [(each.before, each.after)])
        for each in running
        if each.before is not None
    ]
    together = ("Together", [both for _, devices in alone for both in devices])
    for name, devices in [together, *alone] if len(alone) > 1 else alone:
        looked = len(alone) if len(devices) == 1 else 1
        refused = [_refused(before, after) for before, after in devices]
        yield _of_share(name, "refusals", refused, limits.refusals, looked)
        slow = [pair for before, after in devices for pair in _slow(before, after)]
        yield _of_share(name, "slow grants", slow, limits.slow, looked)
        failed = [pair for before, after in devices for pair in _failed(before, after)]
        yield _of_faults(name, failed, limits.faults, looked)


def _of_share(
    name: str, what: str, pairs: Sequence[SharePair], allowed: float, looked: int
) -> _Rise:
    chance, rise = share_chance(pairs) * looked, share_rise(pairs)
    said = f"{name}: the share of {what} has risen by {100 * rise:.0f} points"
    return _Rise(chance, rise > allowed, f"{said} (chance alone: {chance:.2g}).")


def _of_faults(name: str, pairs: Sequence[FrequencyPair], allowed: float, looked: int) -> _Rise:
    chance = frequency_chance(pairs) * looked
    seen = sum(pair.after.events for pair in pairs)
    usual = sum(pair.before.events * pair.after.hours / pair.before.hours for pair in pairs)
    said = f"{name}: parts have failed {seen} times, where {usual:.1f} were to be expected"
    return _Rise(chance, seen > allowed * usual, f"{said} (chance alone: {chance:.2g}).")


def _refused(before: DoorTally, after: DoorTally) -> SharePair:
    return SharePair(
        Share(before.refusals, before.decisions), Share(after.refusals, after.decisions)
    )


def _failed(before: DoorTally, after: DoorTally) -> Iterator[FrequencyPair]:
    """How often parts have failed; nothing of a device that did not run before, or not since."""
    then, now = Frequency(before.faults, before.hours), Frequency(after.faults, after.hours)
    if then.told and now.told:
        yield FrequencyPair(then, now)


def _slow(before: DoorTally, after: DoorTally) -> Iterator[SharePair]:
    """The share of grants that are slower than nearly all of the same device were before."""
    whole = sum(before.speeds)
    if not whole:
        return
    edge = next(n for n in range(len(before.speeds)) if sum(before.speeds[: n + 1]) >= FAST * whole)
    yield SharePair(*(Share(sum(it.speeds[edge + 1 :]), sum(it.speeds)) for it in (before, after)))
