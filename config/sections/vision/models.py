"""Settings of the model pack and its folder."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from config.sections.common import Section


class ModelSettings(Section):
    """The pack and its folder."""

    pack: str = Field("standard", pattern=r"^[a-z0-9_-]+$")
    """A pack of `models/manifest.toml`; `kiosk models list` shows them."""
    directory: Path | None = None
    """Where packs are installed; unset: `models` in the kiosk's home if the pack lies there, else
    the folder beside this installation."""
