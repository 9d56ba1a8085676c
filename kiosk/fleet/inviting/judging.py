"""Judges what a scope says: admins may say anything, a device what it has a proof for."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.history import Source
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.proof import check_enrolment
from kiosk.fleet.records import FleetContent, FleetPerson, FleetReport
from kiosk.fleet.saying import open_record
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys
from kiosk.store.people.person import Profile
from kiosk.store.people.subjects import subject_id


class Judge:
    """Opens the records of one scope, and leaves out what a device may not say.

    Kiosks and admins judge alike. What cannot be opened stops a scope where admins have signed it;
    a device that was broken into cannot stop it.

    Args:
        keys: of the scope.
        file: where the records lie.
        inviter: what admins say of an inviter; raises FleetRefused.
    """

    def __init__(
        self, keys: ScopeKeys, file: ScopeFile, inviter: Callable[[str], InviterCard]
    ) -> None:
        self._keys, self._file, self._inviter = keys, file, inviter

    def content(self, tag: str, record: str, source: Source) -> FleetContent | None:
        """The content of a record; None where a device may not say so.

        Raises:
            FleetRefused: admins have signed it, and it is missing or cannot be opened.
        """
        try:
            content = open_record(self._keys, self._file, tag, record)
            if source.author != ADMINS:
                self._check_device(content, source)
        except (BadInput, FleetRefused):
            if source.author == ADMINS:
                raise
            return None
        return content

    def _check_device(self, content: FleetContent, source: Source) -> None:
        subject_id(content.subject)  # one that cannot be kept would stop the scope
        match content:
            case FleetReport(cleared=True):
                raise FleetRefused("A device cannot clear a report.", "Have admins look at it.")
            case FleetPerson(profile=Profile()) as person:
                check_enrolment(person, self._keys.scope, source, self._inviter)
