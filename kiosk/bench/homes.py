"""The homes of a benchmark: one with the person who walks up, one with very many references."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from config.settings import CONFIG_NAME, Settings
from kiosk.bench.person import Walker
from kiosk.domain.errors import BadInput
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.measure.synthetic import subjects
from kiosk.people.enrolment import Newcomer
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.wiring.vision import Weights, enrolment_terms, photograph_assessor
from models.packs.installed import Pack

SUBJECT = SubjectId("bench-1")
CONSENT = "Given to a benchmark, which forgets them at its end."
EACH = 20
"""References per subject in the large home: fewer writes for the same memory."""


def enrol_person(settings: Settings, loaded: Weights, home: Path, person: Walker) -> None:
    """Enrol the person who walks up, as `kiosk enrol` does.

    Raises:
        BadInput: the quality gates refused every photograph.
    """
    assess = photograph_assessor(settings, loaded, person.photographs)
    terms = enrolment_terms(settings, loaded.pack)
    with OpenHome.open(home) as open_home:
        enrolment = PeopleService(open_home).enrol(Newcomer(SUBJECT, _agreed()), terms, assess)
    if not enrolment.references:
        reasons = ", ".join(sorted({r.reason.value for r in enrolment.outcome.refused}))
        raise BadInput(
            f"No photograph of the person became a reference: {reasons}.",
            "Give photographs that `kiosk enrol` accepts.",
        )


def fill(home: Path, pack: Pack, references: int) -> None:
    """Fill a home with the given number of synthetic references."""
    dimensions = pack.file("embedding").dimensions
    with OpenHome.open(home) as open_home:
        for subject, templates in subjects(references, dimensions, SpaceId(pack.space), EACH):
            open_home.references.enrol(subject, templates, _agreed())


def config_options(home: Path, config: Path | None) -> tuple[str, ...]:
    """The options that give the measured kiosks the settings of the named home, and no others."""
    path = config or home / CONFIG_NAME
    return ("--config", str(path.absolute())) if path.exists() else ()


def _agreed() -> Consent:
    return Consent(CONSENT, datetime.now(UTC))
