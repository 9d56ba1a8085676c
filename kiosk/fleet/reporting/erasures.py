"""Whether somebody who was erased is gone at every door, by the receipts of the devices.

A device can lie for itself: it could say that it has applied what it has not. It cannot speak for
another, and what it claims to have applied must be what was published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused, SubjectUnknown
from kiosk.domain.fleet.history import History
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.applying.state import ScopeState
from kiosk.fleet.cards import DeviceCard, ScopeCard
from kiosk.fleet.log import published_now
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.reporting.reading import RECEIPTS, device_cards, newest
from kiosk.fleet.reporting.receipts import DeviceReceipts
from kiosk.fleet.reporting.seen import SeenReports
from kiosk.fleet.saying import open_record
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys, WrappingKey
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore


class Confirmation(Enum):
    """What a device says of somebody's erasure in a scope."""

    CONFIRMED = "confirmed"
    LEFT = "left"
    """It is not in the scope any more, and has erased everybody of it."""
    NOT_YET = "not_yet"
    DROPPED = "dropped"
    """It was dropped, and has not confirmed: what it had it may still have."""


@dataclass(frozen=True, slots=True)
class DeviceConfirmation:
    """What one device says of somebody's erasure in one scope.

    Attributes:
        device: its fingerprint.
        door: on which it decides; None where its own settings say so.
        state: what it says.
        at: when it first said how far it has applied the scope, UTC; of a device that has not
            confirmed, its last word. None where there is none.
        problem: why a receipt does not count; None if nothing speaks against it.
    """

    device: str
    door: str | None
    state: Confirmation
    at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class ScopeErasure:
    """Somebody in one of the scopes in which they are, or were.

    Attributes:
        scope: its name.
        place: of the statement that counts, in the scope's history.
        erased: False where they are still known in the scope.
        devices: what each device says; none where they are not erased.
    """

    scope: str
    place: int
    erased: bool
    devices: tuple[DeviceConfirmation, ...] = ()

    @property
    def awaited(self) -> Sequence[DeviceConfirmation]:
        """The devices of the scope that have yet to confirm."""
        return [each for each in self.devices if each.state is Confirmation.NOT_YET]

    @property
    def dropped(self) -> Sequence[DeviceConfirmation]:
        """The devices that were dropped and have not confirmed."""
        return [each for each in self.devices if each.state is Confirmation.DROPPED]


class ErasureReader:
    """Reads receipts for admins.

    Args:
        verified: the store.
        holders: admins' keys that open the keys of scopes.
        seen: which receipts were seen; takes the new ones.
    """

    def __init__(
        self, verified: VerifiedStore, holders: Iterable[WrappingKey], seen: SeenReports
    ) -> None:
        self._verified, self._holders, self._seen = verified, tuple(holders), seen

    def of(self, subject: SubjectId) -> Sequence[ScopeErasure]:
        """Somebody's erasure, in every scope in which they are or were.

        Raises:
            SubjectUnknown: nothing was ever published about them.
            FleetRefused: what is published cannot be verified.
            StoreKeyError: no key here opens a scope.
        """
        targets = self._verified.targets()
        cards = device_cards(self._verified, targets)
        receipts = _Receipts(self._verified, self._seen)
        found = [
            each
            for scope in layout.scopes_in(targets.targets)
            if (each := self._in_scope(subject, scope, targets, cards, receipts)) is not None
        ]
        if not found:
            raise SubjectUnknown(
                f"Nothing was ever published about {subject} in this fleet.",
                "See whether the id is spelt right.",
            )
        return found

    def _in_scope(
        self,
        subject: SubjectId,
        scope: str,
        targets: Targets,
        cards: Mapping[str, DeviceCard],
        receipts: _Receipts,
    ) -> ScopeErasure | None:
        raw = self._verified.read_target(targets, layout.scope_target(scope)) or b""
        keys = ScopeCard.decode(raw).opened(self._holders)
        members = {
            device: card
            for device, card in cards.items()
            if scope in card.scopes or scope in (card.dropped or {})
        }
        told = {device: receipts.of(card) for device, card in members.items()}
        file = published_now(self._verified, targets, scope).file
        past = _Past(keys, subject)
        past.follow(file, {it.place_in(scope) for it in told.values()})
        if past.record is None:
            return None
        content = open_record(keys, file, past.tag, past.record)
        if not isinstance(content, FleetPerson) or content.profile is not None:
            return ScopeErasure(scope, past.place, erased=False)
        said = (_confirmation(members[device], scope, it, past) for device, it in told.items())
        return ScopeErasure(scope, past.place, erased=True, devices=tuple(said))


@dataclass(frozen=True, slots=True)
class _Told:
    """What a device has said, if anything counts."""

    receipts: DeviceReceipts | None
    problem: str | None = None

    def place_in(self, scope: str) -> int:
        known = None if self.receipts is None else self.receipts.scopes.get(scope)
        return 0 if known is None else known.place


class _Receipts:
    """The receipts of devices, each read once."""

    def __init__(self, verified: VerifiedStore, seen: SeenReports) -> None:
        self._verified, self._seen = verified, seen
        self._known: dict[str, _Told] = {}

    def of(self, card: DeviceCard) -> _Told:
        device = card.keys.fingerprint
        if device not in self._known:
            try:
                found = newest(self._verified, card, self._seen, RECEIPTS)
                self._known[device] = _Told(found)
            except FleetRefused as error:
                self._known[device] = _Told(None, error.problem)
        return self._known[device]


@dataclass(slots=True)
class _Past:
    """The history of a scope, as far as it is about one person.

    Attributes:
        keys: of the scope.
        subject: the person.
        place: of the statement that counts for them; 0 for none.
        record: the record that counts; None for none.
        states: the hash of the applied state at the places that somebody asked for.
    """

    keys: ScopeKeys
    subject: SubjectId
    place: int = 0
    record: str | None = None
    states: dict[int, str] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The tag of the person in the scope."""
        return self.keys.tag(self.subject)

    def follow(self, file: ScopeFile, asked: set[int]) -> None:
        """Follow all statements, and keep the state at each place that is asked for."""
        history, tag = History(self.keys.scope), self.tag
        for place, (statement, _) in enumerate(file.statements, 1):
            history.follow(statement)
            record = history.current.get(tag)
            if record != self.record:
                self.place, self.record = place, record
            if place in asked:
                self.states[place] = ScopeState(place, dict(history.authors)).digest()


def _confirmation(card: DeviceCard, scope: str, told: _Told, past: _Past) -> DeviceConfirmation:
    member = scope in card.scopes
    state = Confirmation.NOT_YET if member else Confirmation.DROPPED
    found = DeviceConfirmation(card.keys.fingerprint, card.door, state, problem=told.problem)
    if told.receipts is None:
        return found
    if not member and scope in told.receipts.left:
        return replace(found, state=Confirmation.LEFT, at=told.receipts.left[scope])
    said = told.receipts.scopes.get(scope)
    if said is None:
        return found
    if past.states.get(said.place) != said.state:
        problem = "It has applied another history than the one that is published."
        return replace(found, at=said.at, problem=problem)
    confirmed = said.place >= past.place
    return replace(found, at=said.at, state=Confirmation.CONFIRMED if confirmed else state)
