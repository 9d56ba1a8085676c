"""The quality measures on real faces: less light is darker, blur is less sharp, glasses pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from evaluation_data import frame_of
from other_light import Light

from config.settings import Settings
from hardware.camera.codec import cv2
from kiosk.domain.ports import FaceFinder, QualityAssessor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.quality import Defect, QualityMeasures, judge

pytestmark = [pytest.mark.data, pytest.mark.weights]

Find = Callable[[Pixels], Face]
Measure = Callable[[Pixels], QualityMeasures]
Read = Callable[[str], Pixels]
Portraits = dict[str, Pixels]
BOUNDS = Settings().quality.bounds()
BLURS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05)
"""Of the face's width: what a camera out of focus does depends on how near the face is."""

SMEAR = 0.2
GAINS = (0.05, 0.15, 0.3, 0.6, 1.0, 1.6, 2.6, 5.0, 12.0)

SUNGLASSES = [
    "Annie-Jeanne_Reynaud_0001",
    "Kevin_Costner_0002",
    "Steffi_Graf_0004",
    "Dick_Vermeil_0001",
    "Jessica_Lange_0001",
    "Andy_Dick_0001",
    "Juan_Pablo_Montoya_0008",
]
EYES_SHUT = ["Salman_Khan_0001", "Greg_Kinsey_0001", "Hu_Jintao_0015"]


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8) if sigma else pixels


def lit(pixels: Pixels, gain: float) -> Pixels:
    return np.clip(pixels * gain, 0, 255).astype(np.uint8)


def swept(
    assessor: QualityAssessor, pixels: Pixels, face: Face, views: Sequence[Pixels]
) -> list[QualityMeasures]:
    """The same face measured in other views of its picture."""
    assert pixels.shape == views[0].shape
    return [assessor.measure(frame_of(view), face) for view in views]


def test_the_more_blurred_the_less_sharp(
    assessor: QualityAssessor, face_in: Find, portraits: Portraits
) -> None:
    """R4: a sweep is monotone, begins above the bound and ends below it."""
    for person, pixels in portraits.items():
        face = face_in(pixels)
        views = [blurred(pixels, share * face.box.width) for share in BLURS]
        values = [m.sharpness for m in swept(assessor, pixels, face, views)]
        falls = [a > b or b == 0.0 for a, b in itertools.pairwise(values)]
        assert all(falls), (person, values)
        assert values[0] > BOUNDS.min_sharpness > values[-1], (person, values)


def test_motion_in_one_direction_blurs_too(
    assessor: QualityAssessor, face_in: Find, portraits: Portraits
) -> None:
    for person, pixels in portraits.items():
        face = face_in(pixels)
        smeared = np.asarray(cv2.blur(pixels, (round(SMEAR * face.box.width), 1)), np.uint8)
        before, after = swept(assessor, pixels, face, [pixels, smeared])
        assert after.sharpness < 0.7 * before.sharpness, person


def test_sharpness_does_not_depend_on_light(
    assessor: QualityAssessor, face_in: Find, portraits: Portraits
) -> None:
    for person, pixels in portraits.items():
        dim, full = swept(assessor, pixels, face_in(pixels), [lit(pixels, 0.5), pixels])
        assert dim.sharpness == pytest.approx(full.sharpness, abs=12.0), person


def test_the_more_light_the_brighter(
    assessor: QualityAssessor, face_in: Find, portraits: Portraits
) -> None:
    """R5: monotone; dark and blown out are two pieces of advice."""
    for person, pixels in portraits.items():
        views = [lit(pixels, gain) for gain in GAINS]
        measures = swept(assessor, pixels, face_in(pixels), views)
        values = [m.brightness for m in measures]
        assert all(a < b for a, b in itertools.pairwise(values)), (person, values)
        blown = [m.overexposed for m in measures]
        assert all(a <= b for a, b in itertools.pairwise(blown)), (person, blown)
        assert Defect.TOO_DARK in judge(measures[0], BOUNDS).defects, person
        assert Defect.TOO_BRIGHT in judge(measures[-1], BOUNDS).defects, person
        as_it_was = judge(measures[GAINS.index(1.0)], BOUNDS).defects
        assert not {Defect.TOO_DARK, Defect.TOO_BRIGHT} & set(as_it_was), person


@pytest.mark.parametrize(
    ("light", "refused"),
    [
        ("plain", False),
        ("noise-10", False),
        ("noise-20", False),
        ("sharp-1", False),
        ("contrast-1.4", False),
        ("noise-40", True),
        ("noise-60", True),
        ("noise-40 of colour", True),
    ],
)
def test_what_is_noisier_than_calibrated_is_refused(
    assessor: QualityAssessor, face_in: Find, portraits: Portraits, light: str, *, refused: bool
) -> None:
    """Noise of 20 is still decided."""
    for person, pixels in portraits.items():
        (seen,) = Light(light).on([pixels])
        measured = assessor.measure(frame_of(seen), face_in(pixels))
        assert (Defect.NOISY in judge(measured, BOUNDS).defects) is refused, person


