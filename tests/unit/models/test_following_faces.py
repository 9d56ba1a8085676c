"""How faces are followed, and when the detector has to look: rules of security; no networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import pytest

from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose
from kiosk.domain.vision.frame import Frame, Instant
from models.faces.finder import LOOK_FRAMES, LOOK_SECONDS, LiteRtStillsFinder, LiteRtStreamFinder
from models.faces.mesh import Points
from models.faces.region import LEFT_EYE, RIGHT_EYE, Region
from models.landmarks import MAX_FACES, FrameKind

SIDE = 100.0
FAST = 0.01
Place = tuple[float, float]


def landmarks(place: Place, side: float = SIDE) -> Points:
    """A square of landmarks about a place, with level eyes."""
    made = np.zeros((478, 3), np.float32)
    made[:, :2] = place
    made[0, :2] = np.array(place) - side / 2
    made[1, :2] = np.array(place) + side / 2
    made[LEFT_EYE, 0] -= 10
    made[RIGHT_EYE, 0] += 10
    return made


class Scene:
    """Networks that see the faces that a test puts somewhere.

    Attributes:
        there: faces that are there, for both networks.
        ghosts: what only the detector takes for a face.
        looks: how often the detector looked.
        measured: the regions that the mesh network was asked about.
    """

    def __init__(self, *there: Place) -> None:
        self.there = list(there)
        self.ghosts: list[Place] = []
        self.looks = 0
        self.measured: list[Region] = []

    def regions(self, _: Frame) -> Sequence[Region]:
        self.looks += 1
        return [Region.around(landmarks(place)[:, :2]) for place in (*self.ghosts, *self.there)]

    def points(self, _: Frame, region: Region) -> Points | None:
        self.measured.append(region)
        near = min(self.there, key=lambda place: _away(place, region), default=None)
        if near is None or _away(near, region) > SIDE:
            return None
        return landmarks(near)

    def face(self, _: Frame, points: Points) -> Face:
        mesh = points[:, :2]
        (x, y), (wide, high) = mesh.min(axis=0), np.ptp(mesh, axis=0)
        box = Box(float(x), float(y), float(wide), float(high))
        return Face(box, mesh, Pose(0, 0, 0), EyeClosure(0, 0))


def _away(place: Place, region: Region) -> float:
    return float(np.hypot(place[0] - region.x, place[1] - region.y))


def frame(number: int = 0, seconds: float = FAST, size: tuple[int, int] = (480, 640)) -> Frame:
    return Frame(np.zeros((*size, 3), np.uint8), Instant(number * seconds), number)


def stream(scene: Scene) -> LiteRtStreamFinder:
    return LiteRtStreamFinder(cast("Any", scene))


A, B, C = (100.0, 100.0), (300.0, 100.0), (500.0, 100.0)


def test_the_detector_looks_in_every_third_frame_while_a_face_is_followed() -> None:
    finder = stream(Scene(A))
    looked = [finder.find(frame(number)).looked for number in range(9)]
    assert LOOK_FRAMES == 3
    assert looked == [True, False, False] * 3


def test_a_slow_camera_does_not_make_the_detector_look_less_often() -> None:
    finder = stream(Scene(A))
    assert all(finder.find(frame(n, LOOK_SECONDS * 1.01)).looked for n in range(5))


def test_a_clock_that_goes_back_makes_it_look() -> None:
    finder = stream(Scene(A))
    finder.find(frame(5))
    assert finder.find(frame(4)).looked


def test_it_looks_in_each_frame_while_nobody_is_there() -> None:
    scene = Scene()
    finder = stream(scene)
    assert all(finder.find(frame(number)).looked for number in range(5))
    scene.there = [A]
    assert len(finder.find(frame(5))) == 1


def test_somebody_who_steps_in_between_two_looks_is_seen_at_the_next() -> None:
    scene = Scene(A)
    finder = stream(scene)
    finder.find(frame(0))
    scene.there.append(B)
    found = [finder.find(frame(number)) for number in (1, 2, 3)]
    assert [(len(f), f.looked) for f in found] == [(1, False), (1, False), (2, True)]


def test_a_look_that_is_asked_for_sees_them_at_once_and_keeps_the_followed_face() -> None:
    scene = Scene(A)
    finder = stream(scene)
    finder.find(frame(0))
    scene.there.append(B)
    followed = finder.find(frame(1))
    found = finder.look(frame(1), followed)
    assert found.looked
    assert len(found) == 2
    assert followed[0] in found.faces, "what was measured of it stays true"
    assert not finder.find(frame(2)).looked, "it counts as a look"


def test_a_lost_face_is_looked_for_in_the_same_frame() -> None:
    scene = Scene(A, B)
    finder = stream(scene)
    finder.find(frame(0))
    scene.there = [A, C]
    found = finder.find(frame(1))
    assert found.looked
    assert sorted(face.box.centre for face in found) == [A, C]


def test_a_face_that_moved_far_is_measured_again_where_it_is() -> None:
    scene = Scene(A)
    finder = stream(scene)
    finder.find(frame(0))
    scene.measured.clear()
    scene.there = [(104.0, 100.0)]
    finder.find(frame(1))
    assert [region.x for region in scene.measured] == [100.0]
    scene.measured.clear()
    scene.there = [(120.0, 100.0)]
    (moved,) = finder.find(frame(2))
    assert [region.x for region in scene.measured] == [104.0, 120.0]
    assert moved.box.centre == (120.0, 100.0)


def test_two_that_are_followed_into_one_place_are_one_and_the_other_is_looked_for() -> None:
    """One covers the other, or jumps before them: the lost place is not kept for a ghost."""
    scene = Scene(A, (190.0, 100.0))
    finder = stream(scene)
    assert len(finder.find(frame(0))) == 2
    scene.there = [(145.0, 100.0)]
    found = finder.find(frame(1))
    assert found.looked
    assert len(found) == 1


def test_what_the_mesh_network_rejects_is_no_face_and_takes_no_place() -> None:
    scene = Scene(A)
    scene.ghosts = [B, C]
    finder = stream(scene)
    for number in range(7):
        assert len(finder.find(frame(number))) == 1


def test_a_detection_never_takes_the_place_of_a_followed_face() -> None:
    """A face printed small beside the followed one is one more, whoever is surer to be a face."""
    scene = Scene(A)
    finder = stream(scene)
    finder.find(frame(0))
    scene.there = [B, A]
    found = [finder.find(frame(number)) for number in (1, 2, 3)][-1]
    assert sorted(face.box.centre for face in found) == [A, B]


@pytest.mark.parametrize("more", [0, 1, 5])
def test_faces_beyond_those_that_are_followed_are_noticed(more: int) -> None:
    most = MAX_FACES[FrameKind.STREAM]
    scene = Scene(*[(200.0 * place, 100.0) for place in range(most + more)])
    finder = stream(scene)
    found = [finder.find(frame(number)) for number in range(4)]
    assert {len(f) for f in found} == {most}
    assert {f.full for f in found} == {more > 0}, "also in the frames in which nobody looked"
    stills = LiteRtStillsFinder(cast("Any", Scene(*[(200.0 * x, 0.0) for x in range(10 + more)])))
    assert stills.find(frame()).full is (more > 0)


def test_a_wall_of_detections_costs_no_more_than_there_is_room_for() -> None:
    scene = Scene(A)
    scene.ghosts = [(200.0 * place, 400.0) for place in range(50)]
    found = stream(scene).find(frame())
    assert len(scene.measured) == MAX_FACES[FrameKind.STREAM]
    assert found.full, "whatever was not measured may be a face"


def test_a_camera_that_changes_its_size_is_searched_anew() -> None:
    finder = stream(Scene(A))
    finder.find(frame(0))
    assert finder.find(frame(1, size=(640, 480))).looked


def test_stills_are_searched_each() -> None:
    scene = Scene(A)
    finder = LiteRtStillsFinder(cast("Any", scene))
    found = [finder.find(frame(number)) for number in range(3)]
    assert all(f.looked for f in found)
    assert scene.looks == 3


def test_a_still_is_searched_for_faces_beside_those_that_another_found() -> None:
    scene = Scene(A, B)
    finder = LiteRtStillsFinder(cast("Any", scene))
    known = scene.face(frame(), landmarks((A[0] + 4, A[1])))
    found = finder.look(frame(), Found((known,), looked=False))
    assert [face.box.centre for face in found] == [(A[0] + 4, A[1]), B]
    assert any(face is known for face in found), "it stays as it is"
    assert [(region.x, region.y) for region in scene.measured] == [B], "and is not measured again"
    assert found.looked


def test_a_face_near_a_known_one_is_measured() -> None:
    """Hidden would be whoever stands so close that not even their region is another."""
    near = (A[0] + SIDE, A[1])
    scene = Scene(A, near)
    known = scene.face(frame(), landmarks(A))
    found = LiteRtStillsFinder(cast("Any", scene)).look(frame(), Found((known,), looked=False))
    assert [face.box.centre for face in found] == [A, near]


@pytest.mark.parametrize("more", [0, 1])
def test_known_faces_take_their_places_in_a_still(more: int) -> None:
    most = MAX_FACES[FrameKind.STILLS]
    places = [(200.0 * place, 0.0) for place in range(most + more)]
    scene = Scene(*places)
    known = Found(tuple(scene.face(frame(), landmarks(p)) for p in places[:3]), looked=False)
    found = LiteRtStillsFinder(cast("Any", scene)).look(frame(), known)
    assert len(found) == most
    assert found.full is (more > 0)


def test_nobody_is_followed_any_more_after_closing() -> None:
    finder = stream(Scene(A))
    finder.find(frame(0))
    finder.close()
    assert finder.find(frame(1)).looked
