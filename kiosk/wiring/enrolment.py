"""Self-enrolment assembled from settings and models: the session's parameters and its services."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from config.sections.enrolment import Identity
from config.settings import Settings
from kiosk.domain.access.policy import Form, decision_threshold, same_person_threshold
from kiosk.domain.enrolment.effects import NoteStep
from kiosk.domain.enrolment.events import EnrolmentEvent
from kiosk.domain.enrolment.policy import SessionPolicy
from kiosk.domain.enrolment.poses import PosePolicy
from kiosk.domain.ports import DocumentReader, FaceFinder
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.domain.vision.template import SubjectId, Template
from kiosk.people.elsewhere.port import Elsewhere
from kiosk.people.feedback import FeedbackService
from kiosk.people.self_enrolment import SelfEnrolment
from kiosk.people.self_enrolment_rules import (
    FleetTies,
    SelfEnrolmentListeners,
    SelfEnrolmentRules,
)
from kiosk.pipeline.enrolment.observer import (
    EnrolmentGates,
    EnrolmentSight,
    EnrolmentVision,
)
from kiosk.pipeline.enrolment.parts import CheckBadges, EnrolmentParts
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.open_home import OpenHome
from kiosk.ui.strings import languages
from kiosk.ui.text import Speech
from kiosk.wiring.networks import Networks
from kiosk.wiring.screen import screen_text, screen_words
from kiosk.wiring.vision import FORM, Weights, enrolment_policy, enrolment_terms
from models.packs.installed import Pack

NOTICE = (Prompt.CONSENT_WHAT, Prompt.CONSENT_USE, Prompt.CONSENT_CHOICE)
"""The layers whose words are the notice, but for the one about Amazon Rekognition."""


def enrolment_parts(
    settings: Settings,
    loaded: Weights,
    open_home: OpenHome,
    now: Callable[[], Instant],
    feedback: FeedbackService,
    elsewhere: Elsewhere | None = None,
) -> EnrolmentParts | None:
    """What a kiosk has for self-enrolment; None where the settings have none.

    Args:
        settings: all settings.
        loaded: the pack.
        open_home: people and journal.
        now: the monotonic clock.
        feedback: takes what people say about a result.
        elsewhere: a service that is to know people too; None for none.
    """
    if not settings.enrolment.at_kiosk:
        return None

    def service(
        answer: Callable[[EnrolmentEvent], None],
        observe: Callable[[NoteStep], None],
        check_badge: CheckBadges,
    ) -> SelfEnrolment:
        listeners = SelfEnrolmentListeners(answer, observe, feedback.give, check_badge)
        rules = self_enrolment_rules(settings, loaded.pack)
        return SelfEnrolment(
            open_home,
            rules,
            lambda photo: photograph(loaded, photo),
            now,
            listeners,
            fleet_ties(open_home),
            elsewhere,
        )

    return EnrolmentParts(session_policy(settings, loaded.pack), service)


def fleet_ties(open_home: OpenHome) -> FleetTies | None:
    """What ties a kiosk's people to its fleet; the libraries for it are imported only with one."""
    if not open_home.home.fleet.exists():
        return None
    from kiosk.fleet.inviting.shared import SharedInvitations
    from kiosk.fleet.uploads.withdrawing import mark_withdrawn
    from kiosk.store.people.invitations import Invitations
    from kiosk.store.people.members import Members

    members, invitations = Members(open_home.references), Invitations(open_home.references)

    def withdrawn(subject: SubjectId, at: datetime) -> None:
        mark_withdrawn(members, invitations, subject, at)

    return FleetTies(SharedInvitations(members), withdrawn)


def session_policy(settings: Settings, pack: Pack) -> SessionPolicy:
    """The parameters of a session: the door's gates, and the settings of enrolment."""
    return SessionPolicy(
        asks_cloud=settings.cloud.used,
        asks_picture=settings.enrolment.keep_picture,
        reads_zone=reads_zone(settings),
        requires_zone=settings.enrolment.document_zone_required,
        poses_required=settings.enrolment.poses_required,
        same_person_threshold=_same_person(settings, pack),
        pad_threshold=settings.pad.threshold,
        attack_threshold=settings.pad.attack_threshold,
        attack_views=settings.access.refusal_probes,
        recognition_views=settings.access.probes_required,
    )


