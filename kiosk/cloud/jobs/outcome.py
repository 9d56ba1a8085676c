"""What comes of filling collections from photographs: of each person, of each photograph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.vision.template import SubjectId


class IndexEnd(Enum):
    """What becomes of a person; the value is that in reports."""

    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    """Their faces are in the collections already."""
    REFUSED = "refused"
    """No photograph of theirs may be sent, or Rekognition takes none."""
    NO_CONSENT = "no_consent"
    """They did not agree that Amazon Rekognition is asked: nothing of theirs is sent."""
    UNKNOWN = "not_enrolled"
    """Nobody of that id is enrolled here: nothing of theirs is sent."""
    INCOMPLETE = "incomplete"
    """It could not be done now, and has to be tried again."""
    WOULD_INDEX = "would_index"
    """It was only looked."""


DONE_ENDS = frozenset({IndexEnd.INDEXED, IndexEnd.UNCHANGED, IndexEnd.WOULD_INDEX})
NOT_TAKEN = "not_taken_by_rekognition"
"""The reason of a photograph that Rekognition's own quality filter does not take."""
CHANGED = "changed_meanwhile"
"""The reason of a photograph that is another one than was looked at."""


@dataclass(frozen=True, slots=True)
class IndexedPhotograph:
    """What became of one photograph.

    Attributes:
        name: its path, as the batch names it.
        indexed: True if its face is in a collection now.
        refused: why it is not; empty if it is, or if nobody looked at it.
    """

    name: str
    indexed: bool
    refused: str = ""


@dataclass(frozen=True, slots=True)
class IndexedPerson:
    """What became of one person.

    Attributes:
        subject: their id.
        person: their id in the cloud.
        end: in a word.
        photographs: each of theirs.
        problem: what stood in the way, for those that are incomplete or refused by the service.
    """

    subject: SubjectId
    person: CloudId
    end: IndexEnd
    photographs: Sequence[IndexedPhotograph]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two people whose faces Rekognition takes for one person's (R41).

    Attributes:
        subject: of the batch.
        other: whom they resemble, by their id in the cloud.
    """

    subject: SubjectId
    other: CloudId


@dataclass(slots=True)
class IndexReport:
    """What came of filling collections.

    Attributes:
        people: what became of each, in the order of the batch.
        pairs: who resembles whom.
        resumed: how many people an earlier process had looked at.
        looked_at: photographs that the local gates looked at.
        sent: photographs that were indexed by this process.
        seconds: that both took, side by side.
        gate_seconds: how much of it was waited for the local gates.
        call_seconds: how much of it was waited for Rekognition and its quotas.
        calls: that take a picture, searches included.
        unsearched: people who could not be searched for duplicates now.
    """

    people: list[IndexedPerson] = field(default_factory=list)
    pairs: list[AlikePair] = field(default_factory=list)
    resumed: int = 0
    looked_at: int = 0
    sent: int = 0
    seconds: float = 0.0
    gate_seconds: float = 0.0
    call_seconds: float = 0.0
    calls: int = 0
    unsearched: int = 0

    @property
    def rate(self) -> float:
        """Photographs indexed a second."""
        return self.sent / self.seconds if self.sent else 0.0

    @property
    def held_by(self) -> str:
        """What held the rate: `gates` or `quota`."""
        return "gates" if self.gate_seconds > self.call_seconds else "quota"

    @property
    def complete(self) -> bool:
        """True if nothing has to be tried again."""
        unfinished = any(each.end is IndexEnd.INCOMPLETE for each in self.people)
        return not unfinished and self.unsearched == 0
