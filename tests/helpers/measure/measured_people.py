"""Faces, views and observations made of plain numbers, for tests of measuring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from config.settings import Settings
from kiosk.domain.access.machine import Observed, Probe
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.comparison import Candidate, CandidateList
from kiosk.domain.vision.face import Box, EyeClosure, Face, Pose, TrackId
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.quality import Defect, QualityAssessment, QualityMeasures
from kiosk.domain.vision.template import SpaceId, SubjectId

SPACE = SpaceId("test/1")
SETTINGS = Settings.model_construct()
BOUNDS = SETTINGS.quality.bounds()


def policy() -> AccessPolicy:
    """The shipped policy, for a space of tests."""
    return SETTINGS.access_policy(SPACE, 0.5)


def face(x: float, y: float, size: float) -> Face:
    """A square face whose upper left corner is at (x, y)."""
    mesh = np.zeros((478, 2), np.float32)
    return Face(Box(x, y, size, size), mesh, Pose(0.0, 0.0, 0.0), EyeClosure(0.0, 0.0))


def measures(**changes: float) -> QualityMeasures:
    """A view in which nothing is wrong, but for the changes."""
    good = QualityMeasures(0.0, 0.0, 0.0, 150.0, 60.0, 50.0, 1.0, 0.0, 0.1, 0.0, 0.0)
    return replace(good, **changes)


def seen(at: float, score: float | None, *, track: int = 1) -> Observed:
    """One face in the lane; without a score its view is poor."""
    probe = Probe(TrackId(track), Instant(at))
    if score is None:
        poor = QualityAssessment(measures(), (Defect.BLURRED,))
        return Observed(Instant(at), (replace(probe, quality=poor),))
    found = CandidateList(SPACE, (Candidate(SubjectId("anyone"), 1.0),))
    good = QualityAssessment(measures(), ())
    acceptable = replace(probe, quality=good, pad=PadResult(score, "test"), candidates=found)
    return Observed(Instant(at), (acceptable,))
