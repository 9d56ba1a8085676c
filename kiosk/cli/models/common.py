"""Shared parts of the commands about model packs: the settings, and the pack that is meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import known_home
from kiosk.domain.errors import BadInput

if TYPE_CHECKING:
    from config.sections.vision.models import ModelSettings
    from models.packs.manifest import Pack

PackArgument = Annotated[
    str | None, typer.Argument(metavar="[PACK]", help="A pack; else the one in the settings.")
]


def model_settings(home: Path | None, config: Path | None) -> tuple[Path, ModelSettings]:
    """The kiosk's home and its settings for models."""
    from kiosk.wiring.rollout.settings import settings_of

    kiosk_home = known_home(home)
    return kiosk_home, settings_of(kiosk_home, config).models


def pack_of(name: str) -> Pack:
    """The pack of that name.

    Raises:
        BadInput: there is none.
    """
    from models.packs.installed import load_manifest

    manifest = load_manifest()
    if name not in manifest.packs:
        raise BadInput(*manifest.unknown(name))
    return manifest.packs[name]
