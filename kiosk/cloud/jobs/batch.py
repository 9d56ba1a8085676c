"""The people of a batch: who may be sent at all, what is sent of them, and what is said in the end.

Nothing of a person is read before it is known that they are enrolled here and agreed to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kiosk.cloud.jobs.outcome import NOT_TAKEN, IndexedPerson, IndexedPhotograph, IndexEnd
from kiosk.cloud.jobs.placing import Placed, PlacingEnd
from kiosk.cloud.jobs.progress import GatedPhotograph
from kiosk.domain.cloud.faces import CloudId
from kiosk.domain.errors import ImageError
from kiosk.domain.people.batch import AssessedPerson, BatchPerson
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.template import SubjectId

_ENDS = {
    PlacingEnd.INDEXED: IndexEnd.INDEXED,
    PlacingEnd.THERE: IndexEnd.UNCHANGED,
    PlacingEnd.NOT_TAKEN: IndexEnd.REFUSED,
}


CropPhotograph = Callable[[str, str, Box], bytes]
"""The face in a photograph, by its name, hash and box, with its surroundings, as JPEG; ImageError
if it cannot be read, is another one by now, or is of no use to the service."""


@dataclass(frozen=True)
class BatchGates:
    """What decides locally about people and photographs.

    Attributes:
        cloud_id: a person's id in the cloud.
        consent: what a person agreed to, as rows say it, or why nothing of theirs may be sent.
        assess: looks at people's photographs, in any order.
        compare: photographs that are not of the person, or of somebody else: name -> reason.
        crop: makes what is sent.
    """

    cloud_id: Callable[[SubjectId], CloudId]
    consent: Callable[[SubjectId], str | IndexEnd]
    assess: Callable[[Sequence[BatchPerson]], Iterator[AssessedPerson]]
    compare: Callable[[AssessedPerson], Mapping[str, str]]
    crop: CropPhotograph


class IndexBatch:
    """The people of one job. Pictures may be asked for by any thread.

    Args:
        people: of the batch.
        gates: what decides locally.
    """

    def __init__(self, people: Sequence[BatchPerson], gates: BatchGates) -> None:
        self._gates = gates
        self.consents: dict[CloudId, str] = {}
        self._people: dict[CloudId, BatchPerson] = {}
        self._not_sent: dict[CloudId, IndexEnd] = {}
        self._problems: dict[CloudId, str] = {}
        self._spoilt: set[tuple[CloudId, str]] = set()
        for each in people:
            person = gates.cloud_id(each.subject)
            self._people[person] = each
            consent = gates.consent(each.subject)
            if isinstance(consent, IndexEnd):
                self._not_sent[person] = consent
            else:
                self.consents[person] = consent

    @property
    def willing(self) -> Mapping[CloudId, BatchPerson]:
        """Those of whom something may be sent."""
        return {person: self._people[person] for person in self.consents}

    @property
    def photographs_not_sent(self) -> int:
        """How many photographs nobody will look at."""
        return sum(len(self._people[person].photographs) for person in self._not_sent)

    def subject(self, person: CloudId) -> SubjectId:
        """The subject of an id in the cloud."""
        return self._people[person].subject

    def agrees(self, person: CloudId) -> bool:
        """False, and noted, if somebody has withdrawn meanwhile."""
        consent = self._gates.consent(self.subject(person))
        if isinstance(consent, IndexEnd):
            self._not_sent[person] = consent
            return False
        return True

    def gated(
        self, people: Sequence[BatchPerson]
    ) -> Iterator[tuple[CloudId, tuple[GatedPhotograph, ...]]]:
        """What the local gates say of people's photographs."""
        for assessed in self._gates.assess(people) if people else ():
            yield self._gates.cloud_id(assessed.subject), self._judged(assessed)

    def _judged(self, assessed: AssessedPerson) -> tuple[GatedPhotograph, ...]:
        boxes, others = dict(assessed.boxes), self._gates.compare(assessed)
        return tuple(
            GatedPhotograph(
                each.sha256,
                refused := each.refused or others.get(each.name, ""),
                None if refused else boxes.get(each.name),
            )
            for each in assessed.photographs
        )

    def pictures(self, person: CloudId, gated: Sequence[GatedPhotograph]) -> dict[int, bytes]:
        """What is sent of somebody, by the place of each photograph."""
        found = {}
        for place, (name, each) in enumerate(self._named(person, gated)):
            if each.box is None or each.sha256 is None:
                continue
            try:
                found[place] = self._gates.crop(name, each.sha256, each.box)
            except ImageError:
                self._spoilt.add((person, name))
        return found

    def failed(self, person: CloudId, problem: str, *, refused: bool) -> None:
        """Note what stood in somebody's way; it passes if it is no refusal."""
        self._problems[person] = problem
        if refused:
            self._not_sent[person] = IndexEnd.REFUSED

    def ended(
        self,
        gated: Mapping[CloudId, Sequence[GatedPhotograph]],
        placed: Mapping[CloudId, Placed],
        *,
        dry: bool,
    ) -> Iterator[IndexedPerson]:
        """What became of each person, in the order of the batch."""
        otherwise = IndexEnd.WOULD_INDEX if dry else IndexEnd.INCOMPLETE
        for person, each in self._people.items():
            own, done = gated.get(person, ()), placed.get(person)
            if (end := self._not_sent.get(person)) is not None:
                done = None
            else:
                end = _end(own, done, otherwise)
            photographs = tuple(self._photographs(person, own, done))
            problem = "" if done is not None else self._problems.get(person, "")
            yield IndexedPerson(each.subject, person, end, photographs, problem)

    def _photographs(
        self, person: CloudId, gated: Sequence[GatedPhotograph], placed: Placed | None
    ) -> Iterator[IndexedPhotograph]:
        if not gated:
            yield from (
                IndexedPhotograph(name, indexed=False) for name in self._people[person].photographs
            )
            return
        taken = (False,) * len(gated) if placed is None else placed.taken
        for (name, each), took in zip(self._named(person, gated), taken, strict=True):
            why = each.refused
            if (person, name) in self._spoilt:
                why = SampleRefusal.NOT_AN_IMAGE.value
            elif not why and placed is not None:
                why = NOT_TAKEN
            yield IndexedPhotograph(name, took, "" if took else why)

    def _named(
        self, person: CloudId, gated: Sequence[GatedPhotograph]
    ) -> Iterator[tuple[str, GatedPhotograph]]:
        return zip(self._people[person].photographs, gated, strict=True)


def _end(gated: Sequence[GatedPhotograph], placed: Placed | None, otherwise: IndexEnd) -> IndexEnd:
    if placed is not None:
        return _ENDS[placed.end]
    if gated and not any(each.box is not None for each in gated):
        return IndexEnd.REFUSED
    return otherwise