def test_size_is_the_shorter_side_in_pixels_of_the_frame(
    face_in: Find, measured: Measure, portraits: Portraits
) -> None:
    """R8."""
    for pixels in list(portraits.values())[:3]:
        half = np.asarray(cv2.resize(pixels, (320, 240), interpolation=cv2.INTER_AREA), np.uint8)
        box = face_in(pixels).box
        assert measured(pixels).size_px == min(box.width, box.height)
        assert measured(half).size_px == pytest.approx(measured(pixels).size_px / 2, rel=0.1)


# -- glasses -------------------------------------------------------------------------------------


def shaded(pixels: Pixels, face: Face, opacity: float) -> Pixels:
    """Dark lenses drawn over both eyes."""
    lenses = pixels.copy()
    for eye in ((33, 133), (263, 362)):
        outer, inner = face.mesh[list(eye)]
        x, y = (round(float(value)) for value in (outer + inner) / 2)
        width = round(float(np.hypot(*(outer - inner))) * 0.85)
        cv2.ellipse(lenses, (x, y), (width, round(width * 0.75)), 0, 0, 360, (18, 16, 15), -1)
    mixed = cv2.addWeighted(lenses, opacity, pixels, 1.0 - opacity, 0.0)
    return np.asarray(mixed, np.uint8)


def test_dark_lenses_drawn_on_are_noticed(
    assessor: QualityAssessor, face_in: Find, portraits: Portraits
) -> None:
    """R7; and as they were, clear glasses among them, everybody passes."""
    for person, pixels in portraits.items():
        face = face_in(pixels)
        plain, dark = swept(assessor, pixels, face, [pixels, shaded(pixels, face, 0.95)])
        assert Defect.SUNGLASSES in judge(dark, BOUNDS).defects, person
        assert Defect.SUNGLASSES not in judge(plain, BOUNDS).defects, person


@pytest.mark.parametrize("name", SUNGLASSES)
def test_real_sunglasses_are_noticed(measured: Measure, photograph: Read, name: str) -> None:
    assert Defect.SUNGLASSES in judge(measured(photograph(name)), BOUNDS).defects


# -- eyes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EYES_SHUT)
def test_shut_eyes_measure_far_above_open_ones(
    measured: Measure, photograph: Read, portraits: Portraits, name: str
) -> None:
    """R6: what the bound makes of it is policy."""
    awake = [measured(pixels).eyes_closed for pixels in portraits.values()]
    assert measured(photograph(name)).eyes_closed > 0.6 > BOUNDS.max_eyes_closed - 0.1
    assert float(np.median(awake)) < 0.35


# -- rates ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def defects_of(
    stills: FaceFinder, assessor: QualityAssessor
) -> Callable[[Path], set[Defect] | None]:
    """The defects of a picture's largest face; None where none is found."""

    def judged(path: Path) -> set[Defect] | None:
        frame = frame_of(evaluation_data.picture(path))
        faces = sorted(stills.find(frame), key=lambda face: -face.box.area)
        if not faces:
            return None
        return set(judge(assessor.measure(frame, faces[0]), BOUNDS).defects)

    return judged


def test_masks_are_refused(defects_of: Callable[[Path], set[Defect] | None]) -> None:
    """R9: most of those that are found; whoever is not found at all is not let in either."""
    pictures = evaluation_data.frames_in(evaluation_data.data("masks", "with_mask"))
    found = [defects for path in pictures if (defects := defects_of(path)) is not None]
    refused = sum(Defect.MASK in defects for defects in found)
    assert len(found) >= 30
    assert refused >= 25
    assert refused >= 0.8 * len(found)


def test_bare_faces_are_not_taken_for_masked_ones(
    defects_of: Callable[[Path], set[Defect] | None],
) -> None:
    pictures = evaluation_data.frames_in(evaluation_data.data("masks", "without_mask"))
    found = [defects for path in pictures if (defects := defects_of(path)) is not None]
    assert len(found) >= 50
    assert sum(Defect.MASK in defects for defects in found) <= 0.02 * len(found)
    assert sum(Defect.SUNGLASSES in defects for defects in found) <= 0.02 * len(found)


def test_people_at_the_webcam_pass(defects_of: Callable[[Path], set[Defect] | None]) -> None:
    """Half of them wear clear glasses."""
    pictures = [
        path
        for person in evaluation_data.people()
        for frames in evaluation_data.recordings("bona_fide", person).values()
        for path in frames[::5]
    ]
    judged = [defects_of(path) or set() for path in pictures]
    covered = [d for d in judged if d & {Defect.MASK, Defect.SUNGLASSES}]
    assert len(covered) <= 0.02 * len(judged)
    assert sum(not defects for defects in judged) >= 0.9 * len(judged)