def self_enrolment_rules(settings: Settings, pack: Pack) -> SelfEnrolmentRules:
    """What models and settings say about enrolling at the kiosk."""
    match = settings.match_policy()
    return SelfEnrolmentRules(
        terms=enrolment_terms(settings, pack),
        policy=lambda enrolled: enrolment_policy(settings, pack, enrolled),
        door_threshold=lambda enrolled: decision_threshold(pack.calibration(FORM), enrolled, match),
        identity_threshold=max(settings.enrolment.identity_threshold, _same_person(settings, pack)),
        document_threshold=max(settings.enrolment.document_threshold, _same_person(settings, pack)),
        asks_reference=settings.enrolment.identity is Identity.REFERENCE,
        asks_document=settings.enrolment.identity is Identity.DOCUMENT,
        signed_answers=settings.enrolment.signed_answers,
        encode=as_jpeg,
        notice=lambda language: (notice(settings, language), settings.enrolment.notice_version),
        languages=languages(),
    )


def as_jpeg(picture: Pixels) -> bytes:
    """A picture as the content of a JPEG file."""
    from hardware.camera.still import jpeg_of

    return jpeg_of(picture)


def notice(settings: Settings, language: str | None) -> str:
    """The words of the consent notice as they are shown, one line a layer."""
    speech = Speech(screen_words(settings, language), screen_text(settings))
    prompts = (*NOTICE, Prompt.CONSENT_CLOUD) if settings.cloud.used else NOTICE
    layers = (speech.message(View(prompt, Tone.WAITING)) for prompt in prompts)
    return "\n".join(f"{_ended(layer.sentence)} {_ended(layer.quiet)}" for layer in layers)


def cloud_notice(settings: Settings) -> str:
    """The words about Amazon Rekognition: where pictures go, and that a no is possible."""
    speech = Speech(screen_words(settings), screen_text(settings))
    return speech.message(View(Prompt.CONSENT_CLOUD, Tone.WAITING)).spoken


def _ended(line: str) -> str:
    return line if line.endswith(("?", "\uff1f", "\u061f")) else f"{line}."


def photograph(loaded: Weights, content: bytes) -> Template | None:
    """The template of the one face in a photograph; None where there is none to compare.

    Args:
        loaded: the pack.
        content: of the file, as it was sealed with the invitation.
    """
    from hardware.camera.still import still_in
    from kiosk.domain.errors import ImageError
    from models.loading import extractor, photograph_finder

    try:
        frame = Frame(still_in(content), Instant(0.0), 0)
    except ImageError:
        return None
    finder = photograph_finder(loaded.pack, loaded.files)
    try:
        faces = finder.find(frame)
        if len(faces) != 1:
            return None
        return extractor(loaded.pack, loaded.files).extract(frame, faces[0])
    finally:
        finder.close()


def enrolment_vision(
    settings: Settings, networks: Networks, finder: FaceFinder, stopwatch: Stopwatch
) -> EnrolmentVision:
    """What an enrolment sees by: the door's models and gates, with the pose left to the coach."""
    from hardware.camera.codes import ZxingReader

    most = PosePolicy().most_degrees
    bounds = replace(settings.quality.bounds(), max_yaw=most, min_pitch=-most, max_pitch=most)
    sight = EnrolmentSight(
        finder,
        networks.quality,
        networks.attack,
        networks.extractor,
        ZxingReader(),
        document_reader(settings, networks),
    )
    gates = EnrolmentGates(
        settings.lane.lane(), settings.lane.tracking(), bounds, settings.pad.threshold
    )
    return EnrolmentVision(sight, gates, stopwatch)


def document_reader(settings: Settings, networks: Networks) -> DocumentReader | None:
    """The reader of identity documents, by the door's networks; None where none is asked for."""
    if settings.enrolment.identity is not Identity.DOCUMENT:
        return None
    from models.document.reader import CardReader
    from models.stills import StillsFinder

    _, stills = networks.finders
    return CardReader(
        StillsFinder(stills),
        networks.extractor,
        settings.enrolment.documents,
        lambda: datetime.now(settings.rules.zone()).date(),
        reads=reads_zone(settings),
    )


def reads_zone(settings: Settings) -> bool:
    """True if the machine-readable zone of a document is read: asked for, and the extra is here."""
    if settings.enrolment.identity is not Identity.DOCUMENT:
        return False
    from models.document.zone import can_read

    return can_read()


def _same_person(settings: Settings, pack: Pack) -> float:
    own = same_person_threshold(pack.calibration(Form.SINGLE))
    return max(own, settings.enrolment.same_person_threshold)
