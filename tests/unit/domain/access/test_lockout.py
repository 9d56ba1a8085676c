"""Refusals are counted across sessions, and neither stepping aside nor a fault resets them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look

from kiosk.domain.access.effects import Audit
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.access.machine import Idle, LockedOut, OutOfService, Part, Reason, Show
from kiosk.domain.access.states import held, resumed
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect

RUN, REFUSAL = POLICY.probes_required, POLICY.refusal_probes
UNSEEN = (Defect.BLURRED,)


def is_looked_at_for_as_long_as_a_grant_takes(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=RUN)


def never_lets_a_run_become_long_enough(doorway: Doorway) -> None:
    for _ in range(4):
        doorway.see(STRANGER, times=RUN - 1)
        doorway.see(STRANGER.but(defects=UNSEEN))


def goes_on_after_a_chance_that_was_broken_off(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=RUN)
    doorway.see(STRANGER.but(defects=UNSEEN))
    doorway.see(STRANGER)


def shows_a_poor_view_right_after_a_chance(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=RUN)
    doorway.see(STRANGER.but(defects=UNSEEN))


def brings_a_second_face_right_after_a_chance(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=RUN)
    doorway.see(STRANGER, BOB)


def is_refused(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=REFUSAL)


def steps_aside_with_a_photograph(doorway: Doorway) -> None:
    doorway.see(PHOTOGRAPH, times=RUN)


def swaps_a_photograph_for_another(doorway: Doorway) -> None:
    doorway.see(PHOTOGRAPH, times=RUN)
    doorway.see(PHOTOGRAPH.but(track=77))


def hides_the_photograph_after_living_frames(doorway: Doorway) -> None:
    doorway.see(STRANGER.but(pad=1.0, track=1), times=RUN - 1)
    doorway.see(PHOTOGRAPH.but(track=1), times=RUN)


def blinks_through_a_whole_session(doorway: Doorway) -> None:
    for _ in range(10):
        doorway.see(STRANGER, times=REFUSAL // 2)
        doorway.see(STRANGER.but(defects=UNSEEN))


def looks_away_at_the_end_of_a_session(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=REFUSAL - 1)
    doorway.see(STRANGER.but(defects=UNSEEN), times=1)
    doorway.see(STRANGER, times=1)
    doorway.see(STRANGER.but(defects=UNSEEN), times=32)


def leaves_just_before_the_refusal(doorway: Doorway) -> None:
    doorway.see(STRANGER, times=REFUSAL - 1)
    doorway.see(STRANGER.but(defects=UNSEEN))
    doorway.see(STRANGER)


def covers_the_lens_when_suspected(doorway: Doorway) -> None:
    doorway.see(PHOTOGRAPH, times=RUN)
    doorway.breaks(Part.CAMERA)
    doorway.mended(Part.CAMERA)


def covers_the_lens_when_compared_long_enough(doorway: Doorway) -> None:
    leaves_just_before_the_refusal(doorway)
    doorway.breaks(Part.CAMERA)
    doorway.mended(Part.CAMERA)


TRIES: list[Callable[[Doorway], None]] = [
    is_looked_at_for_as_long_as_a_grant_takes,
    never_lets_a_run_become_long_enough,
    goes_on_after_a_chance_that_was_broken_off,
    shows_a_poor_view_right_after_a_chance,
    brings_a_second_face_right_after_a_chance,
    is_refused,
    steps_aside_with_a_photograph,
    swaps_a_photograph_for_another,
    hides_the_photograph_after_living_frames,
    blinks_through_a_whole_session,
    looks_away_at_the_end_of_a_session,
    leaves_just_before_the_refusal,
    covers_the_lens_when_suspected,
    covers_the_lens_when_compared_long_enough,
]


@pytest.mark.parametrize("attacker", TRIES)
def test_attacker_is_locked_out_who(attacker: Callable[[Doorway], None]) -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed - 1):
        attacker(doorway)
        doorway.empty(5.0)
        assert isinstance(doorway.state, Idle)
    attacker(doorway)
    doorway.empty(1.0)
    assert isinstance(doorway.state, LockedOut)
    doorway.see(ANN, times=RUN * 2)
    assert doorway.people == []


def test_the_lockout_is_shown_at_once_and_lasts_its_time() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed):
        doorway.empty(5.0)
        doorway.see(STRANGER, times=REFUSAL)
    assert doorway.state == LockedOut(until=Instant(doorway.now + POLICY.lockout_seconds))
    assert doorway.steps[-1].effects[-1] == Show(doorway.state)
    assert len(doorway.decisions) == POLICY.failures_allowed
    doorway.tick(POLICY.lockout_seconds)
    assert doorway.steps[-1].state == Idle()


def test_who_leaves_at_the_last_try_is_written_down_before_the_lockout_is_shown() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed):
        doorway.empty(5.0)
        doorway.see(PHOTOGRAPH, times=RUN)
    doorway.empty(1.0)
    (left,) = (step for step in doorway.steps if Show(doorway.state) in step.effects)
    kinds = [type(effect) for effect in left.effects]
    assert kinds == [Audit, Show]


def test_it_counts_people_together() -> None:
    """Whoever it is: the door cannot tell one stranger from the next."""
    doorway = Doorway()
    for track in range(POLICY.failures_allowed):
        doorway.empty(5.0)
        doorway.see(STRANGER.but(track=track), times=REFUSAL)
    assert isinstance(doorway.state, LockedOut)


def test_a_grant_between_settles_nothing() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed - 1):
        doorway.see(STRANGER, times=REFUSAL)
        doorway.empty(5.0)
        doorway.see(ANN, times=RUN)
        doorway.empty(5.0)
    doorway.see(STRANGER, times=REFUSAL)
    assert isinstance(doorway.state, LockedOut)


def test_a_grant_counts_as_no_refusal() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed + 1):
        doorway.see(ANN.but(pad=0.125), times=RUN)
        doorway.see(ANN.but(pad=1.0), times=REFUSAL)
        doorway.empty(5.0)
    assert set(doorway.reasons) == {Reason.MATCHED}


@pytest.mark.parametrize(
    "look",
    [
        ANN.but(defects=UNSEEN),
        ANN.but(defects=(Defect.SUNGLASSES,)),
        ANN.but(ranked=False),
    ],
)
def test_a_poor_view_is_no_refusal(look: Look) -> None:
    doorway = Doorway()
    doorway.see(look, times=1500)
    assert len(doorway.decisions) > POLICY.failures_allowed
    doorway.empty(5.0)
    assert doorway.state == Idle()


def test_a_crowd_is_no_refusal() -> None:
    doorway = Doorway()
    doorway.see(ANN, BOB, times=1500)
    assert len(doorway.decisions) > POLICY.failures_allowed
    doorway.empty(5.0)
    assert doorway.state == Idle()


def test_a_glance_is_no_refusal() -> None:
    """Compared often enough, but not for as long as a grant takes: a fast camera is no trap."""
    doorway = Doorway()
    for track in range(POLICY.failures_allowed):
        doorway.see(STRANGER.but(track=track), times=REFUSAL * 2, every=FRAME / 8)
        doorway.empty(5.0)
    assert doorway.state == Idle()


def test_a_long_stay_with_few_comparisons_is_no_refusal() -> None:
    doorway = Doorway()
    for track in range(POLICY.failures_allowed):
        doorway.see(STRANGER.but(track=track), times=RUN - 1)
        doorway.see(STRANGER.but(track=track, defects=UNSEEN), times=10)
        doorway.see(STRANGER.but(track=track), times=RUN - 1)
        doorway.empty(5.0)
    assert doorway.state == Idle()


@pytest.mark.parametrize(
    ("compared", "seconds", "refusals"),
    [
        (REFUSAL, POLICY.refusal_span_seconds, 1),
        (REFUSAL - 1, POLICY.refusal_span_seconds, 0),
        (REFUSAL, POLICY.refusal_span_seconds - FRAME, 0),
    ],
)
def test_who_leaves_was_refused_from_as_much_as_a_refusal_takes(
    compared: int, seconds: float, refusals: int
) -> None:
    """A few quick comparisons, too short for a grant, and a poor view to the end."""
    doorway = Doorway()
    doorway.see(STRANGER, times=compared, every=FRAME / 8)
    rest = seconds - (compared - 1) * FRAME / 8
    doorway.see(STRANGER.but(defects=UNSEEN), times=2, every=rest / 2)
    doorway.empty(1.0)
    assert isinstance(doorway.state, Idle)
    assert len(doorway.state.failures.at) == refusals


def test_refusals_are_forgotten_after_the_window() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed * 2):
        doorway.see(STRANGER, times=REFUSAL)
        doorway.empty(POLICY.failure_window_seconds / (POLICY.failures_allowed - 1))
    assert isinstance(doorway.state, Idle)
    assert LockedOut not in {type(step.state) for step in doorway.steps}


def test_a_covered_lens_does_not_shorten_a_lockout() -> None:
    until = Instant(1000.0 + POLICY.lockout_seconds)
    doorway = Doorway(state=LockedOut(until=until))
    doorway.breaks(Part.CAMERA)
    doorway.breaks(Part.KIOSK)
    assert doorway.state == OutOfService(
        faults=frozenset({Part.CAMERA, Part.KIOSK}), locked_until=until
    )
    doorway.mended(Part.KIOSK)
    step = doorway.mended(Part.CAMERA)
    assert doorway.steps[-1].state == LockedOut(until=until)
    assert step.effects[-1] == Show(doorway.state)
    doorway.see(ANN, times=RUN * 2)
    assert doorway.people == []
    assert isinstance(doorway.tick(POLICY.lockout_seconds).state, Idle)


def test_refusals_outlive_a_fault() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed - 1):
        doorway.see(STRANGER, times=REFUSAL)
        doorway.empty(5.0)
    doorway.breaks(Part.DOOR)
    doorway.mended(Part.DOOR)
    doorway.see(STRANGER, times=REFUSAL)
    assert isinstance(doorway.state, LockedOut)


def test_refusals_outlive_a_fault_while_the_result_stands() -> None:
    doorway = Doorway(replace(POLICY, failures_allowed=2))
    doorway.see(STRANGER, times=REFUSAL)
    doorway.breaks(Part.DOOR)
    doorway.mended(Part.DOOR)
    doorway.see(STRANGER, times=REFUSAL)
    assert isinstance(doorway.state, LockedOut)


def test_a_fault_right_after_the_last_allowed_try_leads_to_the_lockout() -> None:
    doorway = Doorway(replace(POLICY, failures_allowed=1))
    doorway.see(PHOTOGRAPH, times=RUN)
    doorway.breaks()
    until = Instant(doorway.now + POLICY.lockout_seconds)
    assert isinstance(doorway.state, OutOfService)
    assert doorway.state.locked_until == until
    doorway.mended()
    state = doorway.steps[-1].state
    assert isinstance(state, LockedOut)
    assert state.until == until


def test_one_failure_allowed_means_the_first_locks() -> None:
    doorway = Doorway(replace(POLICY, failures_allowed=1))
    doorway.see(STRANGER, times=REFUSAL)
    assert isinstance(doorway.state, LockedOut)


def test_failures_are_kept_for_the_window_and_not_longer() -> None:
    failures = Failures().add(Instant(0.0), 10.0).add(Instant(5.0), 10.0)
    assert failures.since(Instant(9.9), 10.0) == (0.0, 5.0)
    assert failures.since(Instant(10.0), 10.0) == (5.0,)
    assert failures.add(Instant(12.0), 10.0).at == (5.0, 12.0)
    assert failures.since(Instant(100.0), 10.0) == ()


def test_a_clock_that_jumps_back_forgets_nothing() -> None:
    assert Failures((Instant(50.0),)).since(Instant(1.0), 10.0) == (50.0,)


# -- over a restart ------------------------------------------------------------------------------


def test_what_is_held_against_whoever_comes_next_is_the_same_after_a_restart() -> None:
    doorway = Doorway()
    doorway.see(STRANGER, times=REFUSAL)
    kept = held(doorway.state)
    assert kept == Held(Failures((Instant(doorway.now),)))
    assert resumed(kept) == Idle(failures=kept.failures)


@pytest.mark.parametrize("broken", [False, True])
def test_a_lockout_goes_on_after_a_restart(*, broken: bool) -> None:
    doorway = Doorway(replace(POLICY, failures_allowed=1))
    doorway.see(PHOTOGRAPH, times=REFUSAL)
    locked = doorway.state
    if broken:
        doorway.breaks()
    assert resumed(held(doorway.state)) == locked
