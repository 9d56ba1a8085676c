"""What is new in a scope, opened and judged, and sorted into what a kiosk has to do.

Somebody of whom a device has said what it may not say is known here no more, until admins have
looked: nobody knows any longer what counts of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from kiosk.domain.access.factors import StepUp
from kiosk.domain.fleet.history import History
from kiosk.domain.vision.template import ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.applying.state import MemberState, ReportState, ScopeState
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.records import FleetPerson, FleetReport
from kiosk.store.people.members import FleetRecord
from kiosk.store.people.person import Profile


@dataclass(slots=True)
class PreparedScope:
    """What is new in a scope, verified and not applied yet.

    Attributes:
        scope: its name.
        state: how far it is applied then.
        review: how many changes of devices do not count, because they came too late or had no
            proof.
        put: people who are new or changed.
        gone: people who are erased, or have no reference that this kiosk can compare.
        reported: people of whom a report is new, and True if it counts, False if it was cleared.
    """

    scope: str
    state: ScopeState
    review: int
    put: list[FleetRecord] = field(default_factory=list)
    gone: dict[SubjectId, bytes] = field(default_factory=dict)
    reported: dict[SubjectId, bool] = field(default_factory=dict)


class Preparing:
    """Sorts what is new in one scope.

    Args:
        scope: its name.
        judge: opens its records.
        space: the embedding space of this kiosk; references of others are left out.
        withdrawn: who took their consent back at this kiosk, and when, UTC.
        members: whom this kiosk knows of the scope.
    """

    def __init__(
        self,
        scope: str,
        judge: Judge,
        space: SpaceId,
        withdrawn: Mapping[SubjectId, datetime],
        members: Mapping[SubjectId, MemberState],
    ) -> None:
        self._scope, self._judge, self._space = scope, judge, space
        self._withdrawn = withdrawn
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
        prepared = PreparedScope(self._scope, state, len(history.outdated))
        people: dict[str, FleetPerson] = {}
        for tag, source in sorted(history.changed.items()):
            record = history.current[tag]
            if current.get(tag) == record:
                continue
            match self._judge.content(tag, record, source):
                case None:
                    self._leave_out(prepared, tag, record)
                case FleetReport(subject, cleared):
                    state.reports[tag] = ReportState(record, subject, cleared)
                    prepared.reported[subject] = not cleared
                case FleetPerson() as person:
                    people[tag] = person
        for tag, person in people.items():  # once it is known of whom there is a report
            self._sort(prepared, tag, history.current[tag], person)
        return prepared

    def _leave_out(self, prepared: PreparedScope, tag: str, record: str) -> None:
        prepared.review += 1
        subject = self._subjects.get(tag)
        if subject is None:
            prepared.state.void[tag] = record
        else:
            prepared.gone[subject] = MemberState(tag, record).encode()

    def _sort(self, prepared: PreparedScope, tag: str, record: str, person: FleetPerson) -> None:
        mine = _of_space(person, self._space)
        profile, left = person.profile, self._withdrawn.get(person.subject)
        if profile is not None and left is not None and left < profile.enrolled_at:
            left = None  # they have come back since
        member = MemberState(tag, record, profile is None, None if profile is None else left)
        if profile is None or left is not None or not mine:
            prepared.gone[person.subject] = member.encode()
            return
        reports = prepared.state.reports.values()
        if any(each.subject == person.subject and not each.cleared for each in reports):
            profile = reported(profile)
        prepared.put.append(FleetRecord(person.subject, profile, mine, member.encode()))


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


def _of_space(person: FleetPerson, space: SpaceId) -> tuple[tuple[ReferenceId, Template], ...]:
    found = (each for each in person.references if each.template.space == space)
    return tuple((each.id, each.template) for each in found)
