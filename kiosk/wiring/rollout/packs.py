"""Model packs as a fleet names them: by name, and by the hashes of all their files."""

from __future__ import annotations

import hashlib

from config.settings import Settings
from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.fleet.rollout.plan import PinnedPack
from kiosk.store.open_home import OpenHome
from kiosk.wiring.spaces import refuse_other_space
from kiosk.wiring.vision import verified_weights
from models.packs.installed import load_manifest


def pinned_pack(name: str) -> PinnedPack:
    """A pack as this version of the program pins it.

    Raises:
        ModelError: it knows no such pack.
    """
    files = sorted(load_manifest().pack(name).files, key=lambda file: file.name)
    told = "\n".join(f"{file.name} {file.sha256}" for file in files)
    return PinnedPack(name, hashlib.sha256(told.encode()).hexdigest())


def refuse_missing_pack(pinned: PinnedPack, settings: Settings, open_home: OpenHome) -> None:
    """Check that a fleet's models are here, and that people can be recognised with them.

    Raises:
        ModelError: they are missing, altered, or not those that the admins' program pins.
        SpaceMismatch: people were enrolled with models of another space.
    """
    if pinned_pack(pinned.name) != pinned:
        raise ModelError(
            f"This version of the program pins other files of the pack {pinned.name} than the "
            "fleet's admins do.",
            "Install the version that they have.",
        )
    try:
        weights = verified_weights(settings, open_home.home.path)
    except ModelError as error:
        remedy = Remedy("Install it on this kiosk.", NextStep.INSTALL_MODELS, pack=pinned.name)
        raise ModelError(error.problem, remedy) from error
    refuse_other_space(open_home.references, weights.pack)
