"""What admins direct about single people of a fleet: suspend, resume, erase, move, clear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.domain.errors import BadInput, SubjectUnknown
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.records import FleetContent, FleetPerson, FleetReport


@dataclass(frozen=True, slots=True)
class DirectedChange:
    """What was directed; it counts once it is published.

    Attributes:
        subject: about whom.
        scope: in which scope they are; for one who is moved, the new one.
        statement: the number of the admins' statement there.
    """

    subject: SubjectId
    scope: str
    statement: int


class FleetDirector:
    """Directs people of the fleet, wherever they are in it.

    Args:
        admin: the admins at work.
    """

    def __init__(self, admin: FleetAdmin) -> None:
        self._admin = admin

    def suspend(self, subject: SubjectId) -> DirectedChange:
        """Let somebody in nowhere until they are resumed; all that is kept of them stays.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
        """
        return self._amended(subject, lambda rules: replace(rules, suspended=True))

    def resume(self, subject: SubjectId) -> DirectedChange:
        """Let somebody who was suspended in again, by the rules that they had.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
        """
        return self._amended(subject, lambda rules: replace(rules, suspended=False))

    def reviewed(self, subject: SubjectId) -> DirectedChange:
        """Clear a report about somebody: they are asked for a second factor on its account no more.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
        """
        scope, _ = self._found(subject)
        return self._said(scope, FleetReport(subject, cleared=True))

    def erase(self, subject: SubjectId) -> DirectedChange:
        """Erase somebody at every door; nothing that was signed before brings them back.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
        """
        scope, _ = self._found(subject)
        return self._said(scope, FleetPerson(subject, None))

    def move(self, subject: SubjectId, scope: str) -> DirectedChange:
        """Move somebody to another scope, with references, rules and factors.

        They are erased in the old one first: a kiosk of both would refuse them twice.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
            BadInput: they are in that scope already, or there is no such scope.
        """
        old, person = self._found(subject)
        if old == scope:
            raise BadInput(f"{subject} is in the scope {scope} already.", "Name another scope.")
        self._admin.keys_of(scope)
        self._said(old, FleetPerson(subject, None))
        return self._said(scope, person)

    def _amended(
        self, subject: SubjectId, change: Callable[[PersonRules], PersonRules]
    ) -> DirectedChange:
        scope, person = self._found(subject)
        if person.profile is None:
            raise _unknown(subject)
        profile = replace(person.profile, rules=change(person.profile.rules))
        return self._said(scope, replace(person, profile=profile))

    def _said(self, scope: str, said: FleetContent) -> DirectedChange:
        return DirectedChange(said.subject, scope, self._admin.say(scope, [said]))

    def _found(self, subject: SubjectId) -> tuple[str, FleetPerson]:
        for scope in self._admin.scopes():
            for person in self._admin.people(scope):
                if person.subject == subject:
                    return scope, person
        raise _unknown(subject)


def _unknown(subject: SubjectId) -> SubjectUnknown:
    return SubjectUnknown(
        f"Nobody with the id {subject} is published in this fleet.",
        "See whether it is spelt right; what was said just now counts once it is published.",
    )
