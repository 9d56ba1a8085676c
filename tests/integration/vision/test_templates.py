"""Templates of real faces: of one person alike, of two not, in the space of the pack."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import evaluation_data
import numpy as np
import pytest
from evaluation_data import frame_of

from kiosk.domain.access.policy import Form
from kiosk.domain.ports import TemplateExtractor
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import Template
from models.alignment import aligned
from models.embedding import prepared
from models.packs.manifest import ModelInput

pytestmark = [pytest.mark.data, pytest.mark.weights]

Find = Callable[[Pixels], Face]
Gallery = Mapping[str, Sequence[Template]]


@pytest.fixture(scope="module")
def templates(face_in: Find, extractor: TemplateExtractor) -> Gallery:
    """Of everybody: two frames of one recording, and two of another or of its end."""
    made: dict[str, list[Template]] = {}
    for person in evaluation_data.people():
        last = list(evaluation_data.walks(person).values())[-1]
        for path in (*evaluation_data.for_enrolment(person)[::4], last[10], last[-1]):
            pixels = evaluation_data.picture(path)
            template = extractor.extract(frame_of(pixels), face_in(pixels))
            made.setdefault(person, []).append(template)
    return made


def score(one: Template, other: Template) -> float:
    return float(one.vector @ other.vector)


def test_a_template_is_of_the_space_and_length_that_the_pack_names(templates: Gallery) -> None:
    """R45."""
    pack = evaluation_data.pack().pack
    dimensions = pack.file("embedding").dimensions
    for template in itertools.chain.from_iterable(templates.values()):
        assert template.space == pack.space
        assert template.vector.shape == (dimensions,)
        assert template.vector.dtype == np.float32
        assert np.linalg.norm(template.vector) == pytest.approx(1.0, abs=1e-5)


def test_one_person_s_templates_are_alike_from_recording_to_recording(templates: Gallery) -> None:
    """Above the threshold that the smallest gallery is decided with."""
    floor = evaluation_data.pack().pack.calibration(Form.SINGLE).floor
    for person, made in templates.items():
        best = max(score(made[0], made[3]), score(made[1], made[3]), score(made[1], made[2]))
        assert best > floor, person


def test_two_people_s_templates_are_not(templates: Gallery) -> None:
    floor = evaluation_data.pack().pack.calibration(Form.SINGLE).floor
    for (one, made), (other, others) in itertools.combinations(templates.items(), 2):
        scores = [score(a, b) for a, b in itertools.product(made, others)]
        assert max(scores) < floor, (one, other)


def test_the_same_picture_makes_the_same_template(
    face_in: Find, extractor: TemplateExtractor, portraits: Mapping[str, Pixels]
) -> None:
    (pixels, *_) = portraits.values()
    face = face_in(pixels)
    first, second = (extractor.extract(frame_of(pixels), face) for _ in range(2))
    assert np.array_equal(first.vector, second.vector)


def test_a_mirrored_face_makes_nearly_the_same_template(
    face_in: Find, extractor: TemplateExtractor, portraits: Mapping[str, Pixels]
) -> None:
    for person, pixels in portraits.items():
        mirrored = np.ascontiguousarray(pixels[:, ::-1])
        seen = extractor.extract(frame_of(pixels), face_in(pixels))
        turned = extractor.extract(frame_of(mirrored), face_in(mirrored))
        assert score(seen, turned) > 0.9, person


def test_colours_in_the_wrong_order_make_another_template(
    face_in: Find, extractor: TemplateExtractor, portraits: Mapping[str, Pixels]
) -> None:
    """What the manifest says of the input matters; the test is that it is obeyed."""
    (pixels, *_) = portraits.values()
    face = face_in(pixels)
    swapped = np.ascontiguousarray(pixels[:, :, ::-1])
    right, wrong = (extractor.extract(frame_of(p), face) for p in (pixels, swapped))
    assert score(right, wrong) < 0.98


# -- what goes into a network --------------------------------------------------------------------


@pytest.mark.parametrize("mirrored", [False, True])
def test_crop_and_mirror_image_go_in_as_the_manifest_says(
    face_in: Find,
    portraits: Mapping[str, Pixels],
    mirrored: bool,  # noqa: FBT001
) -> None:
    (pixels, *_) = portraits.values()
    crop = aligned(pixels, face_in(pixels).mesh)
    given = ModelInput(112, 112, "RGB", "NHWC", 127.5, 128.0, "arcface-112", mirrored=mirrored)
    batch = prepared(crop, given)
    assert batch.shape == (2 if mirrored else 1, 112, 112, 3)
    assert batch.dtype == np.float32
    expected = (crop[..., ::-1].astype(np.float32) - 127.5) / 128.0
    assert np.array_equal(batch[0], expected)
    assert np.array_equal(batch[-1], expected[:, ::-1] if mirrored else expected)


def test_another_layout_is_the_same_numbers_in_another_order(
    face_in: Find, portraits: Mapping[str, Pixels]
) -> None:
    (pixels, *_) = portraits.values()
    crop = aligned(pixels, face_in(pixels).mesh)
    flat = ModelInput(112, 112, "BGR", "NCHW", 0.0, 1.0, "arcface-112")
    assert np.array_equal(prepared(crop, flat)[0].transpose(1, 2, 0), crop)
