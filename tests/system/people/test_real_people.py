"""Real people walk up to the kiosk's real models, store, journal and (simulated) door."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from chosen import few_first
from filmed_people import composed, dimmed, inset, recorded, shrunk, side_by_side
from real_kiosk import RealKiosk, Visit
from strangers import keeps_no_more_than_is_said

from config.sections.vision.lane import LaneSettings
from config.settings import Settings
from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

References = Mapping[str, Sequence[Template]]
Strips = Callable[[Sequence[Path]], Sequence[Pixels]]
EVERYBODY = evaluation_data.people()
SLOW = 4.0
"""Frames a second of a film in which nobody is decided on before the session's time is over."""


@pytest.fixture
def everybody(kiosk: RealKiosk, references: References) -> RealKiosk:
    """A kiosk at which all of them are enrolled."""
    for person, templates in references.items():
        kiosk.enrol(person, templates)
    return kiosk


def test_five_frames_make_references_of_everybody(references: References) -> None:
    """R1, R20: the gate lets the frames of an ordinary webcam pass."""
    assert {person: len(kept) >= 3 for person, kept in references.items()} == dict.fromkeys(
        EVERYBODY, True
    )


@pytest.mark.parametrize("person", few_first(EVERYBODY, 3))
def test_an_enrolled_person_is_let_in_as_themselves(everybody: RealKiosk, person: str) -> None:
    """R17, R19, R23, R54: identity, life and a clear margin, each in the journal."""
    for name, frames in evaluation_data.walks(person).items():
        visit = everybody.watch(recorded(name, frames))
        assert visit.admitted == [person], name
        assert visit.door.releases == 1
        assert not visit.faults
        _explains_itself(visit)


def _explains_itself(visit: Visit) -> None:
    grant = [e.entry for e in visit.journal if e.entry.details.get("subject")]
    assert [entry.event for entry in grant] == ["recognised", "authorised", "released"]
    decision = grant[0].details
    score, threshold = decision["score"], decision["decision_threshold"]
    pad, pad_threshold = decision["pad"], decision["pad_threshold"]
    assert isinstance(score, float)
    assert isinstance(threshold, float)
    assert isinstance(pad, float)
    assert isinstance(pad_threshold, float)
    assert score >= threshold
    assert pad >= pad_threshold
    assert decision["probes"] == 10


@pytest.mark.parametrize("person", few_first(EVERYBODY, 3))
def test_a_stranger_is_not_let_in_while_everybody_else_is_enrolled(
    kiosk: RealKiosk, references: References, person: str
) -> None:
    """R18, R23: nobody is taken for somebody else."""
    for other, templates in references.items():
        if other != person:
            kiosk.enrol(other, templates)
    for name, frames in evaluation_data.walks(person).items():
        visit = kiosk.watch(recorded(name, frames))
        assert visit.admitted == []
        assert visit.door.releases == 0
        assert set(visit.reasons) <= {"not_recognised", "left"}
        lines = [e.entry.details for e in visit.journal if e.entry.event == "decision"]
        assert all(keeps_no_more_than_is_said(details) for details in lines)


def test_nobody_is_let_in_where_nobody_is_enrolled(
    kiosk: RealKiosk, references: References
) -> None:
    person = next(iter(references))
    name, frames = next(iter(evaluation_data.walks(person).items()))
    assert kiosk.watch(recorded(name, frames)).reasons == ["not_recognised"]


@pytest.mark.parametrize("person", few_first(EVERYBODY, 1))
def test_a_photograph_of_an_enrolled_person(everybody: RealKiosk, person: str) -> None:
    """R48: printed, held, moved and bent before the camera."""
    for name, frames in evaluation_data.recordings("print", person).items():
        visit = everybody.watch(recorded(name, frames))
        assert visit.admitted == [], name
        assert visit.door.releases == 0
        assert set(visit.reasons) <= {"presentation_attack", "left", "poor_view"}


# -- two at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize("person", few_first(EVERYBODY[::2], 1))
def test_two_enrolled_people_at_once(everybody: RealKiosk, strips: Strips, person: str) -> None:
    """R10: two faces in the lane are nobody's turn."""
    other = _next_to(person)
    films = [next(iter(evaluation_data.walks(p).values())) for p in (person, other)]
    scene = _side_by_side(strips, *films)
    visit = everybody.watch(composed(f"two/{person}", scene, fps=SLOW))
    assert statistics.median(visit.faces) == 2
    assert visit.admitted == []
    assert visit.reasons[0] == "crowded"


