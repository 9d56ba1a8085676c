"""Checks of the parts of a kiosk: models, camera, door. Camera and door only if no kiosk has them.

A door is never released here: it is locked and read back. `kiosk door test` does the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kiosk.domain.door.protocol import DoorReading, Leaf, Lock
from kiosk.domain.errors import DoorTimeout
from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.sections.camera import CameraSettings
    from config.sections.door import DoorSettings
    from config.settings import Settings
    from kiosk.domain.access.states import Part
    from kiosk.domain.ports import Door
    from kiosk.domain.vision.frame import Frame

FIRST_FRAME_SECONDS = 10.0
HEAR_SECONDS = 5.0
"""A door that has not answered within this time counts as absent."""
LOOK_BACK = 1000
"""The number of journal entries searched for a running kiosk's last report about a part."""

Came = TypeVar("Came")

Read = Callable[[float], "Frame"]
"""Returns the next frame, within the given seconds."""


def models(home: Path, settings: Settings) -> Iterator[Finding]:
    """Check that every file of the pack matches its pinned hash.

    Raises:
        ModelError: the pack is unknown.
    """
    from models.packs.installed import State, inspect, load_manifest, remedy, weights_directory

    pack = load_manifest().pack(settings.models.pack)
    directory = weights_directory(settings.models.directory, home, pack)
    states = inspect(pack, directory)
    wrong = [state for state in states if state.state is not State.OK]
    for state in wrong:
        yield Finding("models", Health.BAD, f"{state.path} {state.detail}", remedy(pack, directory))
    if not wrong:
        yield Finding("models", Health.OK, f"{pack.name}: {len(states)} files, each as pinned")


def engine(home: Path, settings: Settings) -> Iterator[Finding]:
    """The engine that runs the networks, and why; a warning if the engines disagree.

    Raises:
        ModelError: the pack is unknown, or the engine that the settings name is not installed.
    """
    from models.engines.choice import chosen
    from models.packs.installed import load_manifest, weights_directory

    pack = load_manifest().pack(settings.models.pack)
    directory = weights_directory(settings.models.directory, home, pack)
    choice = chosen(settings.models.engine, pack, directory)
    health = Health.WARN if choice.doubt else Health.OK
    told = f"{choice.engine}: {choice.doubt or choice.why}"
    yield Finding("engine", health, told, choice.remedy)


# -- parts of a running kiosk --------------------------------------------------------------------


def kept_by_kiosk(home: Path, part: Part) -> Iterator[Finding]:
    """The running kiosk's last journal entry about a part; the part itself is not accessed.

    Raises:
        BadInput, JournalTampered, StoreError: its journal cannot be read.
    """
    from kiosk.journal.events.running import PartFailed, PartRecovered, Started
    from kiosk.store.home import Home
    from kiosk.store.journal.verification import latest
    from kiosk.store.secrets.keys import FileKey, Purpose

    kept = Home(home)
    entries = latest(kept, FileKey(kept).derive(Purpose.JOURNAL_HEAD), LOOK_BACK)
    theirs = "the kiosk that runs has it"
    for sealed in reversed(entries):
        entry = sealed.entry
        if entry.event == PartFailed.name and entry.details.get("part") == part.value:
            said = f"{theirs}, and says: {entry.details.get('detail')}"
            remedy = "See to it; the kiosk goes on by itself once it works again."
            yield Finding(part.value, Health.BAD, said, remedy)
            return
        recovered = entry.event == PartRecovered.name and entry.details.get("part") == part.value
        if recovered or entry.event == Started.name:
            break
    yield Finding(part.value, Health.OK, f"{theirs}, and reports no fault; not tried from here")


# -- camera --------------------------------------------------------------------------------------


def camera(home: Path, settings: Settings) -> Iterator[Finding]:
    """Open the camera and watch its picture for as long as it takes to detect a frozen one.

    Raises:
        SourceError: camera.source is invalid.
        CameraLost: it is absent, or gives no frame.
        SettingsError: a file of the settings cannot be used.
    """
    from hardware.camera import source
    from kiosk.diagnostics.orientation import hanging
    from kiosk.wiring.camera import open_camera

    began = time.monotonic()
    named = source.parse(settings.camera.source)
    with closing(open_camera(settings, named, realtime=False)) as opened:
        yield from look(opened.read, settings.camera, began)
        yield from hanging(home, settings, opened.read)


