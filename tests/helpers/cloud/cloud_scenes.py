"""Scenes before a door that asks Rekognition: who comes, and what is wrong meanwhile."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import evaluation_data
import numpy as np
import pytest
from cloud_door import SEARCHES, CloudDoor, shown
from filmed_people import Film
from rekognition_peer import PeerInTest

from config.settings import Settings
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.errors import CloudUnavailable
from kiosk.domain.ports import Camera
from kiosk.domain.vision.frame import Frame, Pixels
from kiosk.wiring.cloud.shared import shared_faces

EVERYBODY = evaluation_data.people()
SHE, HE, LOCAL_ONLY, STRANGER = (EVERYBODY[at] for at in (0, 3, 4, 5))

# -- who comes -----------------------------------------------------------------------------------


def pictures(person: str) -> Sequence[Pixels]:
    """Somebody walks up to the door."""
    return evaluation_data.pictures(next(iter(evaluation_data.walks(person).values())))


def room(frames: int) -> Sequence[Pixels]:
    """Nobody, seen by a camera that lives."""
    noise = np.random.default_rng(5)
    return [noise.integers(110, 146, (480, 640, 3), np.uint8) for _ in range(frames)]


def scene(name: str, *parts: Sequence[Pixels], then: Callable[[int], None] | None = None) -> Film:
    """One after the other; `then` is told the number of each frame before it is seen."""
    frames = [pixels for part in parts for pixels in part]
    film = shown(name, frames, len(frames))
    if then is None:
        return film
    return replace(film, camera=lambda: TellingCamera(film.camera(), then))


@dataclass
class TellingCamera:
    """Tells of each frame before it is seen."""

    camera: Camera
    tell: Callable[[int], None]

    def read(self, timeout: float) -> Frame:
        frame = self.camera.read(timeout)
        self.tell(frame.index)
        return frame

    def close(self) -> None:
        self.camera.close()


# -- what is wrong -------------------------------------------------------------------------------


def searches_fail(peer: PeerInTest, fault: PeerFault, name: str = "InternalServerError") -> None:
    for search in SEARCHES:
        peer.server.faults.add(FaultRule(fault, operation=search, name=name))


def searches_take(peer: PeerInTest, seconds: float) -> None:
    for search in SEARCHES:
        peer.server.faults.slow(seconds, search)


@dataclass
class Names:
    """The resolver of this machine, which does not know the service's name while it is gone.

    Attributes:
        silent: whether it says nothing then, instead of that it does not know it.
        gone: whether it is.
    """

    silent: bool = False
    gone: bool = True
    _known: Callable[..., object] = field(default=socket.getaddrinfo)
    _back: threading.Event = field(default_factory=threading.Event)

    HOST = "rekognition.localhost"
    HANGS_SECONDS = 60.0

    def __call__(self, host: str, *asked: object, **more: object) -> object:
        if host != self.HOST:
            return self._known(host, *asked, **more)
        if self.gone:
            if self.silent:
                self._back.wait(self.HANGS_SECONDS)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._known("127.0.0.1", *asked, **more)

    def mend(self) -> None:
        self.gone = False
        self._back.set()


@dataclass(frozen=True)
class Outage:
    """Something that keeps answers away for a while.

    Attributes:
        mend: ends it.
        settings: of the section `cloud`, that it takes.
    """

    mend: Callable[[], None]
    settings: dict[str, object] = field(default_factory=dict)


Begins = Callable[[PeerInTest, pytest.MonkeyPatch], Outage]


def errors_of(name: str) -> Begins:
    """Every search is answered with this error."""

    def begins(peer: PeerInTest, _: pytest.MonkeyPatch) -> Outage:
        searches_fail(peer, PeerFault.REFUSED, name=name)
        return Outage(peer.mend)

    return begins


def clock_off(hours: float) -> Begins:
    """The service's clock is so far ahead of this machine's."""

    def begins(peer: PeerInTest, _: pytest.MonkeyPatch) -> Outage:
        peer.clock.ahead = hours * 3600.0
        return Outage(peer.mend)

    return begins


def no_name(*, silent: bool) -> Begins:
    """The service's name does not resolve."""

    def begins(peer: PeerInTest, patch: pytest.MonkeyPatch) -> Outage:
        names = Names(silent)
        patch.setattr(socket, "getaddrinfo", names)
        port = peer.endpoint.rpartition(":")[2]
        return Outage(names.mend, {"endpoint": f"http://{Names.HOST}:{port}"})

    return begins


@contextmanager
def others_search(door: CloudDoor, settings: Settings, threads: int = 4) -> Iterator[None]:
    """Others of this process search meanwhile, as often as they may."""
    faces, collections = shared_faces(settings.cloud, door.home), itertools.cycle(door.place.names)
    picture = evaluation_data.for_enrolment(SHE)[0].read_bytes()
    ended = threading.Event()

    def search(collection: str) -> None:
        while not ended.is_set():
            with suppress(CloudUnavailable):
                faces.search(collection, picture, 99.0, seconds=2.0)

    busy = [threading.Thread(target=search, args=(next(collections),)) for _ in range(threads)]
    for each in busy:
        each.start()
    try:
        yield
    finally:
        ended.set()
        for each in busy:
            each.join()
