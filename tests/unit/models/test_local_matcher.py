"""The matcher on the device answers at once, or says that it cannot."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from kiosk.domain.errors import MatchingUnavailable, ModelError
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from models.identification import LocalMatcher

SPACE, OTHER = SpaceId("test/1"), SpaceId("test/2")
FRAME = Frame(np.zeros((4, 4, 3), np.uint8), Instant(1.0), 0)
FACE = Face(Box(0, 0, 4, 4), np.zeros((478, 2), np.float32), Pose(0, 0, 0), EyeClosure(0, 0))


def template(space: SpaceId) -> Template:
    return Template(np.array([1.0, 0.0], np.float32), space)


class Extractor:
    """Makes one template of every face, or none."""

    space = SPACE

    def __init__(self, made: Template | ModelError) -> None:
        self._made = made

    def extract(self, frame: Frame, face: Face) -> Template:  # noqa: ARG002 - the port
        if isinstance(self._made, ModelError):
            raise self._made
        return self._made


def matcher(made: Template | ModelError) -> LocalMatcher:
    ann = Reference(ReferenceId("r"), SubjectId("ann"), template(SPACE))
    gallery = Gallery.of(SPACE, [ann])
    return LocalMatcher(Extractor(made), lambda: gallery)


def test_it_extracts_and_compares_at_once() -> None:
    local = matcher(template(SPACE))
    found = local.identify(local.extract(FRAME, FACE))
    assert [c.subject for c in found.candidates] == ["ann"]


def unavailable(compare: Callable[[], object]) -> None:
    """It says that nobody can be compared, why, and what to do."""
    with pytest.raises(MatchingUnavailable) as raised:
        compare()
    assert raised.value.problem
    assert raised.value.remedy


def test_a_face_of_which_no_template_can_be_made_is_compared_with_nobody() -> None:
    broken = matcher(ModelError("The network gave no usable features.", "Verify."))
    unavailable(lambda: broken.extract(FRAME, FACE))


def test_a_template_of_another_space_is_compared_with_nobody() -> None:
    unavailable(lambda: matcher(template(OTHER)).identify(template(OTHER)))
