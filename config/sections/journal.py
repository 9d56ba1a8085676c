"""Where the journal's end is kept outside the kiosk's home."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from config.sections.common import Section


class JournalSettings(Section):
    """The journal's anchor on other media."""

    anchor_file: Path | None = None
    """Written again and again with the journal's end, sealed: on other media, so that an older copy
    of the whole home is told by it. Unset: none is."""
    anchor_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Between two writings of it."""

    @field_validator("anchor_file")
    @classmethod
    def _is_whole(cls, path: Path | None) -> Path | None:
        if path is not None and (not path.is_absolute() or ".." in path.parts or not path.name):
            raise ValueError("must be the whole path of a file, such as /media/stick/anchor.json")
        return path
