"""The log of a scope in the store: what is published, and what waits to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from securesystemslib.dsse import Envelope
from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import History, history_of
from kiosk.domain.fleet.statement import ADMINS, Statement, is_inviter
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.index import ScopeIndex
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.scope_file import ScopeFile, Verify, read_scope_file
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore

MOST_WAITING, MOST_UPLOAD = 200_000_000, 2_000_000
"""Bytes of one object that waits: of admins, and of anybody else."""


@dataclass(frozen=True, slots=True)
class Published:
    """A scope as it is published.

    Attributes:
        index: its files.
        file: their sum.
        targets: the metadata of the role that publishes it; None before the first time.
    """

    index: ScopeIndex
    file: ScopeFile
    targets: Targets | None


class Authors:
    """Checks whose statements count, by the cards that admins have signed.

    Args:
        verified: the store.
        targets: what admins have signed last.
    """

    def __init__(self, verified: VerifiedStore, targets: Targets) -> None:
        self._verified, self._targets = verified, targets
        self._cards: dict[str, DeviceCard] = {}
        self._inviters: dict[str, InviterCard] = {}

    def inviter(self, author: str) -> InviterCard:
        """What admins say of an inviter.

        Raises:
            FleetRefused: they say nothing.
        """
        if author not in self._inviters:
            raw = self._verified.read_target(self._targets, layout.inviter_target(author))
            if raw is None:
                raise FleetRefused(
                    f"Inviter {author} is not known to admins.", "Look where it comes from."
                )
            self._inviters[author] = InviterCard.decode(raw)
        return self._inviters[author]

    def card(self, device: str) -> DeviceCard:
        """What admins say of a device.

        Raises:
            FleetRefused: they say nothing.
        """
        if device not in self._cards:
            raw = self._verified.read_target(self._targets, layout.device_target(device))
            if raw is None:
                raise FleetRefused(
                    f"Device {device} is not approved.", "Approve it, or look where it comes from."
                )
            self._cards[device] = DeviceCard.decode(raw)
        return self._cards[device]

    def verify(self, statement: Statement, envelope: Envelope) -> None:
        """Check that the author has signed a statement, and may.

        Raises:
            FleetRefused: they have not, or may not.
        """
        if statement.author == ADMINS:
            self._verified.verify_admins(statement, envelope)
        elif is_inviter(statement.author):
            self.inviter(statement.author).verify(statement, envelope)
        else:
            self.card(statement.author).verify(statement, envelope)


def published(
    verified: VerifiedStore,
    targets: Targets,
    scope: str,
    version: int | None,
    verify: Verify | None = None,
) -> Published:
    """A scope as it is published.

    Args:
        verified: the store.
        targets: what admins have signed last.
        scope: its name.
        version: of the metadata of the role that publishes it; None if there is none yet.
        verify: checks each statement; None for what the cards of their authors say.

    Raises:
        FleetRefused: something of it is missing, or is not signed by whom it should be.
    """
    if version is None:
        return Published(ScopeIndex(scope), ScopeFile(), None)
    people = verified.delegated(layout.people_role(scope), version, targets)
    raw = verified.read_target(people, layout.index_target(scope))
    index = ScopeIndex(scope) if raw is None else ScopeIndex.decode(raw, scope)
    check, file = verify or Authors(verified, targets).verify, ScopeFile()
    for part in index.parts:
        data = verified.read_target(people, part.path)
        if data is None:
            raise FleetRefused(
                f"The file {part.path} is not in the publisher's metadata.", "Publish it again."
            )
        file.add(part.checked(read_scope_file(data, check)))
    return Published(index, file, people)


def published_now(
    verified: VerifiedStore, targets: Targets, scope: str, verify: Verify | None = None
) -> Published:
    """A scope as it is published now.

    Raises:
        FleetRefused: something of it is missing, or is not signed by whom it should be.
    """
    found = verified.timestamp()
    if found is None:
        return published(verified, targets, scope, None, verify)
    meta = verified.snapshot(found[0]).meta.get(f"{layout.people_role(scope)}.json")
    return published(verified, targets, scope, None if meta is None else meta.version, verify)


def last_published(verified: VerifiedStore, targets: Targets, scope: str, author: str) -> int:
    """The number of the last published statement of an author, who may be dropped already.

    Raises:
        FleetRefused: something of the scope is missing.
    """
    file = published_now(verified, targets, scope, lambda _statement, _envelope: None).file
    return history_of(scope, (each for each, _ in file.statements)).next_of(author).number


def waiting(
    verified: VerifiedStore, authors: Authors, scope: str, author: str
) -> Iterator[tuple[str, ScopeFile | FleetRefused]]:
    """What an author has handed in and nobody has published: each object's name and content.

    What cannot be verified comes as its error, so that one bad file holds nobody else up.
    """
    most = MOST_WAITING if author == ADMINS else MOST_UPLOAD
    for name in verified.store.names(layout.inbox(author, scope)):
        try:
            file = _read(verified, authors, name, most)
        except FleetRefused as error:
            yield name, error
        else:
            if file is not None:
                yield name, file


def _read(verified: VerifiedStore, authors: Authors, name: str, most: int) -> ScopeFile | None:
    found = verified.store.get(name, most)
    return read_scope_file(found.data, authors.verify) if isinstance(found, StoredObject) else None


def history_with_waiting(
    verified: VerifiedStore, targets: Targets, known: Published, author: str
) -> History:
    """The history of a scope with what this author has handed in; what comes next follows it.

    Raises:
        FleetRefused: something that they handed in cannot be verified.
    """
    scope = known.index.scope
    history = history_of(scope, (statement for statement, _ in known.file.statements))
    for _, file in waiting(verified, Authors(verified, targets), scope, author):
        if isinstance(file, FleetRefused):
            raise file
        for statement, _ in file.statements:
            if statement.number > history.next_of(author).number:
                history.follow(statement)
    return history
