"""What an enrolment sees of a frame: without consent nothing is measured, and no template made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest
from doorway import MEASURES
from enrolling import ANN, POLICY, Visit, template

from config.settings import Settings
from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.events import CodesRead
from kiosk.domain.enrolment.looked import Looked
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.enrolment.states import Consenting, Dormant, EnrolmentState, Layer
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import UNSEEN, Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.lane import Lane
from kiosk.domain.vision.quality import Defect, QualityMeasures
from kiosk.domain.vision.template import Template
from kiosk.pipeline.enrolment.observer import (
    CODES_SECONDS,
    MEASURE_SECONDS,
    EnrolmentGates,
    EnrolmentSight,
    EnrolmentVision,
)
from kiosk.pipeline.stopwatch import Stopwatch

LANE = Lane(0.5, 0.5, 0.9, 0.21, 0.7, 0.1)
"""Before a camera of 640x480: an oval from x 158 to 482 and from y 24 to 456."""


def face(x: float = 320, y: float = 240, high: float = 160) -> Face:
    box = Box(x - high * 0.45, y - high / 2, high * 0.9, high)
    return Face(box, np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


class Spy:
    """Every model at once: it sees what it is told to, and counts what it is asked for."""

    def __init__(self) -> None:
        self.found = Found((face(),))
        self.searched: Found | None = None
        self.measures: QualityMeasures = MEASURES
        self.pad = 1.0
        self.asked: list[str] = []

    def find(self, frame: Frame) -> Found:  # noqa: ARG002 - whatever it shows
        return self.found

    def look(self, frame: Frame, found: Found) -> Found:  # noqa: ARG002 - whatever it shows
        self.asked.append("look")
        return self.searched or replace(found, looked=True)

    def measure(self, *_: object) -> QualityMeasures:
        self.asked.append("measure")
        return self.measures

    def assess(self, *_: object) -> PadResult:
        self.asked.append("assess")
        return PadResult(self.pad, "test/1")

    def extract(self, *_: object) -> Template:
        self.asked.append("extract")
        return template("ann")

    def read(self, frame: Frame) -> Sequence[str]:  # noqa: ARG002 - whatever it shows
        self.asked.append("read")
        return ("LINTEL-YES",)


class Before:
    """Enrolment vision before a camera."""

    def __init__(self, spy: Spy) -> None:
        bounds = Settings().quality.bounds()
        gates = EnrolmentGates(LANE, Settings().lane.tracking(), bounds, 0.4)
        sight = EnrolmentSight(*(cast("Any", spy),) * 5)
        self.vision = EnrolmentVision(sight, gates, Stopwatch())
        self.now = 100.0

    def sees(self, state: EnrolmentState, *, after: float = 1.0, still: bool = False) -> Looked:
        *_, looked = self.events(state, after, still=still)
        assert isinstance(looked, Looked)
        return looked

    def events(
        self, state: EnrolmentState, after: float, *, still: bool = False
    ) -> Sequence[object]:
        self.now += after
        pixels = np.zeros((480, 640, 3), np.uint8)
        return self.vision.observe(Frame(pixels, Instant(self.now), 0, still=still), state)


def states() -> dict[str, EnrolmentState]:
    """A state of every kind that a whole enrolment and a look at one's data come through."""
    visit, data = Visit(replace(POLICY, asks_picture=True)), Visit()
    visit.agree()
    visit.touch(Answer.YES)
    visit.turn(*PoseDirection)
    data.my_data()
    every = [Dormant(), *(move.state for move in (*visit.moves, *data.moves))]
    return {type(state).__name__: state for state in every}


STATES = states()
AFTER_CONSENT = {"Capturing", "Recognising"}


def test_every_kind_of_state_is_looked_at() -> None:
    assert STATES.keys() >= AFTER_CONSENT | {"Consenting", "Committing", "Judging", "ShowingData"}


@pytest.mark.parametrize("name", sorted(STATES))
def test_a_template_is_made_after_the_consent_and_at_no_other_time(name: str) -> None:
    """R73: of somebody enrolled, who asks for their data, under the consent of their enrolment."""
    spy = Spy()
    looked = Before(spy).sees(STATES[name])
    made = looked.faces[0].template is not None
    assert made is ("extract" in spy.asked) is (name in AFTER_CONSENT)
    if name not in AFTER_CONSENT:
        assert spy.asked == ["read"], "nothing of the face is measured either"


