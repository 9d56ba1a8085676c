"""What `kiosk enrol` does where the settings match with Amazon Rekognition too."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from kiosk.domain.cloud.modes import DocumentReading
from kiosk.domain.errors import BadInput, LibraryMissing

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.domain.cloud.pictures import FacePicture
    from kiosk.domain.people.enrolment import Sample
    from kiosk.domain.vision.template import SubjectId
    from kiosk.people.elsewhere.port import Elsewhere, TakeViews
    from kiosk.people.enrolment import Newcomer
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.vision import Weights

DOCUMENT_SECONDS = 20.0
FINISH_SECONDS = 30.0
"""The most that the command waits for the cloud, once somebody is enrolled here."""


@dataclass(frozen=True, slots=True)
class InTheCloud:
    """What there is for enrolling somebody in the cloud too.

    Attributes:
        elsewhere: for the people service; None where the settings match in the kiosk alone.
        views: gives the pictures.
        finished: waits until somebody is known there; None where nobody is asked, or the person
            did not agree to it.
    """

    elsewhere: Elsewhere | None
    views: TakeViews | None
    finished: Callable[[SubjectId], bool | None]


def with_cloud(settings: Settings, newcomer: Newcomer | None, *, cloud: bool) -> Newcomer | None:
    """The newcomer with the consent that they gave to the cloud, as its notice says it.

    Raises:
        BadInput: the settings match in the kiosk alone, or somebody is enrolled already.
    """
    if cloud and not settings.cloud.used:
        raise BadInput(
            "The settings have faces matched by the kiosk alone.",
            "Leave --cloud out, or set cloud.mode.",
        )
    if newcomer is None:
        if cloud:
            raise BadInput(
                "--cloud is for somebody who is not enrolled yet.",
                "Leave it out: who is enrolled keeps the consent that they gave.",
            )
        return None
    if not settings.cloud.used:
        return newcomer
    from kiosk.wiring.enrolment import cloud_notice

    said = cloud_notice(settings)
    if not cloud:
        print(f"Matched by this kiosk alone, without --cloud: {said}", file=sys.stderr)
        return newcomer
    print(f"With --cloud they have said yes to this: {said}", file=sys.stderr)
    text = f"{newcomer.consent.text}\n{said}"
    consent = replace(newcomer.consent, text=text, cloud=True)
    return replace(newcomer, consent=consent, views=views_of(settings))


@contextmanager
def in_the_cloud(settings: Settings, open_home: OpenHome, loaded: Weights) -> Iterator[InTheCloud]:
    """What there is for enrolling somebody in the cloud too.

    Raises:
        LibraryMissing: the settings use it, and the extra `cloud` is not installed.
    """
    if not settings.cloud.used:
        yield InTheCloud(None, None, lambda _subject: None)
        return
    try:
        from kiosk.wiring.cloud.flows import cloud_registering, finish
        from kiosk.wiring.cloud.shared import shared_faces
    except ModuleNotFoundError as error:
        what = f"Matching in the cloud (cloud.mode = {settings.cloud.mode.value})"
        raise LibraryMissing(what, error.name, "cloud", for_door=False) from error
    faces = shared_faces(settings.cloud, open_home.home.path)
    with cloud_registering(settings, open_home, loaded, faces) as cloud:

        def finished(subject: SubjectId) -> bool | None:
            if not open_home.references.show(subject).profile.consent.cloud:
                return None
            return finish(cloud, subject, FINISH_SECONDS)

        yield InTheCloud(cloud.registrar, views_of(settings), finished)


def views_of(settings: Settings) -> TakeViews:
    """Gives the cuts of the faces in the photographs that were accepted."""

    def views(samples: Sequence[Sample]) -> Sequence[FacePicture]:
        from hardware.camera.still import read_still
        from kiosk.domain.vision.crop import around
        from kiosk.people.beginning.best_views import MOST_ELSEWHERE
        from kiosk.wiring.cloud.flows import face_picture

        most = settings.enrolment.max_image_bytes
        faces = [(Path(it.image), it.box) for it in samples if it.box is not None]
        return [
            face_picture(around(read_still(image, most), box))
            for image, box in faces[:MOST_ELSEWHERE]
        ]

    return views


def with_name_of(
    settings: Settings, home: Path, newcomer: Newcomer | None, document: Path | None
) -> Newcomer | None:
    """The newcomer with the given name that was confirmed, of those that a document proposes.

    Raises:
        BadInput: the settings have no document read, the person did not agree to the cloud, or
            there is no such picture.
        CloudUnavailable, CloudRefused: it cannot be read.
    """
    if document is None:
        return newcomer
    if settings.cloud.documents is DocumentReading.OFF:
        raise BadInput("The settings have no document read.", "Set cloud.documents, or type it.")
    if newcomer is None or not newcomer.consent.cloud:
        raise BadInput(
            "A document is read in the cloud only for somebody who agreed to it.",
            "Give --cloud, if they did; else type the name.",
        )
    from hardware.camera.still import jpeg_of, read_still
    from kiosk.domain.cloud.prefill import confirmed
    from kiosk.wiring.cloud.documents import document_reader

    picture = jpeg_of(read_still(document, settings.enrolment.max_image_bytes))
    with document_reader(settings, home) as reader:
        prefill = reader.read(picture, seconds=DOCUMENT_SECONDS)
    for number, name in enumerate(prefill.names, 1):
        print(f"  {number}  {name}", file=sys.stderr)
    answer = typer.prompt("Given name, or its number; empty for none", default="", err=True)
    return replace(newcomer, given_name=confirmed(prefill, answer) or newcomer.given_name)
