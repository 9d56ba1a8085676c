"""What a kiosk needs for enrolments, and the switch that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.enrolment.effects import EnrolmentEffect, NoteStep
from kiosk.domain.enrolment.events import EnrolmentEvent
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.door.factor_checker import BadgeHolder
from kiosk.pipeline.enrolment.session import EnrolmentSession
from kiosk.pipeline.enrolment.switch import EnrolmentInbox, EnrolmentSwitch
from kiosk.pipeline.session import Session

Answer = Callable[[EnrolmentEvent], None]
"""Takes what a service has to say to a session."""


CheckBadges = Callable[[str, str], BadgeHolder]
"""Checks a badge and its PIN, by the counts of the door."""


class CarriesOut(Protocol):
    """The services of an enrolment; see `kiosk.people.self_enrolment`."""

    def carry_out(self, effects: Sequence[EnrolmentEffect]) -> None:
        """Carry out effects in order, and answer; raises where a part of the kiosk failed."""
        ...


@dataclass(frozen=True, slots=True)
class EnrolmentParts:
    """What a kiosk at which people may enrol has beside the door.

    Attributes:
        policy: the parameters of a session.
        service: makes the services, given who takes their answers, who hears of each step, and who
            checks badges.
    """

    policy: SessionPolicy
    service: Callable[[Answer, Callable[[NoteStep], None], CheckBadges], CarriesOut]


def switch_of(
    parts: EnrolmentParts,
    access: Session,
    commit: Callable[[Callable[[], None]], None],
    guide: Callable[[EnrolmentView | None], None],
    observe: Callable[[NoteStep], None],
    check_badge: CheckBadges,
) -> EnrolmentSwitch:
    """The switch between the door and enrolments.

    Args:
        parts: what there is for enrolments.
        access: owns the door's state.
        commit: has work done where effects are carried out, in order.
        guide: shows what a person is to do; None clears the screen for the door.
        observe: hears of each step.
        check_badge: checks badges where effects are carried out.
    """
    inbox = EnrolmentInbox()
    service = parts.service(inbox.put, observe, check_badge)

    def carry(effects: tuple[EnrolmentEffect, ...]) -> None:
        commit(lambda: service.carry_out(effects))

    return EnrolmentSwitch(EnrolmentSession(parts.policy, carry, guide), access, inbox)
