"""What admins direct about single people of a fleet: suspend, resume, erase, move, clear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
        also: other scopes in which the same was said, since they are in these too.
    """

    subject: SubjectId
    scope: str
    statement: int
    also: tuple[str, ...] = ()


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
        return self._said(self._found(subject), FleetReport(subject, cleared=True))

    def erase(self, subject: SubjectId) -> DirectedChange:
        """Erase somebody at every door; nothing that was signed before brings them back.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
        """
        return self._said(self._found(subject), FleetPerson(subject, None))

    def move(self, subject: SubjectId, scope: str) -> DirectedChange:
        """Move somebody to another scope, with references, rules and factors.

        They are said to be in the new one first, so that nobody is lost wherever it ends, and once
        more at its end: a kiosk of both leaves them out until the old one gives them up. Repeated
        after an end half-way, it does what is left. Whoever is in the new one too is as they are
        there. A part of the admins leaves one change, which takes effect as a whole.

        Raises:
            SubjectUnknown: nobody with that id is in the fleet.
            BadInput: they are in that scope already and in no other, or there is no such scope.
        """
        found = dict(self._found(subject))
        old = {name: each for name, each in found.items() if name != scope}
        if not old and not self._came_first(subject, scope):
            raise BadInput(f"{subject} is in the scope {scope} already.", "Name another scope.")
        self._admin.keys_of(scope)
        person = found.get(scope) or next(iter(old.values()))
        if scope not in found and not self._admin.signs_in_part:
            self._said([scope], person)
        if old:
            self._said(old, FleetPerson(subject, None, moved=True))
        return self._said([scope], person)

    def _came_first(self, subject: SubjectId, scope: str) -> bool:
        """True if they were said to be in a scope before another one gave them up, and not since.

        A move that ended there has left them out at kiosks of both.
        """
        words = {name: self._admin.last_words(name, [subject]) for name in self._admin.scopes()}
        said = {name: word[subject] for name, word in words.items() if word}
        came = said.pop(scope).at
        return any(word.moved and word.at >= came for word in said.values())

    def _amended(
        self, subject: SubjectId, change: Callable[[PersonRules], PersonRules]
    ) -> DirectedChange:
        done: list[DirectedChange] = []
        for scope, person in self._found(subject).items():
            if person.profile is not None:
                profile = replace(person.profile, rules=change(person.profile.rules))
                done.append(self._said([scope], replace(person, profile=profile)))
        return replace(done[0], also=tuple(each.scope for each in done[1:]))

    def _said(self, scopes: Iterable[str], said: FleetContent) -> DirectedChange:
        first, *others = [(scope, self._admin.say(scope, [said])) for scope in scopes]
        return DirectedChange(said.subject, *first, tuple(scope for scope, _ in others))

    def _found(self, subject: SubjectId) -> Mapping[str, FleetPerson]:
        """The person, by scope: of two they are only by mistake, and it holds in both."""
        found = {
            scope: person
            for scope in self._admin.scopes()
            for person in self._admin.people(scope)
            if person.subject == subject
        }
        if not found:
            raise _unknown(subject)
        return found


def known_elsewhere(admin: FleetAdmin, scope: str) -> Mapping[SubjectId, str]:
    """The people of all other scopes: nobody may be in two, and a kiosk knows them by one only."""
    others = (other for other in admin.scopes() if other != scope)
    return {person.subject: other for other in others for person in admin.people(other)}


def _unknown(subject: SubjectId) -> SubjectUnknown:
    return SubjectUnknown(
        f"Nobody with the id {subject} is published in this fleet.",
        "See whether it is spelt right; what was said just now counts once it is published.",
    )
