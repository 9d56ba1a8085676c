"""What admins have signed about scopes and devices, opened with the key of an admin who is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tuf.api.metadata import Targets

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.history import history_of
from kiosk.fleet.cards import DeviceCard, ScopeCard, wrapping_id
from kiosk.fleet.log import Authors, published_now
from kiosk.fleet.sealing import ScopeKeys, wrap
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminsCard
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore


class ScopeBook:
    """Reads the cards of scopes and devices, and makes new ones.

    Args:
        verified: the store.
        targets: what admins have signed last.
        keys: the keys of admins who are here.
        admins: who gets the keys of scopes; None for those who are admins now.
    """

    def __init__(
        self,
        verified: VerifiedStore,
        targets: Targets,
        keys: Keyring,
        admins: AdminsCard | None = None,
    ) -> None:
        self._verified, self._targets, self._keys = verified, targets, keys
        self._admins = admins

    @property
    def admins(self) -> AdminsCard:
        """Who gets the keys of scopes.

        Raises:
            FleetRefused: it cannot be verified.
        """
        if self._admins is None:
            raw = self._verified.read_target(self._targets, layout.ADMINS_TARGET)
            self._admins = AdminsCard.decode(raw)
        return self._admins

    def scope(self, name: str) -> ScopeCard:
        """The card of a scope.

        Raises:
            BadInput: there is none of that name.
        """
        raw = self._verified.read_target(self._targets, layout.scope_target(name))
        if raw is None:
            raise BadInput(f"There is no scope {name[:60]!r}.", "See `kiosk fleet status`.")
        return ScopeCard.decode(raw)

    def device(self, fingerprint: str) -> DeviceCard | None:
        """The card of a device; None where there is none."""
        raw = self._verified.read_target(self._targets, layout.device_target(fingerprint))
        return None if raw is None else DeviceCard.decode(raw)

    def open(self, card: ScopeCard) -> ScopeKeys:
        """The keys of a scope, by the key of an admin that is here.

        Raises:
            StoreKeyError: no key here opens them.
        """
        return card.opened(self._keys.opening)

    def wrapped(self, keys: ScopeKeys) -> Mapping[str, bytes]:
        """A scope's keys, wrapped for each admin."""
        public = [each.opening for each in self.admins.admins]
        return {wrapping_id(each): wrap(keys, each) for each in public}

    def rewrapped(self, scope: str) -> ScopeCard:
        """A scope's card with the same keys, wrapped for these admins."""
        card = self.scope(scope)
        return replace(card, keys=self.wrapped(self.open(card)))

    def turned(
        self, scope: str, cards: dict[str, DeviceCard], gone: str | None = None
    ) -> ScopeCard:
        """A scope in its next epoch, whose keys all its devices get, but one.

        Args:
            scope: its name.
            cards: those of devices as changed so far; the others' are added.
            gone: the device that gets none.
        """
        card = self.scope(scope)
        keys = self.open(card).turned()
        staying = tuple(device for device in card.devices if device != gone)
        for device in staying:
            known = cards.get(device) or self.device(device)
            if known is not None:
                scopes = {**known.scopes, scope: wrap(keys, known.keys.opening)}
                cards[device] = DeviceCard(known.keys, known.door, scopes, known.dropped)
        return replace(card, devices=staying, keys=self.wrapped(keys))

    def refuse_outspoken(
        self, fingerprint: str, card: DeviceCard | None, scopes: Sequence[str]
    ) -> None:
        """Check that a device that is taken back has said nothing since it was dropped.

        Raises:
            FleetRefused: it has, and it would count from now on.
        """
        dropped = {} if card is None else card.dropped or {}
        for scope in scopes:
            if scope in dropped and self.last_of(scope, fingerprint) > dropped[scope]:
                raise FleetRefused(
                    f"Device {fingerprint} has said something after it was dropped from {scope}.",
                    "Drop it once more if that should count; else give it new keys.",
                )

    def last_of(self, scope: str, device: str) -> int:
        """The number of the last published statement of a device, even one that was dropped."""
        authors = Authors(self._verified, self._targets, heard_out=device)
        known = published_now(self._verified, self._targets, scope, authors)
        statements = known.file.statements
        return history_of(scope, (each for each, _ in statements)).next_of(device).number

    def said_more(self, device: str, card: DeviceCard) -> list[str]:
        """The scopes in which more of a dropped device is published than its card lets count."""
        dropped = (card.dropped or {}).items()
        return [scope for scope, last in dropped if self.last_of(scope, device) > last]
