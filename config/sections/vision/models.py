"""Settings of the model pack, its folder and the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from config.sections.common import Section


class ModelSettings(Section):
    """The pack, its folder and the engine."""

    pack: str = Field("standard", pattern=r"^[a-z0-9_-]+$")
    """A pack of `models/manifest.toml`; `kiosk models list` shows them."""
    directory: Path | None = None
    """Where packs are installed; unset: `models` in the kiosk's home if the pack lies there, else
    the folder beside this installation."""
    engine: Literal["auto", "reference", "litert"] = "auto"
    """Runs the networks: `reference` (MediaPipe), `litert`, or the faster one that
    `kiosk models verify --engines` has proven equal on this processor."""
