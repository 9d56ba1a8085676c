"""Settings of the copy of the journal's end outside the kiosk's home."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from config.sections.common import Section


class JournalSettings(Section):
    """The journal's anchor on other media."""

    anchor_file: Path | None = None
    """File that is rewritten regularly with the journal's end, sealed. On other media it reveals
    that the whole home was replaced by an older copy. Unset: no file."""
    anchor_seconds: float = Field(30.0, ge=1.0, le=3600.0)
    """Interval between two writes."""

    @field_validator("anchor_file")
    @classmethod
    def _is_whole(cls, path: Path | None) -> Path | None:
        if path is not None and (not path.is_absolute() or ".." in path.parts or not path.name):
            raise ValueError("must be the whole path of a file, such as /media/stick/anchor.json")
        return path
