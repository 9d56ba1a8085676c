"""Reports over a real S3 server: taken from who may write, and waiting where one may only read."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from moto_peer import BUCKET
from reporting_kiosk import JOURNAL_SECONDS, ReportingKiosk, journal_of, states, statuses
from seaweedfs_server import ADMIN, READER, SeaweedServer
from small_fleet import SmallFleet, everything, gone, person

from kiosk.fleet.reporting.erasures import Confirmation
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.stores.s3 import S3Store

Open = Callable[[tuple[str, str]], S3Store]


@pytest.fixture(scope="module")
def server() -> Iterator[SeaweedServer]:
    with ExitStack() as ends:
        made = SeaweedServer()
        ends.callback(made.close)
        yield made


@pytest.fixture
def opened(server: SeaweedServer) -> Iterator[Open]:
    """Opens one prefix of the bucket as one of its identities."""
    name = uuid.uuid4().hex
    with ExitStack() as ends:

        def open_one(keys: tuple[str, str]) -> S3Store:
            patience = {"connect_seconds": 60.0, "read_seconds": 60.0}
            store = S3Store(BUCKET, name, server.endpoint, keys=keys, **patience)
            ends.callback(store.close)
            return store

        yield open_one


def test_reports_are_taken_and_read(tmp_path: Path, opened: Open) -> None:
    with SmallFleet(tmp_path) as fleet:
        kiosk, bucket = fleet.kiosk("front"), opened(ADMIN)
        fleet.told(person("anna"))
        fleet.told(gone("anna"))
        kiosk.sync()
        for name, data in everything(fleet.store).items():
            bucket.put(name, data, expected=ANYTHING)
        read_only = ReportingKiosk(kiosk, opened(READER))
        read_only.seconds += JOURNAL_SECONDS
        for _ in range(2):
            read_only.reporting.run()
        assert kiosk.entries("fleet_reports") == ["fleet_reports"]
        device = ReportingKiosk(kiosk, bucket)
        for part in ("camera", "door"):
            device.note(part)
            device.seconds += JOURNAL_SECONDS
            device.reporting.run()
        assert statuses(fleet, bucket)[kiosk.fingerprint].problem is None
        assert set(states(fleet, "anna", bucket).values()) == {Confirmation.CONFIRMED}
        found = journal_of(fleet, device, bucket)
        assert (found.segments, found.problems) == (3, [])  # the one that waited is the first
