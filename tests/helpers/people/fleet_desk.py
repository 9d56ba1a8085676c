"""People who come to a kiosk of a fleet: they show an invitation, enrol, and take it back."""

from __future__ import annotations

from datetime import timedelta

from kept_samples import AGREED
from people_changes import TERMS, by_gates, sample
from small_fleet import HARBOUR, Kiosk, SmallFleet

from kiosk.domain.access.factors import StepUp
from kiosk.domain.enrolment.invitation import Invitation, InvitationRefusal
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.inviting.inviter import FleetInvitation
from kiosk.fleet.inviting.shared import SharedInvitations
from kiosk.fleet.uploads.handing_in import SETTLED
from kiosk.fleet.uploads.withdrawing import mark_withdrawn
from kiosk.people.enrolment import Newcomer
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.receipts import withdraw
from kiosk.people.service import PeopleService


def invite(fleet: SmallFleet, name: str, scope: str = HARBOUR) -> FleetInvitation:
    """An invitation that is published."""
    wish = InvitationWish(SubjectId(name), timedelta(days=7), f"{name} 1", groups=("staff",))
    issued = fleet.inviter().issue(scope, wish)
    fleet.publish()
    return issued


def show(kiosk: Kiosk, code: str) -> Invitation | InvitationRefusal | None:
    """Hold a code up."""
    return InvitationService(kiosk.open_home, SharedInvitations(kiosk.members)).present(code)


def enrol(kiosk: Kiosk, code: str, seed: int = 30) -> Invitation:
    """Somebody shows an invitation and enrols; the time in which it can be undone goes by."""
    invitation = show(kiosk, code)
    assert isinstance(invitation, Invitation), invitation
    enrol_with(kiosk, invitation, seed)
    return invitation


def enrol_with(kiosk: Kiosk, invitation: Invitation, seed: int) -> None:
    """Somebody enrols who has shown an invitation."""
    rules = PersonRules(groups=invitation.groups, valid_until=invitation.valid_until)
    newcomer = Newcomer(
        invitation.subject,
        AGREED,
        invitation.given_name,
        rules=rules,
        invitation=invitation.ident,
    )
    PeopleService(kiosk.open_home).enrol(newcomer, TERMS, by_gates([sample(seed)]))
    kiosk.clock.by += SETTLED


def take_back(kiosk: Kiosk, name: str) -> None:
    """Somebody takes their consent back."""
    invitations = kiosk.kept.invitations
    withdraw(
        kiosk.open_home,
        PeopleService(kiosk.open_home),
        SubjectId(name),
        lambda subject, at: mark_withdrawn(kiosk.members, invitations, subject, at),
    )


def report(kiosk: Kiosk, name: str) -> None:
    """Somebody says that they were let in as this person."""
    PeopleService(kiosk.open_home).step_up(SubjectId(name), StepUp.REPORTED)


def asked_for_more(kiosk: Kiosk, name: str) -> bool:
    """Whether somebody is asked for a second factor because of a report."""
    factors = kiosk.open_home.references.factors_of(SubjectId(name))
    return factors.step_up is StepUp.REPORTED


def all_sync(fleet: SmallFleet, *kiosks: Kiosk) -> None:
    """One poll each, a publication, and one poll more."""
    for kiosk in kiosks:
        kiosk.sync()
    fleet.publish()
    for kiosk in kiosks:
        kiosk.sync()
