"""The kiosk as reader, with a real panel at the far end of a pty.

Not among the rigs of the contract: here the panel decides, and the lock is not ours.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from door_rig import PATIENCE_SECONDS, RULES, answers, eventually
from osdp_device import ANSWER, CARDS, SAY, Device
from osdp_panel_peer import PROGRAM, Answer
from osdp_tap import Tap

from hardware.door.osdp.peripheral import OsdpPdDoor
from hardware.door.osdp.peripheral_config import OsdpPdConfig
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.errors import DoorError
from kiosk.domain.vision.frame import Instant
from kiosk.pipeline.clock import SystemClock

Make = Callable[..., "PanelRig"]

ANSWER_SECONDS = 1.5
# For tests in which the panel says nothing; the others wait as long as a busy machine takes.
SOON = 0.8


class PanelRig:
    """A kiosk at a panel.

    Args:
        changes: to the wire's settings.
    """

    def __init__(self, **changes: object) -> None:
        self._right = False
        self.key = secrets.token_bytes(16)
        self._folder = tempfile.TemporaryDirectory()
        key_file = Path(self._folder.name) / "key"
        key_file.touch(0o600)
        key_file.write_text(self.key.hex())
        self.tap, self.panel = Tap(), Device(PROGRAM)
        self.page = self.panel.page
        self.wire = OsdpPdConfig(
            port=self.tap.path,
            baud=115200,
            address=1,
            key_file=key_file,
            facility_code=7,
            panel_seconds=PATIENCE_SECONDS,
        )
        self.wire = replace(self.wire, **changes)  # type: ignore[arg-type] # by name
        self.door: OsdpPdDoor = OsdpPdDoor(self.wire, RULES, SystemClock(), ANSWER_SECONDS)

    def power_up(self, *, with_key: bool = True, key: bytes | None = None) -> None:
        self._right = with_key and key is None
        self.panel.start(self.tap.plug(), key=(key or self.key) if with_key else None)

    @property
    def panel_is_ours(self) -> bool:
        """Whether a panel runs, and has our key."""
        return self.panel.running and self._right

    def ready(self) -> bool:
        return eventually(lambda: answers(self))

    def will(self, answer: Answer) -> None:
        self.page.count(ANSWER, answer)

    def says(self, answer: Answer) -> None:
        """Now, whatever was asked."""
        self.page.count(SAY, answer)

    @property
    def cards(self) -> int:
        return self.page.counter(CARDS)

    def close(self) -> None:
        self.door.close()
        self.panel.close()
        self.tap.close()
        self._folder.cleanup()


def grant(credential: int | None = 12345, age: float = 0.0) -> ReleaseOrder:
    """A grant for the person of that number."""
    return ReleaseOrder(5.0, Instant(time.monotonic() - age), credential=credential)


def rigs() -> Iterator[Make]:
    """Makes rigs whose panel is there; for a fixture, which closes them all."""
    made: list[PanelRig] = []

    def make(**changes: object) -> PanelRig:
        made.append(PanelRig(**changes))
        made[-1].power_up(with_key="allow_insecure" not in changes)
        assert made[-1].ready()
        return made[-1]

    yield make
    for each in made:
        each.close()


def granted(rig: PanelRig) -> bool:
    """Whether a new grant goes through now."""
    try:
        return rig.door.release(grant()) is None
    except DoorError:
        return False


def tries_until_granted(rig: PanelRig) -> int:
    """How many new grants it took until one went through; each sends at most one number.

    More than one where the panel answers too late, as it may on a busy machine.
    """
    tries = 0

    def tried() -> bool:
        nonlocal tries
        tries += 1
        return granted(rig)

    assert eventually(tried), "no grant goes through"
    return tries
