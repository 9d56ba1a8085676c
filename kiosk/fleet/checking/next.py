"""What would be published next: what waits in the store, compared with what is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import History, Source, history_of
from kiosk.domain.fleet.statement import ADMINS, is_inviter
from kiosk.fleet.checking.offers import OfferThere, offers_there
from kiosk.fleet.checking.people import PersonDifference, person_difference
from kiosk.fleet.checking.signed import SignedDifference
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.log import Authors, published_now, waiting
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore

EVER = datetime.fromtimestamp(0, UTC)
"""The time of a record that is only compared: it was judged when it was published."""


@dataclass(frozen=True, slots=True)
class InvitationChange:
    """Invitations that a statement issues or takes away.

    Attributes:
        scope: into which they invite.
        author: who says it: `admins`, an inviter by its name, or a device by its fingerprint.
        what: `issued`, `ended` or `used`.
        tags: of the invitations.
    """

    scope: str
    author: str
    what: str
    tags: tuple[str, ...]


@dataclass(slots=True)
class NextPublication:
    """What the next publication would change.

    Attributes:
        signed: what admins have signed that is not published yet, a sentence each.
        people: how people would change, in the order in which it was said.
        invitations: that are issued, ended or used up; whom they invite is known to those alone.
        review: what would be set aside, and why.
        offers: that wait for admins; they are published once admins have accepted them.
    """

    signed: list[str] = field(default_factory=list)
    people: list[PersonDifference] = field(default_factory=list)
    invitations: list[InvitationChange] = field(default_factory=list)
    review: list[str] = field(default_factory=list)
    offers: list[OfferThere] = field(default_factory=list)


def next_publication(verified: VerifiedStore, keys: Keyring) -> NextPublication:
    """What the next publication would change, opened with an admin's key.

    Raises:
        FleetRefused: what is published cannot be verified.
        StoreKeyError: no key that is here opens a scope of which something waits.
    """
    found, targets = NextPublication(), verified.targets()
    before = _published_targets(verified, targets)
    if before is None:
        found.signed.append("What admins have signed was never published in this form.")
    elif before.version != targets.version:
        found.signed += SignedDifference(verified, before, targets, keys).told()
    for scope in layout.scopes_in(targets.targets):
        _Waiting(verified, targets, keys, scope).add_to(found)
    found.offers += offers_there(verified, targets, keys)
    return found


def _published_targets(verified: VerifiedStore, targets: Targets) -> Targets | None:
    stamp = verified.timestamp()
    if stamp is None:
        return None
    version = verified.snapshot(stamp[0]).meta["targets.json"].version
    try:
        return targets if version == targets.version else verified.targets_of(version)
    except FleetRefused:
        return None  # signed by admins of before


class _Waiting:
    """What waits of one scope."""

    def __init__(
        self, verified: VerifiedStore, targets: Targets, keys: Keyring, scope: str
    ) -> None:
        self._verified, self._targets, self._scope = verified, targets, scope
        self._book = ScopeBook(verified, targets, keys)
        self._authors = Authors(verified, targets)
        self._file = ScopeFile()
        self._keys: ScopeKeys | None = None

    def add_to(self, found: NextPublication) -> None:
        """Add what waits, in the order in which the publisher takes it."""
        known = published_now(self._verified, self._targets, self._scope).file
        self._file.add(known)
        history = history_of(self._scope, (statement for statement, _ in known.statements))
        inviters = layout.inviters_in(self._targets.targets)
        for author in (ADMINS, *inviters, *self._devices()):
            for name, file in waiting(self._verified, self._authors, self._scope, author):
                try:
                    if isinstance(file, FleetRefused):
                        raise file
                    self._file.add(file)
                    for statement, _ in file.statements:
                        if statement.number <= history.next_of(author).number:
                            continue
                        before, open_before = dict(history.current), set(history.invitations)
                        history.follow(statement)
                        found.invitations += self._invitations(author, open_before, history)
                        found.people += self._people(author, history, before)
                except FleetRefused as error:
                    found.review.append(f"{name}: {error.problem}")

    def _people(
        self, author: str, history: History, before: dict[str, str]
    ) -> Iterator[PersonDifference]:
        """The people whom a statement has changed; what came too late changes nobody."""
        for tag, record in history.current.items():
            if before.get(tag) == record:
                continue
            judge = self._judge()
            now = judge.content(tag, record, history.changed[tag])
            if now is None:
                raise FleetRefused(f"What {author} says has no proof; no kiosk applies it.")
            old = before.get(tag)
            was = None if old is None else judge.content(tag, old, Source(ADMINS, EVER))
            yield person_difference(self._scope, author, was, now)

    def _invitations(
        self, author: str, before: set[str], history: History
    ) -> Iterator[InvitationChange]:
        """The invitations that a statement has issued, ended or used up."""
        by = self._authors.inviter(author).name if is_inviter(author) else author
        gone = "ended" if author == ADMINS or is_inviter(author) else "used"
        now = set(history.invitations)
        for what, tags in (("issued", now - before), (gone, before - now)):
            if tags:
                yield InvitationChange(self._scope, by, what, tuple(sorted(tags)))

    def _judge(self) -> Judge:
        if self._keys is None:
            self._keys = self._book.open(self._book.scope(self._scope))
        return Judge(self._keys, self._file, self._authors.inviter)

    def _devices(self) -> list[str]:
        found = (layout.handed_in_by(it) for it in self._verified.store.names(layout.UPLOADS))
        return sorted({it[0] for it in found if it is not None and it[1] == self._scope})
