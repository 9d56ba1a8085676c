"""Finding faces: each once, ghosts never, in streams as in stills."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from contextlib import closing

import evaluation_data
import numpy as np
import pytest
from chosen import few_first
from evaluation_data import frame_of
from installed_engines import needs_reference

from hardware.camera.codec import cv2
from kiosk.domain.errors import ModelError
from kiosk.domain.ports import FaceFinder
from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from models.landmarks import MAX_FACES, FrameKind, MediaPipeFaceFinder, distinct
from models.loading import face_finder, photograph_finder

AHEAD, OPEN = Pose(0.0, 0.0, 0.0), EyeClosure(0.0, 0.0)


def face(x: float, y: float, size: float) -> Face:
    return Face(Box(x, y, size, size), np.zeros((478, 2), np.float32), AHEAD, OPEN)


class TestGhosts:
    """Tracking now and then finds one face twice, and a crowd of one is a door that stays shut."""

    def test_the_smaller_of_two_in_one_place_is_one(self) -> None:
        whole, ghost = face(100, 100, 200), face(150, 140, 90)
        assert list(distinct([ghost, whole])) == [whole]
        assert list(distinct([whole, ghost])) == [whole]

    def test_a_ghost_nearly_as_large_is_one(self) -> None:
        whole, ghost = face(100, 100, 200), face(104, 97, 195)
        assert list(distinct([ghost, whole])) == [whole]

    def test_three_finds_of_one_face_are_one_face(self) -> None:
        finds = [face(100, 100, 200), face(110, 105, 190), face(140, 140, 60)]
        assert len(distinct(finds)) == 1

    def test_two_people_cheek_by_cheek_are_two(self) -> None:
        """Boxes may overlap as long as neither's middle is inside the other."""
        assert len(distinct([face(100, 100, 200), face(230, 110, 180)])) == 2

    def test_a_child_before_an_adult_s_chest_is_somebody(self) -> None:
        assert len(distinct([face(100, 50, 200), face(150, 260, 80)])) == 2

    def test_nobody_is_nobody(self) -> None:
        assert list(distinct([])) == []


@pytest.mark.data
@pytest.mark.weights
class TestRealPeople:
    def test_everybody_at_the_webcam_is_found_where_they_are(
        self, face_in: Callable[[Pixels], Face], portraits: dict[str, Pixels]
    ) -> None:
        for person, pixels in portraits.items():
            found = face_in(pixels)
            assert found.mesh.shape == (478, 2), person
            assert found.box.contains(tuple(found.mesh[4])), person
            left_eye, right_eye, nose, chin = found.mesh[[468, 473, 4, 152]]
            assert left_eye[0] < nose[0] < right_eye[0], person
            assert left_eye[1] < nose[1] < chin[1], person

    @pytest.mark.parametrize("person", evaluation_data.people()[:3])
    def test_a_stream_finds_the_same_face_as_stills(self, stills: FaceFinder, person: str) -> None:
        frames = evaluation_data.pictures(evaluation_data.for_enrolment(person))
        loaded = evaluation_data.pack()
        with closing(face_finder(loaded.pack, loaded.files, FrameKind.STREAM)) as stream:
            for index, pixels in enumerate(frames):
                frame = frame_of(pixels, index)
                (tracked,), (still,) = _largest(stream, frame), _largest(stills, frame)
                assert tracked.box.overlap(still.box) > 0.8

    def test_time_that_stands_still_does_not_stop_a_stream(
        self, portraits: dict[str, Pixels]
    ) -> None:
        """MediaPipe refuses a time that does not rise; a camera's clock may be coarse."""
        (pixels, *_) = portraits.values()
        loaded = evaluation_data.pack()
        with closing(face_finder(loaded.pack, loaded.files, FrameKind.STREAM)) as stream:
            for at in (1.0, 1.0, 1.0001, 0.2):
                assert stream.find(Frame(pixels, Instant(at), 0))

    def test_no_more_faces_than_are_asked_for(
        self, stills: FaceFinder, portraits: dict[str, Pixels]
    ) -> None:
        """A wall of photographs costs no more than a small crowd."""
        row = [pixels[40:400, 180:460] for pixels in portraits.values()]
        half = np.vstack([np.hstack(row[:4]), np.hstack(row[-4:])])
        found = stills.find(frame_of(half))
        assert 2 <= len(found) < MAX_FACES[FrameKind.STILLS]
        assert not found.full
        loaded = evaluation_data.pack()
        stream = face_finder(loaded.pack, loaded.files, FrameKind.STREAM)
        with closing(stream):
            many = [stream.find(frame_of(half, index)) for index in range(5)][-1]
        assert len(many) <= MAX_FACES[FrameKind.STREAM]
        counts = loaded.pack.engine == "litert"
        assert many.full or counts or len(many) < MAX_FACES[FrameKind.STREAM]

    def test_an_empty_room_has_no_face(self, stills: FaceFinder) -> None:
        noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3), np.uint8)
        assert list(stills.find(frame_of(noise))) == []
        assert list(stills.find(frame_of(np.full((480, 640, 3), 128, np.uint8)))) == []


def _largest(finder: FaceFinder, frame: Frame) -> list[Face]:
    return sorted(finder.find(frame), key=lambda found: -found.box.area)[:1]


@needs_reference
@pytest.mark.weights
def test_weights_that_mediapipe_does_not_understand() -> None:
    wrong = evaluation_data.pack().files["embedding"]
    with pytest.raises(ModelError, match="cannot be loaded by MediaPipe"):
        MediaPipeFaceFinder(wrong, FrameKind.STILLS)


@needs_reference
@pytest.mark.weights
def test_collected_garbage_never_calls_mediapipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be collected in the middle of another call, which would then wait for itself."""
    weights = evaluation_data.pack().files["landmarks"]
    with closing(MediaPipeFaceFinder(weights, FrameKind.STILLS)) as kept:
        calls: list[bool] = []
        close = type(kept._landmarker).close
        monkeypatch.setattr(
            type(kept._landmarker), "close", lambda it: (calls.append(bool(it._handle)), close(it))
        )
        left_open = MediaPipeFaceFinder(weights, FrameKind.STILLS)
        gone = weakref.ref(left_open)
        circle: list[object] = [left_open]
        circle.append(circle)
        del left_open, circle
        gc.collect()
        assert gone() is None
        assert calls == []
        MediaPipeFaceFinder(weights, FrameKind.STILLS).close()
        assert calls.count(True) == 2


@pytest.mark.weights
@pytest.mark.data
@pytest.mark.parametrize("shape", few_first([(4000, 6000), (3000, 4000)], 1))
def test_a_face_of_200_px_in_a_large_photograph(
    portraits: dict[str, Pixels], shape: tuple[int, int]
) -> None:
    loaded = evaluation_data.pack()
    rng = np.random.default_rng(5)
    with closing(photograph_finder(loaded.pack, loaded.files)) as finder:
        for pixels in list(portraits.values())[:3]:
            (face,) = finder.find(frame_of(pixels))
            k = 200 / min(face.box.width, face.box.height)
            person = cv2.resize(pixels, None, fx=k, fy=k)
            high, wide = person.shape[:2]
            wall = np.full((*shape, 3), (150, 160, 170), np.uint8)
            top, left = int(rng.integers(shape[0] - high)), int(rng.integers(shape[1] - wide))
            wall[top : top + high, left : left + wide] = person
            (found,) = finder.find(frame_of(wall))
            meant = np.array(face.box.centre) * k + (left, top)
            assert np.hypot(*(meant - found.box.centre)) < 20
