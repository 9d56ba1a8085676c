"""The door status: the properties of a door at one moment, derived from its state.

An unknown counts as the worse case: a time that is NaN, a silent door, a neighbour that was never
reported. The transitions are in `kiosk.domain.door.machine`.
"""

from __future__ import annotations

from dataclasses import replace

from kiosk.domain.door.model import Alarm, By, Condition, DoorState, PassageRules, Release
from kiosk.domain.door.protocol import DoorReading
from kiosk.domain.vision.frame import Instant

NEVER = Instant(float("-inf"))
STANDING = frozenset({By.SCHEDULE, By.FIRE})
"""Sources that keep a door free for everybody, for as long as they are active."""


def silent(state: DoorState, rules: PassageRules) -> bool:
    """True if the door has reported nothing for too long."""
    return not state.now - state.heard_at < rules.unknown_seconds


def condition(state: DoorState, at: Instant, rules: PassageRules) -> Condition:
    """The overall status of the door at that time: the worst that is true."""
    state = replace(state, now=max(state.now, at))
    true = {Condition(a.value) for a in alarms(state, rules) if a not in _NOT_OF_THE_LOCK}
    release = running(state)
    if state.reading is None:
        true.add(Condition.UNKNOWN)
    if state.open_since is not None:
        true.add(Condition.PASSING)
    if release is not None and release.by is By.SCHEDULE:
        true.add(Condition.UNLOCKED)
    if release is not None or state.wrong_since is not None:
        true.add(Condition.RELEASED)
    return next((worst for worst in Condition if worst in true), Condition.SECURED)


_NOT_OF_THE_LOCK = frozenset({Alarm.EXIT, Alarm.UNLOCKED})
"""Requests by a person or by the schedule, carried out or not."""


def alarms(state: DoorState, rules: PassageRules) -> frozenset[Alarm]:
    """All alarms that have begun and not ended."""
    reading, held = state.reading or DoorReading(), _held_seconds(state)
    wrong = state.wrong_since
    true = {
        Alarm.FIRE: burns(state, rules),
        Alarm.FORCED: state.forced,
        Alarm.STUCK: wrong is not None and state.now - wrong >= rules.grace_seconds,
        Alarm.TAMPERED: reading.tampered,
        Alarm.UNKNOWN: silent(state, rules) or state.unanswered,
        Alarm.HELD_OPEN_WARNING: held >= rules.held_warning_seconds,
        Alarm.HELD_OPEN: held >= rules.held_open_seconds,
        Alarm.LOCKED_DOWN: state.locked_down,
        Alarm.UNLOCKED: _scheduled(state),
        Alarm.EXIT: reading.exit_asked,
    }
    return frozenset(alarm for alarm, is_true in true.items() if is_true)


def _held_seconds(state: DoorState) -> float:
    """Seconds for which the leaf was open without a right to it; negative while there is one."""
    if state.open_since is None:
        return NEVER
    return state.now - max(state.open_since, rightful_until(state))


def rightful_until(state: DoorState) -> Instant:
    """The time until which the leaf may be opened, or might have been."""
    released = state.release.until if state.release is not None else NEVER
    return max(released, state.leaving_until, state.doubtful_until)


def running(state: DoorState) -> Release | None:
    """The release that is running now."""
    release = state.release
    return release if release is not None and state.now < release.until else None


def burns(state: DoorState, rules: PassageRules) -> bool:
    """True if fire frees the door; fail-safe doors only: an alarm pull must not be a way in."""
    return rules.fire_releases and state.reading is not None and state.reading.fire


def _scheduled(state: DoorState) -> bool:
    return state.free and not state.held_back and not state.locked_down


def standing(state: DoorState, rules: PassageRules) -> By | None:
    """The source that requires a release now without a decision; None if there is none."""
    if burns(state, rules):
        return By.FIRE
    if state.reading is None or silent(state, rules):
        return None
    if rules.exit_releases and state.reading.exit_asked:
        return By.EXIT
    return By.SCHEDULE if _scheduled(state) else None


def passing(state: DoorState) -> bool:
    """True if a person who was let in is still passing. A free door has no such limit."""
    release = running(state)
    if release is not None and release.by in STANDING:
        return False
    return state.open_since is not None or (release is not None and not release.opened)


def interlocked(state: DoorState, rules: PassageRules) -> bool:
    """True if the other door of an interlock may be open, as far as is known."""
    reading = state.reading or DoorReading()
    known = reading.neighbour_secured is True and not silent(state, rules)
    return rules.interlock and not known
