"""Kill kiosks around their releases, at doors whose locks keep their own time.

Never left released, never released twice for one order, nothing released that was not written
down before, and the next kiosk starts on the same home and works. `tools/measure kills` prints a
table.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from doomed_kiosk import ACKNOWLEDGED, ORDERS, Cradle
from door_rig import Rig, eventually
from kept_files import lines
from kept_home import furnish, verified
from kept_samples import ANNA
from rig_http import ShellyRig
from rig_modbus import FLASH_COIL, ModbusTcpRig
from rig_mqtt import MqttRig
from rig_osdp import OsdpRig

from kiosk.store.home import Home

RELEASE_SECONDS = 0.5
KILLS_EACH = 50
ON_THE_WIRE_SECONDS = 0.05
"""What a kiosk had sent when it died has arrived by then, or arrives in the next one's life."""
PATIENCE_SECONDS = 10.0
"""How long a loaded machine may take over what ends after `RELEASE_SECONDS`."""


Make = Callable[[], tuple[Rig, dict[str, Any]]]


def modbus() -> tuple[Rig, dict[str, Any]]:
    """A relay board over TCP that switches off by itself, and its settings."""
    rig = ModbusTcpRig(**FLASH_COIL)
    wire = {"host": "127.0.0.1", "port": rig.proxy.port, "coil": 0}
    return rig, {"modbus": wire | {"mode": "flash-coil", "flash_address": 0x200}}


def shelly() -> tuple[Rig, dict[str, Any]]:
    """A Shelly relay, and its settings."""
    rig = ShellyRig()
    wire = {"kind": "shelly", "url": rig.address, "allow_insecure": True}
    return rig, {"http": wire | {"password_file": str(rig.wire().password_file)}}


def osdp() -> tuple[Rig, dict[str, Any]]:
    """An OSDP device, and its settings."""
    rig = OsdpRig()
    wire = {"port": rig.tap.path, "baud": 115200, "address": 1}
    return rig, {"osdp": wire | {"key_file": str(rig.key_file)}}


def mqtt() -> tuple[Rig, dict[str, Any]]:
    """A relay behind a broker, and its settings."""
    rig = MqttRig()
    said = rig.settings()
    wire = {"host": said.host, "port": said.port, "user": said.user}
    files = ("ca_file", "password_file", "command_key_file")
    return rig, {"mqtt": wire | {name: str(getattr(said, name)) for name in files}}


PEERS = (modbus, shelly, osdp, mqtt)


@dataclass
class KillCount:
    """What became of the kiosks at one door.

    Attributes:
        kills: how many kiosks died.
        mid_order: how many of them with an order under way.
        orders: that were begun.
        acknowledged: that were known to have released when the kiosk died.
        releases: of the far end.
        granted: entries of the journal that let somebody in.
        repairs: entries that say what a death had left of the journal.
        locked: seconds from each death to the locked far end.
    """

    kills: int = 0
    mid_order: int = 0
    orders: int = 0
    acknowledged: int = 0
    releases: int = 0
    granted: int = 0
    repairs: int = 0
    locked: list[float] = field(default_factory=list)


