"""The person who walks up in a benchmark: a recording, or a photograph moved by a simulated camera.

By default the photograph is the public-domain portrait of the demonstration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from config.settings import Settings
from hardware.camera import source as sources
from hardware.camera.opening import open_camera
from hardware.camera.still import read_still, stills_in
from hardware.sim import scenes
from hardware.sim.camera import WalkUpCamera
from hardware.sim.scene import Portrait
from kiosk.domain.errors import BadInput, ImageError
from kiosk.domain.vision.frame import Frame, Instant, Pixels
from kiosk.measure.acquisition import off_centre
from kiosk.measure.watching import frames_of
from models.loading import photograph_finder
from models.packs.installed import load_manifest, verified, weights_directory

if TYPE_CHECKING:
    from kiosk.wiring.vision import Weights

PORTRAITS = "demo-portraits"
ENROLLED = "portrait/grace-hopper"
FPS = 30.0
STAND_SECONDS = 1.5
AWAY_SECONDS = 1.4
"""Long enough for the last result to leave the screen and for the face's absence to be noticed."""
START_FPS, START_FRAMES = 15, 60
MOST_BYTES = 500_000_000
"""The maximum size of the pictures held in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One walk, in memory.

    Attributes:
        pictures: frames with the person.
        empty: frames without a person.
        fps: frames a second.
    """

    pictures: tuple[Pixels, ...]
    empty: tuple[Pixels, ...]
    fps: float


@dataclass(frozen=True, slots=True)
class Walker:
    """The person who walks up.

    Attributes:
        photographs: sources of the references; without a recording, the first one is moved.
        shown: photographs shown at a measured start, if there is no recording.
        source: the recording, if any.
    """

    photographs: tuple[Path, ...]
    shown: tuple[Path, ...]
    source: str | None = None

    @property
    def options(self) -> list[str]:
        """The options of the command that describe this person."""
        enrol = [option for image in self.photographs for option in ("--enrol", str(image))]
        return enrol + (["--source", self.source] if self.source else [])

    def walk(self, settings: Settings, loaded: Weights) -> Walk:
        """The walk, held in memory.

        Raises:
            BadInput: the recording or the photograph cannot be used.
        """
        if self.source is not None:
            return _recorded(settings, self.source)
        camera = self._simulated(settings, loaded)
        pictures = tuple(frame.pixels for frame in frames_of(camera))
        there = round((camera.acts[0].ends - AWAY_SECONDS) * FPS)
        return Walk(pictures[:there], pictures[there:], FPS)

    def start_source(self, folder: Path) -> str:
        """A source for `kiosk run`, which has no simulated camera: the recording, or photographs.

        Args:
            folder: an empty one, filled with links to the photographs, never copies.
        """
        if self.source is not None:
            return self.source
        for number in range(START_FRAMES):
            photograph = self.shown[number % len(self.shown)]
            (folder / f"{number:03}{photograph.suffix}").symlink_to(photograph.absolute())
        return f"images:{folder}?fps={START_FPS}"

    def _simulated(self, settings: Settings, loaded: Weights) -> WalkUpCamera:
        portrait = _portrait(settings, loaded, self.photographs[0])
        approach = scenes.approach("a walk up", portrait)
        scene = dataclasses.replace(
            approach, stand_seconds=STAND_SECONDS, away_seconds=AWAY_SECONDS
        )
        camera = settings.camera
        return WalkUpCamera([scene], fps=FPS, width=camera.width, height=camera.height)


def person_of(settings: Settings, home: Path, source: str | None, enrol: Sequence[Path]) -> Walker:
    """The person that the options describe.

    Raises:
        BadInput: a recording without photographs to enrol, or one that cannot be used.
        ModelError: no option is given, and the portraits are not installed.
    """
    if source is not None:
        recording(source)
        if not enrol:
            raise BadInput(
                "It is not given who is enrolled for this recording.",
                "Add --enrol with photographs of the person who walks up in it.",
            )
    if enrol:
        photographs = stills_in(enrol)
        return Walker(photographs, photographs, source)
    pack = load_manifest().pack(PORTRAITS)
    files = verified(pack, weights_directory(settings.models.directory, home, pack))
    return Walker((files[ENROLLED],), tuple(files.values()))


def recording(spec: str) -> sources.Replay:
    """A source that ends.

    Raises:
        BadInput: it is invalid, or is a live camera.
    """
    source = sources.parse(spec)
    if not isinstance(source, sources.Replay):
        raise BadInput(
            f"The source {source} is a live camera, and two walks before it are never the same.",
            "Write images:DIR?fps=15 or file:PATH.",
        )
    return source


def _portrait(settings: Settings, loaded: Weights, photograph: Path) -> Portrait:
    pixels = read_still(photograph, settings.enrolment.max_image_bytes)
    frame = Frame(pixels, Instant(0.0), 0)
    with closing(photograph_finder(loaded.pack, loaded.files)) as finder:
        faces = sorted(finder.find(frame), key=lambda face: off_centre(frame, face))
    if not faces:
        raise ImageError(f"{photograph} shows no face.", "Give a photograph of one person.")
    return Portrait(np.ascontiguousarray(pixels), faces[0].box)


def _recorded(settings: Settings, spec: str) -> Walk:
    """A recording in memory, followed by an empty room."""
    source = recording(spec)
    frames, held = list[Frame](), 0
    with closing(open_camera(source)) as camera:
        for frame in frames_of(camera):
            held += frame.pixels.nbytes
            _refuse_long(held, source)
            frames.append(frame)
    if len(frames) < settings.access.probes_required:
        raise BadInput(
            f"The recording {source} has {len(frames)} frames, fewer than a decision takes.",
            "Give one of two seconds or more.",
        )
    fps = (len(frames) - 1) / (frames[-1].captured_at - frames[0].captured_at)
    room = np.random.default_rng(1)
    shape = frames[-1].pixels.shape
    empty = tuple(
        room.integers(110, 146, shape, np.uint8) for _ in range(round(AWAY_SECONDS * fps))
    )
    return Walk(tuple(frame.pixels for frame in frames), empty, fps)


def _refuse_long(held: int, source: sources.Replay) -> None:
    if held > MOST_BYTES:
        raise BadInput(
            f"The recording {source} takes more than {MOST_BYTES // 1_000_000} MB of memory.",
            "Give one of a few seconds.",
        )
