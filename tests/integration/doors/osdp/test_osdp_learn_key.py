"""Giving a device its key: only in install mode, never half, never over another one in silence."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from door_rig import RULES, eventually, order
from osdp_device import KEYED, RELEASES, Device
from osdp_tap import Tap

from hardware.door.osdp.config import OsdpConfig
from hardware.door.osdp.controller import OsdpDoor
from hardware.door.osdp.key import PUBLIC_KEY
from hardware.door.osdp.learn_key import LearnStep, learn_key
from hardware.door.osdp.panel import Panel
from kiosk.domain.errors import DoorError, DoorTimeout, DoorUnusable, SettingsError
from kiosk.pipeline.clock import SystemClock

pytestmark = pytest.mark.usefixtures("real_time")


class Bench:
    """A device on an installer's bench."""

    def __init__(self, folder: Path) -> None:
        self.tap, self.device = Tap(), Device()
        self.key_file = folder / "osdp.key"
        self.pending = folder / "osdp.key.new"
        self.wire = OsdpConfig(port=self.tap.path, baud=115200, address=1, key_file=self.key_file)
        self.steps: list[LearnStep] = []

    def power_up(self, key: bytes | None = None) -> None:
        self.device.start(self.tap.plug(), key=key)

    def learn(self, *, overwrite: bool = False, seconds: float = 5.0) -> None:
        learn_key(self.wire, self.key_file, self.tell, overwrite=overwrite, step_seconds=seconds)

    def learn_at_last(self) -> None:
        """The same, until a device that was too slow on a busy machine has understood."""

        def learned() -> bool:
            try:
                self.learn(overwrite=True)
            except DoorError:
                return False
            return True

        assert eventually(learned)

    def tell(self, step: LearnStep) -> None:
        self.steps.append(step)

    def opens(self) -> bool:
        """Whether a door with that key file can be released."""
        door = OsdpDoor(self.wire, RULES, SystemClock(), 0.3)

        def released() -> bool:
            try:
                door.release(order())
            except DoorError:
                return False
            return True

        try:
            return eventually(released) and self.device.page.counter(RELEASES) == 1
        finally:
            door.close()

    def close(self) -> None:
        self.device.close()
        self.tap.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_a_device_in_install_mode_gets_a_key_of_its_own_and_works_with_it(bench: Bench) -> None:
    bench.power_up()
    bench.learn()
    assert bench.steps == [LearnStep.HANDSHAKE, LearnStep.VERIFY, LearnStep.KEEP]
    assert bytes.fromhex(bench.key_file.read_text()) == bench.device.page.key
    assert bench.device.page.key != PUBLIC_KEY
    assert stat.S_IMODE(bench.key_file.stat().st_mode) == 0o600
    assert not bench.pending.exists()
    assert bench.opens()


def test_a_handshake_that_failed_once_is_tried_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer that was late leaves a device without a secure channel, as a refusal does."""
    sessions: list[Panel] = []

    def only_at_first(panel: Panel) -> bool:
        if panel not in sessions:
            sessions.append(panel)
        return panel is sessions[0]

    monkeypatch.setattr(Panel, "plain", property(only_at_first))
    bench.power_up()
    bench.learn()
    assert len(sessions) == 2
    assert bytes.fromhex(bench.key_file.read_text()) == bench.device.page.key


def test_every_device_gets_another_key(bench: Bench) -> None:
    keys = set()
    for _ in range(2):
        bench.power_up()
        bench.learn_at_last()
        keys.add(bench.key_file.read_text())
        bench.device.kill()
    assert len(keys) == 2


def test_a_device_that_has_a_key_is_not_talked_into_another(bench: Bench) -> None:
    bench.power_up(bytes(range(16)))
    with pytest.raises(DoorUnusable, match="does not take the public key"):
        bench.learn()
    assert bench.device.page.counter(KEYED) == 0
    assert not bench.key_file.exists()
    assert not bench.pending.exists()


def test_nobody_at_the_far_end_leaves_nothing_behind(bench: Bench) -> None:
    with pytest.raises(DoorTimeout, match=r"does not answer.*door\.osdp\.port"):
        bench.learn(seconds=0.3)
    assert not bench.key_file.exists()
    assert not bench.pending.exists()


def test_a_key_that_is_there_is_not_overwritten_in_silence(bench: Bench) -> None:
    bench.key_file.write_text("5a" * 16)
    bench.power_up()
    with pytest.raises(SettingsError, match=r"a key in .* already"):
        bench.learn()
    assert bench.key_file.read_text() == "5a" * 16
    assert bench.device.page.counter(KEYED) == 0
    bench.learn_at_last()
    assert bytes.fromhex(bench.key_file.read_text()) == bench.device.page.key


def test_a_line_cut_after_the_key_was_handed_over_does_not_lose_it(bench: Bench) -> None:
    """The device has it: were it erased here, nobody would ever talk to that device again."""
    bench.power_up()
    tell = bench.tell

    def cut(step: LearnStep) -> None:
        tell(step)
        if step is LearnStep.VERIFY:
            bench.tap.cut()

    bench.tell = cut  # type: ignore[method-assign] # the test's own
    with pytest.raises(DoorTimeout, match=r"osdp\.key\.new"):
        bench.learn(seconds=0.5)
    assert not bench.key_file.exists()
    assert bytes.fromhex(bench.pending.read_text()) == bench.device.page.key
    with pytest.raises(SettingsError, match="An earlier run left a key"):
        bench.learn()
    bench.tap.mend()
    bench.pending.rename(bench.key_file)
    assert bench.opens()


def test_the_place_for_the_key_is_tried_before_the_device_is_touched(
    bench: Bench, tmp_path: Path
) -> None:
    bench.power_up()
    for place in (Path("osdp.key"), tmp_path / "nowhere" / "osdp.key"):
        with pytest.raises(SettingsError, match=r"door\.osdp\.key_file"):
            learn_key(bench.wire, place, bench.tell)
    assert bench.device.page.counter(KEYED) == 0
    assert bench.steps == []
