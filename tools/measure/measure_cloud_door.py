"""The picture of a kiosk in mode `cloud` while Rekognition is slow or does not answer.

A real `kiosk run` with its window, in a process of its own; the loopback peer in this one; and the
first person of the recordings, who stays before a camera of 30 frames a second. Frames count that
the window was given between the question, when it reaches the peer, and the decision.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import evaluation_data
import mjpeg_camera
import pytest
import watched_screen
from cloud_door import CloudDoor
from cloud_scenes import SHE, searches_fail, searches_take
from kiosk_process import Running, Said, environment
from mjpeg_camera import MjpegCamera
from real_kiosk import FilmedModels
from rekognition_peer import PeerInTest, seeing_peer
from rich.console import Console
from rich.table import Table

from config.settings import Settings
from kiosk.bench.fleet.spans import Span
from kiosk.cloud.peer.faults import PeerFault
from kiosk.domain.vision.comparison import Gallery
from kiosk.wiring.vision import load_enroller

FPS = 30.0
SLOW_SECONDS = 1.5
SERVICES = {
    "answers at once": lambda peer: peer.mend(),
    f"answers after {SLOW_SECONDS * 1000:,.0f} ms": lambda peer: searches_take(peer, SLOW_SECONDS),
    "never answers": lambda peer: searches_fail(peer, PeerFault.BLACK_HOLE),
}


@dataclass(frozen=True)
class Wait:
    """Somebody who waits for an answer.

    Attributes:
        span: from the question to the decision.
        reason: of the decision.
        frames: when the window was given one, within this span.
    """

    span: Span
    reason: str
    frames: tuple[float, ...]

    @property
    def longest_gap(self) -> float:
        """Seconds without another frame, both ends included."""
        at = (self.span.began, *self.frames, self.span.ended)
        return max(after - before for before, after in pairwise(at))


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(prog="tools/measure cloud_door", description=__doc__)
    parser.add_argument("--visits", type=int, default=20)
    visits = parser.parse_args().visits
    models = FilmedModels(evaluation_data.pack())
    mjpeg_camera.FPS = FPS
    walk = next(iter(evaluation_data.walks(SHE).values()))
    shown = [path.read_bytes() for path in (*walk, *reversed(walk))]
    table = Table("Rekognition", title="A kiosk in mode cloud, from the question to the decision")
    for column in ("decided", "median s", "most s", "frames/s", "lowest", "longest gap ms"):
        table.add_column(column, justify="right")
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        seeing_peer(models.loaded) as peer,
        MjpegCamera(lambda number: shown[(number // 2) % len(shown)]) as camera,
    ):
        for name, value in peer.environment.items():
            patch.setenv(name, value)
        door = _door(Path(folder) / "home", models, peer)
        for name, begins in SERVICES.items():
            peer.mend()
            begins(peer)
            table.add_row(name, *_row(_waits(door, peer, camera, visits)))
    Console(width=96).print(table)


def _door(home: Path, models: FilmedModels, peer: PeerInTest) -> CloudDoor:
    door = CloudDoor(home, models, peer)
    with closing(load_enroller(Settings(), models.loaded)) as enroller:
        nobody = Gallery.of(models.loaded.pack.space, ())
        outcome = enroller.assess(evaluation_data.for_enrolment(SHE), nobody, lambda: None)
        door.enrol(SHE, [sample.template for sample in outcome.accepted])
    door.index(SHE)
    door.write_settings()
    return door


def _waits(door: CloudDoor, peer: PeerInTest, camera: MjpegCamera, visits: int) -> Sequence[Wait]:
    """So many questions, and the decisions about them; one without a question is left out.

    Nothing is asked for a while after several failures, nor in a visit that ends before.
    """
    peer.server.recording.clear()
    command = (sys.executable, watched_screen.__file__)
    arguments = ("--home", door.home, "--source", camera.url, "--json")
    with Running("run", *arguments, command=command, env=environment(**peer.environment)) as kiosk:
        kiosk.wait_for("ready")
        while len(door.searches) < visits:
            kiosk.wait_for("decision")
        heard = kiosk.heard_at
        kiosk.end()
    asked = sorted(search.clock for search in door.searches)
    return _told(heard, asked)


def _told(heard: Sequence[tuple[float, Said]], asked: Sequence[float]) -> Sequence[Wait]:
    frames = [at for at, said in heard if said["event"] == "frame"]
    waits, before = [], 0.0
    for at, said in ((at, said) for at, said in heard if said["event"] == "decision"):
        questions = [each for each in asked if before < each <= at]
        if questions:
            span = Span(questions[0], at)
            within = tuple(each for each in frames if span.began <= each <= span.ended)
            waits.append(Wait(span, str(said["reason"]), within))
        before = at
    return waits


def _row(waits: Sequence[Wait]) -> Sequence[str]:
    reasons = {wait.reason for wait in waits}
    seconds = [wait.span.seconds for wait in waits]
    rates = [len(wait.frames) / wait.span.seconds for wait in waits]
    return (
        f"{len(waits)} x {', '.join(sorted(reasons))}",
        f"{statistics.median(seconds):.2f}",
        f"{max(seconds):.2f}",
        f"{sum(len(wait.frames) for wait in waits) / sum(seconds):.1f}",
        f"{min(rates):.1f}",
        f"{1000 * max(wait.longest_gap for wait in waits):.0f}",
    )


if __name__ == "__main__":
    main()
