"""Adapters from a verified pack; each is loaded when it is requested."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kiosk.domain.errors import ModelError
from kiosk.domain.ports import AttackDetector, FaceFinder, QualityAssessor, TemplateExtractor
from models.landmarks import FrameKind
from models.packs.manifest import ModelInput, Pack, PackFile

Files = Mapping[str, Path]
"""Verified files by role."""


def face_finder(pack: Pack, files: Files, source: FrameKind) -> FaceFinder:
    """A face finder for a stream or for stills, of the engine that the pack is for."""
    if pack.engine == "reference":
        from models.landmarks import MediaPipeFaceFinder

        return MediaPipeFaceFinder(files["landmarks"], source)
    from models.faces.finder import LiteRtStillsFinder, LiteRtStreamFinder
    from models.faces.networks import FaceNetworks

    networks = FaceNetworks(files["landmarks"])
    follows = source is FrameKind.STREAM
    return LiteRtStreamFinder(networks) if follows else LiteRtStillsFinder(networks)


def face_finders(pack: Pack, files: Files) -> tuple[FaceFinder, FaceFinder]:
    """One face finder for a stream, and one for stills of it; both are owned by one thread.

    LiteRT's networks keep nothing of a frame, so that the two share them, and their memory.
    """
    if pack.engine == "reference":
        stream = face_finder(pack, files, FrameKind.STREAM)
        return stream, face_finder(pack, files, FrameKind.STILLS)
    from models.faces.finder import LiteRtStillsFinder, LiteRtStreamFinder
    from models.faces.networks import FaceNetworks

    networks = FaceNetworks(files["landmarks"])
    return LiteRtStreamFinder(networks), LiteRtStillsFinder(networks)


def photograph_finder(pack: Pack, files: Files) -> FaceFinder:
    """A face finder for photographs of any size."""
    from models.stills import StillsFinder

    return StillsFinder(face_finder(pack, files, FrameKind.STILLS))


def quality_assessor() -> QualityAssessor:
    """A quality assessor; needs no weights."""
    from models.quality.measures import FaceQuality

    return FaceQuality()


def attack_detector(pack: Pack, files: Files) -> AttackDetector:
    """A presentation attack detector."""
    from models.attack import LivenessDetector
    from models.runtimes import network

    attack = pack.file("attack")
    given = _given(pack, attack)
    run = network(attack.runtime, files["attack"], given)
    name = f"{attack.name}/{attack.sha256[:8]}"
    return LivenessDetector(run, given, attack.bona_fide_class, name)


def extractor(pack: Pack, files: Files) -> TemplateExtractor:
    """A template extractor.

    Raises:
        ModelError: the pack does not describe its network's input.
    """
    from models.embedding import Embedder
    from models.runtimes import network

    embedding = pack.file("embedding")
    given = _given(pack, embedding)
    return Embedder(network(embedding.runtime, files["embedding"], given), given, pack.space)


def _given(pack: Pack, file: PackFile) -> ModelInput:
    if file.input is None:
        raise ModelError(
            f"The pack {pack.name} does not say how {file.name} is fed.",
            "Install Lintel again; its manifest is part of it.",
        )
    return file.input
