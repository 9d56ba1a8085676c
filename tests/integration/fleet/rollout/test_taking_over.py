"""When a running kiosk takes settings over, and what a power cut leaves behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rolling_fleet import Rolling, RollingKiosk, margin
from small_fleet import SmallFleet

from kiosk.diagnostics.fleet import fleet as doctor
from kiosk.domain.access.factors import Factor
from kiosk.domain.enrolment.view import EnrolmentView
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.fleet.rollout.directing import RolloutWish
from kiosk.fleet.rollout.kept import SettingsFile
from kiosk.fleet.rollout.plan import PinnedPack, Ring
from kiosk.wiring.rollout.packs import pinned_pack
from kiosk.wiring.rollout.restarting import IDLE_SECONDS, READY_SECONDS, RestartWatch
from kiosk.wiring.rollout.settings import SettingsStart

NOBODY = View(Prompt.LOOK_HERE, Tone.WAITING)
SOMEBODY = View(Prompt.COME_CLOSER, Tone.WRONG)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        made.publish()
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> RollingKiosk:
    return RollingKiosk(fleet.kiosk("front"))


@dataclass
class Watched:
    """A running kiosk that is watched, and a clock in the test's hand."""

    kiosk: RollingKiosk
    start: SettingsStart
    seconds: float = 0.0
    ended: int = 0
    watch: RestartWatch = field(init=False)

    def __post_init__(self) -> None:
        open_home = self.kiosk.kiosk.open_home
        file, note = SettingsFile(open_home.home), open_home.recorder.note
        self.watch = RestartWatch(self.start, file, note, lambda: self.seconds, self._end)

    def _end(self) -> None:
        self.ended += 1

    def look(self, after: float = 0.0) -> int:
        """How often it was ended by then."""
        self.seconds += after
        self.watch.look()
        return self.ended


def offered(fleet: SmallFleet, kiosk: RollingKiosk) -> Watched:
    """A kiosk that runs, for which something new has come."""
    Rolling(fleet).begin(margin(0.1), Ring.ALL)
    kiosk.sync()
    return Watched(kiosk, kiosk.start)


def test_it_restarts_once_nobody_has_been_there_for_a_while(
    fleet: SmallFleet, kiosk: RollingKiosk
) -> None:
    watched = offered(fleet, kiosk)
    assert watched.look(100.0) == 0  # nothing was seen yet
    watched.watch.saw(NOBODY)
    assert watched.look(IDLE_SECONDS - 1) == 0
    assert watched.look(1.0) == 1
    assert watched.start.again
    assert watched.look(100.0) == 1


@pytest.mark.parametrize("busy", [SOMEBODY, View(Prompt.LOOK_HERE, Tone.WAITING, asks=Factor.PIN)])
def test_not_while_somebody_is_there(fleet: SmallFleet, kiosk: RollingKiosk, busy: View) -> None:
    watched = offered(fleet, kiosk)
    watched.watch.saw(NOBODY)
    watched.look(IDLE_SECONDS / 2)
    watched.watch.saw(busy)
    assert watched.look(IDLE_SECONDS * 9) == 0
    watched.watch.saw(NOBODY)
    assert watched.look(IDLE_SECONDS / 2) == 0
    assert watched.look(IDLE_SECONDS / 2) == 1


def test_not_while_somebody_enrols(fleet: SmallFleet, kiosk: RollingKiosk) -> None:
    watched = offered(fleet, kiosk)
    watched.watch.saw(NOBODY)
    watched.watch.enrols(EnrolmentView(Prompt.CONSENT_WHAT, Tone.WAITING))
    assert watched.look(IDLE_SECONDS * 9) == 0
    watched.watch.enrols(None)
    assert watched.look() == 1


def test_nothing_new_ends_no_kiosk(kiosk: RollingKiosk) -> None:
    watched = Watched(kiosk, kiosk.start)
    watched.watch.saw(NOBODY)
    assert watched.look(IDLE_SECONDS * 9) == 0


def test_ready_is_the_first_view_that_is_no_fault(fleet: SmallFleet, kiosk: RollingKiosk) -> None:
    offered(fleet, kiosk)
    watched = Watched(kiosk, kiosk.restart(ready=False))
    watched.watch.saw(View(Prompt.OUT_OF_SERVICE, Tone.OFF))
    watched.look()
    assert kiosk.known.running.number == 0
    watched.watch.saw(SOMEBODY)
    watched.look(READY_SECONDS - 1)
    assert kiosk.known.running.number == 1
    assert watched.look(READY_SECONDS) == 0


