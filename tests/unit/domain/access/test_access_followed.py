"""A face that was only followed: no grant rests on a frame that was not searched (ADR 0029)."""

from __future__ import annotations

import pytest
from doorway import ANN, POLICY, STRANGER, Doorway

from kiosk.domain.access.evidence import evidence_of
from kiosk.domain.access.grant import Comparison
from kiosk.domain.access.machine import Identified, Probe, Reason
from kiosk.domain.vision.face import Found, TrackId
from kiosk.domain.vision.frame import Instant

RUN = POLICY.probes_required
FOLLOWED = ANN.but(looked=False)
UNCOMPARED = FOLLOWED.but(ranked=False)


def test_comparisons_in_frames_that_nobody_searched_let_in_nobody() -> None:
    doorway = Doorway()
    doorway.see(FOLLOWED, times=10 * RUN)
    assert doorway.people == []


def test_the_last_frame_of_a_run_has_to_be_searched_too() -> None:
    doorway = Doorway()
    doorway.see(ANN, times=RUN - 1)
    doorway.see(FOLLOWED)
    assert doorway.people == []
    doorway.see(ANN)
    assert [person.subject for person in doorway.people] == ["ann"]


def test_followed_frames_between_break_no_run() -> None:
    doorway = Doorway()
    for _ in range(RUN):
        doorway.see(ANN)
        doorway.see(UNCOMPARED)
    assert [person.subject for person in doorway.people] == ["ann"]
    assert all(e.looked for person in doorway.people for e in person.evidence)


def test_nobody_is_refused_for_frames_that_nobody_searched() -> None:
    doorway = Doorway()
    doorway.see(STRANGER.but(looked=False), times=2 * POLICY.refusal_probes)
    assert Reason.NOT_RECOGNISED not in doorway.reasons


def test_an_attack_is_an_attack_in_any_frame() -> None:
    doorway = Doorway()
    doorway.see(UNCOMPARED.but(pad=0.0), times=2 * POLICY.refusal_probes)
    assert Reason.PRESENTATION_ATTACK in doorway.reasons


@pytest.mark.parametrize("looked", [True, False])
def test_a_late_answer_about_a_frame_that_nobody_searched_is_lost(
    looked: bool,  # noqa: FBT001 - parametrized
) -> None:
    doorway = Doorway()
    asked = ANN.but(ranked=False, looked=looked)
    for _ in range(RUN):
        doorway.see(asked)
        said = ANN.probe(doorway.now).candidates
        at = Instant(doorway.now)
        doorway.handle(Identified(at, TrackId(asked.track), at, said))
    assert bool(doorway.people) is looked


def test_what_says_nothing_was_searched() -> None:
    """A finder that follows nobody searches each frame, and need not say so."""
    probe = Probe(TrackId(1), Instant(1.0))
    assert probe.looked
    assert Found().looked
    seen = evidence_of(ANN.probe(1.0), Instant(1.0), POLICY)
    assert seen is not None
    assert (seen.comparison, seen.looked) == (Comparison.MADE, True)
    followed = evidence_of(FOLLOWED.probe(1.0), Instant(1.0), POLICY)
    assert followed is not None
    assert (followed.comparison, followed.looked) == (Comparison.AWAITED, False)
    assert followed.subject is None
