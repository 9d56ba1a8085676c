"""What lies between the networks: regions, anchors, suppression, the bundle and face geometry."""

from __future__ import annotations

import math
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hardware.camera.codec import cv2
from kiosk.domain.errors import ModelError
from models.faces import bundle
from models.faces.bundle import GEOMETRY, MEMBERS, read_bundle
from models.faces.detector import anchors, blended
from models.faces.geometry import CANONICAL, FaceGeometry
from models.faces.network import TaskNetwork
from models.faces.region import LEFT_EYE, RIGHT_EYE, Region, crop_of


class TestRegions:
    def test_a_crop_shows_what_is_in_the_turned_square(self) -> None:
        """The corner of the crop lies where the square's corner lies in the frame."""
        region = Region(100.0, 80.0, 40.0, math.radians(90))
        corner = region.onto_frame(256) @ (0, 0, 1)
        assert corner == pytest.approx((120.0, 60.0))
        assert region.onto_frame(256) @ (128, 128, 1) == pytest.approx((100.0, 80.0))

    def test_colours_come_as_red_green_blue(self) -> None:
        pixels = np.full((50, 50, 3), (1, 2, 3), np.uint8)
        crop = crop_of(pixels, Region(25, 25, 20, 0).onto_frame(8), 8, cv2.BORDER_CONSTANT)
        assert crop.shape == (1, 8, 8, 3)
        assert crop.dtype == np.float32
        assert (crop == (3, 2, 1)).all()

    def test_the_next_region_levels_the_eyes(self) -> None:
        mesh = np.full((478, 2), 50.0, np.float32)
        mesh[0], mesh[1] = (10, 30), (90, 70)
        mesh[LEFT_EYE], mesh[RIGHT_EYE] = (40, 40), (60, 60)
        region = Region.around(mesh)
        assert (region.x, region.y, region.side) == (50, 50, 120)
        assert region.angle == pytest.approx(math.radians(45))

    def test_landmarks_in_one_point_are_a_region_of_a_size(self) -> None:
        region = Region.around(np.zeros((478, 2), np.float32))
        assert Region(3.0, 4.0, 10.0, 0.0).moved_from(region) == 5.0


class TestDetections:
    def test_two_anchors_a_cell_then_six(self) -> None:
        made = anchors()
        assert made.shape == (896, 2)
        assert made[:4].tolist() == [[1 / 32, 1 / 32]] * 2 + [[3 / 32, 1 / 32]] * 2
        assert made[512:519].tolist() == [[1 / 16, 1 / 16]] * 6 + [[3 / 16, 1 / 16]]
        assert made[-1].tolist() == [15 / 16, 15 / 16]

    def test_detections_of_one_face_are_blended_by_their_scores(self) -> None:
        rows = np.zeros((3, 8, 2), np.float32)
        rows[:, 1] = 0.2
        rows[:, 0, 0] = 0.5, 0.52, 0.9
        one, other = blended(rows, np.array([0.9, 0.6, 0.5], np.float32))
        assert one[0, 0] == pytest.approx((0.5 * 0.9 + 0.52 * 0.6) / 1.5)
        assert other[0, 0] == pytest.approx(0.9)

    def test_a_detection_without_a_size_is_one(self) -> None:
        assert len(blended(np.zeros((2, 8, 2), np.float32), np.ones(2, np.float32))) == 2

    def test_no_detection_is_none(self) -> None:
        assert blended(np.zeros((0, 8, 2), np.float32), np.zeros(0, np.float32)) == []


class TestBundle:
    def archive(self, path: Path, *names: str) -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"x" * 100)
        return path

    def test_every_member_is_read(self, tmp_path: Path) -> None:
        assert set(read_bundle(self.archive(tmp_path / "a.task", *MEMBERS))) == set(MEMBERS)

    def test_what_is_no_archive_or_lacks_a_member_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "no.task").write_bytes(b"no zip")
        for path in (
            tmp_path / "absent.task",
            tmp_path / "no.task",
            self.archive(tmp_path / "b.task", *MEMBERS[1:]),
        ):
            with pytest.raises(ModelError, match=f"{path.name} cannot be loaded by LiteRT"):
                read_bundle(path)

    def test_a_member_that_would_fill_the_memory_is_refused(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bundle, "MOST_BYTES", 99)
        with pytest.raises(ModelError):
            read_bundle(self.archive(tmp_path / "a.task", *MEMBERS))

    def test_a_member_that_is_no_network_is_named(self) -> None:
        with pytest.raises(ModelError, match=r"face\.tflite cannot be loaded by LiteRT"):
            TaskNetwork(b"no network at all, but long enough", "face.tflite")


def message(number: int, value: bytes) -> bytes:
    """A field of protobuf's wire format that holds bytes."""
    size, length = len(value), b""
    while size > 127:
        size, length = size >> 7, length + bytes([size & 127 | 128])
    return bytes([number << 3 | 2]) + length + bytes([size]) + value


def metadata(vertices: int = CANONICAL, landmark: int = 467) -> bytes:
    """A canonical face of random points, of which four count."""
    points = np.random.default_rng(1).normal(size=(vertices, 5)).astype("<f4")
    points[:, :3] *= 5
    places = (None, 33, 263, landmark)
    made = message(1, message(3, points.tobytes()))
    for place in places:
        index = b"" if place is None else b"\x08" + varint(place)
        made += message(2, index + b"\x15" + struct.pack("<f", 0.5))
    return made


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


class TestGeometry:
    def test_a_face_far_away_that_is_turned_is_solved_for_its_rotation(self) -> None:
        """Far away, perspective does not matter: the landmarks are projected in parallel."""
        geometry = FaceGeometry({GEOMETRY: metadata()})
        points = np.random.default_rng(1).normal(size=(CANONICAL, 5)).astype("<f4")[:, :3] * 5
        c, s = math.cos(0.3), math.sin(0.3)
        turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        seen = np.zeros((478, 3), np.float32)
        seen[:CANONICAL] = (points @ turn.T) * (0.02, -0.02, -0.02)
        seen[:, :2] += (320, 240)
        matrix = geometry.matrix(seen, 640, 480)
        rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
        assert rotation == pytest.approx(turn, abs=0.02)
        assert np.linalg.det(matrix[:3, :3]) > 0

    @pytest.mark.parametrize(
        "data",
        [metadata(vertices=467), metadata(landmark=468), metadata()[:-3], b"", b"\xff" * 40],
        ids=["too few vertices", "a landmark that is none", "truncated", "empty", "noise"],
    )
    def test_a_canonical_face_that_is_none_is_refused(self, data: bytes) -> None:
        with pytest.raises(ModelError):
            FaceGeometry({GEOMETRY: data})
