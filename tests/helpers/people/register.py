"""Who is enrolled at a door under test, and what is agreed on with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from kiosk.domain.access.factors import Factors
from kiosk.domain.errors import LintelError, SubjectUnknown
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId

ANN, BOB = SubjectId("ann"), SubjectId("bob")
PIN, DURESS = "4927", "8153"
FACTORS = Factors().with_pin(PIN, b"s" * 16).with_duress(DURESS, b"t" * 16, ANN)


@dataclass
class Register:
    """Fulfils People; ``broken`` is raised where it is set."""

    rules: dict[SubjectId, PersonRules] = field(default_factory=lambda: {ANN: PersonRules()})
    factors: dict[SubjectId, Factors] = field(default_factory=dict)
    broken: LintelError | None = None
    known_since: Instant = Instant(0.0)
    out_of_date_ones: set[SubjectId] = field(default_factory=set)

    def rules_of(self, subject: SubjectId) -> PersonRules:
        if self.broken:
            raise self.broken
        if subject not in self.rules:
            raise SubjectUnknown("Nobody of that id is enrolled.")
        return self.rules[subject]

    def out_of_date(self, subject: SubjectId) -> bool:
        return subject in self.out_of_date_ones

    def factors_of(self, subject: SubjectId) -> Factors:
        self.rules_of(subject)
        return self.factors.get(subject, Factors())

    def since(self, subject: SubjectId) -> Instant:
        self.rules_of(subject)
        return self.known_since

    def owner(self, badge: str) -> SubjectId | None:
        name = badge.removeprefix("LINTEL1:")
        return SubjectId(name) if name != badge else None
