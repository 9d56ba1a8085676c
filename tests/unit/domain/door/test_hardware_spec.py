"""A lock that cannot fail as it was declared is found before anybody relies on it."""

from __future__ import annotations

import pytest

from kiosk.domain.door.hardware_spec import FailMode, LockKind, contradictions


@pytest.mark.parametrize(
    ("fail_mode", "lock"),
    [
        (FailMode.SECURE, LockKind.STRIKE),
        (FailMode.SAFE, LockKind.STRIKE),
        (FailMode.SAFE, LockKind.MAGLOCK),
        (FailMode.SECURE, LockKind.BOLT),
        (FailMode.SAFE, LockKind.BOLT),
        (FailMode.SECURE, LockKind.MOTOR),
        (FailMode.SECURE, LockKind.TURNSTILE),
        (FailMode.SAFE, LockKind.TURNSTILE),
    ],
)
def test_locks_as_they_are_built(fail_mode: FailMode, lock: LockKind) -> None:
    assert list(contradictions(fail_mode, lock, fire_input=False)) == []


@pytest.mark.parametrize(
    ("fail_mode", "lock", "right"),
    [
        (FailMode.SECURE, LockKind.MAGLOCK, 'write fail_mode = "safe"'),
        (FailMode.SAFE, LockKind.MOTOR, 'write fail_mode = "secure"'),
    ],
)
def test_a_lock_that_cannot_fail_so(fail_mode: FailMode, lock: LockKind, right: str) -> None:
    (said,) = contradictions(fail_mode, lock, fire_input=False)
    assert right in said
    assert lock.value in said


def test_fire_opens_no_fail_secure_door() -> None:
    (said,) = contradictions(FailMode.SECURE, LockKind.STRIKE, fire_input=True)
    assert said == (
        "a fire input is for doors that fail safe: an alarm pulled by anybody must not open "
        "a fail-secure door; remove the input, free egress is the lock's own"
    )
    assert list(contradictions(FailMode.SAFE, LockKind.STRIKE, fire_input=True)) == []
