"""The import of a batch into a scope: assess, compare, say, publish, and write the manifest.

Nothing is said before everybody is assessed and compared. An import that was ended in between goes
on from its checkpoint; what it had said by then is found in the scope, and not said again.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from kiosk.domain.access.policy import MAKE_ROOM
from kiosk.domain.errors import GalleryFull, ImageError
from kiosk.domain.people.batch import (
    ENROLLED,
    AssessedPerson,
    BatchPerson,
    BatchResult,
    BatchVerdict,
    DuplicatePair,
)
from kiosk.domain.vision.comparison import mean_references
from kiosk.domain.vision.template import Reference, SubjectId
from kiosk.enrolment.batch.duplicates import duplicate_pairs
from kiosk.enrolment.batch.sources import PhotographSource
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.directing import known_elsewhere
from kiosk.fleet.importing.admission import Admission, Admitted, ReferenceIds
from kiosk.fleet.importing.checkpoint import Checkpoint
from kiosk.fleet.importing.manifest import manifest_of, refuse_unwritable, write_manifest
from kiosk.fleet.importing.meanwhile import Meanwhile
from kiosk.fleet.importing.secret_file import lasting_key
from kiosk.fleet.records import FleetPerson
from kiosk.people.batch.roster import Roster
from kiosk.store.job_file import JobBinding
from kiosk.wiring.batch.refusing import refuse_elsewhere, refuse_missing
from kiosk.wiring.vision import enrolment_policy, enrolment_terms
from models.packs.manifest import Pack

PEOPLE_A_STATEMENT = 2_000
IDS_KEY = "reference-ids.key"

Assessor = Callable[[Sequence[BatchPerson]], Iterator[AssessedPerson]]
"""Assesses people, in any order."""


@dataclass(frozen=True, slots=True)
class ImportOrder:
    """What is to be imported, and how.

    Attributes:
        scope: where the people are brought.
        keys: the folder of the admins' keys.
        roster: who they are.
        photographs: theirs.
        manifest: where it is written; an older one is replaced.
        resume: True to go on with an unfinished import.
        dry_run: True to say, publish and write nothing.
        waits: True where other admins have to sign it: the manifest is left to a later import,
            which finds it all in the scope.
    """

    scope: str
    keys: Path
    roster: Roster
    photographs: PhotographSource
    manifest: Path
    resume: bool = False
    dry_run: bool = False
    waits: bool = False


@dataclass(slots=True)
class ImportReport:
    """What came of an import.

    Attributes:
        results: what became of each person, in the order of the batch.
        pairs: those who resemble each other.
        resumed: how many people were in the checkpoint.
        looked_at: how many photographs were looked at by this process.
        seconds: that took so long.
        not_compared: people in the scope who have references of other models only.
        statements: the numbers of what was said.
        version: of what was published; None where the publisher's key is not here, or nothing was.
    """

    results: list[BatchResult] = field(default_factory=list)
    pairs: Sequence[DuplicatePair] = ()
    resumed: int = 0
    looked_at: int = 0
    seconds: float = 0.0
    not_compared: int = 0
    statements: list[int] = field(default_factory=list)
    version: int | None = None

    @property
    def enough(self) -> bool:
        """True if everybody got enough references."""
        return all(result.verdict in ENROLLED for result in self.results)


class BatchImport:
    """Imports people into a scope.

    Args:
        admin: the admins who say so.
        settings: all settings.
        pack: the models.
        assess: makes references of photographs.
        utc: the wall clock.
    """

    def __init__(
        self,
        admin: FleetAdmin,
        settings: Settings,
        pack: Pack,
        assess: Assessor,
        utc: Callable[[], datetime],
    ) -> None:
        self._admin, self._settings, self._pack = admin, settings, pack
        self._assess, self._utc = assess, utc
        self._terms = enrolment_terms(settings, pack)

    def run(self, order: ImportOrder, seen: Callable[[int], None]) -> ImportReport:
        """Import a batch.

        Args:
            order: what, and how.
            seen: called with the number of photographs that are done with.

        Raises:
            BadInput: there is no such scope, a photograph is missing, the manifest cannot be
                written, or an unfinished import stands in the way.
            GalleryFull: there is no room for so many people.
            FleetRefused: what is published cannot be verified.
            StoreError: the checkpoint cannot be used.
        """
        self._admin.keys_of(order.scope)
        if not self._admin.keeps_names(order.scope):
            order = replace(order, roster=order.roster.nameless())
        refuse_missing(order.roster, order.photographs)
        if not order.dry_run:
            refuse_unwritable(order.manifest)
        with ExitStack() as stack:
            checkpoint = None
            if not order.dry_run:
                bound = binding(self._settings, self._pack, order.roster)
                opened = Checkpoint(order.keys, order.scope, bound, resume=order.resume)
                checkpoint = stack.enter_context(opened)
                self._admin.publish()  # what waits is in the scope, too
            return _Round(self, order, checkpoint, seen).run()

    # -- for a round -----------------------------------------------------------------------------

    def there(self, order: ImportOrder) -> Mapping[SubjectId, FleetPerson]:
        """Everybody in the scope.

        Raises:
            BadInput: somebody of the batch is in another scope.
            GalleryFull: there is no room for the people of the batch beside them.
        """
        there = {each.subject: each for each in self._admin.people(order.scope)}
        refuse_elsewhere(order.roster, order.scope, known_elsewhere(self._admin, order.scope))
        together = len({*there, *(person.subject for person in order.roster.people)})
        if together > self._terms.most:
            raise GalleryFull(
                f"{together:,} people would be in {order.scope}, and scores were measured for "
                f"{self._terms.most:,}.",
                MAKE_ROOM,
            )
        return there

    def meanwhile(self, order: ImportOrder) -> Meanwhile:
        """What changes about the people of the batch from now on."""
        subjects = [person.subject for person in order.roster.people]
        return Meanwhile(self._admin, order.scope, subjects)

    def admission(self, order: ImportOrder, there: Mapping[SubjectId, FleetPerson]) -> Admission:
        """Decides about people, given who is there."""
        space = self._pack.space
        ids = ReferenceIds(lasting_key(order.keys / IDS_KEY, make=not order.dry_run), space)
        return Admission(there, ids, space, self._terms.same_person, self._utc())

    def assessed(self, people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
        """What comes of their photographs."""
        return self._assess(people) if people else iter(())

    def pairs(
        self, assessed: Mapping[SubjectId, AssessedPerson], known: Sequence[Reference]
    ) -> Sequence[DuplicatePair]:
        """The duplicates, by the threshold for all these people together."""
        together = len({*assessed, *(each.subject for each in known)})
        policy = enrolment_policy(self._settings, self._pack, together)
        templates = {
            subject: [template for _, template in person.templates]
            for subject, person in assessed.items()
            if person.templates
        }
        return duplicate_pairs(templates, known, policy.duplicate_threshold)

    def means(self, people: Mapping[SubjectId, FleetPerson]) -> Sequence[Reference]:
        """A reference for each person who has some of these models."""
        own = (each for person in people.values() for each in person.references)
        return mean_references(each for each in own if each.template.space == self._pack.space)

    def say(self, scope: str, people: Sequence[FleetPerson]) -> list[int]:
        """Say what counts about people from now on; the numbers of the statements."""
        starts = range(0, len(people), PEOPLE_A_STATEMENT)
        return [self._admin.say(scope, people[s : s + PEOPLE_A_STATEMENT]) for s in starts]

    def publish(self) -> int | None:
        """Publish what was said; the version, or None where the publisher's key is not here."""
        done = self._admin.publish()
        return None if done is None else done.version

    def write_manifest(self, order: ImportOrder, results: Sequence[BatchResult]) -> None:
        """Write the manifest."""
        roster = (order.roster.name, order.roster.sha256)
        made = manifest_of(order.scope, self._pack.space, roster, self._utc(), results)
        write_manifest(order.manifest, made)


