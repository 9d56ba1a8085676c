"""Badges of one home: a person has at most one valid badge, and a new one ends the previous one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from kiosk.domain.access.factors import badge_text, check_badge, no_badge
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.vision.template import SubjectId
from kiosk.store.people.person import Profile
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import KeySource, Purpose

SERIAL_BYTES = 8


class Badges:
    """Makes, revokes and reads badges; any thread may call it.

    Args:
        references: stores each person's valid serial.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, references: References, key: KeySource) -> None:
        self._references = references
        self._key = key.derive(Purpose.BADGES)

    def __repr__(self) -> str:
        return "Badges(<hidden>)"

    def draw(self, subject: SubjectId) -> tuple[str, str]:
        """The serial and text of a new badge. It is not valid until `issue` gets the serial."""
        serial = secrets.token_hex(SERIAL_BYTES)
        return serial, badge_text(subject, serial, self._key)

    def issue(self, subject: SubjectId, serial: str) -> None:
        """Make a drawn badge the valid one.

        Raises:
            SubjectUnknown: nobody with that id is enrolled.
            StoreError: it could not be made durable; the previous badge stays valid.
        """
        self._references.amend(subject, lambda profile: _with_badge(profile, serial))

    def revoke(self, subject: SubjectId) -> None:
        """End the valid badge. The factors required of the person do not change.

        Raises:
            BadInput: they have none.
            SubjectUnknown: nobody with that id is enrolled.
            StoreError: it could not be made durable; the badge stays valid.
        """

        def ended(profile: Profile) -> Profile:
            if profile.factors.badge is None:
                raise no_badge(subject)
            return _with_badge(profile, None)

        self._references.amend(subject, ended)

    def holder(
        self, text: str, serial_of: Callable[[SubjectId], str | None] | None = None
    ) -> SubjectId | None:
        """The owner of a valid badge text; None for any other text that a camera may read.

        Args:
            text: as it was read; untrusted.
            serial_of: the serial of a person's valid badge; None to read it from the store.

        Raises:
            StoreError: the badge was made here, and its owner's record cannot be read.
        """
        return check_badge(text, self._key, serial_of or self._serial_of)

    def _serial_of(self, subject: SubjectId) -> str | None:
        try:
            return self._references.factors_of(subject).badge
        except SubjectUnknown:
            return None


def _with_badge(profile: Profile, serial: str | None) -> Profile:
    return replace(profile, factors=replace(profile.factors, badge=serial))
