"""`kiosk evaluate`: measure this kiosk's recognition and its attack detection."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, guarded, known_home
from kiosk.cli.passed_over import listed, passed_over

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.domain.access.policy import AccessPolicy
    from kiosk.domain.ports import Camera
    from kiosk.domain.vision.frame import Pixels
    from kiosk.measure.acquisition import Acquirer, Failure
    from kiosk.measure.discovery import Presentation
    from kiosk.measure.watching import Watched
    from kiosk.wiring.vision import Weights

app = typer.Typer(
    name="evaluate",
    help="Measure recognition and attack detection in the terms of ISO/IEC 19795 and 30107-3.",
    no_args_is_help=True,
)


def recognition(
    pairs: Annotated[Path, typer.Option(help="A CSV file with the columns a, b and mated.")],
    images: Annotated[Path, typer.Option(help="Holds a folder of images for each person.")],
    gated: Annotated[
        bool,
        typer.Option(
            "--gated",
            help="Apply the kiosk's quality gate: what it refuses is a failure to acquire.",
        ),
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Accuracy over ten folds of the listed pairs; FNMR over all pairs of images."""
    from config.settings import load
    from hardware.camera.source import IMAGE_SUFFIXES
    from kiosk.cli.counting import counting
    from kiosk.cli.evaluate import recognition_report
    from kiosk.measure.discovery import images_under
    from kiosk.measure.listing import read_pairs
    from kiosk.measure.recognition import measure
    from kiosk.wiring.vision import verified_weights

    place = known_home(home)
    settings = load(place, config)
    others: list[Path] = []
    pictures = images_under(images, IMAGE_SUFFIXES, others.append)
    found = [image.relative_to(images) for image in pictures]
    _tell(others)
    pairs_listed = read_pairs(pairs, found)
    loaded = verified_weights(settings, place)
    acquirer = _acquirer(settings, loaded, images, gated=gated)
    with closing(acquirer), counting("Looking at the images", len(found)) as seen:
        acquired = acquirer.acquire(found, seen)
    _tell_failures(acquired.failures)
    result = measure(acquired, pairs_listed)
    if json:
        print_json(recognition_report.as_json(result, loaded.pack.space, gated=gated))
    else:
        recognition_report.show(result, loaded.pack.space, gated=gated)
    return 0


def pad(
    bona_fide: Annotated[
        list[Path], typer.Option(help="A folder of frames, a clip, or a folder of these.")
    ],
    attack: Annotated[list[str], typer.Option(help="SPECIES=PATH, with a path as above.")],
    fps: Annotated[
        float, typer.Option(min=1.0, max=240.0, help="Frames a second of folders of frames.")
    ] = 15.0,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """APCER of each species and BPCER, per presentation and per frame, at the set thresholds."""
    from config.settings import load
    from kiosk.cli.evaluate import pad_report
    from kiosk.measure.attacks import tally
    from kiosk.wiring.vision import verified_weights

    place = known_home(home)
    settings = load(place, config)
    presentations = _presentations(bona_fide, attack)
    loaded = verified_weights(settings, place)
    policy = settings.access_policy(loaded.pack.space, settings.match.floor)
    watched = _watch_all(settings, loaded, policy, presentations, fps)
    seen = list(zip(presentations, watched, strict=True))
    result = tally(seen, policy.pad_threshold)
    if json:
        print_json(pad_report.as_json(result, seen, policy))
    else:
        pad_report.show(result, policy)
    return 0


def _acquirer(settings: Settings, loaded: Weights, images: Path, *, gated: bool) -> Acquirer:
    from hardware.camera.still import read_still
    from kiosk.measure.acquisition import Acquirer, Gate
    from models.loading import extractor, photograph_finder, quality_assessor

    def read(image: Path) -> Pixels:
        return read_still(images / image, settings.enrolment.max_image_bytes)

    gate = Gate(quality_assessor(), settings.quality.bounds()) if gated else None
    finder = photograph_finder(loaded.files)
    return Acquirer(finder, extractor(loaded.pack, loaded.files), gate, read)


def _presentations(bona_fide: Sequence[Path], attack: Sequence[str]) -> list[Presentation]:
    """All presentations that the options name, bona fide first.

    Raises:
        BadInput: a path or a species is wrong.
    """
    from hardware.camera.source import IMAGE_SUFFIXES
    from kiosk.measure.discovery import presentations_under, species_of

    others: list[Path] = []
    found = [
        presentation
        for path in bona_fide
        for presentation in presentations_under(path, IMAGE_SUFFIXES, None, others.append)
    ]
    for option in attack:
        species, path = species_of(option)
        found += presentations_under(path, IMAGE_SUFFIXES, species, others.append)
    _tell(others)
    return found


def _tell_failures(failures: Mapping[Path, Failure]) -> None:
    """Name the images that gave no template; the report only counts them."""
    reasons = ((str(path), why.value.replace("_", " ")) for path, why in failures.items())
    for line in listed("no template of", reasons):
        print(line, file=sys.stderr)


def _tell(others: Sequence[Path]) -> None:
    """Name the skipped files on standard error; standard output is for the figures."""
    for line in passed_over(others):
        print(line, file=sys.stderr)


def _watch_all(
    settings: Settings,
    loaded: Weights,
    policy: AccessPolicy,
    presentations: Sequence[Presentation],
    fps: float,
) -> list[Watched]:
    """Play every presentation to a newly started vision pipeline."""
    from kiosk.cli.counting import counting
    from kiosk.measure.watching import AnyoneMatcher, watch
    from kiosk.pipeline.face_search import LaneSearch
    from kiosk.pipeline.stopwatch import Stopwatch
    from kiosk.pipeline.vision import Stages, Vision
    from kiosk.wiring.vision import seeing_policy
    from models.loading import attack_detector, face_finders, quality_assessor

    watched: list[Watched] = []
    detector, quality = attack_detector(loaded.pack, loaded.files), quality_assessor()
    with counting("Watching the presentations", len(presentations)) as seen:
        for presentation in presentations:
            finder = LaneSearch(settings.lane.lane(), *face_finders(loaded.files))
            stages = Stages(finder, quality, detector, AnyoneMatcher(policy.space))
            vision = Vision(stages, seeing_policy(settings), Stopwatch())
            with closing(vision), closing(_open(presentation.path, fps)) as camera:
                watched.append(watch(camera, vision, policy))
            seen()
    return watched


def _open(path: Path, fps: float) -> Camera:
    from hardware.camera.opening import open_camera
    from hardware.camera.source import FileSource, FolderSource

    return open_camera(FolderSource(path, fps) if path.is_dir() else FileSource(path))


app.command()(guarded(recognition))
app.command()(guarded(pad))