class Killer:
    """Kills kiosks at one door.

    Args:
        make: the far end, and the settings of its wire.
        home: of all of them.
    """

    def __init__(self, make: Make, home: Path) -> None:
        self.toll = KillCount()
        self._chance = random.Random(make.__name__)  # noqa: S311 - chances of a test
        self._rig, wire = make()
        self._rig.door.close()  # the kiosks have their own
        self._home = furnish(home)
        self._span_seconds = 0.03
        self._on_its_way = 0
        (driver,) = wire
        times = {"release_seconds": RELEASE_SECONDS, "answer_seconds": 0.5}
        declared = {"driver": driver, "fail_mode": "secure", "lock": "strike"}
        self._cradle = Cradle({"door": {**declared, **times, **wire}}, self._home, ANNA)

    def kill(self) -> None:
        """One life: born, at work, killed at any moment; then the far end is looked at."""
        self._life(self._chance.choice((0, 1, 1, 2)), lambda: 1.5 * self._span_seconds)

    def conclude(self) -> KillCount:
        """One more life that gets to do its work; then what all of them wrote down."""
        acknowledged = self.toll.acknowledged
        self._life(3, lambda: PATIENCE_SECONDS)
        assert self.toll.acknowledged >= acknowledged + 2, "the next kiosk does not work"
        assert verified(self._home).sealed
        entries = [json.loads(line) for line in lines(Home(self._home).journal)]
        self.toll.granted = sum(entry["event"] == "authorised" for entry in entries)
        self.toll.repairs = sum(entry["event"] == "journal_repaired" for entry in entries)
        return self.toll

    def close(self) -> None:
        """End the kiosks and their door."""
        self._cradle.close()
        self._rig.close()

    def _life(self, until: int, span: Callable[[], float]) -> None:
        toll, before = self.toll, self._rig.releases
        orders, acknowledged = self._live(until, span)
        killed_at = time.monotonic()
        time.sleep(ON_THE_WIRE_SECONDS)
        locked = eventually(lambda: not self._rig.unlocked, PATIENCE_SECONDS, 0.002)
        assert locked, "left released"
        moved = self._rig.releases - before
        assert acknowledged <= moved <= orders + self._on_its_way, f"{moved} for {orders} orders"
        self._on_its_way = int(moved < orders)
        toll.locked.append(time.monotonic() - killed_at)
        toll.kills += 1
        toll.mid_order += orders > acknowledged
        toll.orders += orders
        toll.acknowledged += acknowledged
        toll.releases += moved

    def _live(self, until: int, span: Callable[[], float]) -> tuple[int, int]:
        """Kill a kiosk some time after so many orders; how many it began, and saw acknowledged."""
        kiosk, began = self._cradle.begin(), time.monotonic()
        orders = acknowledged = 0
        if not until:
            self._kill(kiosk, 0.2)
        for word in self._cradle.words():
            orders += word == ORDERS
            acknowledged += word == ACKNOWLEDGED
            if word == ORDERS:
                began = time.monotonic()
            elif word == ACKNOWLEDGED:
                self._span_seconds = time.monotonic() - began
            if word == ORDERS and orders == until:
                self._kill(kiosk, span())
        return orders, acknowledged

    def _kill(self, kiosk: int, within: float) -> None:
        time.sleep(self._chance.uniform(0.0, within))
        os.kill(kiosk, signal.SIGKILL)


def kill_all(folder: Path, kills_each: int = KILLS_EACH) -> dict[str, KillCount]:
    """Kill kiosks at all doors at the same time: most of it is waiting."""

    def one(make: Make) -> KillCount:
        killer = Killer(make, folder / make.__name__)
        try:
            for _ in range(kills_each):
                killer.kill()
            return killer.conclude()
        finally:
            killer.close()

    with ThreadPoolExecutor(len(PEERS)) as pool:
        return dict(zip((make.__name__ for make in PEERS), pool.map(one, PEERS), strict=True))


def main() -> None:
    """Kill as many as the command line says, and print the toll."""
    parser = argparse.ArgumentParser(
        prog="tools/measure kills", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--kills", type=int, default=KILLS_EACH, help="at each door")
    kills = parser.parse_args().kills
    heads = ("kills", "mid order", "orders", "acked", "releases", "repairs", "locked", "at most")
    print(f"{'':8}" + "".join(f"{head:>10}" for head in heads))
    with tempfile.TemporaryDirectory() as folder:
        for peer, toll in kill_all(Path(folder), kills).items():
            numbers = (toll.kills, toll.mid_order, toll.orders, toll.acknowledged, toll.releases)
            locked = f"{statistics.median(toll.locked):>10.2f}{max(toll.locked):>10.2f}"
            row = "".join(f"{number:>10}" for number in (*numbers, toll.repairs))
            print(f"{peer:8}{row}{locked}")


if __name__ == "__main__":
    main()
