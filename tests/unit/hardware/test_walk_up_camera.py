from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from drawn_portraits import GREEN, drawn, shown

from hardware.sim.camera import WalkUpCamera
from hardware.sim.paper import turned
from hardware.sim.scene import Background, Figure, Ramp, Scene, Sheet, still
from hardware.sim.scenes import approach, flat_print, too_dark, too_far, turned_away, two_at_once
from kiosk.domain.errors import CameraLost, EndOfSource
from kiosk.domain.vision.frame import Frame

STEADY = Scene(
    name="steady",
    figures=(Figure(portrait=drawn(), size=still(0.4)),),
    approach_seconds=0.0,
    stand_seconds=0.4,
    away_seconds=0.25,
    sway=0.0,
    flicker=0.0,
    noise=0.0,
)


def played(*scenes: Scene, fps: float = 10.0, seed: int = 1) -> list[Frame]:
    camera = WalkUpCamera(scenes, fps=fps, seed=seed)
    frames = []
    try:
        while True:
            frames.append(camera.read(1.0))
    except EndOfSource:
        return frames


def test_a_face_has_the_declared_size_and_place() -> None:
    figure = replace(STEADY.figures[0], x=still(0.3), y=still(0.6))
    box = shown(played(replace(STEADY, figures=(figure,)))[0].pixels)
    assert box.height == pytest.approx(0.4 * 480, abs=3)
    assert box.centre == pytest.approx((0.3 * 640, 0.6 * 480), abs=3)


def test_who_approaches_grows_and_then_stands_and_then_is_gone() -> None:
    scene = replace(approach("walk", drawn()), sway=0.0, noise=0.0)
    heights = [shown(frame.pixels).height for frame in played(scene)]
    walking, standing, away = heights[:15], heights[15:45], heights[46:]
    assert all(b >= a for a, b in pairwise(walking))
    assert heights[0] == pytest.approx(0.14 * 480, abs=3)
    assert standing == pytest.approx([0.42 * 480] * 30, abs=3)
    assert away
    assert set(away) == {0.0}


def test_the_same_seed_gives_the_same_frames_and_another_does_not() -> None:
    scene = replace(STEADY, noise=2.0)
    first, again, other = (
        [frame.pixels for frame in played(scene, seed=seed)] for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_two_frames_are_alike_so_a_simulated_camera_never_looks_frozen() -> None:
    frames = played(replace(STEADY, noise=2.0))
    assert not any(np.array_equal(a.pixels, b.pixels) for a, b in pairwise(frames))


def test_light_and_its_absence() -> None:
    bright, dark = (
        played(replace(STEADY, light=still(light)))[0].pixels.mean() for light in (1.0, 0.15)
    )
    assert dark == pytest.approx(bright * 0.15, rel=0.05)


def test_noise_has_the_declared_strength() -> None:
    quiet, loud = (played(replace(STEADY, noise=noise))[0].pixels for noise in (0.0, 5.0))
    deviation = (loud.astype(np.int16) - quiet).std()
    assert deviation == pytest.approx(5.0, rel=0.1)


def test_a_print_has_a_white_border_and_less_contrast() -> None:
    figure = replace(STEADY.figures[0], sheet=Sheet(glare=0.0, texture=0.0, perspective=0.0))
    scene = replace(STEADY, figures=(figure,), background=Background.PLAIN)
    pixels = played(scene)[0].pixels
    person = played(replace(STEADY, background=Background.PLAIN))[0].pixels
    assert (pixels.min(axis=2) > 215).sum() > 2000
    assert (person.min(axis=2) > 215).sum() == 0
    assert np.ptp(pixels[240, 320]) < np.ptp(person[240, 320]) * 0.8


def test_perspective_makes_one_edge_of_a_print_longer() -> None:
    figure = replace(STEADY.figures[0], sheet=Sheet(glare=0.0, texture=0.0, perspective=0.15))
    scene = replace(STEADY, figures=(figure,), background=Background.PLAIN)
    white = played(scene)[0].pixels.min(axis=2) > 215
    heights = white.any(axis=0).nonzero()[0]
    left, right = (np.ptp(white[:, column].nonzero()[0]) for column in heights[[4, -5]])
    assert right > left * 1.1


@pytest.mark.parametrize("degrees", [-45.0, 45.0])
def test_a_turned_head_moves_its_nose_to_the_side_and_keeps_its_surroundings(
    degrees: float,
) -> None:
    portrait = drawn()
    portrait.pixels[225:275, 240:260] = (250, 250, 250)
    pixels = turned(portrait, degrees)
    nose = (pixels[250].min(axis=1) > 200).nonzero()[0].mean()
    assert (nose - 250) * np.sign(degrees) > 40
    assert np.array_equal(pixels[:, :20], portrait.pixels[:, :20])


def test_two_people_stand_beside_each_other() -> None:
    pixels = played(replace(two_at_once(drawn(), drawn(GREEN)), noise=0.0))[30].pixels
    left, right = shown(pixels, 2), shown(pixels, 1)
    assert left.centre[0] < 320 < right.centre[0]
    assert left.overlap(right) == 0.0
    assert left.height == pytest.approx(right.height, rel=0.1)


@pytest.mark.parametrize(
    "scene",
    [too_far(drawn()), too_dark(drawn()), turned_away(drawn()), flat_print(drawn())],
    ids=lambda scene: str(scene.name),
)
def test_every_declared_scene_can_be_played(scene: Scene) -> None:
    frames = played(scene, fps=2.0)
    assert len(frames) == 12
    assert {frame.pixels.shape for frame in frames} == {(480, 640, 3)}


def test_scenes_follow_each_other_and_say_which_is_on() -> None:
    camera = WalkUpCamera([STEADY, replace(STEADY, name="next")], fps=10.0)
    assert camera.current is None
    names = []
    for _ in range(13):
        camera.read(1.0)
        act = camera.current
        assert act is not None
        names.append(act.scene.name)
    assert names == ["steady"] * 7 + ["next"] * 6
    bounds = [bound for act in camera.acts for bound in (act.begins, act.ends)]
    assert bounds == pytest.approx([0.0, 0.65, 0.65, 1.3])
    with pytest.raises(EndOfSource):
        camera.read(1.0)


def test_an_empty_scene_shows_a_wall() -> None:
    frame = played(Scene(name="nobody", figures=(), stand_seconds=0.1))[0]
    assert frame.pixels.std() < 20


def test_light_may_change_while_somebody_walks() -> None:
    scene = replace(STEADY, approach_seconds=0.4, light=Ramp(0.2, 1.0))
    means = [frame.pixels.mean() for frame in played(scene)[:5]]
    assert all(b > a for a, b in pairwise(means))


def test_a_closed_camera_gives_nothing() -> None:
    camera = WalkUpCamera([STEADY])
    camera.close()
    camera.close()
    with pytest.raises(CameraLost):
        camera.read(1.0)


def test_a_portrait_is_not_printed() -> None:
    assert repr(drawn()) == "Portrait(500x600 px)"
