"""Small prints at the picture's edge neither hide who is in the lane nor blind the kiosk."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from chosen import few_first
from filmed_people import composed, side_by_side
from real_kiosk import RealKiosk

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template

pytestmark = [pytest.mark.data, pytest.mark.weights]

References = Mapping[str, Sequence[Template]]
Strips = Callable[[Sequence[Path]], Sequence[Pixels]]
EVERYBODY = evaluation_data.people()
SHRINKING = 0.45
"""A head becomes as small as a bystander's or a poster's."""

EDGES = [(4, 4), (542, 4), (4, 314), (542, 314), (4, 159), (542, 159)]
"""Left and top of each print; the first ones first."""

WALL = [(x, y) for x in (4, 102, 444, 542) for y in (4, 159, 314)]
SLOW = 4.0


@pytest.fixture
def prints(strips: Strips) -> list[Pixels]:
    """Heads of everybody, as small prints."""
    firsts = [strips(evaluation_data.for_enrolment(person))[0] for person in EVERYBODY]
    return [_small(head[60:420]) for head in firsts]


def _small(head: Pixels) -> Pixels:
    small = cv2.resize(head, None, fx=SHRINKING, fy=SHRINKING, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def pasted(
    shown: Sequence[Pixels], prints: Sequence[Pixels], places: Sequence[tuple[int, int]]
) -> list[Pixels]:
    """The same frames with a print in each place."""
    scenes = [pixels.copy() for pixels in shown]
    for scene in scenes:
        for number, (left, top) in enumerate(places):
            small = prints[number % len(prints)]
            scene[top : top + small.shape[0], left : left + small.shape[1]] = small
    return scenes


def empty(like: Pixels) -> Pixels:
    """A room in which nobody stands."""
    return np.asarray(cv2.GaussianBlur(like, (0, 0), 60), np.uint8)


@pytest.mark.parametrize("count", few_first([2, 3, 4, 6], 1))
def test_an_enrolled_person_comes_after_prints_at_the_edge(
    kiosk: RealKiosk, references: References, prints: list[Pixels], count: int
) -> None:
    """The finder had found the prints first, and has places left for the person."""
    person = EVERYBODY[0]
    kiosk.enrol(person, references[person])
    walk = evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))
    shown = [empty(walk[0])] * 15 + list(walk)
    visit = kiosk.watch(composed(f"edge/{count}", pasted(shown, prints[1:], EDGES[:count])))
    assert max(visit.whole) >= count, "the prints can be found"
    assert visit.admitted == [person]


@pytest.mark.long
@pytest.mark.parametrize("count", [2, 3, 4, 6])
def test_a_second_person_in_the_lane_is_seen_beside_prints_at_the_edge(
    kiosk: RealKiosk, references: References, strips: Strips, prints: list[Pixels], count: int
) -> None:
    """R10: whoever else hangs there, two in the lane are nobody's turn."""
    for person, templates in references.items():
        kiosk.enrol(person, templates)
    pair = [strips(next(iter(evaluation_data.walks(p).values()))) for p in EVERYBODY[:2]]
    scene = side_by_side(*pair)
    shown = [empty(scene[0])] * 4 + scene
    film = composed(f"edge-two/{count}", pasted(shown, prints[2:], EDGES[:count]), fps=SLOW)
    visit = kiosk.watch(film)
    assert visit.admitted == []
    assert visit.reasons[0] == "crowded"
    assert statistics.median(visit.faces) >= 2


@pytest.mark.long
def test_more_faces_than_can_be_told_apart_are_shown_and_written_down(
    kiosk: RealKiosk, references: References, prints: list[Pixels]
) -> None:
    """A finder that is full may have missed somebody: nobody is alone, and the journal says so."""
    person = EVERYBODY[0]
    kiosk.enrol(person, references[person])
    walk = evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))
    visit = kiosk.watch(composed("wall", pasted(walk, prints[1:], WALL), fps=SLOW))
    assert visit.admitted == []
    assert visit.door.releases == 0
    assert visit.reasons[0] == "crowded"
    assert visit.decided("reason")[0] == "crowded"
