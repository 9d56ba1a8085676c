"""Life is not asked anew with each frame: what a session has seen counts to its end and beyond.

The threshold is 0.5 and a run takes four frames. FAINT is a picture that looks alive by halves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from doorway import ANN, BOB, FRAME, PHOTOGRAPH, POLICY, STRANGER, Doorway, Look
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.access.lockout import Failures
from kiosk.domain.access.machine import Claimed, Idle, LockedOut, OutOfService, Part, Reason
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect
from kiosk.domain.vision.surroundings import Motion
from kiosk.domain.vision.template import SubjectId

RUN, REFUSAL = POLICY.probes_required, POLICY.refusal_probes
WINDOW = POLICY.failure_window_seconds
FAINT = ANN.but(pad=0.375)
LUCKY = ANN.but(pad=0.625)
PATIENT = replace(POLICY, session_timeout_seconds=60.0)


# -- in one session ------------------------------------------------------------------------------


def test_a_window_that_slides_until_it_is_lucky_is_no_ticket() -> None:
    """The last two seconds alone would be enough; all that was seen is not."""
    doorway = Doorway(PATIENT)
    doorway.see(FAINT, times=40)
    doorway.see(LUCKY, times=39)
    assert doorway.people == []
    doorway.see(LUCKY)
    assert len(doorway.people) == 1


def shows_a_poor_view(doorway: Doorway) -> None:
    doorway.see(FAINT.but(defects=(Defect.BLURRED,)))


def brings_a_second_face(doorway: Doorway) -> None:
    doorway.see(FAINT, BOB)


def ducks(doorway: Doorway) -> None:
    doorway.see()


def shows_a_badge(doorway: Doorway) -> None:
    doorway.handle(Claimed(Instant(doorway.now), SubjectId("ann"), Instant(doorway.now)))


def shows_another_picture(doorway: Doorway) -> None:
    doorway.see(FAINT.but(subject="bea"))


def steps_out(doorway: Doorway) -> None:
    doorway.empty(POLICY.absence_seconds)


def is_followed_as_another_face(doorway: Doorway) -> None:
    doorway.see(FAINT.but(track=7, defects=(Defect.BLURRED,)))


def covers_the_lens(doorway: Doorway) -> None:
    doorway.breaks(Part.CAMERA)
    doorway.mended(Part.CAMERA)


WITHIN = [shows_a_poor_view, brings_a_second_face, ducks, shows_a_badge, shows_another_picture]
BEYOND = [steps_out, is_followed_as_another_face, covers_the_lens]


@pytest.mark.parametrize("trick", [*WITHIN, *BEYOND])
def test_a_fresh_start_is_not_to_be_had_by_whoever(trick: Callable[[Doorway], None]) -> None:
    """What the faint picture fell short of is made up for to the last frame."""
    doorway = Doorway()
    doorway.see(FAINT, times=RUN)
    trick(doorway)
    doorway.see(LUCKY, times=RUN - 1)
    assert doorway.people == []
    doorway.see(FAINT.but(pad=0.5))
    assert doorway.people == [], "a run of its own that would be enough"


def test_the_living_face_of_one_makes_up_for_nothing_in_the_picture_of_another() -> None:
    doorway = Doorway(PATIENT)
    doorway.see(STRANGER.but(track=1, pad=1.0), times=REFUSAL - 1)
    doorway.see(FAINT, times=20)
    doorway.see(LUCKY, times=19)
    assert doorway.people == []
    doorway.see(LUCKY)
    assert len(doorway.people) == 1


def test_what_names_nobody_speaks_against_life_too() -> None:
    """A picture held at a slant is not recognised, and is a picture all the same."""
    doorway = Doorway()
    doorway.see(FAINT.but(score=0.5), times=2 * RUN)
    doorway.see(LUCKY, times=2 * RUN - 1)
    assert doorway.people == []
    doorway.see(LUCKY)
    assert len(doorway.people) == 1


def test_an_accomplice_lends_no_life_to_their_own_picture() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(pad=1.0), times=RUN - 1)
    doorway.see(ANN.but(defects=(Defect.BLURRED,)))
    doorway.see(FAINT, times=RUN)
    assert doorway.people == []


def test_honest_person_whose_first_frames_were_poor() -> None:
    doorway = Doorway()
    doorway.see(ANN.but(pad=0.25), times=RUN)
    doorway.see(ANN.but(pad=0.75), times=RUN)
    assert doorway.reasons == [Reason.MATCHED]


# -- from one session to the next ----------------------------------------------------------------


def visited(doorway: Doorway, look: Look, times: int = RUN) -> Doorway:
    doorway.see(look, times=times)
    doorway.empty(1.0)
    return doorway


def owed(doorway: Doorway) -> float:
    assert isinstance(doorway.state, Idle | LockedOut | OutOfService)
    return doorway.state.failures.owed(Instant(doorway.now), WINDOW)


def test_what_one_visit_fell_short_of_the_next_has_to_make_up_for() -> None:
    doorway = visited(Doorway(), FAINT)
    assert owed(doorway) == RUN * 0.125
    doorway.see(LUCKY.but(pad=0.59375), times=RUN)
    assert doorway.people == []
    doorway.see(LUCKY.but(pad=0.625))
    assert len(doorway.people) == 1


def test_doubt_adds_up() -> None:
    doorway = visited(visited(Doorway(), FAINT), FAINT)
    assert owed(doorway) == 2 * RUN * 0.125


def test_the_pictures_of_two_people_add_up_within_a_session() -> None:
    doorway = Doorway()
    doorway.see(FAINT, times=RUN)
    doorway.see(FAINT.but(subject="bea"), times=RUN)
    doorway.empty(1.0)
    assert owed(doorway) == 2 * RUN * 0.125


def test_it_is_never_more_than_a_run_without_any_life() -> None:
    """Whoever comes after an attacker, and is surely alive, is let in as fast as ever."""
    doorway = visited(Doorway(), PHOTOGRAPH, times=REFUSAL)
    doorway.empty(5.0)
    assert owed(doorway) == RUN * 0.5
    doorway.see(BOB.but(pad=1.0), times=RUN)
    assert doorway.reasons == [Reason.PRESENTATION_ATTACK, Reason.MATCHED]


def test_the_living_face_of_the_attacker_makes_up_for_nothing() -> None:
    doorway = visited(visited(Doorway(), FAINT), STRANGER.but(pad=1.0))
    assert owed(doorway) == RUN * 0.125


def test_a_grant_between_makes_up_for_nothing() -> None:
    doorway = visited(visited(Doorway(), FAINT), BOB.but(pad=1.0))
    doorway.empty(5.0)
    assert doorway.reasons == [Reason.LEFT, Reason.MATCHED]
    assert owed(doorway) == RUN * 0.125


def test_a_picture_that_hides_behind_a_living_face_of_its_own_session_is_doubted() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(track=1, pad=1.0), times=REFUSAL - 1)
    visited(doorway, FAINT)
    assert owed(doorway) == RUN * 0.125


def test_a_lockout_settles_the_refusals_and_no_doubt() -> None:
    doorway = Doorway()
    for _ in range(POLICY.failures_allowed):
        visited(doorway, PHOTOGRAPH)
    assert isinstance(doorway.state, LockedOut)
    doorway.breaks()
    assert owed(doorway) == RUN * 0.5
    doorway.mended()
    doorway.tick(POLICY.lockout_seconds)
    assert isinstance(doorway.state, Idle)
    assert doorway.state.failures.at == ()
    assert owed(doorway) == RUN * 0.5


def test_doubt_is_forgotten_after_the_window() -> None:
    doorway = visited(Doorway(), FAINT)
    doorway.tick(WINDOW)
    doorway.see(ANN.but(pad=0.5), times=RUN)
    assert len(doorway.people) == 1


def test_doubt_ends_with_the_window_on_the_dot() -> None:
    failures = Failures().doubting(1.0, 2.0, Instant(5.0), WINDOW)
    assert failures.owed(Instant(5.0 + WINDOW - FRAME), WINDOW) == 1.0
    assert failures.owed(Instant(5.0 + WINDOW), WINDOW) == 0.0


def test_nobody_is_doubted_at_first() -> None:
    """It is written to the disk as it stands here."""
    assert Failures().doubt == 0.0


def test_passers_by_raise_no_doubt() -> None:
    assert owed(visited(Doorway(), PHOTOGRAPH, times=RUN - 1)) == 0.0


def test_a_time_that_is_none_forgets_nothing() -> None:
    failures = Failures().doubting(1.0, 2.0, Instant(5.0), WINDOW)
    assert failures.owed(Instant(float("nan")), WINDOW) == 1.0
    assert failures.owed(Instant(4.0), WINDOW) == 1.0
    assert failures.doubting(float("nan"), 2.0, Instant(5.0), WINDOW) == failures


# -- whatever happens ----------------------------------------------------------------------------

SHARES = st.integers(0, 8).map(lambda eighths: eighths / 8.0)
TRICKS = st.sampled_from([*WITHIN, *BEYOND, None, None, None, None])


@given(st.lists(st.tuples(SHARES, TRICKS), max_size=60))
def test_no_order_of_frames_and_tricks_gets_in_that_is_short_of_life_on_the_whole(
    story: list[tuple[float, Callable[[Doorway], None] | None]],
) -> None:
    """Read off the frames alone: since the last grant, all that named Ann has a mean that is enough
    wherever the session before it had a chance, and so was held against the next."""
    doorway = Doorway(replace(PATIENT, failures_allowed=1000))
    session: list[float] = []
    for share, trick in story:
        if trick is not None:
            trick(doorway)
            if trick in BEYOND:
                session = []
        before = len(doorway.people)
        doorway.see(ANN.but(pad=share))
        session.append(share)
        if len(doorway.people) > before:
            assert sum(session) / len(session) >= POLICY.pad_threshold
            doorway.empty(POLICY.retry_seconds + FRAME)
            session = []


# -- pictures in a hand --------------------------------------------------------------------------

HELD = replace(PATIENT, probes_required=8, refusal_probes=8)
ASIDE = (0.02, 0.0)


def test_a_picture_whose_background_moves_with_it_is_refused_whatever_its_score() -> None:
    """R48: the journal then has 0 for its life."""
    doorway = Doorway(HELD)
    doorway.see(ANN.but(pad=1.0, motion=Motion(ASIDE, ASIDE, ASIDE)), times=16)
    assert doorway.people == []
    (refused,) = doorway.decisions
    assert refused.reason is Reason.PRESENTATION_ATTACK
    assert refused.pad == 0.0


def test_a_person_who_moves_before_a_still_room_is_let_in() -> None:
    doorway = Doorway(HELD)
    doorway.see(ANN.but(pad=1.0, motion=Motion(ASIDE, (0.0, 0.0), (0.0, 0.0))), times=8)
    assert len(doorway.people) == 1
