"""What admins have signed, compared with what they would sign, in words.

What is not understood is named all the same: whoever adds a signature should know of all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tuf.api.metadata import Root, Targets, Timestamp

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import Author
from kiosk.fleet.cards import DeviceCard, ScopeCard
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.keys.public_file import PublicKeys
from kiosk.fleet.rollout.plan import SealedVersion, SharedVersion
from kiosk.fleet.rollout.words import rings_difference, rollout_difference
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.admins import AdminsCard
from kiosk.fleet.trust.heads import Heads
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.next_root import read_body
from kiosk.fleet.trust.verified import VerifiedStore

SHOWN = 12


class SignedDifference:
    """The difference between two versions of what admins sign.

    Args:
        verified: a store that holds both.
        before: the targets that count.
        after: those that would.
        keys: of the admin who looks: they open what is sealed.
    """

    def __init__(
        self, verified: VerifiedStore, before: Targets, after: Targets, keys: Keyring
    ) -> None:
        self._verified, self._before, self._after = verified, before, after
        self._keys = keys

    def told(self) -> list[str]:
        """Each difference, a sentence each.

        Raises:
            FleetRefused: a target is missing, or cannot be understood.
        """
        told = [*self._roles()]
        before, after = self._before.targets, self._after.targets
        for path in sorted({*before, *after}):
            old, new = before.get(path), after.get(path)
            if old is None or new is None or old.hashes != new.hashes:
                told += [*self._target(path)] or [self._another(path)]
        return told

    # -- targets ---------------------------------------------------------------------------------

    def _target(self, path: str) -> Iterator[str]:
        old = self._verified.read_target(self._before, path)
        new = self._verified.read_target(self._after, path)
        if new is None:
            yield f"{path} is taken away."
        elif path == layout.ADMINS_TARGET:
            yield from _admins(old, new, self._root_after())
        elif path == layout.HEADS_TARGET:
            yield from _heads(old, new, self._verified.root)
        elif path == layout.ROOT_TARGET:
            yield from root_differences(self._verified.root, read_body(new))
        elif path.startswith(layout.SCOPES):
            yield from _scope(path, old, new)
        elif path.startswith(layout.DEVICES):
            yield from _device(path, old, new)
        elif path.startswith(layout.INVITERS):
            yield from _inviter(path, old, new)
        elif path == layout.RINGS_TARGET:
            yield from rings_difference(old, new)
        elif path.startswith(layout.ROLLOUTS):
            yield from self._rollout(path, old, new)

    def _root_after(self) -> Root:
        body = self._verified.read_target(self._after, layout.ROOT_TARGET)
        return self._verified.root if body is None else read_body(body)

    def _another(self, path: str) -> str:
        """What is told of a target of which nothing else is known."""
        info = self._after.targets[path]
        is_new = "another" if path in self._before.targets else "new"
        return f"{path} is {is_new}: {info.length} bytes, SHA-256 {info.hashes['sha256']}."

    def _rollout(self, path: str, old: bytes | None, new: bytes) -> Iterator[str]:
        scope = layout.scope_of_rollout(path)
        book = ScopeBook(self._verified, self._after, self._keys)

        def opened(version: SealedVersion) -> SharedVersion:
            return version.opened(book.open(book.scope(scope)))

        yield from rollout_difference(old, new, scope, opened)

    def _roles(self) -> Iterator[str]:
        """Who may publish what."""
        before, after = _roles_of(self._before), _roles_of(self._after)
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) == after.get(name):
                continue
            role = after.get(name)
            yield f"{name}: nobody publishes it any more." if role is None else f"{name}: {role}."


def root_differences(before: Root, after: Root) -> Iterator[str]:
    """What another root of trust changes, a sentence each."""
    until = f"{after.expires:%Y-%m-%d}"
    yield f"Root {after.version} follows root {before.version}, and expires on {until}."
    for role in sorted({*before.roles, *after.roles}):
        old, new = before.roles.get(role), after.roles.get(role)
        if old is None or new is None:
            yield f"The role {role} is {'new' if old is None else 'taken away'}."
            continue
        for keyid in new.keyids:
            if keyid not in old.keyids or after.keys[keyid] != before.keys[keyid]:
                yield f"{role}: key {keyid[:SHOWN]} ({after.keys[keyid].scheme}) comes."
        for keyid in old.keyids:
            if keyid not in new.keyids:
                yield f"{role}: key {keyid[:SHOWN]} goes."
        if old.threshold != new.threshold:
            yield f"{role}: {new.threshold} have to sign, not {old.threshold}."


def _admins(old: bytes | None, new: bytes, root: Root) -> Iterator[str]:
    before = {} if old is None else AdminsCard.decode(old).by_keyid
    after = AdminsCard.decode(new).by_keyid
    for keyid, card in after.items():
        if before.get(keyid) != card:
            known = "becomes an admin" if keyid not in before else "has other keys"
            yield f"{card.name} (key {keyid[:SHOWN]}) {known}."
            if (key := root.keys.get(keyid)) is not None:
                fingerprint = PublicKeys(key, card.opening).fingerprint
                yield f"{card.name}: compare the fingerprint {fingerprint} with the one they say."
    for keyid, card in before.items():
        if keyid not in after:
            yield f"{card.name} (key {keyid[:SHOWN]}) is no admin any more."


def _heads(old: bytes | None, new: bytes, root: Root) -> Iterator[str]:
    before, after = Heads.decode(old, root).scopes, Heads.decode(new, root).scopes
    for scope in sorted(before.keys() | after.keys()):
        head = after.get(scope, Author())
        if before.get(scope) != head:
            yield (
                f"Scope {scope}: statements of admins count up to {head.number}, whoever signed "
                f"them; its hash is {str(head.digest)[:SHOWN]}."
            )


def _scope(path: str, old: bytes | None, new: bytes) -> Iterator[str]:
    after = ScopeCard.decode(new)
    if layout.scope_target(after.scope) != path:
        raise FleetRefused(f"{path} speaks of the scope {after.scope}.", "Do not sign it.")
    before = after if old is None else ScopeCard.decode(old)
    known = before.devices if old is not None else ()
    if old is None:
        yield f"Scope {after.scope} is new, with the doors {', '.join(after.doors)}."
    elif before.doors != after.doors:
        yield f"Scope {after.scope} has the doors {', '.join(after.doors)}."
    if after.names != before.names or (old is None and not after.names):
        kept = "kept" if after.names else "not kept"
        yield f"Scope {after.scope}: people's names are {kept} at its kiosks."
    for device in sorted({*known, *after.devices}):
        if device not in after.devices:
            yield f"Scope {after.scope}: device {device} goes."
        elif device not in known:
            yield f"Scope {after.scope}: device {device} comes."
    if before.keys.keys() != after.keys.keys():
        yield f"Scope {after.scope}: its keys are for {len(after.keys)} admins."
    elif before.keys != after.keys:
        yield f"Scope {after.scope}: its keys are wrapped anew."


def _device(path: str, old: bytes | None, new: bytes) -> Iterator[str]:
    after = DeviceCard.decode(new)
    name = after.keys.fingerprint
    if layout.device_target(name) != path:
        raise FleetRefused(f"{path} speaks of the device {name}.", "Do not sign it.")
    before = None if old is None else DeviceCard.decode(old)
    if before is None:
        yield f"Device {name} is approved, for the door {after.door or 'that it names itself'}."
    elif before.door != after.door:
        yield f"Device {name}: its door is {after.door or 'the one that it names itself'}."
    known: Mapping[str, bytes] = {} if before is None else before.scopes
    for scope in sorted(known.keys() | after.scopes.keys()):
        if known.get(scope) != after.scopes.get(scope):
            does = "gets the keys of" if scope in after.scopes else "gets no more keys of"
            yield f"Device {name} {does} {scope}."
    yield from _counts(f"Device {name}", {} if before is None else before.dropped, after.dropped)


def _counts(
    who: str, before: Mapping[str, int] | None, after: Mapping[str, int] | None
) -> Iterator[str]:
    """Up to which statement it counts what somebody says who was dropped."""
    old, new = before or {}, after or {}
    for scope in sorted(old.keys() | new.keys()):
        if old.get(scope) == new.get(scope):
            continue
        if scope in new:
            yield f"{who}: what it says about {scope} counts up to statement {new[scope]}."
        else:
            yield (
                f"{who}: that it counts up to statement {old[scope]} what it said about {scope} is "
                "taken away."
            )


def _inviter(path: str, old: bytes | None, new: bytes) -> Iterator[str]:
    card = InviterCard.decode(new)
    name = f"Inviter {card.name[:40]!r} ({card.fingerprint})"
    if layout.inviter_target(card.fingerprint) != path:
        raise FleetRefused(f"{path} speaks of the inviter {card.fingerprint}.", "Do not sign it.")
    before = None if old is None else InviterCard.decode(old)
    groups = "all groups" if card.groups is None else f"the groups {', '.join(card.groups)}"
    into = f"{', '.join(card.scopes)}, with {groups}"
    if card.dropped is None:
        yield f"{name} may invite into {into}."
    else:
        yield f"{name} is dropped; it was to invite into {into}."
    dropped = None if before is None else before.dropped
    if dropped is not None and card.dropped is None:
        yield f"{name} was dropped before, and may invite again."
    yield from _counts(name, dropped, card.dropped)
    if before is not None and before.name != card.name:
        yield f"{name} was called {before.name[:40]!r}."


def _roles_of(targets: Targets) -> dict[str, str]:
    """Each role that admins have delegated, in words."""
    delegations = targets.delegations
    if delegations is None or delegations.roles is None:
        return {}
    told = {}
    for name, role in delegations.roles.items():
        keys = ", ".join(sorted(_key_told(delegations.keys, each) for each in role.keyids))
        more = "" if role.terminating else ", not terminating"
        paths = ", ".join([*(role.paths or ()), *(role.path_hash_prefixes or ())])
        told[name] = f"{role.threshold} of {keys} publish {paths}{more}"
    return told


def _key_told(keys: Mapping[str, object], keyid: str) -> str:
    return f"key {keyid[:SHOWN]}" if keyid in keys else f"a key {keyid[:SHOWN]} that is missing"


def strange_roles(root: Root, targets: Targets) -> list[str]:
    """The roles that may publish by another key than the publisher's, or another scope's people."""
    delegations = targets.delegations
    publishers = root.roles[Timestamp.type].keyids
    found = []
    for scope in layout.scopes_in(targets.targets):
        name = layout.people_role(scope)
        role = (delegations.roles or {}).get(name) if delegations is not None else None
        if role is None or role.keyids != publishers or role.paths != [f"people/{scope}/*"]:
            found.append(name)
    known = {layout.people_role(scope) for scope in layout.scopes_in(targets.targets)}
    more = [] if delegations is None else (delegations.roles or {}).keys() - known
    return [*found, *sorted(more)]