class _Round:
    """One import, from who is there to what is published."""

    def __init__(
        self,
        work: BatchImport,
        order: ImportOrder,
        checkpoint: Checkpoint | None,
        seen: Callable[[int], None],
    ) -> None:
        self._work, self._order, self._checkpoint, self._seen = work, order, checkpoint, seen
        self._meanwhile = work.meanwhile(order)
        if checkpoint is not None:
            checkpoint.begin(self._meanwhile.records)
        self._there = work.there(order)
        self._admission = work.admission(order, self._there)
        self._report = ImportReport()

    def run(self) -> ImportReport:
        report = self._report
        kept = {} if self._checkpoint is None else {p.subject: p for p in self._checkpoint.people}
        report.resumed = len(kept)
        unchanged = dict(self._unchanged(kept))
        found = kept | self._assessed(kept, unchanged)
        order = (person.subject for person in self._order.roster.people)
        assessed = {subject: found[subject] for subject in order if subject in found}
        known = self._work.means(self._there)
        report.not_compared = len(self._there) - len(known)
        report.pairs = self._work.pairs(assessed, known)
        admitted = list(self._decided(assessed, unchanged))
        report.results = [each.result for each in admitted]
        if self._checkpoint is not None:
            self._carry_out(self._checkpoint, admitted)
        return report

    def _unchanged(
        self, kept: Mapping[SubjectId, AssessedPerson]
    ) -> Iterator[tuple[SubjectId, BatchResult]]:
        """Those of whom the scope has everything; their photographs are only hashed."""
        for person in self._order.roster.people:
            if person.subject in kept:
                self._seen(len(person.photographs))
            elif person.subject in self._there:
                hashes = {name: self._hash(name) for name in person.photographs}
                if (result := self._admission.unchanged(person, hashes)) is not None:
                    self._seen(len(person.photographs))
                    yield person.subject, result

    def _hash(self, name: str) -> str | None:
        try:
            return hashlib.sha256(self._order.photographs.content(name)).hexdigest()
        except ImageError:
            return None

    def _assessed(
        self, *done: Mapping[SubjectId, AssessedPerson] | Mapping[SubjectId, BatchResult]
    ) -> dict[SubjectId, AssessedPerson]:
        """Everybody else, each in the checkpoint as soon as they are assessed."""
        people = self._order.roster.people
        left = [each for each in people if not any(each.subject in known for known in done)]
        found, began = {}, time.monotonic()
        for person in self._work.assessed(left):
            if self._checkpoint is not None:
                self._checkpoint.add(person)
            found[person.subject] = person
            self._report.looked_at += len(person.photographs)
            self._seen(len(person.photographs))
        self._report.seconds = time.monotonic() - began
        return found

    def _decided(
        self,
        assessed: Mapping[SubjectId, AssessedPerson],
        unchanged: Mapping[SubjectId, BatchResult],
    ) -> Iterator[Admitted]:
        pairs: dict[SubjectId, list[DuplicatePair]] = {}
        for pair in self._report.pairs:
            pairs.setdefault(pair.subject, []).append(pair)
            if not pair.enrolled:
                pairs.setdefault(pair.other, []).append(pair)
        for person in self._order.roster.people:
            subject = person.subject
            if subject in unchanged:
                yield Admitted(unchanged[subject])
            else:
                yield self._admission.decide(person, assessed[subject], pairs.get(subject, ()))

    def _carry_out(self, checkpoint: Checkpoint, admitted: Sequence[Admitted]) -> None:
        """Say and publish what changes; the report counts what this import has said before, too.

        Of whoever was erased or changed since it began, nothing is said.
        """
        began = checkpoint.begin(self._meanwhile.records)
        admitted = list(self._meanwhile.kept(admitted, began, self._there))
        results = self._report.results = [each.result for each in admitted]
        before = checkpoint.verdicts
        if not before:
            checkpoint.decide({each.subject: each.verdict for each in results})
        for place, result in enumerate(results):
            verdict = before.get(result.subject)
            if result.verdict is BatchVerdict.UNCHANGED and verdict in ENROLLED:
                results[place] = BatchResult(result.subject, verdict, result.images)
        records = [each.record for each in admitted if each.record is not None]
        self._report.statements = self._work.say(self._order.scope, records)
        self._report.version = self._work.publish()
        if not (self._order.waits and self._report.statements):
            self._work.write_manifest(self._order, results)
        checkpoint.remove()


def binding(settings: Settings, pack: Pack, roster: Roster) -> JobBinding:
    """What an unfinished import depends on."""
    parts = (pack.space, pack.engine, settings.enrolment, settings.quality, settings.pad)
    rules = hashlib.sha256(repr(parts).encode()).hexdigest()
    return {"CSV file": roster.sha256, "set of models and settings": rules}


__all__ = ["BatchImport", "ImportOrder", "ImportReport", "binding"]
