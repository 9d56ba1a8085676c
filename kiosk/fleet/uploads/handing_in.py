"""What a kiosk hands in to its fleet: who enrolled at it, who took their consent back, reports.

Nothing is remembered for it: what the fleet has yet to hear follows from what this kiosk keeps and
what is published. A kiosk that loses its power says the same again, and whatever a lying store
drops is said until it is published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from securesystemslib.dsse import Envelope

from kiosk.domain.access.factors import Factors, StepUp
from kiosk.domain.enrolment.invitation import Invitation, InvitationState, read_code
from kiosk.domain.errors import FleetRefused, SubjectUnknown
from kiosk.domain.fleet.history import NEW, Author, OpenInvitation
from kiosk.domain.fleet.statement import Statement, digest
from kiosk.domain.vision.template import Reference, SpaceId, SubjectId
from kiosk.fleet.applying.state import MemberState, MemberStates, ScopeState, scope_states
from kiosk.fleet.cards import DeviceCard
from kiosk.fleet.device import Device
from kiosk.fleet.inviting.proof import reference_id
from kiosk.fleet.inviting.terms import invitation_tag, invitation_use, open_terms
from kiosk.fleet.log import MOST_UPLOAD
from kiosk.fleet.records import EnrolmentProof, FleetContent, FleetPerson, FleetReport
from kiosk.fleet.saying import said_by, statement_signer, tag_of
from kiosk.fleet.scope_file import read_scope_file
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ABSENT, Expected, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetEnrolmentLost, FleetHandedIn
from kiosk.journal.events.people import Erased
from kiosk.store.people.invitations import Invitations
from kiosk.store.people.members import Members
from kiosk.store.people.references import References

SETTLED = timedelta(seconds=10)
"""An enrolment is handed in once it cannot be undone with a nod any more."""
MOST_AT_ONCE = 10
"""So many withdrawals and reports make one statement: a publisher takes a number of them a day."""


@dataclass(frozen=True, slots=True)
class KioskPeople:
    """Where a kiosk keeps what it knows of people.

    Attributes:
        references: of everybody.
        members: of the fleet.
        invitations: that were shown here.
        states: what is known of each member.
    """

    references: References
    members: Members
    invitations: Invitations
    states: MemberStates

    @classmethod
    def of(cls, references: References) -> KioskPeople:
        """All of it, in one database."""
        members = Members(references)
        return cls(references, members, Invitations(references), MemberStates(members))


@dataclass(slots=True)
class _Waiting:
    """What this device has handed in and nobody has published.

    Attributes:
        far: how far it has come with that.
        tags: what these statements change or use.
        spoilt: what lies in the place of the next statement and is none; it is written over.
    """

    far: Author
    tags: set[str] = field(default_factory=set)
    spoilt: str | Expected = ABSENT


class HandingIn:
    """Hands in what the fleet has yet to hear.

    Args:
        store: the fleet's store.
        device: what the kiosk is in its fleet.
        people: whom it knows.
        space: the embedding space of its templates.
        utc: the wall clock.
        note: writes to the journal, before anything is handed in or erased.
    """

    def __init__(
        self,
        store: ObjectStore,
        device: Device,
        people: KioskPeople,
        space: SpaceId,
        utc: Callable[[], datetime],
        note: Callable[[JournalEvent], None],
    ) -> None:
        self._store, self._device, self._people = store, device, people
        self._space, self._utc, self._note = space, utc, note
        self._quiet: tuple[int, frozenset[str]] | None = None
        self._versions: Mapping[SubjectId, bytes] = {}
        self._asked: set[SubjectId] = set()

    def run(self, scopes: Mapping[str, ScopeKeys]) -> None:
        """Hand in what is new; right after a sync.

        Args:
            scopes: the keys of this device's scopes, by name.

        Raises:
            FleetStoreUnreachable: the store does not answer; the next sync tries again.
            JournalUnwritable, StoreError: nothing more was handed in.
        """
        seen = self._people.references.generation(), frozenset(scopes)
        if seen == self._quiet:  # nothing has happened since there was nothing to say
            return
        self._quiet = None
        states = scope_states(self._people.members)
        everybody = list(self._enrolled())
        settled = [each for each, at in everybody if self._utc() - at >= SETTLED]
        left = len(everybody)
        for scope, keys in scopes.items():
            state = states.get(scope, ScopeState())
            mine = [it for it in settled if self._usable(it, state)]
            said: list[FleetContent] = list(self._withdrawals(scope))
            said += [FleetReport(subject) for subject in self._reports(scope, state)]
            left += len(said)
            if mine or said:
                self._hand_in(keys, state, mine, said)
        for invitation in settled:
            if not any(self._usable(invitation, state) for state in states.values()):
                self._lost(invitation)
        self._quiet = None if left else seen

    # -- what there is to say --------------------------------------------------------------------

    def _enrolled(self) -> Iterator[tuple[Invitation, datetime]]:
        """The invitations with which people enrolled here whom the fleet does not know yet, when.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        for kept in self._people.invitations.all():
            if kept.code is None or kept.state is not InvitationState.USED:
                continue
            content = self._people.members.content_of(kept.subject)
            if content is not None and not MemberState.decode(content).gone:
                continue
            with suppress(SubjectUnknown):
                yield kept, self._people.references.show(kept.subject).profile.enrolled_at

    def _usable(self, invitation: Invitation, state: ScopeState) -> OpenInvitation | None:
        """The invitation as a scope knows it; None once it ended, or is another inviter's."""
        found, read = state.invitations.get(_tag(invitation)), read_code(invitation.code or "")
        if found is None or read is None or read[0].site.hex() != found.author:
            return None
        return found if self._utc() <= found.until else None

    def _withdrawals(self, scope: str) -> Iterator[FleetPerson]:
        for subject, member in self._people.states.of(scope).items():
            if member.withdrawn is not None and not member.gone:
                yield FleetPerson(subject, None)

    def _reports(self, scope: str, state: ScopeState) -> Iterator[SubjectId]:
        known = {each.subject for each in state.reports.values() if not each.cleared}
        for subject in sorted(self._reported() - known):
            if self._people.members.scope_of(subject) == scope:
                yield subject

    def _reported(self) -> set[SubjectId]:
        """Who is asked for a second factor because of a report; who has not changed is as before.

        Raises:
            StoreError: a record was changed or moved, or cannot be read now.
        """
        versions, changed = self._people.references.profiles(self._versions)
        asked = {it for it, each in changed.items() if each.factors.step_up is StepUp.REPORTED}
        self._asked = {it for it in self._asked if it in versions and it not in changed} | asked
        self._versions = versions
        return self._asked

    # -- saying it -------------------------------------------------------------------------------

    def _hand_in(
        self,
        keys: ScopeKeys,
        state: ScopeState,
        enrolled: Sequence[Invitation],
        said: Sequence[FleetContent],
    ) -> None:
        """Hand in one statement for each enrolment, and one for all the rest."""
        waiting = self._waiting(keys.scope, state)
        for invitation in enrolled:
            uses = invitation_use(_ident(invitation))
            person = None if uses in waiting.tags else self._person(invitation, state)
            if person is not None:
                self._say(keys, state, waiting, [person], uses)
        new = [each for each in said if tag_of(keys, each) not in waiting.tags]
        for first in range(0, len(new), MOST_AT_ONCE):
            self._say(keys, state, waiting, new[first : first + MOST_AT_ONCE], None)

    def _say(
        self,
        keys: ScopeKeys,
        state: ScopeState,
        waiting: _Waiting,
        contents: Sequence[FleetContent],
        uses: str | None,
    ) -> None:
        me, scope = self._device.fingerprint, keys.scope
        members = self._people.states.of(scope).values()
        history = state.history(scope, state.current(members))
        history.authors[me] = waiting.far
        signers = [statement_signer(self._device.keys.signing)]
        at = self._utc().replace(microsecond=0)
        file = said_by(me, signers, keys, history, contents, at, uses)
        (statement, _), *_ = file.statements
        self._note(FleetHandedIn(scope, statement.number, len(contents), uses is not None))
        name = layout.inbox_name(me, scope, statement.number)
        self._store.put(name, file.encode(), expected=waiting.spoilt)
        _follow(waiting, statement)
        waiting.spoilt = ABSENT

    def _person(self, invitation: Invitation, state: ScopeState) -> FleetPerson | None:
        """Whoever enrolled with an invitation, as the fleet is to know them.

        With its rules, whatever was set at this kiosk since. None while its terms are spoilt.
        """
        ident, subject = _ident(invitation), invitation.subject
        record = state.invitations[_tag(invitation)].record
        try:
            agreed, terms = open_terms(ident, record, state.sealed.get(record, b""))
        except FleetRefused:
            return None
        profile = self._people.references.show(subject).profile
        factors = Factors(step_up=profile.factors.step_up)  # a PIN of this kiosk stays here
        mine = (it for it in self._people.references.load(self._space) if it.subject == subject)
        references = tuple(
            Reference(reference_id(invitation_use(ident), subject, n), subject, each.template)
            for n, each in enumerate(mine)
        )
        proof = EnrolmentProof(invitation.code or "", terms)
        profile = replace(
            profile, given_name=agreed.given_name, rules=agreed.rules, factors=factors
        )
        return FleetPerson(subject, profile, references, proof)

    def _waiting(self, scope: str, state: ScopeState) -> _Waiting:
        """What this device has handed in already, as far as the store still has it."""
        me = self._device.fingerprint
        waiting = _Waiting(state.authors.get(me, NEW))
        while True:
            name = layout.inbox_name(me, scope, waiting.far.number + 1)
            found = None
            with suppress(FleetRefused):  # what AWS says where there is none; writing will tell
                found = self._store.get(name, MOST_UPLOAD)
            if not isinstance(found, StoredObject):
                return waiting
            try:
                file = read_scope_file(found.data, self._verify)
                (statement, _), *_ = file.statements
            except (FleetRefused, ValueError):
                statement = None
            follows = (waiting.far.number + 1, waiting.far.digest)
            if statement is None or (statement.number, statement.previous) != follows:
                waiting.spoilt = found.tag
                return waiting
            _follow(waiting, statement)

    def _verify(self, statement: Statement, envelope: Envelope) -> None:
        me = DeviceCard(self._device.public, None, {statement.scope: b""})
        me.verify(statement, envelope)

    def _lost(self, invitation: Invitation) -> None:
        """Somebody whose invitation was used elsewhere, or revoked: the fleet will not know them.

        Raises:
            JournalUnwritable, StoreError: they are still known here.
        """
        subject = invitation.subject
        self._note(FleetEnrolmentLost(subject))
        self._note(Erased(subject, self._people.references.count(subject)))
        self._people.references.erase(subject)


def _follow(waiting: _Waiting, statement: Statement) -> None:
    waiting.far = Author(statement.number, digest(statement.text()))
    waiting.tags |= {change.tag for change in statement.changes}
    if statement.uses is not None:
        waiting.tags.add(statement.uses)


def _tag(invitation: Invitation) -> str:
    return invitation_tag(_ident(invitation))


def _ident(invitation: Invitation) -> bytes:
    return bytes.fromhex(invitation.ident)
