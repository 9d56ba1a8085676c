"""The models: a verified pack, and the stages that see, match and enrol with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from kiosk.domain.access.policy import (
    AccessPolicy,
    Form,
    capacity,
    decision_threshold,
    same_face_threshold,
    same_person_threshold,
)
from kiosk.domain.people.enrolment import EnrolmentOutcome, EnrolmentPolicy
from kiosk.domain.ports import FaceFinder
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.run import ComparisonPlan
from kiosk.enrolment.from_photographs import Enroller, EnrolmentStages
from kiosk.people.enrolment import Assess, EnrolmentTerms
from kiosk.pipeline.badge_scanner import BadgeWatch
from kiosk.pipeline.face_search import LaneSearch
from kiosk.pipeline.gallery.feed import GalleryFeed
from kiosk.pipeline.identification.frames import ANSWER_SECONDS
from kiosk.pipeline.identification.runs import RunIdentification
from kiosk.pipeline.pacing import pace_of
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import SeeingPolicy, Stages, Vision
from kiosk.store.open_home import OpenHome
from kiosk.wiring.cloud.door import Beside
from kiosk.wiring.networks import Networks, load_networks
from kiosk.wiring.search import identification
from kiosk.wiring.spaces import refuse_other_space
from models.engines.choice import chosen
from models.packs.installed import Pack, load_manifest, verified, weights_directory

FORM = Form.MEAN
"""What is compared at the door: the mean of a few frames of a run."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What one engine runs of a model pack, and its verified files by role."""

    pack: Pack
    files: dict[str, Path]


def verified_weights(settings: Settings, home: Path) -> Weights:
    """Return the pack named in the settings, with every file verified that its engine runs.

    Raises:
        ModelError: the pack is unknown, or a file is missing or altered, or the engine that the
            settings name is not installed.
    """
    whole = load_manifest().pack(settings.models.pack)
    directory = weights_directory(settings.models.directory, home, whole)
    pack = whole.for_engine(chosen(settings.models.engine, whole, directory).engine)
    return Weights(pack, verified(pack, directory))


def gallery_feed(settings: Settings, pack: Pack, open_home: OpenHome) -> GalleryFeed:
    """Return the gallery feed: the enrolled people and the policy for that many references.

    Raises:
        StoreError: the references cannot be read.
        SpaceMismatch: people were enrolled with other models.
        PolicyError: the pack's calibration does not cover even a single person.
    """

    def policy_for(references: int) -> AccessPolicy:
        threshold = decision_threshold(pack.calibration(FORM), references, settings.match_policy())
        return settings.access_policy(pack.space, threshold)

    refuse_other_space(open_home.references, pack)
    most = capacity(pack.calibration(FORM), settings.match_policy())
    return GalleryFeed(open_home.references, pack.space, policy_for, most)


def seeing_policy(settings: Settings) -> SeeingPolicy:
    """The policy for where and how well a face must be seen to be compared."""
    access = settings.access
    return SeeingPolicy(
        settings.lane.lane(),
        settings.lane.tracking(),
        settings.quality.bounds(),
        settings.pad.threshold,
        min(ANSWER_SECONDS, access.window_seconds),
        pace_of(
            (access.probes_required, access.span_seconds),
            (access.refusal_probes, access.refusal_span_seconds),
        ),
    )


def comparison_plan(settings: Settings, pack: Pack) -> ComparisonPlan:
    """Which frames of a run are compared, and what is another face.

    Raises:
        PolicyError: the pack has no calibration.
    """
    access = settings.access
    return ComparisonPlan(
        access.comparisons_required,
        access.probes_required,
        access.span_seconds,
        same_face_threshold(pack.calibration(Form.SINGLE)),
    )


