"""The whole kiosk in this process: real models, real store, real machine; a camera from a film.

The models are loaded once. What they said of a film's frame they say again when the same film is
shown to another kiosk, so that one recording can walk up to many doors in little time. Remembered
is only what depends on nothing but the frames; whoever is enrolled is compared anew each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from filmed_people import Film

from config.settings import Settings
from hardware.sim.door import SimulatedDoor
from kiosk.domain.access.machine import AuditFault
from kiosk.domain.audit import SealedEntry
from kiosk.domain.people.consent import Consent
from kiosk.domain.ports import AttackDetector, FaceFinder, QualityAssessor, TemplateExtractor
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.face import Face, Found
from kiosk.domain.vision.frame import Frame
from kiosk.domain.vision.quality import QualityMeasures
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.pipeline.clock import ReplayClock
from kiosk.pipeline.stopwatch import Stopwatch
from kiosk.store.journal.verification import walk
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.wiring.kiosk import replay_kiosk
from kiosk.wiring.vision import Weights
from models import loading
from models.landmarks import FrameKind

CONSENT = Consent("agreed to for a test", datetime(2026, 5, 4, tzinfo=UTC))
Said = TypeVar("Said")


class FilmedModels:
    """The real models, with a memory for films."""

    def __init__(self, loaded: Weights) -> None:
        self.loaded = loaded
        self._film = ""
        self._memory: dict[tuple[object, ...], Any] = {}
        self._load_attack = loading.attack_detector
        self._extractor = loading.extractor(loaded.pack, loaded.files)
        self._quality = loading.quality_assessor()

    @contextmanager
    def showing(self, film: Film) -> Iterator[None]:
        """Whatever is wired in the meantime is wired to this film's memory."""
        self._film = film.name
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                loading,
                "face_finders",
                lambda _, files: tuple(_Finder(self, files, source) for source in SOURCES),
            )
            patch.setattr(loading, "quality_assessor", lambda: _Quality(self, self._quality))
            patch.setattr(loading, "attack_detector", lambda *_: _Attack(self, self._load_attack))
            patch.setattr(loading, "extractor", lambda *_: _Extractor(self, self._extractor))
            # The film's own time: however busy the machine is, it decides alike.
            patch.setattr("kiosk.wiring.kiosk.ReplayClock", lambda: ReplayClock(real=lambda: 0.0))
            yield

    def faces_found(self, film: Film, stage: str = "find") -> tuple[int, ...]:
        """How many faces the lane's finder found in each frame of a film that was shown."""
        return tuple(
            len(said)
            for (name, asked, *_), said in self._memory.items()
            if (name, asked) == (film.name, stage)
        )

    def remembered(
        self, stage: str, frame: Frame, face: Face | None, ask: Callable[[], Said]
    ) -> Said:
        """What a stage said of this frame, or says now."""
        key = (self._film, stage, frame.index, face and face.box)
        if key not in self._memory:
            self._memory[key] = ask()
        said: Said = self._memory[key]
        return said


class _Finder:
    def __init__(self, models: FilmedModels, files: loading.Files, source: FrameKind) -> None:
        self._models, self._files, self._source = models, files, source
        self._real: FaceFinder | None = None

    def find(self, frame: Frame) -> Found:
        """The lane's own finder and the one for everything around it are remembered apart."""
        stage = "find" if self._source is FrameKind.STREAM else "around"
        return self._models.remembered(stage, frame, None, lambda: self._loaded().find(frame))

    def look(self, frame: Frame, found: Found) -> Found:
        stage = "look" if self._source is FrameKind.STREAM else "around"
        return self._models.remembered(
            stage, frame, None, lambda: self._loaded().look(frame, found)
        )

    def close(self) -> None:
        if self._real is not None:
            self._real.close()

    def _loaded(self) -> FaceFinder:
        """Loaded for a film that was never shown; it then sees the film from its beginning."""
        if self._real is None:
            self._real = REAL_FINDER(self._models.loaded.pack, self._files, self._source)
        return self._real


REAL_FINDER = loading.face_finder
SOURCES = (FrameKind.STREAM, FrameKind.STILLS)


