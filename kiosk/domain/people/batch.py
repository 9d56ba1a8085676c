"""A batch enrolment: who is to be enrolled from which photographs, and what came of each.

Names and consents go no further than the records of these people; no report holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.template import SubjectId, Template

DUPLICATE_IN_BATCH = "duplicate_in_batch"
ERASED_MEANWHILE, CHANGED_MEANWHILE = "erased_meanwhile", "changed_meanwhile"
"""The reasons of a refusal that only a batch knows; the others are `SampleRefusal` and `Defect`."""


@dataclass(frozen=True, slots=True)
class BatchPerson:
    """One person of a batch, as the rows about them say. Never printed.

    Attributes:
        subject: their id.
        given_name: for the greeting; None for none.
        rules: what they may do.
        consent: what they agreed to.
        photographs: the paths of their photographs, relative to where these lie.
    """

    subject: SubjectId
    given_name: str | None
    rules: PersonRules
    consent: str
    photographs: tuple[str, ...]

    def __repr__(self) -> str:
        return "BatchPerson(<hidden>)"


@dataclass(frozen=True, slots=True)
class BatchPhotograph:
    """What came of one photograph.

    Attributes:
        name: its path, as the batch names it.
        sha256: of its content, hexadecimal; None if it could not be read.
        refused: why it made no reference; empty if it made one.
        detail: the fault of the file, in a sentence; empty if it is a picture.
    """

    name: str
    sha256: str | None
    refused: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AssessedPerson:
    """What came of the photographs of one person, before they are compared with anybody else.

    Attributes:
        subject: their id.
        photographs: each of them, in the order of the batch.
        templates: of those that were accepted, by their names.
        boxes: of the faces in these, by the same names; none where they come from a checkpoint.
    """

    subject: SubjectId
    photographs: tuple[BatchPhotograph, ...]
    templates: tuple[tuple[str, Template], ...]
    boxes: tuple[tuple[str, Box], ...] = ()

    def __repr__(self) -> str:
        return f"AssessedPerson({self.subject}, {len(self.templates)} hidden templates)"


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two subjects whose references resemble each other.

    Attributes:
        subject: a person of the batch.
        other: whom they resemble.
        enrolled: True if the other is enrolled already, False if they are of the batch too.
    """

    subject: SubjectId
    other: SubjectId
    enrolled: bool


class BatchVerdict(Enum):
    """What becomes of a person of a batch."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


ENROLLED = frozenset({BatchVerdict.ADDED, BatchVerdict.CHANGED, BatchVerdict.UNCHANGED})
"""The verdicts after which a person has enough references."""


@dataclass(frozen=True, slots=True)
class BatchImage:
    """The end of one photograph's way: the reference that was made of it, or why there is none.

    Attributes:
        photograph: it, with the last word about it.
        reference: the id of its reference; None if it made none.
    """

    photograph: BatchPhotograph
    reference: str | None


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of one person.

    Attributes:
        subject: their id.
        verdict: in a word.
        images: each of their photographs.
    """

    subject: SubjectId
    verdict: BatchVerdict
    images: Sequence[BatchImage]
