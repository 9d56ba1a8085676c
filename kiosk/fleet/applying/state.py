"""How far a kiosk has applied a scope: what it has to know for the next sync, and for invitations.

The store keeps it sealed and does not read it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kiosk.domain.fleet.history import Author, History, OpenInvitation
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.scope_file import ScopeFile
from kiosk.store.people.members import Members

KEPT_AFTER = timedelta(days=60)
"""How long an invitation that has ended is known: a device that was away may still have used it."""


@dataclass(frozen=True, slots=True)
class MemberState:
    """What a kiosk knows of a member beside the profile.

    Attributes:
        tag: the member's.
        record: the hash of the record that counts.
        gone: True if that record says that they are erased everywhere.
        withdrawn: when they took their consent back at this kiosk, UTC; None if they did not.
    """

    tag: str
    record: str
    gone: bool = False
    withdrawn: datetime | None = None

    def encode(self) -> bytes:
        """The bytes that the store keeps."""
        said: dict[str, Any] = {"tag": self.tag, "record": self.record}
        if self.gone:
            said["gone"] = True
        if self.withdrawn is not None:
            said["withdrawn"] = self.withdrawn.isoformat()
        return json.dumps(said).encode()

    @classmethod
    def decode(cls, data: bytes) -> MemberState:
        """Decode the result of `encode`."""
        said = json.loads(data)
        at = said.get("withdrawn")
        withdrawn = None if at is None else datetime.fromisoformat(at)
        return cls(said["tag"], said["record"], bool(said.get("gone")), withdrawn)


@dataclass(frozen=True, slots=True)
class ReportState:
    """A report that a grant was for the wrong person.

    Attributes:
        record: the hash of the record that counts.
        subject: the person who was let in, or came near; asked for a second factor.
        cleared: True once admins have looked.
    """

    record: str
    subject: SubjectId
    cleared: bool


@dataclass(slots=True)
class ScopeState:
    """How far this kiosk has applied a scope.

    Attributes:
        place: of the last statement, in the scope's history.
        authors: how far each author had come.
        invitations: those that can be used, by their tags.
        sealed: what these say, by the hash of it.
        inviters: the public keys of those who may invite, by their fingerprints.
        void: records of devices that do not count, by the tags of people whom this kiosk does not
            know.
        reports: by their tags.
    """

    place: int = 0
    authors: Mapping[str, Author] = field(default_factory=dict)
    invitations: dict[str, OpenInvitation] = field(default_factory=dict)
    sealed: dict[str, bytes] = field(default_factory=dict)
    inviters: dict[str, bytes] = field(default_factory=dict)
    void: dict[str, str] = field(default_factory=dict)
    reports: dict[str, ReportState] = field(default_factory=dict)

    def history(self, scope: str, current: Mapping[str, str]) -> History:
        """The history that goes on from here."""
        return History(scope, dict(self.authors), dict(current), dict(self.invitations))

    def current(self, members: Iterable[MemberState]) -> dict[str, str]:
        """The record that counts here for each tag."""
        known = {each.tag: each.record for each in members}
        reported = {tag: each.record for tag, each in self.reports.items()}
        return known | reported | self.void

    def took(self, place: int, history: History, file: ScopeFile, now: datetime) -> ScopeState:
        """The state after these statements; people and reports are the caller's."""
        kept = {t: it for t, it in history.invitations.items() if now - KEPT_AFTER < it.until}
        wanted = {each.record for each in kept.values()}
        new = {it.record: it.sealed for it in file.records.values() if it.record in wanted}
        old = {record: it for record, it in self.sealed.items() if record in wanted}
        void = {tag: it for tag, it in self.void.items() if tag not in history.changed}
        return ScopeState(
            place, history.authors, kept, old | new, dict(self.inviters), void, dict(self.reports)
        )

    def encode(self) -> bytes:
        """The bytes that the store keeps."""
        invitations = {
            tag: [it.author, it.record, it.until.isoformat()]
            for tag, it in self.invitations.items()
        }
        reports = {tag: [it.record, it.subject, it.cleared] for tag, it in self.reports.items()}
        said = {
            "place": self.place,
            "authors": {name: [far.number, far.digest] for name, far in self.authors.items()},
            "invitations": invitations,
            "sealed": {it: base64.b64encode(each).decode() for it, each in self.sealed.items()},
            "inviters": {inviter: key.hex() for inviter, key in self.inviters.items()},
            "void": self.void,
            "reports": reports,
        }
        return json.dumps(said).encode()

    def digest(self) -> str:
        """The hash of the statements up to here: another history has another one."""
        authors = {name: [far.number, far.digest] for name, far in self.authors.items()}
        said = json.dumps([self.place, authors], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @classmethod
    def decode(cls, data: bytes | None) -> ScopeState:
        """Decode the result of `encode`; nothing was applied yet where there is none."""
        if data is None:
            return cls()
        said: dict[str, Any] = json.loads(data)
        return cls(
            said["place"],
            {name: Author(*far) for name, far in said["authors"].items()},
            {
                tag: OpenInvitation(author, record, datetime.fromisoformat(until))
                for tag, (author, record, until) in said.get("invitations", {}).items()
            },
            {record: base64.b64decode(each) for record, each in said.get("sealed", {}).items()},
            {inviter: bytes.fromhex(key) for inviter, key in said.get("inviters", {}).items()},
            dict(said.get("void", {})),
            {
                tag: ReportState(record, SubjectId(subject), bool(cleared))
                for tag, (record, subject, cleared) in said.get("reports", {}).items()
            },
        )


def read_again(content: bytes) -> bytes:
    """What was applied of a scope, for a kiosk that has lost the scope's people.

    All of it is read again, and nothing older than what was known is taken.

    Args:
        content: as the store keeps it.
    """
    return ScopeState(authors=ScopeState.decode(content).authors).encode()


def scope_states(members: Members) -> Mapping[str, ScopeState]:
    """The state of every scope of which this kiosk has applied something, by name.

    Raises:
        StoreError: a record was changed or moved, or cannot be read now.
    """
    return {scope: ScopeState.decode(data) for scope, data in members.scopes().items()}


class MemberStates:
    """What is known of each member of a scope; who has not changed is not opened again.

    Args:
        members: where they lie.
    """

    def __init__(self, members: Members) -> None:
        self._members = members
        self._opened: dict[str, Mapping[SubjectId, tuple[bytes, MemberState]]] = {}

    def of(self, scope: str) -> Mapping[SubjectId, MemberState]:
        """Each member of a scope, tombstones included.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        known = self._opened.get(scope, {})
        found: dict[SubjectId, tuple[bytes, MemberState]] = {}
        for who, sealed in self._members.sealed(scope).items():
            kept = known.get(who)
            if kept is None or kept[0] != sealed:  # nothing is ever sealed alike again
                kept = (sealed, self._open(scope, who, sealed))
            found[who] = kept
        self._opened[scope] = found
        return {who: state for who, (_, state) in found.items()}

    def _open(self, scope: str, who: SubjectId, sealed: bytes) -> MemberState:
        return MemberState.decode(self._members.opened(scope, who, sealed))
