"""The admission of a batch: what becomes of each person, given who is in the scope already.

A reference is known by a keyed hash of its photograph: a second import of the same photographs,
with the same keys, finds the same references, and need not look at the pictures again.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kiosk.domain.people.batch import (
    DUPLICATE_IN_BATCH,
    AssessedPerson,
    BatchImage,
    BatchPerson,
    BatchPhotograph,
    BatchResult,
    BatchVerdict,
    DuplicatePair,
)
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import mean_references
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.records import FleetPerson
from kiosk.store.people.person import Profile

ID_CHARACTERS = 32
SAME = 0.9999
"""The comparison score of two templates of one photograph, whichever machine made them."""


class ReferenceIds:
    """The ids of references that are made from photographs.

    Args:
        key: 32 bytes, of these admins alone: without it an id tells nothing about a photograph.
        space: of the templates.
    """

    def __init__(self, key: bytes, space: SpaceId) -> None:
        self._key, self._space = key, space

    def of(self, subject: SubjectId, sha256: str) -> ReferenceId:
        """The id of the reference of a photograph with that hash."""
        said = f"{subject}\x00{sha256}\x00{self._space}".encode()
        return ReferenceId(hmac.digest(self._key, said, hashlib.sha256).hex()[:ID_CHARACTERS])


@dataclass(frozen=True, slots=True)
class Admitted:
    """What becomes of one person, and what is to be said of them.

    Attributes:
        result: for the report.
        record: theirs from now on; None where there is nothing to be said.
    """

    result: BatchResult
    record: FleetPerson | None = None

    def __repr__(self) -> str:
        return f"Admitted({self.result.subject}, {self.result.verdict})"


class Admission:
    """Decides what becomes of the people of a batch.

    Args:
        there: everybody in the scope, by id.
        ids: of the references.
        space: of the templates.
        same_person: a comparison score from which on two templates are of one person.
        now: the time of the admission, UTC.
    """

    def __init__(
        self,
        there: Mapping[SubjectId, FleetPerson],
        ids: ReferenceIds,
        space: SpaceId,
        same_person: float,
        now: datetime,
    ) -> None:
        self._there, self._ids, self._space = there, ids, space
        self._same_person, self._now = same_person, now

    def unchanged(
        self, person: BatchPerson, hashes: Mapping[str, str | None]
    ) -> BatchResult | None:
        """The result for somebody of whom the scope has every photograph, and all the rest.

        Args:
            person: of the batch.
            hashes: of their photographs' contents, by name; None for one that cannot be read.

        Returns:
            None where they must be assessed.
        """
        known = self._there.get(person.subject)
        if known is None or _profile(person, known, self._now) != known.profile:
            return None
        made = {n: self._ids.of(person.subject, h) for n, h in hashes.items() if h is not None}
        same = set(made.values()) == {each.id for each in self._own(known)}
        if not same or not len(set(made.values())) == len(made) == len(person.photographs):
            return None
        images = [BatchImage(BatchPhotograph(n, hashes[n]), made[n]) for n in person.photographs]
        return BatchResult(person.subject, BatchVerdict.UNCHANGED, images)

    def decide(
        self, person: BatchPerson, assessed: AssessedPerson, pairs: Sequence[DuplicatePair]
    ) -> Admitted:
        """What becomes of somebody who was assessed.

        Args:
            person: of the batch.
            assessed: what came of their photographs.
            pairs: the duplicate pairs that they are one of.
        """
        if not assessed.templates:
            return Admitted(_refused(assessed, BatchVerdict.REFUSED, ""))
        if pairs:
            enrolled = any(pair.enrolled for pair in pairs)
            reason = SampleRefusal.ALREADY_ENROLLED.value if enrolled else DUPLICATE_IN_BATCH
            return Admitted(_refused(assessed, BatchVerdict.DUPLICATE, reason))
        known = self._there.get(person.subject)
        if known is None:
            return self._admitted(person, assessed, None, self._made(assessed))
        if not self._fits(assessed, known):
            reason = SampleRefusal.ANOTHER_PERSON.value
            return Admitted(_refused(assessed, BatchVerdict.REFUSED, reason))
        return self._admitted(person, assessed, known, self._renewed(assessed, known))

    # -- internals -------------------------------------------------------------------------------

    def _admitted(
        self,
        person: BatchPerson,
        assessed: AssessedPerson,
        known: FleetPerson | None,
        own: Mapping[str, Reference],
    ) -> Admitted:
        """Somebody with these references by photograph, as far as that changes anything."""
        images = [
            BatchImage(each, own[each.name].id if each.name in own else None)
            for each in assessed.photographs
        ]
        others = () if known is None else [r for r in known.references if r not in self._own(known)]
        record = FleetPerson(
            person.subject, _profile(person, known, self._now), (*own.values(), *others)
        )
        verdict = _verdict(record, known)
        said = None if verdict is BatchVerdict.UNCHANGED else record
        return Admitted(BatchResult(person.subject, verdict, images), said)

    def _made(self, assessed: AssessedPerson) -> dict[str, Reference]:
        """A reference for each template, by the name of its photograph."""
        subject = assessed.subject
        hashes = {each.name: each.sha256 or each.name for each in assessed.photographs}
        return {
            name: Reference(self._ids.of(subject, hashes[name]), subject, template)
            for name, template in assessed.templates
        }

    def _renewed(self, assessed: AssessedPerson, known: FleetPerson) -> dict[str, Reference]:
        """The same; a photograph whose reference is there already, under any id, keeps it."""
        left, renewed = self._own(known), {}
        for name, made in self._made(assessed).items():
            alike = [e for e in left if e.id == made.id or _score(e.template, made.template) > SAME]
            renewed[name] = alike[0] if alike else made
            left = [each for each in left if each is not renewed[name]]
        return renewed

    def _fits(self, assessed: AssessedPerson, known: FleetPerson) -> bool:
        """True if the new templates are of the person who is there, as far as that can be known."""
        means = mean_references(self._own(known))
        return all(
            _score(mean.template, template) >= self._same_person
            for mean in means
            for _, template in assessed.templates
        )

    def _own(self, known: FleetPerson) -> list[Reference]:
        return [each for each in known.references if each.template.space == self._space]


def _profile(person: BatchPerson, known: FleetPerson | None, now: datetime) -> Profile:
    """The profile that the batch asks for; what it does not say stays as it is."""
    before = None if known is None else known.profile
    if before is None:
        return Profile(person.given_name, Consent(person.consent, now), now, person.rules)
    wanted: PersonRules = person.rules
    rules = replace(
        before.rules,
        groups=wanted.groups,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
    )
    same = before.consent.text == person.consent
    consent = before.consent if same else Consent(person.consent, now)
    return replace(before, given_name=person.given_name, consent=consent, rules=rules)


def _verdict(record: FleetPerson, known: FleetPerson | None) -> BatchVerdict:
    if known is None:
        return BatchVerdict.ADDED
    before, after = ({each.id for each in person.references} for person in (known, record))
    same = before == after and known.profile == record.profile
    return BatchVerdict.UNCHANGED if same else BatchVerdict.CHANGED


def _refused(assessed: AssessedPerson, verdict: BatchVerdict, reason: str) -> BatchResult:
    """A result without a reference; photographs that were accepted are refused for that reason."""
    images = [
        BatchImage(each if each.refused else replace(each, refused=reason), None)
        for each in assessed.photographs
    ]
    return BatchResult(assessed.subject, verdict, images)


def _score(one: Template, other: Template) -> float:
    return float(one.vector @ other.vector)
