"""How long each class of what lies in a fleet's store is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class KeptClass(Enum):
    """A class of objects that go by age."""

    LEFTOVER = "leftover"
    """What failed a check, requests and offers, and what dropped devices left behind."""
    JOURNAL = "journal"
    """Segments of devices' journals."""
    RECEIPT = "receipt"
    """The last receipts of dropped devices."""
    SUPERSEDED = "superseded"
    """Files of a scope that no metadata names any more: people who were erased are in them."""
    METADATA = "metadata"
    """Versions of the publisher's metadata that newer ones have replaced."""


@dataclass(frozen=True, slots=True)
class KeptFor:
    """How long each class is kept.

    Attributes:
        leftover: after it was first seen to be left over.
        journal: after a segment was made.
        receipt: after the device was first seen to be dropped.
        superseded: after a file was first seen to be superseded; a kiosk may still be reading it.
        metadata: after it was replaced.
    """

    leftover: timedelta = timedelta(days=30)
    journal: timedelta = timedelta(days=180)
    receipt: timedelta = timedelta(days=1825)
    superseded: timedelta = timedelta(days=7)
    metadata: timedelta = timedelta(days=1)

    def of(self, kept: KeptClass) -> timedelta:
        """How long a class is kept."""
        return {
            KeptClass.LEFTOVER: self.leftover,
            KeptClass.JOURNAL: self.journal,
            KeptClass.RECEIPT: self.receipt,
            KeptClass.SUPERSEDED: self.superseded,
            KeptClass.METADATA: self.metadata,
        }[kept]
