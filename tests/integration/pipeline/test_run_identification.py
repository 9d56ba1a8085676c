"""A few frames of a run are compared, by the mean of their templates; nobody's count for another.

Vision and session are the kiosk's own; a test says what the models see, and who resembles whom.
"""

from __future__ import annotations

import gc
import weakref
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from asked_kiosk import HIGH, LOW, AskedKiosk
from doorway import FRAME, POLICY, SPACE

from kiosk.domain.access.machine import Acquiring, Idle, Part, Reason
from kiosk.domain.errors import MatchingUnavailable
from kiosk.domain.vision.comparison import CandidateList, Gallery
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.run import ComparisonPlan
from kiosk.domain.vision.template import Reference, ReferenceId, SubjectId, Template, Vector
from kiosk.pipeline.identification.outage import PAUSE_SECONDS
from kiosk.pipeline.identification.runs import FORGET_SECONDS, RunIdentification

RUN = POLICY.probes_required
PLAN = ComparisonPlan(POLICY.comparisons_required, RUN, POLICY.span_seconds, agreement=0.5)
GONE = "nobody that the network knows a face of"
ANN, BOB, STRANGER = np.eye(3, dtype=np.float32)
FACES = {"ann": ANN, "bob": BOB, "stranger": STRANGER}


def gallery() -> Gallery:
    enrolled = [("ann", ANN), ("bob", BOB)]
    return Gallery.of(
        SPACE,
        [Reference(ReferenceId(n), SubjectId(n), Template(v, SPACE)) for n, v in enrolled],
    )


@dataclass
class Faces:
    """The `TemplateMatcher` port: what it sees is what a test says."""

    now: str = ""
    made: list[str] = field(default_factory=list)
    vectors: list[weakref.ref[Vector]] = field(default_factory=list)
    compared: list[Template] = field(default_factory=list)

    def extract(self, *_: object) -> Template:
        if self.now == GONE:
            raise MatchingUnavailable("The network gave no usable features.", "Verify.")
        self.made.append(self.now)
        vector = FACES[self.now].copy()
        self.vectors.append(weakref.ref(vector))
        return Template(vector, SPACE)

    def identify(self, probe: Template) -> CandidateList:
        self.compared.append(probe)
        return gallery().identify(probe)


@dataclass
class Place:
    """A kiosk, and who stands in its lane."""

    faces: Faces = field(default_factory=Faces)

    def __post_init__(self) -> None:
        self.identification = RunIdentification(self.faces, PLAN)
        self.kiosk = AskedKiosk(self.identification)

    def see(self, *people: str, sharp: bool = True, pad: float = 0.75) -> None:
        """One frame for each; all at the same place, so that they share a track if they may."""
        for person in people:
            self.faces.now = person
            self.kiosk.see(HIGH, sharp=sharp, pad=pad)

    @property
    def may_decide(self) -> bool:
        """Whether the next frame would decide, as it is known before it is measured."""
        return self.identification.may_decide(Instant(self.kiosk.now + FRAME))

    @property
    def let_in(self) -> list[str]:
        return [person.subject for person in self.kiosk.people]

    @property
    def tracks(self) -> set[int]:
        return {probe.track for seen in self.kiosk.seen for probe in seen.probes}


@pytest.fixture
def place() -> Place:
    return Place()


def test_a_person_is_let_in_by_few_comparisons_and_no_later(place: Place) -> None:
    place.see(*["ann"] * (RUN - 1))
    assert place.let_in == []
    place.see("ann")
    assert place.let_in == ["ann"]
    assert len(place.faces.made) == PLAN.comparisons < RUN
    assert place.kiosk.people[0].captured_at == place.kiosk.seen[0].at


def test_the_frame_that_lets_in_is_known_before(place: Place) -> None:
    for _ in range(RUN - 1):
        assert not place.may_decide
        place.see("ann")
    assert place.may_decide
    place.see("ann")
    assert place.let_in == ["ann"]


def test_nothing_is_about_to_be_decided_without_a_run(place: Place) -> None:
    place.see(*["ann"] * (RUN - 1))
    place.see("ann", sharp=False)
    assert not place.may_decide


def test_a_stranger_is_refused_after_as_long_as_ever(place: Place) -> None:
    place.see(*["stranger"] * (POLICY.refusal_probes - 1))
    assert place.kiosk.decisions == []
    place.see("stranger", "stranger")
    assert [d.reason for d in place.kiosk.decisions] == [Reason.NOT_RECOGNISED]


def test_one_mean_is_compared_each_time(place: Place) -> None:
    place.see("ann", "ann", "ann", "ann")
    assert all(template.vector == pytest.approx(ANN) for template in place.faces.compared)
    assert len(place.faces.compared) == len(place.faces.made)


# -- somebody else in the track ------------------------------------------------------------------


@pytest.mark.parametrize("before", range(1, RUN))
def test_a_stranger_who_steps_into_her_place_is_not_her(place: Place, before: int) -> None:
    place.see(*["ann"] * before, *["stranger"] * (POLICY.refusal_probes + RUN))
    assert place.let_in == []
    assert len(place.tracks) == 2
    assert place.kiosk.decisions[-1].reason is Reason.NOT_RECOGNISED


def test_a_stranger_who_follows_the_granted_person_is_not_let_in(place: Place) -> None:
    place.see(*["ann"] * RUN)
    held = round((POLICY.granted_hold_seconds + POLICY.retry_seconds) / FRAME)
    place.see(*["stranger"] * (held + POLICY.refusal_probes))
    assert place.let_in == ["ann"]


