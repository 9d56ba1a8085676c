"""`kiosk enrol`: an administrator enrols one subject from photographs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, home_of
from kiosk.cli.counting import counting
from kiosk.cli.passed_over import listed, passed_over
from kiosk.domain.errors import BadInput, Refused
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.enrolment import SampleRefusal
from kiosk.domain.vision.template import SubjectId
from kiosk.enrolment.capacity import warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk.domain.people.enrolment import RefusedSample
    from kiosk.people.enrolment import Enrolment, Newcomer


def enrol(
    images: Annotated[list[Path], typer.Argument(help="Photographs, or folders of them.")],
    subject: Annotated[str, typer.Option(help="An opaque id: no name, no e-mail address.")],
    consent: Annotated[
        str | None,
        typer.Option(help="What the person agreed to: the text, or the form and its version."),
    ] = None,
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
    cloud: Annotated[
        bool,
        typer.Option(
            "--cloud",
            help="They agreed to be matched by Amazon Rekognition too: pictures of their face go "
            "to the region of the settings.",
        ),
    ] = False,
    document: Annotated[
        Path | None,
        typer.Option(
            help="A picture of their document: a given name is proposed from it, for you to "
            "confirm with them. It is sent where cloud.documents says, and not kept."
        ),
    ] = None,
    add: Annotated[
        bool, typer.Option("--add", help="They are enrolled already: give them more references.")
    ] = False,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="They are enrolled already: give them other references."),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Enrol a subject. The photographs are read and never copied.

    With --add or --replace the subject keeps groups, PIN, badge and consent.
    """
    from hardware.camera.still import stills_in
    from kiosk.cli.cloud.enrolling import in_the_cloud, with_cloud, with_name_of
    from kiosk.people.service import PeopleService
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.rollout.settings import settings_of
    from kiosk.wiring.spaces import refuse_other_space
    from kiosk.wiring.vision import enrolment_terms, photograph_assessor, verified_weights

    newcomer = _newcomer(subject, consent, given_name, different_person)
    known = _known(subject, newcomer, add=add, replace=replace)
    place = home_of(home)
    settings = settings_of(place, config)
    newcomer = with_cloud(settings, newcomer, cloud=cloud)
    newcomer = with_name_of(settings, place, newcomer, document)
    others: list[Path] = []
    pictures = stills_in(images, others.append)
    loaded = verified_weights(settings, place)
    terms = enrolment_terms(settings, loaded.pack)
    with OpenHome.open(place) as open_home, in_the_cloud(settings, open_home, loaded) as there:
        refuse_other_space(open_home.references, loaded.pack)
        people = PeopleService(open_home, there.elsewhere)
        if newcomer is None:
            people.person(known)
        with counting("Looking at the photographs", len(pictures)) as seen:
            assess = photograph_assessor(settings, loaded, pictures, seen)
            if newcomer is None:
                enrolment = people.renew(known, terms, assess, adding=add, views=there.views)
            else:
                enrolment = people.enrol(newcomer, terms, assess)
        known_there = there.finished(known) if enrolment.references else None
    _print(enrolment, others, known_there, json=json)
    if not enrolment.references:
        raise Refused(
            f"No reference of {subject} could be made: every picture was refused.",
            "Take new ones: one person alone, head and shoulders, in even light, looking into the "
            "camera.",
        )
    return _advised(enrolment)


def _newcomer(
    subject: str,
    consent: str | None,
    given_name: str | None,
    different_person: bool,
) -> Newcomer | None:
    """Who is enrolled, with their consent; None where no consent is given."""
    from kiosk.people.enrolment import Newcomer

    if consent is None:
        return None
    agreed = Consent(consent, datetime.now(UTC))
    return Newcomer(SubjectId(subject), agreed, given_name, different_person)


def _known(subject: str, newcomer: Newcomer | None, *, add: bool, replace: bool) -> SubjectId:
    """The id, once it is clear whether they are to be enrolled or are already.

    Raises:
        BadInput: the options contradict each other, or no consent is given.
    """
    from kiosk.store.people.subjects import subject_id

    if add and replace:
        raise BadInput("--add keeps the references that --replace removes.", "Give one of them.")
    if not (add or replace) and newcomer is None:
        raise BadInput("Nobody is enrolled without their consent.", "Give --consent.")
    if (add or replace) and newcomer is not None:
        raise BadInput(
            "--consent is for somebody who is not enrolled yet.",
            "Leave it out: who is enrolled keeps the consent that they gave.",
        )
    return subject_id(subject)


def _advised(enrolment: Enrolment) -> int:
    """The exit code: 1 where somebody is enrolled and pictures were refused all the same.

    More pictures than are needed are no refusal.
    """
    wanting = [r for r in enrolment.outcome.refused if r.reason is not SampleRefusal.TOO_MANY]
    if not wanting:
        return 0
    print(
        "Some pictures were refused, see above. More good ones, one person alone in even light, "
        f"make the door surer: `kiosk enrol --add --subject {enrolment.subject} PHOTOGRAPHS`.",
        file=sys.stderr,
    )
    return 1


def _refused(sample: RefusedSample) -> tuple[str, str]:
    return sample.image, sample.detail or sample.reason.value.replace("_", " ")


def _print(
    enrolment: Enrolment, others: Sequence[Path], known_there: bool | None, *, json: bool
) -> None:
    if said := warning(enrolment.room):
        print(said, file=sys.stderr)
    if known_there is False:
        print(
            f"Amazon Rekognition does not know {enrolment.subject} yet, and the pictures are gone "
            f"now: repeat this with --replace when it answers.",
            file=sys.stderr,
        )
    if json:
        _print_json(enrolment, others, known_there)
        return
    subject, outcome, references = enrolment.subject, enrolment.outcome, enrolment.references
    for line in (*listed("refused", map(_refused, outcome.refused)), *passed_over(others)):
        print(line)
    if outcome.duplicate_of:
        print(f"{subject} looks like {outcome.duplicate_of}, who is enrolled already.")
        print("If they are two people, see for yourself and add --different-person.")
    print(f"{subject}: {references} reference{'' if references == 1 else 's'} made.")
    if known_there:
        print(f"{subject} is known to Amazon Rekognition too.")


def _print_json(enrolment: Enrolment, others: Sequence[Path], known_there: bool | None) -> None:
    refused = [{"image": r.image, "reason": r.reason.value} for r in enrolment.outcome.refused]
    refused += [{"image": str(other), "reason": "passed_over"} for other in others]
    print_json(
        {
            "subject": enrolment.subject,
            "references": enrolment.references,
            "refused": refused,
            **({} if known_there is None else {"cloud": known_there}),
        }
    )
