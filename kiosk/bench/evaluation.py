"""What `kiosk evaluate` measures: this kiosk's models and settings, over pictures of a folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from hardware.camera.opening import open_camera
from hardware.camera.source import IMAGE_SUFFIXES, FileSource, FolderSource
from hardware.camera.still import read_still
from kiosk.domain.access.policy import AccessPolicy, Form, decision_threshold
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import SpaceId
from kiosk.measure.acquisition import Acquired, Acquirer, Failure, Gate
from kiosk.measure.attacks import AttackResult, Seen, tally
from kiosk.measure.discovery import Presentation, images_under, presentations_under, species_of
from kiosk.measure.listing import read_left_out, read_pairs
from kiosk.measure.presentations import PresentationResult
from kiosk.measure.presentations import measure as measure_presentations
from kiosk.measure.recognition import RecognitionResult, measure, measure_without
from kiosk.measure.watching import AnyoneMatcher, Watched, watch
from kiosk.pipeline.face_search import LaneSearch
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.pipeline.vision import Stages, Vision
from kiosk.wiring.vision import FORM, Weights, seeing_policy, verified_weights
from models.loading import (
    attack_detector,
    extractor,
    face_finders,
    photograph_finder,
    quality_assessor,
)


@dataclass(frozen=True, slots=True)
class Telling:
    """How progress is told.

    Attributes:
        passed_over: called once with the files that are not used.
        counting: shows how many of so many steps are done; yields the function to call after each.
    """

    passed_over: Callable[[Sequence[Path]], None]
    counting: Callable[[str, int], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True, slots=True)
class Recognition:
    """How well the kiosk recognises people.

    Attributes:
        result: the measured rates.
        left_out: images that are said to have a wrong name.
        corrected: the rates without these; None if there are none.
        failures: the images that gave no template, and why.
        space: the embedding space of the templates.
    """

    result: RecognitionResult
    left_out: Collection[Path]
    corrected: RecognitionResult | None
    failures: Mapping[Path, Failure]
    space: SpaceId


@dataclass(frozen=True, slots=True)
class Presentations:
    """How well the kiosk recognises people by means of a few frames; attributes as above."""

    result: PresentationResult
    failures: Mapping[Path, Failure]
    space: SpaceId


@dataclass(frozen=True, slots=True)
class AttackDetection:
    """How well the kiosk tells attacks from people.

    Attributes:
        result: the measured rates.
        seen: each presentation, and what was seen of it.
        policy: the access policy that was used.
    """

    result: AttackResult
    seen: Sequence[Seen]
    policy: AccessPolicy


@dataclass(frozen=True, slots=True)
class Lists:
    """The files that say what is measured.

    Attributes:
        pairs: a CSV file of the pairs.
        left_out: a CSV file of images with wrong names; None if there is none.
    """

    pairs: Path
    left_out: Path | None = None


def recognition(
    settings: Settings, home: Path, lists: Lists, images: Path, telling: Telling, *, gated: bool
) -> Recognition:
    """Measure recognition over a folder of images.

    Args:
        settings: all settings.
        home: the kiosk's home, which may hold the models.
        lists: of the pairs, and of what is left out.
        images: holds a folder of images for each person.
        telling: how progress is told.
        gated: True to apply the kiosk's quality gate.

    Raises:
        BadInput: a list or the folder cannot be used.
        ModelError: a model is missing or altered.
    """
    found = _images(images, telling)
    listed = read_pairs(lists.pairs, found)
    left_out = read_left_out(lists.left_out, found) if lists.left_out else frozenset[Path]()
    loaded = verified_weights(settings, home)
    acquired = _acquired(settings, loaded, images, found, telling, gated=gated)
    points = loaded.pack.calibration(Form.SINGLE).points
    result = measure(acquired, listed, points)
    corrected = measure_without(left_out, acquired, listed, points) if left_out else None
    return Recognition(result, left_out, corrected, acquired.failures, loaded.pack.space)


def presentations(
    settings: Settings, home: Path, frames: int, images: Path, telling: Telling, *, gated: bool
) -> Presentations:
    """Measure recognition as at the door: means of a few frames against means of others.

    Args:
        settings: all settings.
        home: the kiosk's home, which may hold the models.
        frames: the frames of each mean.
        images: holds a folder for each person, with images or with folders of images.
        telling: how progress is told.
        gated: True to apply the kiosk's quality gate.

    Raises:
        BadInput: the folder cannot be used.
        ModelError: a model is missing or altered.
    """
    found = _images(images, telling)
    loaded = verified_weights(settings, home)
    acquired = _acquired(settings, loaded, images, found, telling, gated=gated)
    result = measure_presentations(acquired, frames)
    return Presentations(result, acquired.failures, loaded.pack.space)


def attack_detection(
    settings: Settings,
    home: Path,
    bona_fide: Sequence[Path],
    attack: Sequence[str],
    fps: float,
    telling: Telling,
) -> AttackDetection:
    """Measure attack detection over recordings, at the set thresholds.

    Args:
        settings: all settings.
        home: the kiosk's home, which may hold the models.
        bona_fide: folders of frames, clips, or folders of these.
        attack: ``SPECIES=PATH`` each, with a path as above.
        fps: frames a second of folders of frames.
        telling: how progress is told.

    Raises:
        BadInput: a path or a species is wrong.
        ModelError: a model is missing or altered.
    """
    presentations = _presentations(bona_fide, attack, telling)
    loaded = verified_weights(settings, home)
    threshold = decision_threshold(loaded.pack.calibration(FORM), 1, settings.match_policy())
    policy = settings.access_policy(loaded.pack.space, threshold)
    watched = _watch_all(settings, loaded, policy, presentations, fps, telling)
    seen = list(zip(presentations, watched, strict=True))
    return AttackDetection(tally(seen, policy.pad_threshold), seen, policy)


def _images(images: Path, telling: Telling) -> Sequence[Path]:
    """The images of a folder, as paths below it; tells what is passed over."""
    others: list[Path] = []
    pictures = images_under(images, IMAGE_SUFFIXES, others.append)
    telling.passed_over(others)
    return [image.relative_to(images) for image in pictures]


def _acquired(
    settings: Settings,
    loaded: Weights,
    images: Path,
    found: Sequence[Path],
    telling: Telling,
    *,
    gated: bool,
) -> Acquired:
    making = acquirer(settings, loaded, images, gated=gated)
    with closing(making), telling.counting("Looking at the images", len(found)) as seen:
        return making.acquire(found, seen)


def acquirer(settings: Settings, loaded: Weights, images: Path, *, gated: bool) -> Acquirer:
    """Makes templates from the images of a folder as the kiosk makes them.

    Args:
        settings: all settings.
        loaded: the pack.
        images: the folder; images are named relative to it.
        gated: True to apply the kiosk's quality gate.
    """

    def read(image: Path) -> Pixels:
        return read_still(images / image, settings.enrolment.max_image_bytes)

    gate = Gate(quality_assessor(), settings.quality.bounds()) if gated else None
    finder = photograph_finder(loaded.pack, loaded.files)
    return Acquirer(finder, extractor(loaded.pack, loaded.files), gate, read)


def _presentations(
    bona_fide: Sequence[Path], attack: Sequence[str], telling: Telling
) -> list[Presentation]:
    """All presentations, bona fide first."""
    others: list[Path] = []
    found = [
        presentation
        for path in bona_fide
        for presentation in presentations_under(path, IMAGE_SUFFIXES, None, others.append)
    ]
    for option in attack:
        species, path = species_of(option)
        found += presentations_under(path, IMAGE_SUFFIXES, species, others.append)
    telling.passed_over(others)
    return found


def _watch_all(
    settings: Settings,
    loaded: Weights,
    policy: AccessPolicy,
    presentations: Sequence[Presentation],
    fps: float,
    telling: Telling,
) -> list[Watched]:
    """Play every presentation to a newly started vision pipeline."""
    watched: list[Watched] = []
    detector, quality = attack_detector(loaded.pack, loaded.files), quality_assessor()
    with telling.counting("Watching the presentations", len(presentations)) as seen:
        for presentation in presentations:
            finder = LaneSearch(settings.lane.lane(), *face_finders(loaded.pack, loaded.files))
            stages = Stages(finder, quality, detector, AnyoneMatcher(policy.space))
            vision = Vision(stages, seeing_policy(settings), Stopwatch())
            with closing(vision), closing(_open(presentation.path, fps)) as camera:
                watched.append(watch(camera, vision, policy))
            seen()
    return watched


def _open(path: Path, fps: float) -> Camera:
    return open_camera(FolderSource(path, fps) if path.is_dir() else FileSource(path))
