"""A large change is applied by another process: the same comes of it, and nothing is said twice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing import resource_tracker
from pathlib import Path

import pytest
from child_process import start

from config.settings import Settings
from kiosk.bench.fleet.office import SCOPE, BenchFleet
from kiosk.domain.errors import FleetRefused, JournalUnwritable
from kiosk.fleet.applying.large import LargeChange
from kiosk.fleet.stores.folder import FolderStore
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.fleet import FleetApplied, SyncRefused
from kiosk.store.open_home import OpenHome
from kiosk.wiring.apart.noting import NotedOnce
from kiosk.wiring.apart.syncing import LARGE_BYTES, ApartSync
from kiosk.wiring.fleet import fleet_updater, updater_apart
from models.packs.installed import load_manifest

PEOPLE = 3


class Site:
    """A kiosk to which every change is a large one, and its fleet."""

    def __init__(self, folder: Path, opened: OpenHome, office: BenchFleet) -> None:
        self.folder, self.opened, self.office = folder, opened, office
        self.noted: list[JournalEvent] = []

    def note(self, event: JournalEvent) -> None:
        self.noted.append(event)

    def applied(self, apart: ApartSync) -> int:
        return sum(change.put for change in apart.sync().changes)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = FolderStore.create(tmp_path / "store")
    settings = Settings()
    pack = load_manifest().pack(settings.models.pack)
    with closing(store):
        office = BenchFleet(tmp_path / "keys", store, f"folder:{tmp_path / 'store'}", pack)
        office.join(tmp_path / "home")
        office.say(PEOPLE)
        office.publish()
        with OpenHome.open(tmp_path / "home") as opened:
            yield Site(tmp_path, opened, office)


@contextmanager
def syncing(
    site: Site, note: Callable[[JournalEvent], None], large_bytes: int = 0
) -> Iterator[ApartSync]:
    settings, once = Settings(), NotedOnce(note)
    with fleet_updater(site.opened, settings, note=once) as (updater, _):
        home = site.opened.home.path
        yield ApartSync(updater, home, settings, once, updater_apart, large_bytes)


@pytest.fixture
def apart(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApartSync]:
    monkeypatch.setattr(resource_tracker, "getfd", None)  # it would start one more process
    with syncing(site, site.note) as made:
        yield made


def test_the_same_comes_of_it_as_of_a_sync_in_the_kiosk(site: Site, apart: ApartSync) -> None:
    result = apart.sync()
    assert result.people == PEOPLE
    assert [(each.scope, each.put, each.erased) for each in result.changes] == [(SCOPE, PEOPLE, 0)]
    assert len(site.opened.references.subjects()) == PEOPLE
    assert [type(each) for each in site.noted] == [FleetApplied]
    assert not apart.sync().changes
    site.office.say(1, seed=2)
    site.office.publish()
    assert site.applied(apart) == 1
    assert [type(each) for each in site.noted] == [FleetApplied, FleetApplied]


def test_a_small_change_needs_no_other_process(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    settings = Settings()
    with fleet_updater(site.opened, settings, note=site.note) as (updater, _):
        with pytest.raises(LargeChange):
            updater.sync(100)
        assert not site.opened.references.subjects()
    with syncing(site, site.note, LARGE_BYTES) as apart:
        assert site.applied(apart) == PEOPLE


def test_where_no_process_can_be_started_the_kiosk_applies_it(
    site: Site, apart: ApartSync, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", full)
    assert site.applied(apart) == PEOPLE


def test_a_process_that_is_killed_before_its_transaction_leaves_it_to_the_kiosk(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def watched(command: list[str], **named: object) -> subprocess.Popen[bytes]:
        started.append(popen(command, **named))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", watched)

    def killing(event: JournalEvent) -> None:
        site.note(event)
        (child,) = started
        child.kill()
        child.wait()
        assert not site.opened.references.subjects()

    with syncing(site, killing) as apart:
        assert apart.sync().people == PEOPLE
    assert [type(each) for each in site.noted] == [FleetApplied]


def test_what_cannot_be_verified_is_refused_and_said_once(site: Site, apart: ApartSync) -> None:
    names = [name for name in site.office.store.names("targets/") if ".jsonl" in name]
    assert names
    for name in names:
        site.office.store.delete(name)
    for _ in range(2):
        with pytest.raises(FleetRefused):
            apart.sync()
    assert [type(each) for each in site.noted] == [SyncRefused]
    assert not site.opened.references.subjects()


def test_nothing_is_applied_that_the_journal_does_not_have(site: Site) -> None:
    def unwritable(_: JournalEvent) -> None:
        raise JournalUnwritable("The disk is full.", "Make room.")

    full = pytest.raises(JournalUnwritable, match="The disk is full")
    with syncing(site, unwritable) as apart, full:
        apart.sync()
    assert not site.opened.references.subjects()
    assert site.noted == []


def test_the_process_ends_with_the_kiosk_even_if_that_is_killed() -> None:
    kiosk = start("""
        from child_process import stay
        from kiosk.wiring.apart.child import child_at_work

        with child_at_work(stay) as child:
            print(child.recv())
            input()
    """)
    assert kiosk.stdout is not None
    assert kiosk.stdout.readline() == "here\n"
    kiosk.kill()
    kiosk.communicate(timeout=60)  # both have the same output: it is at its end once both are
