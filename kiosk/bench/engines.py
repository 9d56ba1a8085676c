"""The comparison of both engines over walk-ups of the installed demonstration portraits.

Where only LiteRT is installed, it is compared with pinned values instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from config.settings import Settings
from hardware.camera.still import read_still
from hardware.sim.camera import WalkUpCamera
from hardware.sim.scene import Figure, Portrait, Ramp, Scene, still
from kiosk.domain.errors import LintelError, ModelError
from kiosk.domain.ports import FaceFinder
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.face import Face
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.measure.watching import frames_of
from models.engines.circumstances import circumstances
from models.engines.comparison import (
    BOUNDS,
    Bound,
    EngineDifferences,
    EngineParts,
    compared,
)
from models.engines.installed import ENGINES, lacking
from models.engines.pinned import deviations, network_deviations
from models.engines.record import EngineRecord
from models.loading import attack_detector, extractor, face_finders, quality_assessor
from models.packs.installed import load_manifest, verified, weights_directory
from models.packs.manifest import Engine, Pack

PORTRAITS = "demo-portraits"
FPS = 15.0
WALK_SECONDS, STAND_SECONDS, AWAY_SECONDS = 0.7, 0.1, 0.1
"""Fast walks: what is followed badly shows when it moves."""


@dataclass(frozen=True, slots=True)
class EngineReport:
    """The result for one installation.

    Attributes:
        record: what is kept of it.
        differences: of both engines; None where only LiteRT is installed.
    """

    record: EngineRecord
    differences: EngineDifferences | None = None

    @property
    def rows(self) -> Sequence[tuple[Bound, float | None]]:
        """Each bound and the difference found; empty where only LiteRT is installed."""
        made = self.differences
        return [(bound, made.of(bound)) for bound in BOUNDS] if made is not None else []


def engine_report(settings: Settings, home: Path, pack: Pack, directory: Path) -> EngineReport:
    """Compare the engines of this installation.

    Args:
        settings: where the lane is and how views are judged.
        home: the kiosk's home, which may hold the portraits.
        pack: the whole pack.
        directory: the folder whose subfolders are packs.

    Raises:
        ModelError: a file or the portraits are not installed, or LiteRT is not.
    """
    portraits = _photographs(settings, home)
    if lacking(pack, "litert"):
        raise ModelError(
            "LiteRT is not installed, so there is nothing to compare.",
            "Install Lintel again with all its packages.",
        )
    if lacking(pack, "reference"):
        return _pinned(pack, directory, portraits)
    return _compared(settings, pack, directory, portraits)


def _compared(
    settings: Settings, pack: Pack, directory: Path, portraits: Mapping[str, Pixels]
) -> EngineReport:
    with ExitStack() as stack:
        engines = {name: _parts(pack, directory, name, stack) for name in ENGINES}
        frames = _frames(_portraits(engines["reference"].stills, portraits))
        made = compared(frames, engines, quality_assessor(), settings.quality.bounds())
    wrong = tuple(made.disagreements())
    times: dict[str, float] = {name: round(made.time_of(name), 2) for name in ENGINES}
    return EngineReport(_record(pack, wrong, times), made)


def _pinned(pack: Pack, directory: Path, portraits: Mapping[str, Pixels]) -> EngineReport:
    """Check LiteRT alone; how long it takes decides nothing."""
    with ExitStack() as stack:
        parts = _parts(pack, directory, "litert", stack)
        wrong = [text for each in portraits.items() for text in _deviations(parts, *each)]
    return EngineReport(_record(pack, tuple(wrong), {}))


def _deviations(parts: EngineParts, role: str, pixels: Pixels) -> Sequence[str]:
    """What these networks find in a portrait other than is pinned."""
    frame = Frame(pixels, Instant(0.0), 0)
    faces = parts.stills.find(frame).faces
    wrong = deviations(role, faces)
    if len(faces) != 1:
        return wrong
    try:
        score = parts.attack.assess(frame, faces[0]).score
        template = parts.extractor.extract(frame, faces[0])
    except LintelError as error:
        return [*wrong, f"{role}: {error.problem}"]
    return [*wrong, *network_deviations(role, score, template)]


def _record(pack: Pack, wrong: tuple[str, ...], times: Mapping[str, float]) -> EngineRecord:
    today = datetime.now(UTC).date().isoformat()
    return EngineRecord(circumstances(pack), not wrong, wrong, times, today)


def _parts(pack: Pack, directory: Path, engine: Engine, stack: ExitStack) -> EngineParts:
    """The models of an engine, open as long as the stack."""
    own = pack.for_engine(engine)
    files = verified(own, directory)
    stream, stills = (stack.enter_context(closing(f)) for f in face_finders(own, files))
    return EngineParts(stream, stills, attack_detector(own, files), extractor(own, files))


def _photographs(settings: Settings, home: Path) -> Mapping[str, Pixels]:
    """The portraits by role."""
    portraits = load_manifest().pack(PORTRAITS)
    files = verified(portraits, weights_directory(settings.models.directory, home, portraits))
    most = settings.enrolment.max_image_bytes
    return {role: read_still(path, most) for role, path in files.items()}


def _faces(finder: FaceFinder, pixels: Pixels) -> Sequence[Face]:
    return finder.find(Frame(pixels, Instant(0.0), 0)).faces


def _portraits(finder: FaceFinder, photographs: Mapping[str, Pixels]) -> Sequence[Portrait]:
    """The people of the photographs, to be moved before a camera.

    Raises:
        ModelError: a portrait shows no face to this engine.
    """
    made = []
    for role, pixels in photographs.items():
        faces = _faces(finder, pixels)
        if len(faces) != 1:
            raise ModelError(
                f"The {role} shows {len(faces)} faces instead of one.",
                Remedy("Verify the model pack, and install it again.", NextStep.VERIFY_MODELS),
            )
        made.append(Portrait(np.ascontiguousarray(pixels), faces[0].box))
    return made


def _scenes(one: Portrait, other: Portrait) -> Iterator[Scene]:
    """Walks by everybody: near and far, at the edge, turned, in the dark, and two at once."""
    yield _walk("near", Figure(portrait=one, size=Ramp(0.22, 0.46), x=Ramp(0.4, 0.52)))
    yield _walk("edge", Figure(portrait=other, size=still(0.36), x=Ramp(0.4, 0.12)))
    turned = Figure(portrait=other, size=Ramp(0.25, 0.4), turn_degrees=-20.0)
    yield _walk("turned", turned)
    dark = _walk("dark", Figure(portrait=one, size=Ramp(0.25, 0.42), y=Ramp(0.6, 0.45)))
    yield replace(dark, light=still(0.3), noise=4.0)
    left = Figure(portrait=one, size=still(0.28), x=Ramp(0.42, 0.35), reach=0.65)
    right = Figure(portrait=other, size=still(0.28), x=Ramp(0.58, 0.65), reach=0.65)
    yield _walk("two", left, right)


def _walk(name: str, *figures: Figure) -> Scene:
    return Scene(
        name=name,
        figures=figures,
        approach_seconds=WALK_SECONDS,
        stand_seconds=STAND_SECONDS,
        away_seconds=AWAY_SECONDS,
    )


def _frames(people: Sequence[Portrait]) -> Iterator[Frame]:
    one, other = people
    with closing(WalkUpCamera(list(_scenes(one, other)), fps=FPS)) as camera:
        yield from frames_of(camera)
