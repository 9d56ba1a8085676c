"""The names of everything in a fleet's store. The only module that knows them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from kiosk.domain.fleet.statement import ADMINS, is_device, is_inviter, is_scope

METADATA, TARGETS, ROOTS, PENDING = "metadata/", "targets/", "roots/", "pending/"
REQUESTS, CHANGES, REVIEW = "requests/", "changes/", "review/"
ADMINS_TARGET, HEADS_TARGET, ROOT_TARGET = "admins.json", "heads.json", "root.json"
SCOPES, DEVICES, INVITERS = "scopes/", "devices/", "inviters/"
UPLOADS = "uploads/"
"""Where devices' statements wait; their reports lie elsewhere, so that few names are here."""
INVITATIONS = "invitations/"
INBOXES = (CHANGES, INVITATIONS, UPLOADS)
"""Where statements wait for the publisher."""
PARTS = 3
"""Of the name of something that waits, before the last: kind, author and scope."""
ROLLOUTS, RINGS_TARGET = "rollouts/", "rings.json"
NUMBER_DIGITS = 10
PENDING_CHARACTERS = 16


def metadata_name(role: str, version: int | None) -> str:
    """A role's metadata; the timestamp's has no version in its name."""
    return f"{METADATA}{role}.json" if version is None else f"{METADATA}{version}.{role}.json"


def target_name(path: str, sha256: str) -> str:
    """A target's object: its hash stands before its file name, so that it never changes."""
    folder, slash, name = path.rpartition("/")
    return f"{TARGETS}{folder}{slash}{sha256}.{name}"


def next_root_name(body: bytes) -> str:
    """A root with its signatures, before it follows: by the hash of what is signed."""
    return f"{ROOTS}{hashlib.sha256(body).hexdigest()}.json"


def people_role(scope: str) -> str:
    """The role that publishes a scope's people."""
    return f"people-{scope}"


def index_target(scope: str) -> str:
    """The list of a scope's files."""
    return f"people/{scope}/index.json"


def scopes_in(paths: Iterable[str]) -> list[str]:
    """The scopes among the paths of targets, by name."""
    found = (path.removeprefix(SCOPES) for path in paths if path.startswith(SCOPES))
    return sorted(name.removesuffix(".json") for name in found)


def scope_target(scope: str) -> str:
    """What admins say of a scope: its doors and its devices."""
    return f"{SCOPES}{scope}.json"


def device_target(device: str) -> str:
    """What admins say of a device: its scopes, and their keys wrapped for it."""
    return f"devices/{device}.json"


def inviter_target(inviter: str) -> str:
    """What admins say of an inviter: its key, its scopes, and the groups that it may give."""
    return f"{INVITERS}{inviter}.json"


def inviters_in(paths: Iterable[str]) -> list[str]:
    """The inviters among the paths of targets, by fingerprint."""
    found = (path.removeprefix(INVITERS) for path in paths if path.startswith(INVITERS))
    return sorted(name.removesuffix(".json") for name in found)


def rollout_target(scope: str) -> str:
    """What admins say of a scope's settings and models, and how far they are rolled out."""
    return f"{ROLLOUTS}{scope}.json"


def scope_of_rollout(path: str) -> str:
    """The scope of which a rollout's target speaks."""
    return path.removeprefix(ROLLOUTS).removesuffix(".json")


def devices_in(paths: Iterable[str]) -> list[str]:
    """The devices among the paths of targets, those that were dropped included."""
    found = (path.removeprefix(DEVICES) for path in paths if path.startswith(DEVICES))
    return sorted(name.removesuffix(".json") for name in found)


def health_name(device: str) -> str:
    """The newest report of a device's health. No scope has a dot in its name."""
    return f"{DEVICES}{device}/health.json"


def receipts_name(device: str) -> str:
    """A device's newest receipt of what it has erased."""
    return f"{DEVICES}{device}/receipts.json"


def journal_prefix(device: str) -> str:
    """The beginning of the names of a device's journal segments."""
    return f"{DEVICES}{device}/journal."


def journal_name(device: str, number: int) -> str:
    """One segment of a device's journal."""
    return f"{journal_prefix(device)}{number:0{NUMBER_DIGITS}}"


def request_name(device: str) -> str:
    """The request of a device that is not approved yet."""
    return f"{REQUESTS}{device}.json"


def pending_name(ident: str) -> str:
    """A change that waits for more admins."""
    return f"{PENDING}{ident}.json"


def pending_of(name: str) -> str | None:
    """The change that waits under a name; None for any other object."""
    ident = name.removeprefix(PENDING).removesuffix(".json")
    known = len(ident) == PENDING_CHARACTERS and set(ident) <= set("0123456789abcdef")
    return ident if known and pending_name(ident) == name else None


def offer_name(device: str, scope: str) -> str:
    """Where a device offers people whom it alone has enrolled to a scope."""
    return f"{DEVICES}{device}/offer.{scope}.json"  # no scope has a dot in its name


def offered_by(name: str) -> tuple[str, str] | None:
    """The device and the scope of an offer; None for any other object."""
    device, _, rest = name.removeprefix(DEVICES).partition("/")
    scope = rest.removeprefix("offer.").removesuffix(".json")
    known = is_device(device) and is_scope(scope) and offer_name(device, scope) == name
    return (device, scope) if known else None


def inbox(author: str, scope: str) -> str:
    """Where an author's statements about a scope wait for the publisher; a prefix of names."""
    if author == ADMINS:
        return f"{CHANGES}{scope}/"
    return f"{INVITATIONS if is_inviter(author) else UPLOADS}{author}/{scope}/"


def handed_in_by(name: str) -> tuple[str, str] | None:
    """The device and the scope of something that waits; None for any other object."""
    device, _, rest = name.removeprefix(UPLOADS).partition("/")
    scope, slash, _ = rest.partition("/")
    return (device, scope) if slash and is_device(device) else None


def handed_in(name: str) -> tuple[str, str] | None:
    """The author and the scope of something that waits; None for any other object."""
    if name.startswith(UPLOADS):
        return handed_in_by(name)
    parts = name.split("/")
    if name.startswith(CHANGES):
        return (ADMINS, parts[1])
    return (parts[1], parts[2]) if name.startswith(INVITATIONS) and len(parts) > PARTS else None


def inbox_name(author: str, scope: str, number: int) -> str:
    """One statement that waits; its number makes sure that no two have the same place."""
    return f"{inbox(author, scope)}{number:0{NUMBER_DIGITS}}.jsonl"