@pytest.mark.parametrize("before", range(1, RUN))
def test_she_is_let_in_on_her_own_frames_after_a_stranger(place: Place, before: int) -> None:
    place.see(*["stranger"] * before, *["ann"] * 2 * RUN)
    assert place.let_in == ["ann"]
    (person,) = place.kiosk.people
    assert person.captured_at >= place.kiosk.seen[before].at


@pytest.mark.parametrize("each", [1, 2, 3])
def test_two_who_take_turns_in_one_track_are_nobody(place: Place, each: int) -> None:
    place.see(*([*["ann"] * each, *["bob"] * each] * 12))
    assert place.let_in == []


@pytest.mark.parametrize("at", range(RUN + 4))
def test_one_frame_of_an_enrolled_person_lets_no_stranger_in(place: Place, at: int) -> None:
    frames = ["stranger"] * 3 * RUN
    frames[at] = "ann"
    place.see(*frames)
    assert place.let_in == []


@pytest.mark.parametrize("at", range(RUN))
def test_one_frame_of_a_stranger_names_nobody_and_bars_nobody(place: Place, at: int) -> None:
    """She is let in, and no mean was compared in which both were."""
    frames = ["ann"] * 3 * RUN
    frames[at] = "stranger"
    place.see(*frames)
    assert place.let_in == ["ann"]
    assert all(max(template.vector) == pytest.approx(1.0) for template in place.faces.compared)


def test_a_face_apart_goes_on_in_its_own_track_with_its_own_frames(place: Place) -> None:
    place.see("ann", *["bob"] * 2 * RUN)
    assert place.let_in == ["bob"]
    assert place.tracks == {1, 2}


# -- breaks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["poor", "empty", "two"])
def test_a_break_forgets_what_was_compared(place: Place, how: str) -> None:
    place.see(*["ann"] * (RUN - 1))
    if how == "poor":
        place.see("ann", sharp=False)
    else:
        place.kiosk.see(*((HIGH, LOW) if how == "two" else ()))
    made = len(place.faces.made)
    place.see(*["ann"] * (RUN - 1))
    assert place.let_in == []
    assert len(place.faces.made) > made, "the first frame after the break is compared"
    place.see("ann")
    assert place.let_in == ["ann"]


def test_a_frame_that_failed_attack_detection_is_not_compared_and_breaks_nothing(
    place: Place,
) -> None:
    place.see("ann")
    place.see("stranger", pad=0.0)
    place.see(*["ann"] * (RUN + 1))
    assert "stranger" not in place.faces.made
    assert place.let_in == ["ann"]


def kept(place: Place) -> list[Vector]:
    """The probe templates that anything still holds."""
    place.faces.compared.clear()
    gc.collect()
    return [vector for made in place.faces.vectors if (vector := made()) is not None]


def test_no_template_outlives_its_run(place: Place) -> None:
    place.see("ann", "ann")
    assert kept(place) != []
    place.kiosk.see()
    assert kept(place) == []


def test_no_template_outlives_the_frames_of_a_camera_that_stopped(place: Place) -> None:
    place.see("ann")
    place.kiosk.hear(FORGET_SECONDS - 2 * FRAME)
    assert kept(place) != []
    place.kiosk.hear(2 * FRAME)
    assert kept(place) == []


def test_no_template_outlives_the_kiosk(place: Place) -> None:
    place.see("ann")
    place.kiosk.vision.close()
    assert kept(place) == []


# -- no template ---------------------------------------------------------------------------------


def test_a_face_that_cannot_be_compared_is_told_kindly_and_recovers(place: Place) -> None:
    place.see(GONE)
    place.kiosk.hear()
    assert [d.reason for d in place.kiosk.decisions] == [Reason.NOT_COMPARED]
    assert [f.part for f in place.kiosk.faults] == [Part.MATCHER]
    place.kiosk.hear(POLICY.retry_seconds)
    place.kiosk.see(times=8)
    assert isinstance(place.kiosk.state, Idle)
    place.see(*["ann"] * RUN)
    place.kiosk.hear()
    assert place.let_in == ["ann"]
    assert [f.recovered for f in place.kiosk.faults] == [False, True]


def test_after_a_failure_the_models_are_left_alone_for_a_pause(place: Place) -> None:
    place.see(GONE)
    place.see(*["ann"] * (round(PAUSE_SECONDS / FRAME) - 1))
    assert place.faces.made == []
    place.see("ann", "ann")
    assert place.faces.made != []


def test_a_failure_forgets_the_run(place: Place) -> None:
    place.see(*["ann"] * (RUN - 1))
    place.see(GONE)
    assert kept(place) == []
    assert place.let_in == []
    assert isinstance(place.kiosk.state, Acquiring)
    assert Instant(place.kiosk.now) == place.kiosk.seen[-1].at


def test_frames_that_are_passed_over_break_no_run(place: Place) -> None:
    place.see("ann")
    seen = place.kiosk.seen[-1]
    (probe,) = seen.probes
    passed = replace(probe, quality=None, pad=None, candidates=None, passed_over=True)
    place.identification.follow(replace(seen, probes=(passed,)))
    assert kept(place) != []
    place.identification.follow(replace(seen, probes=(replace(passed, passed_over=False),)))
    assert kept(place) == []
