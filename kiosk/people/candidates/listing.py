"""The list of whom a photograph might show, with its entry in the journal first."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.domain.access.policy import Calibration
from kiosk.domain.vision.comparison import Gallery, mean_references
from kiosk.domain.vision.template import Template
from kiosk.journal.events.people import CandidatesListed
from kiosk.people.candidates.resembling import Lookalike, lookalikes
from kiosk.store.open_home import OpenHome


def listed(
    open_home: OpenHome,
    probe: Template,
    calibration: Calibration,
    *,
    one_in: int,
    count: int,
    user: int,
) -> Sequence[Lookalike]:
    """Whom a face resembles. Nobody is shown before the journal has that they were asked for.

    Args:
        open_home: holds people and journal.
        probe: of one picture of the face; not kept.
        calibration: of one picture with a person's mean.
        one_in: the bar; see `lookalikes`.
        count: the most people.
        user: the number of the machine's user who asks.

    Raises:
        SpaceMismatch: the people who are enrolled were enrolled with other models.
        StoreError: they cannot be read now.
        JournalUnwritable: the journal cannot be written.
    """
    references = mean_references(open_home.references.load(calibration.space))
    gallery = Gallery.of(calibration.space, references)
    found = lookalikes(probe, gallery, calibration, one_in, count)
    open_home.recorder.note(CandidatesListed(user, len(found)))
    return found