def test_never_ready_it_goes_back_though_it_runs(fleet: SmallFleet, kiosk: RollingKiosk) -> None:
    offered(fleet, kiosk)
    watched = Watched(kiosk, kiosk.restart(ready=False))
    watched.watch.saw(View(Prompt.OUT_OF_SERVICE, Tone.OFF))
    assert watched.look(READY_SECONDS) == 0
    assert watched.look(1.0) == 1
    assert kiosk.restart().number == 0
    assert kiosk.known.failed is not None


def test_the_doctor_says_which_settings_are_in_force(
    fleet: SmallFleet, kiosk: RollingKiosk
) -> None:
    offered(fleet, kiosk)
    said = [each.text for each in doctor(kiosk.home)]
    assert "version 1 of the fleet's settings waits for a restart" in said
    kiosk.restart()
    assert "version 1 of the fleet's settings is in force" in [it.text for it in doctor(kiosk.home)]
    Rolling(fleet).begin(margin(0.2), Ring.ALL)
    kiosk.sync()
    kiosk.restart(ready=False)
    kiosk.restart()
    said = [each.text for each in doctor(kiosk.home)]
    assert "version 2 was tried and left: The kiosk did not get ready with it." in said


# -- models --------------------------------------------------------------------------------------


def roll_out(fleet: SmallFleet, pack: PinnedPack, settings: str | None = None) -> None:
    wish = RolloutWish(settings, pack, ring=Ring.ALL)
    Rolling(fleet).director().begin("harbour", wish, lambda _text, _door: None)
    fleet.publish()


def test_models_that_are_missing_are_waited_for(fleet: SmallFleet, kiosk: RollingKiosk) -> None:
    empty = kiosk.home / "config.toml"
    (kiosk.home / "none").mkdir()
    empty.write_text(f'[models]\ndirectory = "{kiosk.home / "none"}"\n', encoding="utf-8")
    roll_out(fleet, pinned_pack("standard"), margin(0.1))
    kiosk.sync()
    assert kiosk.known.following is None
    assert kiosk.known.failed is None
    kiosk.report()
    (device,) = Rolling(fleet).status().devices
    assert (device.runs, device.failed) == (False, False)
    assert device.problem is not None
    assert "standard" in device.problem


def test_models_that_this_program_pins_otherwise_are_not_taken_over(
    fleet: SmallFleet, kiosk: RollingKiosk
) -> None:
    roll_out(fleet, PinnedPack("standard", "0" * 64))
    kiosk.sync()
    assert kiosk.known.following is None
    assert kiosk.taking.waits_for is not None
    assert "pins other files of the pack standard" in kiosk.taking.waits_for


@pytest.mark.weights
def test_models_that_are_there_are_taken_over_and_stay_with_the_next_settings(
    fleet: SmallFleet, kiosk: RollingKiosk
) -> None:
    roll_out(fleet, pinned_pack("standard"))
    kiosk.sync()
    assert kiosk.restart().number == 1
    assert kiosk.known.running.version.pack == pinned_pack("standard")
    Rolling(fleet).begin(margin(0.1), Ring.ALL)
    kiosk.sync()
    assert kiosk.restart().settings.match.margin == 0.1
    assert kiosk.known.running.version.pack == pinned_pack("standard")


# -- killed --------------------------------------------------------------------------------------


class PowerCut(BaseException):
    """The process ends at once."""


def killed(kiosk: RollingKiosk, after: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Sync and start, and end with so many writes made durable; False if it was through by then."""
    left = [after]

    def flush(descriptor: int, fsync: object = os.fsync) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise PowerCut
        assert callable(fsync)
        fsync(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", flush)
        try:
            kiosk.sync()
            kiosk.restart()
        except PowerCut:
            return True
    return False


@pytest.mark.long
def test_killed_at_each_write_it_has_the_old_settings_or_the_new(
    fleet: SmallFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    Rolling(fleet).begin(margin(0.1), Ring.ALL)
    after, ended = 0, True
    while ended:
        kiosk = RollingKiosk(fleet.kiosk(f"kiosk-{after}"))
        fleet.publish()
        kiosk.sync()
        kiosk.restart()
        if after == 0:
            Rolling(fleet).begin(margin(0.2), Ring.ALL)
        else:
            _newer(fleet)
        before = kiosk.margin
        ended = killed(kiosk, after, monkeypatch)
        head = _head(fleet)
        assert kiosk.margin in {before, head}
        kiosk.restart()
        kiosk.sync()
        failed = kiosk.known.failed is not None  # killed while it was tried: it went back
        kiosk.restart()
        assert kiosk.margin == (before if failed else head)
        after += 1
    assert after > 10


def _head(fleet: SmallFleet) -> float:
    return round(0.2 + 0.001 * (Rolling(fleet).status().rollout.version.number - 2), 3)


def _newer(fleet: SmallFleet) -> None:
    number = Rolling(fleet).status().rollout.version.number
    Rolling(fleet).begin(margin(round(0.2 + 0.001 * (number - 1), 3)), Ring.ALL)
