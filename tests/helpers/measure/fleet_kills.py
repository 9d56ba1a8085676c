"""Kill publishers and kiosks of a fleet at any point of their work.

After each there is one consistent version, from before or from after and never between, nobody who
was committed is lost, and whoever comes next does the work to its end.
"""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

from kept_samples import AGREED, ANNA, SPACE, template
from small_fleet import DIMENSIONS, HARBOUR, SmallFleet, person
from small_fleet import gone as _gone

from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.device import DeviceFile
from kiosk.fleet.publisher import Publisher
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.updater import FleetUpdater
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.store.home import now_utc
from kiosk.store.open_home import OpenHome

CROWD = 60
"""People of the fleet from the beginning; some of them change before each kill."""
CHANGED = 15
ALONE = "Anna of this kiosk"
SPAN = 1.2
"""Work is killed within so many times what the last work took that was not killed."""


@dataclass(slots=True)
class FleetToll:
    """What was killed.

    Attributes:
        killed: at which work, and how often.
        finished: which had come to its end before.
        published: publishers whose change was there after they were killed.
        applied: kiosks of which the change was there after they were killed.
    """

    killed: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    published: int = 0
    applied: int = 0

    def add(self, other: FleetToll) -> None:
        """Add another's."""
        self.killed += other.killed
        self.finished += other.finished
        self.published += other.published
        self.applied += other.applied


Names = frozenset[str]


class FleetKiller:
    """Kills the publisher, and one kiosk, of a fleet of its own.

    Args:
        folder: an empty one.
        seed: of what is killed, when, and what changes before.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._chance = folder, random.Random(seed)  # noqa: S311 - a seeded test
        self.toll = FleetToll()
        self._seconds = {"publish": 0.05, "sync": 0.1, "fresh": 0.3}
        self._people: dict[str, int] = {f"s-{n}": 1 for n in range(CROWD)}
        with SmallFleet(folder) as fleet:
            fleet.told(*(person(name) for name in self._people))
            kiosk = fleet.kiosk("kiosk")
            fleet.publish()
            kiosk.sync()
            kiosk.open_home.references.enrol(ANNA, [template(1)], AGREED, ALONE)
        self._store, self._keys = FolderStore(folder / "store"), Keyring(folder / "keys")
        self._admin = FleetAdmin(self._store, self._keys, now_utc)
        self._home, self._number, self._told = folder / "kiosk", 1, self._names()

    def kill(self) -> None:
        """Change somebody, and kill whoever brings it to the kiosk, wherever they are."""
        before = self._told
        self._say()
        after = self._names()
        self._publish(before, after)
        self._sync(before, after)

    # -- the publisher ---------------------------------------------------------------------------

    def _publish(self, before: Names, after: Names) -> None:
        self._killed("publish", self._publish_once)
        there = self._published()
        assert there in (before, after), "half of a change is published"
        self.toll.published += there == after
        self._publish_once()
        assert self._published() == after, "the next publisher does not bring it to its end"
        assert not list(self._store.names(layout.CHANGES)), "what is published still waits"
        self._told = after

    def _publish_once(self) -> None:
        signer = self._keys.publisher
        assert signer is not None
        publisher = Publisher(self._store, self._keys.root, signer, now_utc, self._keys.seen)
        assert not publisher.publish().review

    def _published(self) -> Names:
        people = self._admin.people(HARBOUR)
        return frozenset(str(each.profile.given_name) for each in people if each.profile)

    # -- the kiosk -------------------------------------------------------------------------------

    def _sync(self, before: Names, after: Names) -> None:
        kind = self._chance.choice(("sync", "sync", "fresh"))
        if kind == "fresh":  # everything is fetched again, from the base on
            with OpenHome.open(self._home) as open_home:
                KioskPeople.of(open_home.references).members.leave(HARBOUR)
            before = frozenset()
        self._killed(kind, partial(sync_once, self._home, self._store))
        there = self._known()
        assert there in (before, after), "half of a change is applied"
        self.toll.applied += there == after
        sync_once(self._home, self._store)
        assert self._known() == after, "the next sync does not converge"

    def _known(self) -> Names:
        """Everybody who is known at the kiosk; whom it alone has enrolled is always there."""
        with OpenHome.open(self._home) as open_home:
            people = open_home.references.people()
            loaded = {each.subject for each in open_home.references.load(SPACE)}
        assert loaded == {each.subject for each in people}, "somebody has no references"
        names = frozenset(str(each.profile.given_name) for each in people)
        assert ALONE in names, "whom this kiosk alone enrolled is lost"
        return names - {ALONE}

    # -- who dies --------------------------------------------------------------------------------

    def _killed(self, kind: str, work: Callable[[], None]) -> None:
        """Do some work in a process of its own, and kill that within the time that it may take."""
        began = time.monotonic()
        child = os.fork()
        if not child:
            _work(work)
        time.sleep(self._chance.uniform(0.0, SPAN * self._seconds[kind]))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        assert ended in {0, -signal.SIGKILL}, f"{kind} ended with {ended}"
        if ended:
            self.toll.killed[kind] += 1
            self._seconds[kind] *= 1.1  # they are killed later, until some come to their end
        else:
            self.toll.finished[kind] += 1
            self._seconds[kind] = min(self._seconds[kind], time.monotonic() - began) * 0.8

    # -- what is said ----------------------------------------------------------------------------

    def _say(self) -> None:
        """Admins change some, erase some, and enrol some."""
        changed, gone = [], []
        names = self._chance.sample(sorted(self._people), CHANGED)
        for name in names:
            if self._chance.random() < 0.2:
                gone.append(name)
            else:
                changed.append(name)
        self._number += 1
        for name in gone:
            del self._people[name]
            changed.append(f"n-{self._number}-{name}")
        for name in changed:
            self._people[name] = self._number
        made = [person(name, self._people[name]) for name in changed]
        self._admin.say(HARBOUR, [*made, *map(_gone, gone)])

    def _names(self) -> Names:
        return frozenset(f"{name} {number}" for name, number in self._people.items())


def sync_once(home: Path, store: FolderStore) -> None:
    """What `kiosk sync --once` does, with nothing left open."""
    with OpenHome.open(home) as open_home:
        file = DeviceFile(open_home.home)
        device = file.load()
        assert device is not None
        people = KioskPeople.of(open_home.references)
        where = (store, device, open_home.home.fleet_cache, people)
        note = open_home.recorder.note
        FleetUpdater(*where, TemplateForm(SPACE, DIMENSIONS), now_utc, note, file.hear).sync()


def _work(work: Callable[[], None]) -> NoReturn:
    """A child's whole life."""
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - whatever it was is told
        traceback.print_exc()
    os._exit(1)


def _kill_some(seed: int, kills: int) -> FleetToll:
    with TemporaryDirectory(prefix="lintel-kills-") as folder:
        killer = FleetKiller(Path(folder), seed)
        while killer.toll.killed.total() < kills:
            killer.kill()
        return killer.toll


def kill_fleets(kills: int, seed: int, fleets: int = 4) -> FleetToll:
    """Kill as many processes, in several fleets at the same time; the same seed is the same plan.

    The processes that fork have no thread beside them.
    """
    toll = FleetToll()
    with ProcessPoolExecutor(fleets, get_context("spawn")) as pool:
        plans = ((seed * 1000 + n, -(-kills // fleets)) for n in range(fleets))
        for done in [pool.submit(_kill_some, *plan) for plan in plans]:
            toll.add(done.result())
    return toll
