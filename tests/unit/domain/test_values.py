"""The values that pass between the stages: what they refuse, and what they never show."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from measured_people import face

from kiosk.domain.errors import BadInput, SpaceMismatch
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.attack import ROUNDING, PadResult, mean_score
from kiosk.domain.vision.face import Box, EyeClosure, Face, Found, Pose, TrackedFace, TrackId
from kiosk.domain.vision.frame import LEAST_FPS, MOST_PIXELS, Frame, Instant
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template

SPACE = SpaceId("test/1")
NAN, INFINITE = float("nan"), float("inf")
AGREED = datetime(2026, 5, 4, 9, tzinfo=UTC)


def unit(size: int = 4) -> Template:
    return Template(np.full(size, 1 / np.sqrt(size), np.float32), SPACE)


# -- templates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [0.9995, 1.0, 1.0005])
def test_a_template_is_of_unit_length_but_for_rounding(length: float) -> None:
    assert Template(np.array([length, 0.0], np.float32), SPACE).vector[0] == np.float32(length)


@pytest.mark.parametrize(
    "vector",
    [
        [0.998, 0.0],
        [1.002, 0.0],
        [0.0, 0.0],
        [NAN, 1.0],
        [INFINITE, 0.0],
        [],
        [[1.0, 0.0]],
        1.0,
    ],
)
def test_what_is_no_unit_vector_is_no_template(vector: object) -> None:
    with pytest.raises(SpaceMismatch, match="not a unit vector"):
        Template(np.array(vector, np.float32), SPACE)


def test_a_template_shows_no_numbers() -> None:
    """R99: features are biometric data."""
    assert repr(unit()) == "Template(<4 hidden numbers>, space='test/1')"
    assert "0.5" not in f"{unit()} {unit()!s}"


def test_a_reference_shows_no_numbers() -> None:
    one = Reference(ReferenceId("r1"), SubjectId("ann"), unit())
    assert repr(one) == f"Reference(r1, subject=ann, {unit()!r})"


# -- frames and faces ----------------------------------------------------------------------------


def test_a_frame_shows_no_pixels() -> None:
    frame = Frame(np.zeros((480, 640, 3), np.uint8), Instant(1.23456), 7)
    assert repr(frame) == "Frame(#7, 640x480, at=1.235)"
    assert (frame.width, frame.height) == (640, 480)


def test_a_frame_by_itself_proves_neither_that_it_is_new_nor_that_nobody_moves() -> None:
    frame = Frame(np.zeros((480, 640, 3), np.uint8), Instant(0.0), 0)
    assert (frame.fresh, frame.still) == (False, False)


def test_the_cameras_that_will_do_are_those_of_the_readme() -> None:
    """3 frames a second, and pictures of 4096 x 4096."""
    assert LEAST_FPS == 3.0
    assert MOST_PIXELS == 16_777_216


def test_a_face_shows_no_landmarks() -> None:
    mesh = np.full((478, 2), 123.456, np.float32)
    face = Face(Box(1, 2, 30, 40), mesh, Pose(1.0, 2.0, 3.0), EyeClosure(0.0, 0.0))
    for shown in (repr(face), repr(TrackedFace(TrackId(1), face))):
        assert "30x40 px" in shown
        assert "123" not in shown


@pytest.mark.parametrize(
    "value",
    [
        Box(0, 0, 1, 1),
        Pose(0, 0, 0),
        EyeClosure(0, 0),
        PadResult(1.0, "d"),
        unit(),
        Consent("yes", AGREED),
    ],
)
def test_values_never_change(value: object) -> None:
    assert dataclasses.is_dataclass(value)
    field = dataclasses.fields(value)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, field, None)


# -- attack detection ----------------------------------------------------------------------------


def scores(*numbers: float) -> tuple[PadResult, ...]:
    return tuple(PadResult(number, "detector/1") for number in numbers)


def test_no_frames_are_no_proof_of_life() -> None:
    assert mean_score(()) == 0.0


def test_a_run_is_as_alive_as_its_frames_on_the_mean() -> None:
    assert mean_score(scores(1.0, 0.5, 0.0)) == 0.5


@pytest.mark.parametrize("score", [NAN, INFINITE, -INFINITE, -0.1, 1.1, 1e300])
def test_a_score_that_was_not_understood_counts_as_an_attack(score: float) -> None:
    assert mean_score(scores(score, 1.0)) == 0.5


def test_a_share_a_rounding_past_one_is_one() -> None:
    assert mean_score(scores(1.0 + 1e-7)) == 1.0
    assert mean_score(scores(1.0 + ROUNDING)) == 1.0


def test_a_frame_exactly_at_the_threshold_passes() -> None:
    (one,) = scores(0.75)
    assert one.passes(0.75)
    assert not one.passes(0.7500001)


# -- consent -------------------------------------------------------------------------------------


def test_a_consent_proves_which_text_it_was() -> None:
    """R73: the hash of the text, and the day."""
    consent = Consent("abc", AGREED)
    assert not consent.picture
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert consent.text_sha256 == expected
    assert Consent("abd", AGREED).text_sha256 != expected
    assert (consent.picture, consent.cloud) == (False, False)


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_an_empty_consent_is_none(text: str) -> None:
    with pytest.raises(BadInput, match="consent is empty"):
        Consent(text, AGREED)


@pytest.mark.parametrize(
    "given_at",
    [datetime(2026, 5, 4), datetime(2026, 5, 4, tzinfo=timezone(timedelta(hours=2)))],  # noqa: DTZ001
)
def test_a_consent_of_an_unknown_hour_is_refused(given_at: datetime) -> None:
    with pytest.raises(BadInput, match="UTC"):
        Consent("abc", given_at)


def test_a_consent_that_is_not_quite_text_has_a_hash_too() -> None:
    """A command line may hold bytes that are no letters."""
    assert len(Consent("form \udcff", AGREED).text_sha256) == 64


def test_what_a_finder_found_is_a_sequence_of_faces_without_those_around() -> None:
    here, there = face(10, 10, 50), face(200, 10, 50)
    found = Found((here,), (there,))
    assert list(found) == [here]
    assert len(found) == 1
    assert found[0] is here


def test_a_finder_has_found_all_unless_it_says_otherwise() -> None:
    """Nobody is taken to be alone before a finder that is full."""
    assert Found().full is False
