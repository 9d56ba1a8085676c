"""Templates: the numbers that represent a face. They are biometric data in any form (R99)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NewType

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import SpaceMismatch

SpaceId = NewType("SpaceId", str)
"""The name of an embedding space: network, version, preprocessing. Spaces are never mixed (R45)."""

SubjectId = NewType("SubjectId", str)
"""An enrolled person's opaque identifier. Never a name."""

ReferenceId = NewType("ReferenceId", str)
"""One stored reference of a subject."""

Vector = NDArray[np.float32]
"""(dimensions,) float32 of unit length."""

UNIT_TOLERANCE = 1e-3
MOST_SUBJECT_CHARACTERS = 64


def is_subject_id(text: str) -> bool:
    """True for 1 to 64 ASCII letters, digits, or `.`, `_`, `:`, `-`, a letter or digit first.

    The characters are those that Rekognition accepts for an ExternalImageId (R28), so that an id
    means the same person everywhere. `@` is not among them: no e-mail address is valid (R69).
    """
    fits = 0 < len(text) <= MOST_SUBJECT_CHARACTERS and text.isascii() and text[0].isalnum()
    return fits and all(mark.isalnum() or mark in "._:-" for mark in text)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Features of one face in one space. Never printed, never logged.

    Attributes:
        vector: (dimensions,) float32, unit length.
        space: the space in which it was extracted.

    Raises:
        SpaceMismatch: the vector is not one of finite numbers and unit length.
    """

    vector: Vector
    space: SpaceId

    def __post_init__(self) -> None:
        vector = self.vector  # NumPy's own norm takes five times as long, and there are thousands
        length = math.sqrt(float(vector @ vector)) if vector.ndim == 1 else math.nan
        if not abs(length - 1.0) <= UNIT_TOLERANCE:
            raise SpaceMismatch(
                f"A template in space {self.space} is not a unit vector.",
                "Extract it again with the installed models.",
            )

    def __repr__(self) -> str:
        return f"Template(<{self.vector.size} hidden numbers>, space={self.space!r})"


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """One stored template of one enrolled subject."""

    id: ReferenceId
    subject: SubjectId
    template: Template

    def __repr__(self) -> str:
        return f"Reference({self.id}, subject={self.subject}, {self.template!r})"
