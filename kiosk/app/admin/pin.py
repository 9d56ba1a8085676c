"""The admin PIN of the installer's screen, set from outside of it."""

from __future__ import annotations

from pathlib import Path

from kiosk.domain.access.factors import ADMIN_PIN_DIGITS, refuse_weak
from kiosk.journal.events.people import AdminPinSet
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.admin_pin import AdminPin
from kiosk.store.secrets.keys import FileKey
from kiosk.store.written_down import written_down


def set_admin_pin(home: Path, text: str) -> None:
    """Set the admin PIN; recorded first. The previous one is not needed.

    Raises:
        BadInput: it is no PIN of 6 to 12 digits, or a weak one; nothing is recorded.
        JournalUnwritable, StoreError: it could not be recorded or kept; the old one stays.
    """
    refuse_weak(text, ADMIN_PIN_DIGITS)
    with OpenHome.open(home) as open_home, written_down(open_home, AdminPinSet()):
        AdminPin(open_home.home, FileKey(open_home.home)).set(text)