def look(read: Read, rules: CameraSettings, began: float) -> Iterator[Finding]:
    """Check a picture: the delay of the first frame, its size, and that it changes.

    Args:
        read: returns the next frame.
        rules: when a picture counts as frozen or black.
        began: when the wait for the first frame began, monotonic seconds.

    Raises:
        CameraLost: no frame came.
    """
    from kiosk.domain.errors import EndOfSource
    from kiosk.domain.vision.frame import LEAST_FPS
    from kiosk.pipeline.frame_health import FrameWatch

    first = read(FIRST_FRAME_SECONDS)
    waited = time.monotonic() - began
    watch = FrameWatch(rules.frozen_seconds, rules.black_seconds)
    frame, complaint = first, watch.check(first)
    span = max(rules.frozen_seconds, rules.black_seconds) + rules.stall_seconds
    while complaint is None and frame.captured_at - first.captured_at < span:
        try:
            frame = read(rules.stall_seconds)
        except EndOfSource:
            break
        complaint = watch.check(frame)
    if complaint is not None:
        remedy = "Uncover the camera, give it light, or look at camera.source."
        yield Finding("camera", Health.BAD, complaint, remedy)
        return
    rate = (frame.index - first.index) / max(frame.captured_at - first.captured_at, 0.001)
    said = f"first frame after {waited:.1f} s, {first.width}x{first.height}, {rate:.0f} a second"
    if 0.0 < rate < LEAST_FPS:
        said = f"only {rate:.1f} frames a second come, and {LEAST_FPS:g} are needed"
        remedy = "Set a higher rate at the camera, give it more light, or a faster network."
        yield Finding("camera", Health.BAD, said, remedy)
        return
    yield Finding("camera", Health.OK, said)


# -- door ----------------------------------------------------------------------------------------


def door(settings: Settings) -> Iterator[Finding]:
    """Lock the door and read it back, with the time that each takes. It is never released.

    Raises:
        SettingsError: its driver is not installed, or its settings cannot be used.
        DoorError: it does not answer, or does not match the settings.
    """
    from kiosk.pipeline.clock import SystemClock
    from kiosk.wiring import doors

    with closing(doors.door(settings, SystemClock())) as driver:
        hear(driver)
        locked_ms, _ = timed(driver.secure)
        read_ms, reading = timed(driver.status)
    took = f"locked in {locked_ms:.0f} ms, read back in {read_ms:.0f} ms"
    told = f"{fitted(settings.door)}: {took}; {said(reading)}; not released here"
    yield Finding("door", Health.OK, told)
    yield from oddities(reading, locked=True)


def hear(driver: Door) -> DoorReading:
    """Wait for the first answer of a door that was just opened.

    Raises:
        DoorError: it does not answer.
    """
    end = time.monotonic() + HEAR_SECONDS
    while True:
        try:
            return driver.status()
        except DoorTimeout:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)


def fitted(settings: DoorSettings) -> str:
    """The hardware of the door, as declared in the settings."""
    lock = f" {settings.lock.value}" if settings.lock else ""
    fails = f", fails {settings.fail_mode.value}" if settings.fail_mode else ""
    return f"{settings.driver}{lock}{fails}"


def said(reading: DoorReading) -> str:
    """The lock and leaf states of a reading, as text."""
    leaf = "no leaf contact" if reading.leaf is Leaf.UNSEEN else f"leaf {reading.leaf.value}"
    return f"lock {reading.lock.value}, {leaf}"


def oddities(reading: DoorReading, *, locked: bool) -> Iterator[Finding]:
    """Findings about states that a door at rest should not report.

    Args:
        reading: the door's reading.
        locked: True if it was just ordered to lock.
    """
    if locked and reading.lock is Lock.RELEASED:
        remedy = "Look at the relay and at the wire: the door may be open to everybody."
        yield Finding("door", Health.BAD, "it says released, and was just locked", remedy)
    odd = {
        "the device reports tampering": reading.tampered,
        "the leaf is open": reading.leaf is Leaf.OPEN,
        "the fire contact is active": reading.fire,
        "the exit button is pressed": reading.exit_asked,
        "the other door of the interlock is not secured": reading.neighbour_secured is False,
    }
    for text in (text for text, is_so in odd.items() if is_so):
        remedy = "If that is not so, look at the contact and at its `normally` in the settings."
        yield Finding("door", Health.WARN, text, remedy)


def timed(call: Callable[[], Came]) -> tuple[float, Came]:
    """The duration of a call in milliseconds, and its result."""
    began = time.monotonic()
    came = call()
    return (time.monotonic() - began) * 1000, came
