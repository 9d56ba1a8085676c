"""The plans of admins who change keys: whose key goes, and which one comes."""

from __future__ import annotations

from securesystemslib.signer import Key
from tuf.api.metadata import Root

from kiosk.domain.errors import BadInput
from kiosk.fleet.keys.change import KeyChange, NewAdmin
from kiosk.fleet.keys.public_file import PublicKeys
from kiosk.fleet.keys.rotation import Plan, admin_named
from kiosk.fleet.trust.admins import AdminsCard
from kiosk.fleet.trust.keyring import AdminKeys, Keyring


def admin_gone(name: str) -> Plan:
    """An admin goes, and nobody comes."""
    return lambda _, card: KeyChange(gone=(admin_named(card, name),))


def admin_added(keys: Keyring, public: PublicKeys | None = None) -> Plan:
    """An admin comes: with keys that were made elsewhere, or that are made here."""
    return lambda root, card: KeyChange(new=(_new(keys, root, card, public),))


def admin_replaced(keys: Keyring, name: str, public: PublicKeys | None = None) -> Plan:
    """An admin's keys are replaced: by others that were made elsewhere, or that are made here."""

    def plan(root: Root, card: AdminsCard) -> KeyChange:
        gone = admin_named(card, name)
        return KeyChange(gone=(gone,), new=(_new(keys, root, card, public),))

    return plan


def publisher_replaced(keys: Keyring) -> Plan:
    """The publisher gets another key, which is made here."""

    def plan(root: Root, _: AdminsCard) -> KeyChange:
        key: Key = keys.draw_publisher().public_key
        if key.keyid in root.roles["timestamp"].keyids:
            raise BadInput("That publisher's key is in use already.", "Try again.")
        return KeyChange(publisher=key)

    return plan


def _new(keys: Keyring, root: Root, card: AdminsCard, public: PublicKeys | None) -> NewAdmin:
    if public is not None:
        return NewAdmin(card.next_name, public.signing, public.opening)
    drawn = _drawn_before(keys, root, card) or keys.draw_admin(card.next_name)
    if drawn.opening is None:
        raise BadInput(f"{drawn.name} has no key that opens scopes.", "Make both.")
    return NewAdmin(card.next_name, drawn.signer.public_key, drawn.opening.public)


def _drawn_before(keys: Keyring, root: Root, card: AdminsCard) -> AdminKeys | None:
    """Keys that were made for a change that came to nothing."""
    known = root.roles[Root.type].keyids
    found = (it for it in keys.admins if it.name == card.next_name and it.keyid not in known)
    return next(found, None)
