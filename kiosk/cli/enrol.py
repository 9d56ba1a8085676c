"""`kiosk enrol`: an administrator enrols one subject from photographs."""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of
from kiosk.cli.passed_over import listed, passed_over
from kiosk.domain.access.policy import GalleryRoom, capacity
from kiosk.domain.errors import LintelError, Refused, SubjectExists, SubjectUnknown
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.template import SubjectId
from kiosk.enrolment.capacity import warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.domain.people.enrolment import EnrolmentOutcome, RefusedSample
    from kiosk.domain.vision.comparison import Gallery
    from kiosk.enrolment.from_photographs import Enroller
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.references import References


def enrol(
    images: Annotated[list[Path], typer.Argument(help="Photographs, or folders of them.")],
    subject: Annotated[str, typer.Option(help="An opaque id: no name, no e-mail address.")],
    consent: Annotated[
        str, typer.Option(help="What the person agreed to: the text, or the form and its version.")
    ],
    home: HomeOption = None,
    config: ConfigOption = None,
    given_name: Annotated[
        str | None, typer.Option(help="For the greeting, where screen.show_names is on.")
    ] = None,
    different_person: Annotated[
        bool,
        typer.Option(
            "--different-person",
            help="You have seen that this is not the enrolled person that they resemble.",
        ),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Enrol a subject. The photographs are read and never copied."""
    from config.settings import load
    from hardware.camera.still import stills_in
    from kiosk.domain.vision.comparison import Gallery
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people import subjects
    from kiosk.wiring.vision import load_enroller, verified_weights

    name = subjects.given_name(given_name)
    place = home_of(home)
    settings = load(place, config)
    agreed = Consent(consent, datetime.now(UTC))
    others: list[Path] = []
    pictures = stills_in(images, others.append)
    loaded = verified_weights(settings, place)
    with OpenHome.open(place) as open_home:
        identifier = _free(open_home.references, subject)
        space = loaded.pack.space
        most = capacity(loaded.pack.calibration, settings.match.policy())
        open_home.references.refuse_crowd(settings.enrolment.min_references, most)
        known = () if different_person else open_home.references.load(space)
        outcome = _assess(load_enroller(settings, loaded), pictures, Gallery.of(space, known))
        if outcome.accepted:
            person = Newcomer(identifier, agreed, name, different_person)
            _keep(open_home, person, outcome, most)
        else:
            open_home.note("enrolment_refused", {"duplicate_of": outcome.duplicate_of})
        room = GalleryRoom(len(open_home.references), most)
    _print(identifier, outcome, others, room, json=json)
    if not outcome.accepted:
        raise Refused(
            f"No reference of {identifier} could be made: every picture was refused.",
            "Take new ones: one person alone, head and shoulders, in even light, looking into the "
            "camera.",
        )
    return 0


def _free(references: References, subject: str) -> SubjectId:
    """The subject id, if it is valid and not in use.

    Raises:
        BadInput: it is not a valid id.
        SubjectExists: a subject with this id is enrolled already.
    """
    from kiosk.store.people.subjects import subject_id

    identifier = subject_id(subject)
    try:
        references.show(identifier)
    except SubjectUnknown:
        return identifier
    raise SubjectExists(
        f"{identifier} is enrolled already.",
        f"Run `kiosk people erase {identifier} --yes` first, or choose another id.",
    )


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The person who is enrolled, with their consent."""

    subject: SubjectId
    consent: Consent
    given_name: str | None
    different_person: bool


def _keep(open_home: OpenHome, person: Newcomer, outcome: EnrolmentOutcome, most: int) -> None:
    """Store the accepted references; recorded in the journal before and after."""
    details: dict[str, Any] = {
        "subject": person.subject,
        "references": len(outcome.accepted),
        "consent_sha256": person.consent.text_sha256,
        "different_person": person.different_person,
    }
    templates = [sample.template for sample in outcome.accepted]
    open_home.references.refuse_crowd(len(templates), most)
    open_home.note("enrolment", details)
    try:
        open_home.references.enrol(
            person.subject, templates, person.consent, person.given_name, most=most
        )
    except LintelError as error:
        open_home.note("enrolment_refused", {"duplicate_of": None, "problem": error.problem})
        raise
    open_home.note("enrolled", details)


def _assess(enroller: Enroller, pictures: Sequence[Path], gallery: Gallery) -> EnrolmentOutcome:
    """Assess every picture, with a progress bar if standard error is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    watched = Progress(console=console, transient=True, disable=not console.is_terminal)
    with closing(enroller), watched as progress:
        task = progress.add_task("Looking at the photographs", total=len(pictures))
        return enroller.assess(pictures, gallery, lambda: progress.advance(task))


def _refused(sample: RefusedSample) -> tuple[str, str]:
    return sample.image, sample.detail or sample.reason.value.replace("_", " ")


def _print(
    subject: SubjectId,
    outcome: EnrolmentOutcome,
    others: Sequence[Path],
    room: GalleryRoom,
    *,
    json: bool,
) -> None:
    references = len(outcome.accepted)
    if said := warning(room):
        print(said, file=sys.stderr)
    if json:
        refused = [{"image": r.image, "reason": r.reason.value} for r in outcome.refused]
        refused += [{"image": str(other), "reason": "passed_over"} for other in others]
        print_json({"subject": subject, "references": references, "refused": refused})
        return
    for line in (*listed("refused", map(_refused, outcome.refused)), *passed_over(others)):
        print(line)
    if outcome.duplicate_of:
        print(f"{subject} looks like {outcome.duplicate_of}, who is enrolled already.")
        print("If they are two people, see for yourself and add --different-person.")
    print(f"{subject}: {references} reference{'' if references == 1 else 's'} made.")
