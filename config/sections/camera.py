"""Settings of the frame source."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from config.sections.common import Section


class CameraSettings(Section):
    """The camera, and when it counts as lost."""

    source: str = "device:0"
    """`device:N`, `device:/dev/v4l/by-id/…`, `rtsps://…`, `https://…`, `rtsp://…`, `http://…`, or a
    recording: `file:PATH`, `images:DIR?fps=15`."""
    credentials_file: Path | None = None
    """File with a network camera's user and password, separated by a colon; no other user may read
    it."""
    ca_file: Path | None = None
    """Trusted CA certificates (PEM) for a camera over TLS; unset: the system's trust store."""
    rotate: int = Field(0, ge=0, le=270, multiple_of=90)
    """By how many degrees the picture is turned clockwise: 0, 90, 180 or 270."""
    mirror: bool = False
    """Left and right change places, for a camera that gives a mirrored picture."""
    width: int = Field(640, ge=320, le=3840)
    """Pixels asked of a device."""
    height: int = Field(480, ge=240, le=2160)
    """Pixels asked of a device."""
    fps: int = Field(30, ge=5, le=60)
    """Frames a second asked of a device."""
    warmup_frames: int = Field(5, ge=0, le=120)
    """First frames of a live camera that are thrown away: many start black."""
    stall_seconds: float = Field(1.5, ge=0.2, le=2.0)
    """Without a frame for so long the camera is lost."""
    frozen_seconds: float = Field(1.5, ge=0.5, le=2.0)
    """Identical frames for so long: the camera is frozen."""
    black_seconds: float = Field(1.5, ge=0.5, le=2.0)
    """Black frames for so long: the camera is covered or broken."""
    reopen_seconds: float = Field(1.0, ge=0.2, le=2.0)
    """How long to wait before a lost camera is opened again."""