def test_until_the_consent_of_a_whole_visit_nothing_is_made_of_a_face() -> None:
    """R73, by a spy: a person who stands there from the code to the answer, in every frame."""
    spy, visit = Spy(), Visit()
    before = Before(spy)
    visit.invite()
    layers = set()
    while not (isinstance(visit.state, Consenting) and visit.state.layer is Layer.CHOICE):
        assert isinstance(visit.state, Consenting)
        layers.add(visit.state.layer)
        before.sees(visit.state, after=0.125)
        visit.see(ANN)
    for _ in range(100):
        before.sees(visit.state, after=0.125)
    assert layers == {Layer.HELLO, Layer.WHAT, Layer.USE}
    assert set(spy.asked) == {"read"}
    visit.touch(Answer.YES)
    before.sees(visit.state, after=0.125)
    assert spy.asked[-4:] == ["measure", "assess", "extract", "read"]


# -- gates ---------------------------------------------------------------------------------------

CAPTURING = STATES["Capturing"]


def test_a_poor_view_comes_to_no_attack_detector_and_no_extractor() -> None:
    spy = Spy()
    spy.measures = replace(MEASURES, sharpness=1.0)
    (seen,) = Before(spy).sees(CAPTURING).faces
    assert spy.asked == ["measure", "read"]
    assert (seen.pad, seen.template) == (None, None)


def test_a_picture_of_a_face_comes_to_no_extractor() -> None:
    spy = Spy()
    spy.pad = 0.1
    (seen,) = Before(spy).sees(CAPTURING).faces
    assert spy.asked == ["measure", "assess", "read"]
    assert seen.pad is not None
    assert seen.template is None


@pytest.mark.parametrize(
    ("found", "count"),
    [
        (Found((face(), face(200))), 2),
        (Found((face(),), around=(face(420),)), 2),
        (Found((face(),), full=True), 2),
        (Found(), 0),
    ],
    ids=["two", "one beside", "more than are counted", "nobody"],
)
def test_nobody_is_measured_who_is_not_alone(found: Found, count: int) -> None:
    spy = Spy()
    spy.found = found
    looked = Before(spy).sees(CAPTURING)
    assert len(looked.faces) == count
    assert spy.asked == ["read"]
    assert all(seen.track != UNSEEN for seen in looked.faces[: len(found.faces)])


def test_a_frame_in_which_faces_were_only_followed_is_searched_before_anything_is_taken() -> None:
    spy = Spy()
    spy.found = Found((face(),), looked=False)
    looked = Before(spy).sees(CAPTURING)
    assert looked.searched
    assert spy.asked[0] == "look"
    spy.searched = Found((face(), face(200)), looked=True)
    assert len(Before(spy).sees(CAPTURING).faces) == 2


def test_before_the_consent_a_frame_is_not_searched_for_that() -> None:
    spy = Spy()
    spy.found = Found((face(),), looked=False)
    assert not Before(spy).sees(STATES["Consenting"]).searched
    assert spy.asked == ["read"]


def test_a_face_that_is_not_wholly_inside_is_not_acceptable() -> None:
    spy = Spy()
    spy.found = Found((face(200),))
    (seen,) = Before(spy).sees(CAPTURING).faces
    assert not seen.inside
    assert seen.quality is not None
    assert seen.quality.defects
    assert "extract" not in spy.asked


def test_somebody_far_away_is_told_so() -> None:
    spy = Spy()
    spy.found = Found((face(high=60),))
    looked = Before(spy).sees(CAPTURING)
    assert (looked.faces, looked.outside) == ((), Defect.TOO_FAR)


def test_a_picture_that_stands_still_shows_nobody() -> None:
    spy = Spy()
    before = Before(spy)
    (first,) = before.sees(CAPTURING).faces
    assert before.sees(CAPTURING, still=True).faces == ()
    (second,) = before.sees(CAPTURING, after=0.1).faces
    assert first.track != second.track


def test_a_face_is_measured_as_often_as_at_the_door() -> None:
    spy = Spy()
    before = Before(spy)
    for _ in range(8):
        before.sees(CAPTURING, after=0.55 * MEASURE_SECONDS)
    assert spy.asked.count("extract") == 4


def test_codes_are_looked_for_from_time_to_time() -> None:
    spy = Spy()
    before = Before(spy)
    read = [
        event for _ in range(20) for event in before.events(STATES["Consenting"], CODES_SECONDS / 4)
    ]
    codes = [event for event in read if isinstance(event, CodesRead)]
    assert 4 <= len(codes) <= 6
    assert codes[0].texts == {"LINTEL-YES"}


# -- pictures that may be kept -------------------------------------------------------------------


@pytest.mark.parametrize("agreed", [True, False])
def test_a_picture_is_cut_only_of_whoever_agreed_to_it(agreed: bool) -> None:  # noqa: FBT001 - a case
    visit = Visit(replace(POLICY, asks_picture=True))
    visit.agree()
    visit.touch(Answer.YES if agreed else Answer.NO)
    (seen,) = Before(Spy()).sees(visit.state).faces
    assert (seen.picture is not None) is agreed
    if seen.picture is not None:
        assert seen.picture.base is None, "no frame is kept with it"
