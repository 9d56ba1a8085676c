"""The camera that a source names, and the rules for when it counts as lost."""

from __future__ import annotations

from config.settings import Settings
from hardware.camera import opening
from hardware.camera.request import CameraRequest
from hardware.camera.source import Source
from kiosk.domain.ports import Camera
from kiosk.pipeline.capture import CaptureRules


def open_camera(settings: Settings, source: Source, *, realtime: bool) -> Camera:
    """Open the camera that a source names.

    Raises:
        CameraLost: the camera is absent.
        SourceError: a recording cannot be read.
        SettingsError: a file named in the settings cannot be used.
    """
    camera = settings.camera
    wanted = CameraRequest(
        width=camera.width,
        height=camera.height,
        fps=camera.fps,
        warmup_frames=camera.warmup_frames,
        ca_file=camera.ca_file,
        credentials_file=camera.credentials_file,
        rotate=camera.rotate,
        mirror=camera.mirror,
    )
    return opening.open_camera(source, wanted, realtime=realtime)


def capture_rules(settings: Settings, *, endless: bool) -> CaptureRules:
    """The rules for when the camera counts as lost."""
    camera = settings.camera
    return CaptureRules(
        stall_seconds=camera.stall_seconds,
        frozen_seconds=camera.frozen_seconds,
        black_seconds=camera.black_seconds,
        reopen_seconds=camera.reopen_seconds,
        endless=endless,
    )
