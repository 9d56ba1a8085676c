"""What is new in a scope, opened and judged, and sorted into what a kiosk has to do.

Somebody of whom a device has said what it may not say is known here no more, until admins have
looked: nobody knows any longer what counts of them. A report that a device has spoilt counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace

from kiosk.domain.access.factors import StepUp
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.fleet.history import History
from kiosk.domain.fleet.statement import ADMINS
from kiosk.domain.vision.template import ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.applying.state import MemberState, ReportState, ScopeState
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.records import FleetPerson, FleetReport
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.fleet.uploads.withdrawing import withdrawals
from kiosk.store.people.members import FleetRecord, Members
from kiosk.store.people.person import Profile


@dataclass(frozen=True, slots=True)
class TemplateForm:
    """The templates that a kiosk can compare; references of another form are left out.

    Attributes:
        space: their embedding space.
        dimensions: their length. A single one of another length would end every comparison.
    """

    space: SpaceId
    dimensions: int

    def fits(self, template: Template) -> bool:
        """True for a template that can be compared."""
        return template.space == self.space and template.vector.size == self.dimensions


@dataclass(slots=True)
class PreparedScope:
    """What is new in a scope, verified and not applied yet.

    Attributes:
        scope: its name.
        state: how far it is applied then.
        review: how many changes do not count: of devices, too late or without a proof; or about
            people whom this kiosk knows by another scope.
        put: people who are new or changed.
        gone: people who are erased, or have no reference that this kiosk can compare.
        moved: those of them who are in another scope, as admins say.
        reported: people of whom a report is new, and True if it counts, False if it was cleared.
    """

    scope: str
    state: ScopeState
    review: int
    put: list[FleetRecord] = field(default_factory=list)
    gone: dict[SubjectId, bytes] = field(default_factory=dict)
    moved: set[SubjectId] = field(default_factory=set)
    reported: dict[SubjectId, bool] = field(default_factory=dict)

    def given_up(self, members: Members) -> AbstractSet[SubjectId]:
        """The people whom this kiosk knows by this scope, and who go from it."""
        return {who for who in self.gone if members.scope_of(who) == self.scope}

    def leave_others(self, members: Members, given_up: AbstractSet[SubjectId]) -> None:
        """Leave people to the other scope by which this kiosk knows them, until admins say more.

        Else whoever can have an id said in a second scope would hold up all that is new in it.

        Args:
            members: whom this kiosk knows, and by which scope.
            given_up: people whom their scope gives up in this sync.
        """
        named = {*self.gone, *(each.subject for each in self.put)}
        others = {who for who in named if members.scope_of(who) not in {None, self.scope}}
        self.gone = {who: it for who, it in self.gone.items() if who not in others}
        for each in [it for it in self.put if it.subject in others - given_up]:
            member = MemberState.decode(each.content)
            self.state.void[member.tag] = member.record
            self.put.remove(each)
            self.review += 1


class Preparing:
    """Sorts what is new in one scope.

    Args:
        keys: of the scope.
        judge: opens its records.
        form: of the templates of this kiosk.
        people: whom this kiosk knows.
        members: whom it knows of the scope.
    """

    def __init__(
        self,
        keys: ScopeKeys,
        judge: Judge,
        form: TemplateForm,
        people: KioskPeople,
        members: Mapping[SubjectId, MemberState],
    ) -> None:
        self._keys, self._judge, self._form, self._people = keys, judge, form, people
        self._withdrawn = withdrawals(members, people.invitations)
        self._subjects = {member.tag: subject for subject, member in members.items()}

    def prepared(
        self, history: History, current: Mapping[str, str], state: ScopeState
    ) -> PreparedScope:
        """What has to be done.

        Args:
            history: of the scope, as it is now.
            current: the record that counted here for each tag.
            state: how far the scope is applied then; reports and what does not count are added.

        Raises:
            FleetRefused: something that admins have signed is missing, or cannot be opened.
        """
        prepared = PreparedScope(self._keys.scope, state, len(history.outdated))
        people: dict[str, FleetPerson] = {}
        for tag, source in sorted(history.changed.items()):
            record = history.current[tag]
            if current.get(tag) == record:
                continue
            match self._judge.content(tag, record, source):
                case FleetReport(subject, cleared):
                    state.reports[tag] = ReportState(record, subject, cleared)
                    prepared.reported[subject] = not cleared
                case FleetPerson() as person if not self._is_anothers(person, source.author):
                    people[tag] = person
                    if person.moved and source.author == ADMINS:
                        prepared.moved.add(person.subject)
                case _:
                    self._leave_out(prepared, tag, record)
        self._count_spoilt(prepared, [person.subject for person in people.values()])
        for tag, person in people.items():  # once it is known of whom there is a report
            self._sort(prepared, tag, history.current[tag], person)
        return prepared

    def _leave_out(self, prepared: PreparedScope, tag: str, record: str) -> None:
        prepared.review += 1
        subject = self._subjects.get(tag)
        if subject is None:
            prepared.state.void[tag] = record
        else:
            left = self._withdrawn.get(subject)
            prepared.gone[subject] = MemberState(tag, record, withdrawn=left).encode()

    def _count_spoilt(self, prepared: PreparedScope, new: Collection[SubjectId]) -> None:
        """Let a report count whose record a device has replaced by what it may not say."""
        state = prepared.state
        if not state.void:
            return
        reports = {self._keys.report_tag(it): it for it in (*self._subjects.values(), *new)}
        for tag in [tag for tag in state.void if tag in reports]:
            subject = reports[tag]
            state.reports[tag] = ReportState(state.void.pop(tag), subject, cleared=False)
            prepared.reported[subject] = True

    def _sort(self, prepared: PreparedScope, tag: str, record: str, person: FleetPerson) -> None:
        mine = self._comparable(person)
        profile, left = person.profile, self._withdrawn.get(person.subject)
        if profile is not None and left is not None and left < profile.enrolled_at:
            left = None  # they have come back since
        member = MemberState(tag, record, profile is None, None if profile is None else left)
        if profile is None or left is not None or not mine:
            prepared.gone[person.subject] = member.encode()
            return
        profile = self._asked(prepared, person.subject, profile)
        prepared.put.append(FleetRecord(person.subject, profile, mine, member.encode()))

    def _asked(self, prepared: PreparedScope, subject: SubjectId, profile: Profile) -> Profile:
        """The profile with the second factor that reports ask for, and no other."""
        about = [it.cleared for it in prepared.state.reports.values() if it.subject == subject]
        here = self._is_reported_here(subject) and subject not in prepared.reported
        if here or not all(about):
            return reported(profile)
        return cleared(profile) if about else profile

    # -- what is known here ----------------------------------------------------------------------

    def _is_reported_here(self, subject: SubjectId) -> bool:
        """True if somebody is asked because of a report that the fleet may not know yet."""
        with suppress(SubjectUnknown):
            factors = self._people.references.factors_of(subject)
            return factors.step_up is StepUp.REPORTED
        return False

    def _is_anothers(self, person: FleetPerson, author: str) -> bool:
        """True if a device erases somebody who is enrolled here, and was never the fleet's."""
        if author == ADMINS or person.profile is not None:
            return False
        with suppress(SubjectUnknown):
            self._people.references.count(person.subject)
            return not self._is_the_fleets(person.subject)
        return False

    def _is_the_fleets(self, subject: SubjectId) -> bool:
        """True if the fleet knows somebody, or will: they came with one of its invitations."""
        if self._people.members.scope_of(subject) is not None:
            return True
        kept = self._people.invitations.all()
        return any(each.subject == subject and each.code is not None for each in kept)

    def _comparable(self, person: FleetPerson) -> tuple[tuple[ReferenceId, Template], ...]:
        found = (each for each in person.references if self._form.fits(each.template))
        return tuple((each.id, each.template) for each in found)


def reported(profile: Profile) -> Profile:
    """A profile that asks for a second factor because of a report; one that asks already stays."""
    if profile.factors.step_up is not StepUp.NONE:
        return profile
    return replace(profile, factors=replace(profile.factors, step_up=StepUp.REPORTED))


def cleared(profile: Profile) -> Profile:
    """A profile that asks for no second factor because of a report any more."""
    if profile.factors.step_up is not StepUp.REPORTED:
        return profile
    return replace(profile, factors=replace(profile.factors, step_up=StepUp.NONE))