def load_vision(
    settings: Settings,
    loaded: Weights,
    people: GalleryFeed,
    stopwatch: Stopwatch,
    badge: Callable[[str], None] | None = None,
    take: Callable[[], Networks] | None = None,
    sees: Callable[[Networks, FaceFinder], None] | None = None,
    beside: Beside | None = None,
) -> Vision:
    """The stages of vision, and the models under them. Call from the thread that uses the result.

    Args:
        settings: all settings.
        loaded: the pack.
        people: gallery and policy.
        stopwatch: times the stages.
        badge: receives the text of each code held in front of the camera; None to scan for none.
        take: waits for networks that are being loaded; None to load them now.
        sees: receives the networks and the finder for an enrolment, which is in the same thread;
            None where nobody can enrol.
        beside: puts a service beside the kiosk's own matcher; None for none.
    """
    from hardware.camera.codes import ZxingReader
    from models.identification import LocalMatcher

    networks = load_networks(loaded) if take is None else take()
    identify = identification(people.gallery())
    matcher = LocalMatcher(networks.extractor, people.gallery, identify)
    finder = LaneSearch(settings.lane.lane(), *networks.finders)
    if sees is not None:
        sees(networks, finder)
    local = RunIdentification(matcher, comparison_plan(settings, loaded.pack))
    stages = Stages(
        finder=finder,
        quality=networks.quality,
        attack=networks.attack,
        matcher=local if beside is None else beside(local),
    )
    watch = None if badge is None else BadgeWatch(ZxingReader(), badge)
    return Vision(stages, seeing_policy(settings), stopwatch, watch)


def load_enroller(
    settings: Settings,
    loaded: Weights,
    enrolled: int = 0,
    read: Callable[[Path], Pixels] | None = None,
) -> Enroller:
    """The enroller, which makes references from photographs.

    Args:
        settings: all settings.
        loaded: the pack.
        enrolled: the number of references that newcomers are compared with.
        read: reads a photograph; None to read it from its file.
    """
    from hardware.camera.still import read_still
    from models.loading import attack_detector, extractor, photograph_finder, quality_assessor

    stages = EnrolmentStages(
        finder=photograph_finder(loaded.pack, loaded.files),
        quality=quality_assessor(),
        attack=attack_detector(loaded.pack, loaded.files),
        extractor=extractor(loaded.pack, loaded.files),
    )

    def from_file(image: Path) -> Pixels:
        return read_still(image, settings.enrolment.max_image_bytes)

    policy = enrolment_policy(settings, loaded.pack, enrolled)
    return Enroller(stages, settings.quality.bounds(), policy, read or from_file)


def enrolment_policy(settings: Settings, pack: Pack, enrolled: int) -> EnrolmentPolicy:
    """The conditions for a reference.

    Args:
        settings: all settings.
        pack: the models.
        enrolled: the number of references that newcomers are compared with.
    """
    calibration = pack.calibration(Form.SINGLE)  # views are compared one by one
    return settings.enrolment.policy(
        settings.pad.threshold,
        same_person_threshold(calibration),
        decision_threshold(calibration, enrolled, settings.match_policy()),
    )


def enrolment_terms(settings: Settings, pack: Pack) -> EnrolmentTerms:
    """What a pack and the settings allow for an enrolment.

    Raises:
        PolicyError: the pack's calibration does not cover even a single person.
    """
    most = capacity(pack.calibration(FORM), settings.match_policy())
    policy = enrolment_policy(settings, pack, 1)
    return EnrolmentTerms(
        pack.space,
        most,
        policy.duplicate_threshold,
        policy.max_references,
        policy.same_person_threshold,
    )


def photograph_assessor(
    settings: Settings,
    loaded: Weights,
    photographs: Sequence[Path],
    seen: Callable[[], None] = lambda: None,
) -> Assess:
    """Assesses photographs of one person; the models are loaded when it is called.

    Args:
        settings: all settings.
        loaded: the pack.
        photographs: of the newcomer.
        seen: called after each photograph, for progress.
    """

    def assess(gallery: Gallery) -> EnrolmentOutcome:
        with closing(load_enroller(settings, loaded, len(gallery))) as enroller:
            return enroller.assess(photographs, gallery, seen)

    return assess
