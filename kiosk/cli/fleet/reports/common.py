"""The store as admins read it, with what they have seen of each device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.cli.fleet.common import keyring

if TYPE_CHECKING:
    from kiosk.fleet.reporting.seen import SeenReports
    from kiosk.fleet.trust.keyring import Keyring
    from kiosk.fleet.trust.verified import VerifiedStore


@dataclass(frozen=True)
class AdminsView:
    """What admins read with.

    Attributes:
        verified: the fleet's store.
        keys: theirs.
        seen: what they have seen of each device.
    """

    verified: VerifiedStore
    keys: Keyring
    seen: SeenReports


@contextmanager
def admins_view(store: str, keys: Path, passphrase_file: Path | None) -> Iterator[AdminsView]:
    """The store for reading; what is newer than what was seen is remembered beside the keys."""
    from kiosk.fleet.reporting.seen import SEEN, SeenReports
    from kiosk.fleet.trust.verified import VerifiedStore
    from kiosk.wiring.fleet import opened_store

    held, seen = keyring(keys, passphrase_file), SeenReports(keys / SEEN)
    with opened_store(store) as opened:
        try:
            yield AdminsView(VerifiedStore(opened, held.root, held.seen), held, seen)
        finally:
            seen.save()
