"""The only place that turns a source into a camera."""

from __future__ import annotations

from hardware.camera.network.address import with_credentials
from hardware.camera.request import USUAL_REQUEST, CameraRequest
from hardware.camera.source import FileSource, Replay, Source, StreamSource
from kiosk.domain.ports import Camera


def open_camera(
    source: Source, wanted: CameraRequest = USUAL_REQUEST, *, realtime: bool = False
) -> Camera:
    """Open the camera of a source.

    Args:
        source: from `parse`.
        wanted: capture parameters.
        realtime: True to play a replay at a camera's pace instead of as fast as it is read.

    Raises:
        CameraLost: a live camera is absent or does not answer.
        SourceError: a recording cannot be read.
        SettingsError: a file named in the settings cannot be used.
    """
    camera = _open(source, wanted, realtime=realtime)
    if not (wanted.rotate or wanted.mirror):
        return camera
    from hardware.camera.turning import Turned

    return Turned(camera, wanted.rotate, mirror=wanted.mirror)


def _open(source: Source, wanted: CameraRequest, *, realtime: bool) -> Camera:
    """Open a source; each kind imports only the libraries that it needs."""
    if isinstance(source, Replay):
        return _open_replay(source, realtime=realtime)
    from hardware.camera.live import LiveCamera, Pace

    pace = Pace(wanted.warmup_frames, wanted.open_seconds)
    if isinstance(source, StreamSource):
        from hardware.camera.network.stream import StreamFeed
        from hardware.trust import trusting

        address = with_credentials(source.address, wanted.credentials_file)
        tls = trusting(wanted.ca_file, "camera.ca_file")
        return LiveCamera(StreamFeed(address, tls, wanted.open_seconds), str(source), pace)
    from hardware.camera.opencv import DeviceFeed

    return LiveCamera(DeviceFeed(source, wanted), str(source), pace)


def _open_replay(source: Replay, *, realtime: bool) -> Camera:
    from hardware.camera.replay import FolderReplay, Paced

    replay: Camera
    if isinstance(source, FileSource):
        from hardware.camera.recording import FileReplay

        replay = FileReplay(source.path)
    else:
        replay = FolderReplay(source.images(), source.fps)
    return Paced(replay) if realtime else replay
