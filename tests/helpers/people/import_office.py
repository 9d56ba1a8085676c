"""An admin's office: a CSV file, photographs that show scripted people, and their import."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kept_samples import template
from small_fleet import HARBOUR, SmallFleet

from config.settings import Settings
from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchPhotograph, BatchVerdict
from kiosk.domain.vision.run import mean_template
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.enrolment.batch.sources import photograph_source
from kiosk.fleet.records import FleetPerson
from kiosk.people.batch.roster import read_roster
from kiosk.wiring.batch.importing import Assessor, BatchImport, ImportOrder, ImportReport
from models.packs.installed import load_manifest

HEADER = "subject,given_name,groups,valid_from,valid_until,consent,photo"
PACK = load_manifest().pack("standard")
FIVE = [f"p-{n},Name {n},staff,,,form 3,{n}.jpg" for n in range(5)]


class PowerCut(Exception):
    """The machine went off."""


def vector(seed: int) -> Template:
    return template(seed, PACK.space, 128)


def near(seed: int, other: int) -> Template:
    """Another view of the person of a seed."""
    return mean_template([vector(seed), vector(seed), vector(other)])


@dataclass
class Office:
    """An admin with a CSV file and photographs; what a photograph shows is scripted by its name."""

    fleet: SmallFleet
    folder: Path
    shows: dict[str, Template] = field(default_factory=dict)
    left: int = 10_000
    looked_at: list[SubjectId] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.photos = self.folder / "photos"
        self.photos.mkdir()
        self.manifest = self.folder / "people.manifest.json"
        self.assess: Assessor = self._assess_each

    def photograph(self, name: str, shows: Template | None) -> None:
        (self.photos / name).write_bytes(name.encode())
        if shows is not None:
            self.shows[name] = shows

    def _assess_each(self, people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
        for person in reversed(people):
            if not self.left:
                raise PowerCut
            self.left -= 1
            self.looked_at.append(person.subject)
            yield self._assessed(person)

    def _assessed(self, person: BatchPerson) -> AssessedPerson:
        good = {name: self.shows[name] for name in person.photographs if name in self.shows}
        sha = {n: self.digest(n) for n in person.photographs}
        photographs = [
            BatchPhotograph(n, sha[n], "" if n in good else "no_face") for n in person.photographs
        ]
        return AssessedPerson(person.subject, tuple(photographs), tuple(good.items()))

    def digest(self, name: str) -> str:
        return hashlib.sha256((self.photos / name).read_bytes()).hexdigest()

    def bring(self, *rows: str, resume: bool = False, dry_run: bool = False) -> ImportReport:
        roster = read_roster("\n".join((HEADER, *rows)).encode(), "people.csv")
        source = photograph_source(self.photos, 1000)
        keys = self.fleet.keys.folder
        order = ImportOrder(HARBOUR, keys, roster, source, self.manifest, resume, dry_run)
        done: list[int] = []
        work = BatchImport(self.fleet.admins(), Settings(), PACK, self.assess, self.fleet.clock.utc)
        report = work.run(order, done.append)
        assert sum(done) == roster.photographs
        return report

    def there(self) -> Mapping[SubjectId, FleetPerson]:
        people = list(self.fleet.admin.people(HARBOUR))
        found = {person.subject: person for person in people}
        assert len(found) == len(people)
        return found

    def reconcile(self) -> Mapping[str, str]:
        """The manifest against the references in the scope, one to one; the refusals by photo."""
        said = json.loads(self.manifest.read_text())
        made = {e["reference"]: e for e in said["photographs"] if "reference" in e}
        there = {r.id: r for person in self.there().values() for r in person.references}
        assert made.keys() == there.keys()
        for known, entry in made.items():
            assert there[known].subject == entry["subject"]
            shown = self.shows[entry["photo"]].vector
            assert float(there[known].template.vector @ shown) > 0.999
            assert entry["sha256"] == self.digest(entry["photo"])
        assert "Name" not in self.manifest.read_text()
        assert stat.S_IMODE(self.manifest.stat().st_mode) == 0o600
        return {e["photo"]: e["refused"] for e in said["photographs"] if "refused" in e}

    @property
    def traces(self) -> set[str]:
        return {path.name for path in self.fleet.keys.folder.glob("import-*")}


def verdicts(report: ImportReport) -> list[BatchVerdict]:
    return [result.verdict for result in report.results]
