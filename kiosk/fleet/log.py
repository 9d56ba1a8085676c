"""The log of a scope in the store: what is published, and what waits to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from securesystemslib.dsse import Envelope
from tuf.api.metadata import Root, Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import NEW, History, history_of
from kiosk.domain.fleet.statement import ADMINS, Statement, is_inviter
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.index import ScopeIndex, no_list
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.scope_file import ScopeFile, read_scope_file
from kiosk.fleet.stores.port import StoredObject
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.heads import Heads
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
        by: the root whose admins have signed; None for that of today.
        heard_out: a device or an inviter whose statements count though it was dropped before, for
            admins who want to know what it has said.
    """

    def __init__(
        self,
        verified: VerifiedStore,
        targets: Targets,
        *,
        by: Root | None = None,
        heard_out: str | None = None,
    ) -> None:
        self._verified, self._targets, self._heard_out = verified, targets, heard_out
        self._cards: dict[str, DeviceCard] = {}
        self._inviters: dict[str, InviterCard] = {}
        raw = verified.read_target(targets, layout.HEADS_TARGET)
        self.heads = Heads.decode(raw, by or verified.root)

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
            self.heads.verify(statement, envelope)
        elif is_inviter(statement.author):
            card = self.inviter(statement.author)
            card.verify(statement, envelope, heard_out=statement.author == self._heard_out)
        else:
            device = self.card(statement.author)
            device.verify(statement, envelope, heard_out=statement.author == self._heard_out)


def published(
    verified: VerifiedStore,
    targets: Targets,
    scope: str,
    version: int | None,
    authors: Authors | None = None,
) -> Published:
    """A scope as it is published.

    Args:
        verified: the store.
        targets: what admins have signed last.
        scope: its name.
        version: of the metadata of the role that publishes it; None if there is none yet.
        authors: check whose statements count; None for those whom admins have signed.

    Raises:
        FleetRefused: something of it is missing, or is not signed by whom it should be.
    """
    authors, file = authors or Authors(verified, targets), ScopeFile()
    if version is None:
        authors.heads.refuse_short(scope, NEW)
        return Published(ScopeIndex(scope), file, None)
    people = verified.delegated(layout.people_role(scope), version, targets)
    raw = verified.read_target(people, layout.index_target(scope))
    if raw is None:
        raise no_list(scope)
    index = ScopeIndex.decode(raw, scope)
    for part in index.parts:
        data = verified.read_target(people, part.path)
        if data is None:
            raise FleetRefused(
                f"The file {part.path} is not in the publisher's metadata.", "Publish it again."
            )
        file.add(part.checked(read_scope_file(data, authors.verify)))
    authors.heads.refuse_short_file(scope, (statement for statement, _ in file.statements))
    return Published(index, file, people)


def longest(verified: VerifiedStore, targets: Targets, scope: str) -> Published:
    """The longest history of a scope that verifies, of all that were published: after a theft.

    Raises:
        FleetRefused: none goes as far as admins have signed that it goes.
    """
    found: list[tuple[int, int]] = []
    for version in verified.versions(layout.people_role(scope)):
        try:
            found.append((_said_last(verified, targets, scope, version), version))
        except FleetRefused:
            continue  # of nobody who was a publisher
    for _, version in sorted(found, reverse=True):
        try:
            return published(verified, targets, scope, version)
        except FleetRefused:
            continue  # the thief's
    if found:
        raise FleetRefused(
            f"Nothing that was ever published of scope {scope} can be verified.",
            "Restore the people of that scope from the store's own versions or backup.",
        )
    return published(verified, targets, scope, None)


def _said_last(verified: VerifiedStore, targets: Targets, scope: str, version: int) -> int:
    people = verified.delegated(layout.people_role(scope), version, targets)
    raw = verified.read_target(people, layout.index_target(scope))
    return 0 if raw is None else ScopeIndex.decode(raw, scope).last


def published_now(
    verified: VerifiedStore, targets: Targets, scope: str, authors: Authors | None = None
) -> Published:
    """A scope as it is published now.

    Raises:
        FleetRefused: something of it is missing, or is not signed by whom it should be.
    """
    found = verified.timestamp()
    if found is None:
        return published(verified, targets, scope, None, authors)
    meta = verified.snapshot(found[0]).meta.get(f"{layout.people_role(scope)}.json")
    version = None if meta is None else meta.version
    return published(verified, targets, scope, version, authors)


def last_published(verified: VerifiedStore, targets: Targets, scope: str, author: str) -> int:
    """The number of the last published statement of an author, even one that was dropped.

    Raises:
        FleetRefused: what is published cannot be verified.
    """
    authors = Authors(verified, targets, heard_out=author)
    file = published_now(verified, targets, scope, authors).file
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
    return history_of(known.index.scope, said_with_waiting(verified, targets, known, author))


def said_with_waiting(
    verified: VerifiedStore, targets: Targets, known: Published, author: str
) -> list[Statement]:
    """What was said in a scope, and after it what this author has handed in.

    Raises:
        FleetRefused: something that they handed in cannot be verified.
    """
    said = [statement for statement, _ in known.file.statements]
    last = max((each.number for each in said if each.author == author), default=0)
    for _, file in waiting(verified, Authors(verified, targets), known.index.scope, author):
        if isinstance(file, FleetRefused):
            raise file
        said += [each for each, _ in file.statements if each.number > last]
        last = max([last, *(each.number for each, _ in file.statements)])
    return said