class _Quality:
    def __init__(self, models: FilmedModels, real: QualityAssessor) -> None:
        self._models, self._real = models, real

    def measure(self, frame: Frame, face: Face) -> QualityMeasures:
        return self._models.remembered(
            "quality", frame, face, lambda: self._real.measure(frame, face)
        )


class _Attack:
    """Counts the faces that it sees, so each film begins with a detector of its own."""

    def __init__(self, models: FilmedModels, load: Callable[..., AttackDetector]) -> None:
        self._models, self._load = models, load
        self._real: AttackDetector | None = None

    def assess(self, frame: Frame, face: Face) -> PadResult:
        return self._models.remembered(
            "attack", frame, face, lambda: self._loaded().assess(frame, face)
        )

    def _loaded(self) -> AttackDetector:
        if self._real is None:
            loaded = self._models.loaded
            self._real = self._load(loaded.pack, loaded.files)
        return self._real


class _Extractor:
    def __init__(self, models: FilmedModels, real: TemplateExtractor) -> None:
        self._models, self._real = models, real

    @property
    def space(self) -> SpaceId:
        return self._real.space

    def extract(self, frame: Frame, face: Face) -> Template:
        return self._models.remembered(
            "extract", frame, face, lambda: self._real.extract(frame, face)
        )


@dataclass(frozen=True)
class Visit:
    """What came of a film.

    Attributes:
        outcomes: every decision that was carried out.
        faults: what broke and recovered.
        door: with its history.
        journal: every entry of the home, verified.
        faces: how many were found in each frame by the lane's own finder.
        whole: how many were found in the whole picture, each time it was looked at.
    """

    outcomes: tuple[DecisionOutcome, ...]
    faults: tuple[AuditFault, ...]
    door: SimulatedDoor
    journal: tuple[SealedEntry, ...]
    faces: tuple[int, ...]
    whole: tuple[int, ...]

    @property
    def admitted(self) -> list[SubjectId | None]:
        """Who was let in."""
        return [outcome.decision.subject for outcome in self.outcomes if outcome.released]

    @property
    def reasons(self) -> list[str]:
        return [outcome.decision.reason.value for outcome in self.outcomes]

    def decided(self, key: str) -> list[object]:
        """What the journal says under a key of whoever was recognised, or refused."""
        told = {"recognised", "decision"}
        return [e.entry.details.get(key) for e in self.journal if e.entry.event in told]


class RealKiosk:
    """One kiosk with a home of its own.

    Args:
        home: its folder.
        models: the real ones.
        settings: all of them.
    """

    def __init__(self, home: Path, models: FilmedModels, settings: Settings | None = None) -> None:
        self.home = home
        self._models = models
        self._settings = settings or Settings()

    def with_settings(self, settings: Settings) -> RealKiosk:
        """The same home under other settings."""
        return RealKiosk(self.home, self._models, settings)

    def enrol(
        self, subject: str, templates: Sequence[Template], consent: Consent = CONSENT
    ) -> None:
        """Keep templates that the enroller accepted."""
        with OpenHome.open(self.home) as open_home:
            open_home.references.enrol(SubjectId(subject), templates, consent)

    def watch(self, film: Film) -> Visit:
        """Show a film from its first frame to its last."""
        happened: list[Happened] = []
        camera = film.camera()
        with OpenHome.open(self.home) as open_home:
            with self._models.showing(film):
                replay, door = replay_kiosk(
                    self._settings,
                    self._models.loaded,
                    open_home,
                    camera,
                    Stopwatch(),
                    happened.append,
                )
            replay.run()
            door.close()
            camera.close()
            journal = tuple(place.entry for place in walk(open_home.home, _seal(open_home)))
        assert isinstance(door, SimulatedDoor)
        return Visit(
            tuple(h for h in happened if isinstance(h, DecisionOutcome)),
            tuple(h for h in happened if isinstance(h, AuditFault)),
            door,
            journal,
            self._models.faces_found(film),
            self._models.faces_found(film, "around"),
        )


def _seal(open_home: OpenHome) -> bytes:
    return FileKey(open_home.home).derive(Purpose.JOURNAL_HEAD)
