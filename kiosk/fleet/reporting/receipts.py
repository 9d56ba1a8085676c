"""Receipts of erasure: how far a device has applied each scope, signed by the device.

Everybody whom a scope erased up to that place is gone from the device. The hash of the applied
state proves which history it was. A device that left a scope has erased everybody of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from kiosk.domain.errors import FleetRefused
from kiosk.fleet.applying.state import ScopeState
from kiosk.fleet.cards import DeviceKeys
from kiosk.fleet.device import Device
from kiosk.fleet.reporting.ledger import ReportLedger
from kiosk.fleet.reporting.signed import (
    ReportKind,
    read_report,
    short_word,
    sign_report,
    understood,
    utc_time,
)
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout

MOST_RECEIPTS = 262_144
AGAIN = timedelta(days=1)
"""A receipt that is handed in already is handed in again so often: whoever holds the store may have
removed it."""
_PART, _HANDED_IN = "receipts", "receipts handed in"


@dataclass(frozen=True, slots=True)
class ScopeReceipt:
    """How far a device has applied one scope.

    Attributes:
        place: of the last statement, in the scope's history.
        state: the hash of what was applied.
        at: when the device first said so, UTC.
    """

    place: int
    state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class DeviceReceipts:
    """All receipts of a device.

    Attributes:
        number: higher than that of every one before.
        scopes: by name, those that it is in.
        left: when it erased everybody of a scope that it is not in any more, UTC, by name.
    """

    number: int = 0
    scopes: Mapping[str, ScopeReceipt] = field(default_factory=dict)
    left: Mapping[str, datetime] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """The receipts as a JSON object."""
        scopes = {
            scope: {"place": it.place, "state": it.state, "at": it.at.isoformat()}
            for scope, it in self.scopes.items()
        }
        left = {scope: at.isoformat() for scope, at in self.left.items()}
        return {"number": self.number, "scopes": scopes, "left": left}

    def signed(self, device: Device) -> bytes:
        """The receipts, signed by their device."""
        return sign_report(ReportKind.RECEIPTS, device, self.said())

    def after(self, applied: Mapping[str, ScopeState], now: datetime) -> DeviceReceipts:
        """The receipts of what is applied now; the number rises if they say something new."""
        scopes: dict[str, ScopeReceipt] = {}
        for scope, state in applied.items():
            new, known = ScopeReceipt(state.place, state.digest(), now), self.scopes.get(scope)
            same = known is not None and (known.place, known.state) == (new.place, new.state)
            scopes[scope] = known if known is not None and same else new
        gone = {scope: now for scope in self.scopes if scope not in scopes}
        left = {scope: at for scope, at in self.left.items() if scope not in scopes} | gone
        found = DeviceReceipts(self.number, scopes, left)
        return found if found == self else replace(found, number=self.number + 1)


class ReceiptWriter:
    """Hands in a device's receipts whenever they change.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        ledger: keeps what was signed last.
        applied: what is applied of each scope now.
        utc: the wall clock.
    """

    def __init__(
        self,
        store: ObjectStore,
        device: Device,
        ledger: ReportLedger,
        applied: Callable[[], Mapping[str, ScopeState]],
        utc: Callable[[], datetime],
    ) -> None:
        self._store, self._device, self._ledger = store, device, ledger
        self._applied, self._utc = applied, utc
        self._name = layout.receipts_name(device.fingerprint)

    def hand_in(self) -> None:
        """Hand in what is new, or the same again after a day.

        Raises:
            FleetRefused, FleetStoreUnreachable: it could not be written.
            StoreError: it could not be made durable here first.
        """
        now, kept = self._utc(), self._ledger.part(_PART)
        known = _receipts(kept) if kept else DeviceReceipts()
        found = known.after(self._applied(), now)
        handed_in = self._ledger.part(_HANDED_IN)
        again = handed_in and now - utc_time(handed_in["at"]) >= AGAIN
        if found == known and handed_in.get("number") == known.number and not again:
            return
        found = self._above_what_is_there(found)
        if found != known:
            self._ledger.keep(_PART, found.said())
        self._store.put(self._name, found.signed(self._device), expected=ANYTHING)
        self._ledger.keep(_HANDED_IN, {"number": found.number, "at": now.isoformat()})

    def _above_what_is_there(self, found: DeviceReceipts) -> DeviceReceipts:
        """With a higher number than a receipt of this device from before its home was restored."""
        try:
            there = self._store.get(self._name, MOST_RECEIPTS)
            if not isinstance(there, StoredObject):
                return found
            before = read_receipts(there.data, self._device.public)
        except FleetRefused:
            return found  # not ours, whatever it is, or not there: it is written over
        if before.number < found.number or before == found:
            return found
        return replace(found, number=before.number + 1)


def read_receipts(data: bytes, keys: DeviceKeys) -> DeviceReceipts:
    """A device's receipts, if it has signed them.

    Raises:
        FleetRefused: it has not, or this version does not understand them.
    """
    report = read_report(ReportKind.RECEIPTS, data, keys)
    return understood(ReportKind.RECEIPTS, report.said, _receipts)


def _receipts(said: Mapping[str, Any]) -> DeviceReceipts:
    scopes = {
        short_word(scope): ScopeReceipt(
            int(it["place"]), short_word(it["state"]), utc_time(it["at"])
        )
        for scope, it in said["scopes"].items()
    }
    left = {short_word(scope): utc_time(at) for scope, at in said["left"].items()}
    return DeviceReceipts(int(said["number"]), scopes, left)
