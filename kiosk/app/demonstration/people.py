"""The people of the demonstration: public-domain portraits, and the models that look at them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from config.settings import PROFILES, Settings, load
from hardware.camera.still import read_still
from hardware.sim.scene import Portrait
from kiosk.domain.errors import ModelError
from kiosk.domain.vision.frame import Frame, Instant
from kiosk.domain.vision.template import SubjectId
from kiosk.wiring.vision import Weights, verified_weights
from models.landmarks import FrameKind
from models.loading import face_finder
from models.packs.installed import load_manifest, verified, weights_directory

PORTRAITS = "demo-portraits"
ENROLLED, STRANGER = "portrait/grace-hopper", "portrait/astronaut"
SUBJECT, GIVEN_NAME = SubjectId("demo-1"), "Grace"
MAX_BYTES = 5_000_000


@dataclass(frozen=True)
class DemoPeople:
    """Who walks up, and what looks at them.

    Attributes:
        settings: of every kiosk of the demonstration.
        loaded: the models.
        photographs: the portraits' files, by role.
        enrolled: the portrait of the person who is enrolled.
        stranger: the portrait of somebody else.
    """

    settings: Settings
    loaded: Weights
    photographs: Mapping[str, Path]
    enrolled: Portrait
    stranger: Portrait


def demo_people(home: Path) -> DemoPeople:
    """The people, for homes without settings of their own.

    Args:
        home: such a home.

    Raises:
        ModelError: weights or portraits are not installed.
    """
    settings = load(home, PROFILES / "demo.toml")
    loaded = verified_weights(settings, home)
    pack = load_manifest().pack(PORTRAITS)
    photographs = verified(pack, weights_directory(settings.models.directory, home, pack))
    with closing(face_finder(loaded.pack, loaded.files, FrameKind.STILLS)) as finder:

        def portrait(role: str) -> Portrait:
            pixels = read_still(photographs[role], MAX_BYTES)
            faces = finder.find(Frame(pixels, Instant(0.0), 0))
            if len(faces) != 1:
                raise ModelError("A portrait shows no face.", "Run `kiosk models verify`.")
            return Portrait(np.ascontiguousarray(pixels), faces[0].box)

        enrolled, stranger = portrait(ENROLLED), portrait(STRANGER)
    return DemoPeople(settings, loaded, photographs, enrolled, stranger)
