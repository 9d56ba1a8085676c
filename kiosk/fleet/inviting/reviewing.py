"""What admins should look at: what was set aside, what of devices does not count, and reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kiosk.domain.fleet.history import History, Source
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.inviting.judging import Judge
from kiosk.fleet.records import FleetContent, FleetPerson, FleetReport
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A change by somebody else than admins that does not count.

    Attributes:
        scope: in which.
        author: the device, or the inviter, by its fingerprint.
        tag: of the person or the invitation; names nobody.
    """

    scope: str
    author: str
    tag: str


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report that somebody was let in as another person; nobody has looked yet."""

    scope: str
    subject: SubjectId


@dataclass(frozen=True, slots=True)
class FleetReview:
    """What admins should look at.

    Attributes:
        set_aside: the objects that failed the publisher's checks, by name.
        outdated: what came too late, or without an invitation that could be used.
        void: what has no proof, or cannot be; whoever it is about is known nowhere until admins
            say something of them.
        reports: of people who are known.
        twice: people who are in more than one scope, and these. A kiosk of two of them knows them
            by the one of which it heard first.
    """

    set_aside: tuple[str, ...]
    outdated: tuple[LeftOut, ...]
    void: tuple[LeftOut, ...]
    reports: tuple[OpenReport, ...]
    twice: tuple[tuple[SubjectId, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedScope:
    """A scope as it is published, and what opens it.

    Attributes:
        keys: of the scope.
        history: from its beginning.
        judge: opens the records, and leaves out what a device may not say.
    """

    keys: ScopeKeys
    history: History
    judge: Judge

    def contents(self) -> Iterator[tuple[str, Source, FleetContent | None]]:
        """What counts under each tag, and who has said it; None where a device may not say so.

        Raises:
            FleetRefused: a record that admins have signed is missing, or cannot be opened.
        """
        for tag, source in self.history.changed.items():
            yield tag, source, self.judge.content(tag, self.history.current[tag], source)

    def people(self) -> Iterator[FleetPerson]:
        """Everybody who is known; those erased, and those without a proof, are left out.

        Raises:
            FleetRefused: a record that admins have signed is missing, or cannot be opened.
        """
        for _, _, content in self.contents():
            if isinstance(content, FleetPerson) and content.profile is not None:
                yield content


def fleet_review(store: ObjectStore, scopes: Iterable[JudgedScope]) -> FleetReview:
    """What admins should look at in a fleet.

    Raises:
        FleetRefused: what is published cannot be verified.
        FleetStoreUnreachable: the store does not answer.
    """
    outdated, void, reports = [], [], []
    everybody: dict[SubjectId, list[str]] = {}
    for scope in scopes:
        name = scope.keys.scope
        outdated += [LeftOut(name, who, it.tag) for who, it in scope.history.outdated]
        void += [LeftOut(name, said.author, tag) for tag, said, it in scope.contents() if not it]
        reports += [OpenReport(name, subject) for subject in _reported(scope)]
        for person in scope.people():
            everybody.setdefault(person.subject, []).append(name)
    aside = tuple(sorted(store.names(layout.REVIEW)))
    twice = tuple((who, tuple(names)) for who, names in everybody.items() if len(names) > 1)
    return FleetReview(aside, tuple(outdated), tuple(void), tuple(reports), twice)


def _reported(scope: JudgedScope) -> Iterator[SubjectId]:
    """The people of whom there is a report; one that a device has spoilt is one too."""
    found = {tag: content for tag, _, content in scope.contents()}
    for subject in sorted(each.subject for each in scope.people()):
        tag = scope.keys.report_tag(subject)
        match found.get(tag):
            case FleetReport(cleared=False):
                yield subject
            case None if tag in found:
                yield subject