@pytest.mark.parametrize("person", few_first(EVERYBODY[1::2], 1))
def test_a_living_person_beside_a_photograph_of_another(
    everybody: RealKiosk, strips: Strips, person: str
) -> None:
    """R10, R48: the living face lends its life to nobody, and the print its name to nobody."""
    live = next(iter(evaluation_data.walks(person).values()))
    paper = next(iter(evaluation_data.recordings("print", _next_to(person)).values()))
    visit = everybody.watch(composed(f"beside/{person}", _side_by_side(strips, live, paper)))
    assert statistics.median(visit.faces) == 2
    assert visit.admitted == []
    assert visit.door.releases == 0


def _side_by_side(strips: Strips, left: Sequence[Path], right: Sequence[Path]) -> list[Pixels]:
    return side_by_side(strips(left), strips(right))


def _next_to(person: str) -> str:
    return EVERYBODY[(EVERYBODY.index(person) + 1) % len(EVERYBODY)]


# -- one after the other -------------------------------------------------------------------------


@pytest.mark.parametrize("person", few_first(EVERYBODY[::2], 1))
def test_a_stranger_who_then_covers_their_face_with_a_photograph(
    kiosk: RealKiosk, references: References, person: str
) -> None:
    """R48: life shown before the photograph is not the photograph's, nor life shown after it."""
    victim = _next_to(person)
    kiosk.enrol(victim, references[victim])
    live = evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))
    paper = evaluation_data.pictures(
        next(iter(evaluation_data.recordings("print", victim).values()))
    )
    shown = [f for at in range(0, 32, 8) for f in (*live[at : at + 8], *paper[at : at + 8])]
    visit = kiosk.watch(composed(f"cover/{person}", shown))
    assert visit.admitted == []
    assert visit.door.releases == 0


# -- poor views ----------------------------------------------------------------------------------


@pytest.fixture
def walker(everybody: RealKiosk) -> Sequence[Path]:
    """Frames of somebody who would be let in."""
    assert everybody
    return next(iter(evaluation_data.walks(EVERYBODY[0]).values()))


def test_too_far_away(everybody: RealKiosk, walker: Sequence[Path]) -> None:
    """R8: nobody is measured, compared or written down."""
    visit = everybody.watch(composed("far", shrunk(walker, 0.45)))
    assert statistics.median(visit.faces) == 1
    assert visit.admitted == []
    assert visit.reasons == []


def test_the_same_person_as_far_away_where_the_lane_is_longer(
    everybody: RealKiosk, walker: Sequence[Path]
) -> None:
    """The distance alone was the reason."""
    longer = Settings(lane=LaneSettings(min_face=0.12))
    visit = everybody.with_settings(longer).watch(composed("far", shrunk(walker, 0.45)))
    assert visit.admitted == [EVERYBODY[0]]


def test_a_face_in_the_lane_with_too_few_pixels(
    everybody: RealKiosk, walker: Sequence[Path]
) -> None:
    """R8: near enough, but seen through a camera that shows less than 50 pixels of the face."""
    few = [_coarse(pixels) for pixels in evaluation_data.pictures(walker)]
    visit = everybody.watch(composed("coarse", few, fps=SLOW))
    assert visit.admitted == []
    assert visit.decided("defect")[0] == "too_far"


def _coarse(pixels: Pixels) -> Pixels:
    return np.asarray(cv2.resize(pixels, (160, 120), interpolation=cv2.INTER_AREA), np.uint8)


def test_too_dark(everybody: RealKiosk, walker: Sequence[Path]) -> None:
    """R5: refused for its light, and the journal says so."""
    visit = everybody.watch(composed("dark", dimmed(walker, 0.2), fps=SLOW))
    assert visit.admitted == []
    assert visit.reasons[0] == "poor_view"
    assert visit.decided("defect")[0] == "too_dark"


def test_a_bystander_far_behind_does_not_stop_the_person_in_front(
    everybody: RealKiosk, walker: Sequence[Path]
) -> None:
    """R10: only the face in the lane counts."""
    behind = evaluation_data.pictures(next(iter(evaluation_data.walks(EVERYBODY[-1]).values())))
    scene = [
        inset(front, back, 0.25, 0.14, 0.2)
        for front, back in zip(evaluation_data.pictures(walker), behind, strict=False)
    ]
    visit = everybody.watch(composed("bystander", scene))
    assert max(visit.whole) == 2
    assert visit.admitted == [EVERYBODY[0]]
