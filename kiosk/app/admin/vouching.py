"""What an admin beside a person can do on the running kiosk for their enrolment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from config.sections.enrolment import Identity
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.errors import Refused
from kiosk.journal.events.operators import InstallerActed
from kiosk.people.beginning.vouching import Vouching
from kiosk.pipeline.enrolment.keys import EnrolmentKeys

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.store.open_home import OpenHome
    from kiosk.ui.installer import VouchParts


class Enrols(Protocol):
    """A running kiosk at which people enrol; see `kiosk.pipeline.live`."""

    @property
    def keys(self) -> EnrolmentKeys:
        """Passes input on to the session."""
        ...

    @property
    def enrolling(self) -> bool:
        """True if a session is going on."""
        ...


def vouch_parts(settings: Settings, open_home: OpenHome, kiosk: Enrols) -> VouchParts | None:
    """The functions for the installer's page; None where nobody can enrol at the kiosk.

    Args:
        settings: all settings.
        open_home: people and journal.
        kiosk: the running kiosk.

    Raises:
        StoreKeyError: there is no usable key.
    """
    from kiosk.ui.installer import VouchParts

    if not settings.enrolment.at_kiosk:
        return None
    usual, keys = settings.enrolment.poses_required, kiosk.keys
    vouching = Vouching(
        open_home,
        needs_photo=settings.enrolment.identity is Identity.REFERENCE,
        signed_answers=settings.enrolment.signed_answers,
    )

    def begin(subject: str, fewer: tuple[int, PosesReason] | None) -> None:
        if kiosk.enrolling:
            raise Refused("Somebody enrols just now.", "Wait until they are done.")
        invitee = vouching.vouch(subject)
        if fewer is not None:
            open_home.recorder.note(InstallerActed("fewer_directions"))
        keys.vouch(invitee, *(fewer or (usual, None)))

    def relax(number: int, reason: PosesReason) -> None:
        if not kiosk.enrolling:
            raise Refused("Nobody enrols any more.", "Begin with the person.")
        open_home.recorder.note(InstallerActed("fewer_directions"))
        keys.relax(number, reason)

    return VouchParts(vouching.known, begin, relax, lambda: kiosk.enrolling, usual)
