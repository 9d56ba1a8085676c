"""The day on which each person last used the door, from the journal; and until when they are kept.

A person who does not come any more is erased (R33): by their last day, or a time without use.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from kiosk.domain.audit import AuditEntry
from kiosk.domain.vision.template import SubjectId, is_subject_id
from kiosk.journal.events.access import Decided
from kiosk.journal.events.door import DoorReleasedForPerson
from kiosk.journal.events.enrolling import ReferencesReplaced
from kiosk.store.people.person import Profile


def used_in(entry: AuditEntry) -> SubjectId | None:
    """The person whom an entry shows at the door, let in, or with new references; else None."""
    subject = entry.details.get("subject")
    let_in = entry.event == Decided.name and entry.details.get("outcome") == "granted"
    others = (DoorReleasedForPerson.name, ReferencesReplaced.name)
    if not (let_in or entry.event in others) or not isinstance(subject, str):
        return None
    return SubjectId(subject) if is_subject_id(subject) else None


class LastUses:
    """Follows a journal for the last day on which each person was let in.

    Attributes:
        days: UTC, by id.
    """

    def __init__(self) -> None:
        self.days: dict[SubjectId, date] = {}

    def follow(self, entry: AuditEntry) -> None:
        """Take the next entry into account."""
        subject = used_in(entry)
        if subject is not None:
            day = datetime.fromisoformat(entry.at_utc).date()
            self.days[subject] = max(day, self.days.get(subject, day))


def kept_until(profile: Profile, used: date | None, unused_days: int) -> date:
    """The last day on which a person is kept, as far as it is known today.

    Args:
        profile: theirs.
        used: when they were let in last; None if never.
        unused_days: the days without use after which they are erased.
    """
    begins = max(profile.enrolled_at.date(), profile.rules.valid_from or date.min)
    unused = max(begins, used or begins) + timedelta(days=unused_days)
    last = profile.rules.valid_until
    return unused if last is None else min(last, unused)
