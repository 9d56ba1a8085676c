"""Candidate cues of attacks on drawn frames: each tells what it is named for, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cues
import cv2
import numpy as np
import pytest
from cues import SILENT, FilmedFace, Run

from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose
from kiosk.domain.vision.frame import Pixels

FRAMES = 12
SIDE = 100
"""The face's width and height, pixels."""
Place = tuple[float, float]
Painted = Callable[[Pixels, Place], object]


def steps(reach: float = 12.0) -> Sequence[Place]:
    """Where the face's middle is, frame by frame."""
    return [(320 + reach * np.sin(at), 240 + reach * np.cos(1.7 * at)) for at in range(FRAMES)]


def face(middle: Place, mesh: np.ndarray | None = None) -> Face:
    (x, y) = middle
    box = Box(x - SIDE / 2, y - SIDE / 2, SIDE, SIDE)
    if mesh is None:
        mesh = np.zeros((478, 2), np.float32)
        for at, place in zip(cues.EYES_AND_MOUTH, cues.PLACES, strict=True):
            mesh[at] = (x, y) + (place - 32) * 1.5
    return Face(box, mesh.astype(np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


def filmed(paint: Painted, where: Sequence[Place]) -> Run:
    """A grainy grey room, and what is painted for each place of the face."""
    chance, run = np.random.default_rng(1), []
    for middle in where:
        pixels = np.full((480, 640, 3), 120, np.uint8)
        paint(pixels, middle)
        grainy = pixels + chance.normal(0, 2, pixels.shape)
        run.append(FilmedFace(np.clip(grainy, 0, 255).astype(np.uint8), face(middle)))
    return run


def room(pixels: Pixels, _: Place) -> None:
    cv2.circle(pixels, (100, 100), 60, (40, 40, 40), -1)


def rectangle(pixels: Pixels, middle: Place, reach: float = 1.2) -> None:
    """A white sheet round that place."""
    corners = [(round(c - reach * SIDE), round(c + reach * SIDE)) for c in middle]
    (left, right), (top, bottom) = corners
    cv2.rectangle(pixels, (left, top), (right, bottom), (220, 220, 220), -1)


def doorway(pixels: Pixels, _: Place) -> None:
    rectangle(pixels, (320, 240))


def test_edges_are_clear_on_three_sides_of_a_sheet_and_nowhere_in_a_room() -> None:
    assert cues.edges(filmed(rectangle, steps())) > 0.9
    assert cues.edges(filmed(room, steps())) < 0.3


def test_edges_alone_do_not_tell_a_sheet_from_a_doorway() -> None:
    """Why they are no cue by themselves."""
    assert cues.edges(filmed(doorway, steps())) > 0.9


def test_edges_of_a_sheet_move_with_the_face_and_those_of_a_doorway_do_not() -> None:
    assert cues.carried_edges(filmed(rectangle, steps())) > 0.8
    assert cues.carried_edges(filmed(doorway, steps())) < 0.1


@pytest.mark.parametrize(
    ("paint", "where"), [(rectangle, steps(0.0)), (room, steps())], ids=["still", "no edge"]
)
def test_without_movement_or_edges_nothing_is_said(paint: Painted, where: Sequence[Place]) -> None:
    assert cues.carried_edges(filmed(paint, where)) == SILENT


def half_a_sheet(pixels: Pixels, middle: Place) -> None:
    """Its right edge is out of view, and a door's stands still there."""
    left = round(middle[0] - 1.2 * SIDE)
    cv2.rectangle(pixels, (left, 0), (640, 480), (220, 220, 220), -1)
    cv2.rectangle(pixels, (450, 0), (640, 480), (120, 120, 120), -1)


def test_an_edge_on_one_side_only_is_no_sheet() -> None:
    """A handle, a raised arm or a bystander."""
    assert cues.carried_edges(filmed(half_a_sheet, steps())) < 0.1


def test_a_chequered_wall_has_no_edge() -> None:
    def chequered(pixels: Pixels, _: Place) -> None:
        down, across = np.indices(pixels.shape[:2]) // 30
        pixels[(down + across) % 2 == 0] = 220

    assert cues.edges(filmed(chequered, steps())) < 0.5


def test_a_face_at_the_frames_edge_has_no_line_beyond_it() -> None:
    assert cues.carried_edges(filmed(room, [(45 + i % 2 * 5, 240) for i in range(9)])) == SILENT


def grid(pixels: Pixels, _: Place) -> None:
    down, across = np.indices(pixels.shape[:2])
    wave = 6 * np.sin(2 * np.pi * (0.21 * across + 0.17 * down))
    pixels[:] = np.clip(pixels + wave[:, :, None], 0, 255).astype(np.uint8)


def test_a_screens_grid_stands_out_of_the_spectrum() -> None:
    assert cues.moire(filmed(grid, steps())) > cues.moire(filmed(room, steps())) + 1.0


@pytest.mark.parametrize("lines", [np.s_[::4], np.s_[:, ::4]], ids=["rows", "columns"])
def test_the_squares_of_jpeg_are_no_grid(lines: object) -> None:
    def squares(pixels: Pixels, _: Place) -> None:
        pixels[lines] += 6

    plain = cues.moire(filmed(room, steps()))
    assert cues.moire(filmed(squares, steps())) < plain + 0.5


def test_a_face_that_is_cut_off_has_no_spectrum() -> None:
    assert cues.moire(filmed(grid, [(20, 240)] * FRAMES)) == SILENT


def banded(width: slice) -> Painted:
    """Rows that get darker and brighter from frame to frame, in some columns."""
    turns = iter(range(FRAMES))

    def paint(pixels: Pixels, _: Place) -> None:
        phase = next(turns) * 2.0
        wave = 1 + 0.1 * np.sin(np.arange(480) / 5 + phase)
        part = pixels[:, width]
        pixels[:, width] = (part * wave[:, None, None]).astype(np.uint8)

    return paint


def test_bands_on_the_face_count_and_those_of_the_rooms_lamps_do_not() -> None:
    still = steps(0.0)
    on_face = cues.bands(filmed(banded(slice(220, 420)), still))
    everywhere = cues.bands(filmed(banded(slice(0, 640)), still))
    assert on_face > 2.0
    assert everywhere < 0.5 * on_face


def lamp(pixels: Pixels, middle: Place) -> None:
    cv2.circle(pixels, (round(middle[0]), round(middle[1])), 6, (250, 250, 250), -1)


def reflected(pixels: Pixels, _: Place) -> None:
    lamp(pixels, (320, 240))


def test_glare_that_keeps_its_place_in_the_room_is_of_a_sheet() -> None:
    assert cues.glare(filmed(reflected, steps())) > 1.0
    assert cues.glare(filmed(lamp, steps())) < -1.0


def test_without_highlights_nothing_is_said_of_glare() -> None:
    assert cues.glare(filmed(room, steps())) == SILENT


def turned(depth: float) -> Run:
    """Landmarks of a head that turns by 10 degrees, as deep as that many widths of the face."""
    chance = np.random.default_rng(2)
    points = chance.uniform(-0.5, 0.5, (478, 3)) * (1, 1, depth)
    run = []
    for at in range(FRAMES):
        turn, _ = cv2.Rodrigues(np.radians([10 * np.sin(at), 10 * np.cos(at), 0.0]))
        mesh = (points @ turn.T)[:, :2] * SIDE + (320, 240)
        run.append(FilmedFace(np.zeros((1, 1, 3), np.uint8), face((320, 240), mesh)))
    return run


@pytest.mark.parametrize("cue", [cues.flatness, cues.flatness_for_turns])
def test_a_plane_that_turns_is_flat_and_a_head_is_not(cue: cues.Cue) -> None:
    assert cue(turned(0.0)) > -0.001
    assert cue(turned(1.0)) < -0.02


def test_a_single_frame_shows_no_parallax() -> None:
    assert cues.flatness(turned(1.0)[:1]) == 0.0
