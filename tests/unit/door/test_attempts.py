"""What was tried at the door counts over a restart, whatever any clock says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hand_clock import HandClock
from pipeline_parts import Shelf

from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.errors import StoreCorrupt, StoreError
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts, Forgetful

ANN, BOB = SubjectId("ann"), SubjectId("bob")


def restarted(shelf: Shelf, at: float) -> tuple[Attempts, HandClock]:
    """After a restart of the machine, whose clock counts from anywhere."""
    clock = HandClock(at)
    return Attempts(shelf, clock.monotonic), clock


def test_the_wait_of_one_is_not_the_wait_of_another() -> None:
    attempts, _ = restarted(Shelf(), 100.0)
    for _ in range(3):
        attempts.count(ANN)
    assert (attempts.wait(ANN), attempts.wait(BOB), attempts.wait(None)) == (30.0, 0.0, 0.0)


@pytest.mark.parametrize("at", [0.0, 100.0, 1e9])
def test_a_restart_gives_no_guess_back_and_ends_no_wait(at: float) -> None:
    shelf = Shelf()
    attempts, clock = restarted(shelf, 5000.0)
    for _ in range(4):
        attempts.count(ANN)
    clock.pass_(50.0)
    attempts, clock = restarted(shelf, at)
    assert attempts.wait(ANN) == 60.0, "as it was written down last"
    clock.pass_(60.0)
    assert attempts.wait(ANN) == 0.0
    attempts.count(ANN)
    assert attempts.wait(ANN) == 120.0


def test_the_right_pin_settles_it_for_good() -> None:
    shelf = Shelf()
    attempts, _ = restarted(shelf, 0.0)
    for _ in range(4):
        attempts.count(ANN)
    attempts.count(BOB)
    attempts.settle(ANN)
    attempts, _ = restarted(shelf, 0.0)
    assert attempts.wait(ANN) == 0.0
    for _ in range(2):
        attempts.count(ANN)
        attempts.count(BOB)
    assert (attempts.wait(ANN), attempts.wait(BOB)) == (0.0, 30.0)


def test_a_lockout_and_the_refusals_outlive_a_restart() -> None:
    shelf = Shelf()
    attempts, clock = restarted(shelf, 1000.0)
    failures = Failures((Instant(940.0), Instant(990.0)), doubt=2.5, doubted_at=Instant(980.0))
    attempts.remember(Held(failures, Instant(1030.0)))
    clock.pass_(10.0)
    attempts, _ = restarted(shelf, 5.0)
    assert attempts.held.locked_until == 35.0
    assert attempts.held.failures.at == (-55.0, -5.0)
    assert attempts.held.failures.owed(Instant(5.0), 60.0) == 2.5
    assert attempts.held.failures.owed(Instant(45.0), 60.0) == 0.0


def test_before_anything_was_tried_nothing_is_held() -> None:
    attempts, _ = restarted(Shelf(), 1000.0)
    assert attempts.held == Held()
    attempts.remember(Held())
    shelf = Shelf()
    Attempts(shelf, HandClock(3.0).monotonic).remember(Held())
    again, _ = restarted(shelf, 7.0)
    assert again.held.failures.owed(Instant(7.0), 60.0) == 0.0
    assert again.held.locked_until is None


def test_whoever_was_erased_is_not_remembered() -> None:
    shelf = Shelf()
    attempts, _ = restarted(shelf, 0.0)
    attempts.count(ANN)
    attempts.count(BOB)
    attempts.forget(lambda subject: subject == BOB)
    assert shelf.kept is not None
    assert list(shelf.kept["pins"]) == [BOB]
    shelf.kept = None
    attempts.forget(lambda _: True)
    assert shelf.kept is None, "nothing to forget, nothing to write"


BROKEN: list[dict[str, Any]] = [
    {},
    {"pins": {"ann": [1]}, "refused_ago": [], "doubt": 0, "doubted_ago": 0, "locked": None},
    {"pins": [], "refused_ago": [], "doubt": 0, "doubted_ago": 0, "locked": None},
    {"pins": {}, "refused_ago": ["x"], "doubt": 0, "doubted_ago": 0, "locked": None},
    {"pins": {}, "refused_ago": [], "doubt": 0, "doubted_ago": 0, "locked": "soon"},
]


@pytest.mark.parametrize("kept", BROKEN)
def test_what_cannot_be_understood_is_not_taken_for_nothing(kept: dict[str, Any]) -> None:
    with pytest.raises(StoreCorrupt):
        restarted(Shelf(kept), 0.0)


@dataclass
class Full(Shelf):
    """A disk without room."""

    def save(self, presence: dict[str, Any]) -> None:
        del presence
        raise StoreError("The disk is full.")


def test_what_cannot_be_kept_counts_all_the_same_and_is_told() -> None:
    attempts, _ = restarted(Full(), 0.0)
    for _ in range(3):
        with pytest.raises(StoreError):
            attempts.count(ANN)
    assert attempts.wait(ANN) == 30.0


def test_a_recording_leaves_nothing_behind() -> None:
    attempts = Attempts(Forgetful(), HandClock(0.0).monotonic)
    for _ in range(3):
        attempts.count(ANN)
    assert attempts.wait(ANN) == 30.0
    assert Attempts(Forgetful(), HandClock(0.0).monotonic).wait(ANN) == 0.0
