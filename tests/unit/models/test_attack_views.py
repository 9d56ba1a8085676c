"""What the attack detector's network is shown: grey on average, without noise, and mirrored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hardware.camera.codec import cv2
from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from models.attack import LivenessDetector, denoised, greyed
from models.embedding import Batch
from models.packs.manifest import Denoising, ModelInput

SIDE = 64
GIVEN = ModelInput(SIDE, SIDE, "BGR", "NCHW", 0.0, 1.0, "box", grow=3.0, grey=True, mirrored=True)
DENOISING = Denoising(
    strength=5.0,
    per_noise=3.0,
    per_coarse_noise=5.0,
    coarse_detail=1.2,
    face_detail=3.0,
    patch_px=3,
    search_px=9,
)
FACE = Face(
    Box(270.0, 190.0, 80.0, 100.0),
    np.zeros((478, 2), np.float32),
    Pose(0.0, 0.0, 0.0),
    EyeClosure(0.0, 0.0),
)
CASTS = ((0.7, 1.0, 1.3), (1.3, 1.0, 0.7), (0.85, 1.3, 0.85), (0.6, 1.0, 1.4))


def scene() -> Pixels:
    """Soft patches of many colours, no darker than 40 and no brighter than 160."""
    rng = np.random.default_rng(3)
    patches = rng.uniform(40, 160, (12, 16, 3)).astype(np.float32)
    return np.asarray(cv2.resize(patches, (640, 480), interpolation=cv2.INTER_LINEAR), np.uint8)


def noisy(pixels: Pixels, deviation: float) -> Pixels:
    rng = np.random.default_rng(4)
    made = pixels + rng.normal(0.0, deviation, pixels.shape)
    return np.clip(np.round(made), 0, 255).astype(np.uint8)


class Seen:
    """A network that remembers what it was shown."""

    def __init__(self, *logits: tuple[float, ...]) -> None:
        self.batches: list[Batch] = []
        self._logits = logits or ((0.0, 0.0, 0.0),) * 2

    def __call__(self, batch: Batch) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        self.batches.append(batch)
        return np.array(self._logits, np.float32)


def shown(pixels: Pixels, given: ModelInput = GIVEN) -> Batch:
    seen = Seen()
    LivenessDetector(seen, given, 0, "test").assess(Frame(pixels, Instant(0.0), 0), FACE)
    (batch,) = seen.batches
    return batch


def test_the_crop_and_its_mirror_image_in_one_batch() -> None:
    batch = shown(scene())
    assert batch.shape == (2, 3, SIDE, SIDE)
    assert np.array_equal(batch[1], batch[0][:, :, ::-1])
    assert not np.array_equal(batch[1], batch[0])


@pytest.mark.parametrize("cast", CASTS)
def test_a_colour_cast_of_the_light_changes_nothing(cast: tuple[float, float, float]) -> None:
    plain = scene()
    tinted = np.clip(np.round(plain * np.array(cast)), 0, 255).astype(np.uint8)
    assert np.abs(shown(plain) - shown(tinted)).max() <= 5.0, "but for rounding"
    as_it_is = replace(GIVEN, grey=False)
    assert np.abs(shown(plain, as_it_is) - shown(tinted, as_it_is)).max() > 20.0


def test_skin_keeps_its_colour() -> None:
    """The frame says what grey is, not the face."""
    pixels = scene()
    x, y, width, height = 280, 200, 60, 80
    pixels[y : y + height, x : x + width] = (70, 100, 150)
    face = shown(pixels)[0][:, 24:40, 24:40].mean(axis=(1, 2))
    assert face[2] > 1.5 * face[0]


@pytest.mark.parametrize("tint", CASTS)
def test_a_tinted_sheet_in_a_plain_room_is_corrected(tint: tuple[float, float, float]) -> None:
    """Or a lamp that is turned on the face alone; the frame as a whole is hardly changed by it."""
    plain, tinted = scene(), scene().astype(float)
    tinted[130:350, 220:400] *= tint
    batch = shown(np.clip(np.round(tinted), 0, 255).astype(np.uint8))[0]
    left = np.log(batch.mean(axis=(1, 2)) / shown(plain)[0].mean(axis=(1, 2)))
    assert np.ptp(left) < 0.4 * np.ptp(np.log(tint))


@pytest.mark.parametrize("tone", [(1.0, 1.0, 1.0), (0.75, 1.0, 1.2)])
def test_a_face_without_colours_of_its_own_is_no_evidence(
    tone: tuple[float, float, float],
) -> None:
    """A black and white print, and a toned one."""
    luma = np.repeat(scene().mean(axis=2, keepdims=True), 3, axis=2)
    toned = np.clip(np.round(luma * np.array(tone)), 0, 255).astype(np.uint8)
    alive = Seen((9.0, 0.0, 0.0), (9.0, 0.0, 0.0))
    detector = LivenessDetector(alive, GIVEN, 0, "test")
    assert detector.assess(Frame(scene(), Instant(0.0), 0), FACE).score > 0.9
    assert detector.assess(Frame(toned, Instant(0.0), 0), FACE).score == 0.0


def test_a_black_frame_stays_black() -> None:
    black = np.zeros((480, 640, 3), np.uint8)
    assert not greyed(black[:SIDE, :SIDE], black, FACE.box).any()


@pytest.mark.parametrize("deviation", [4.0, 8.0, 16.0])
def test_noise_is_taken_off_however_strong_it_is(deviation: float) -> None:
    plain = scene()[:128, :128]
    left = denoised(noisy(plain, deviation), DENOISING).astype(float) - plain
    assert left[8:-8, 8:-8].std() < 0.5 * deviation


def test_a_filter_of_one_strength_would_not_do() -> None:
    plain = scene()[:128, :128]
    weak = replace(DENOISING, per_noise=1e-3, per_coarse_noise=1e-3)
    left = [denoised(noisy(plain, 20.0), how).astype(float) - plain for how in (weak, DENOISING)]
    assert left[0].std() > 1.5 * left[1].std()


def test_noise_on_the_face_alone_is_taken_off_too() -> None:
    """A print of a noisy picture in front of a plain wall."""
    wall = np.full((128, 128, 3), 120, np.uint8)
    sheet = wall.copy()
    sheet[40:88, 40:88] = noisy(wall, 12.0)[40:88, 40:88]
    left = denoised(sheet, DENOISING).astype(float)[44:84, 44:84] - 120.0
    assert left.std() < 0.35 * 12.0


def test_coarse_grains_are_taken_off_too() -> None:
    wall = np.full((128, 128, 3), 120, np.uint8)
    grains = noisy(wall[::2, ::2], 10.0)
    coarse = cv2.resize(grains, (128, 128), interpolation=cv2.INTER_CUBIC)
    left = denoised(np.asarray(coarse, np.uint8), DENOISING).astype(float) - 120.0
    assert left.std() < 0.6 * coarse.std()


def test_edges_outlast_the_filter() -> None:
    edge = np.full((128, 128, 3), 60, np.uint8)
    edge[:, 64:] = 140
    kept = denoised(noisy(edge, 5.0), DENOISING).astype(float)
    assert kept[:, 66:].mean() - kept[:, :62].mean() > 75.0
    assert kept[:, 64].mean() - kept[:, 63].mean() > 60.0


def test_the_score_is_the_mean_share_of_the_bona_fide_class() -> None:
    views = ((1.0, 3.0, 2.0), (2.0, 0.0, 1.0))
    shares = np.exp(views) / np.exp(views).sum(axis=1, keepdims=True)
    frame = Frame(scene(), Instant(0.0), 0)
    for wanted in range(3):
        result = LivenessDetector(Seen(*views), GIVEN, wanted, "test").assess(frame, FACE)
        assert result.score == pytest.approx(shares[:, wanted].mean())
        assert result.detector == "test"
