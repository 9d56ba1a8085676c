"""Attempts at the door in the kiosk's own home: sealed, kept, and left alone by recordings."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.settings import Settings
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts
from kiosk.pipeline.clock import SystemClock
from kiosk.store.attempts import attempts_file
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey
from kiosk.wiring import doors

ANN = SubjectId("ann")


def attempts(open_home: OpenHome) -> Attempts:
    return Attempts(attempts_file(open_home.home, FileKey(open_home.home)), SystemClock().monotonic)


def guess(open_home: OpenHome, times: int = 3) -> None:
    for _ in range(times):
        attempts(open_home).count(ANN)


def test_each_program_counts_on_where_the_one_before_it_stopped(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path) as open_home:
        guess(open_home)
        assert 0.0 < attempts(open_home).wait(ANN) <= 30.0
        guess(open_home, times=1)
        assert 30.0 < attempts(open_home).wait(ANN) <= 60.0
        assert stat.S_IMODE(open_home.home.attempts.stat().st_mode) == 0o600
        assert b"ann" not in open_home.home.attempts.read_bytes()


def test_an_altered_file_is_not_taken_for_no_attempts(tmp_path: Path) -> None:
    with OpenHome.open(tmp_path) as open_home:
        guess(open_home)
        content = bytearray(open_home.home.attempts.read_bytes())
        content[-1] ^= 1
        open_home.home.attempts.write_bytes(content)
        with pytest.raises(StoreCorrupt):
            attempts(open_home)


@pytest.mark.parametrize("durable", [True, False])
def test_a_recording_neither_reads_nor_writes_them(tmp_path: Path, *, durable: bool) -> None:
    settings = Settings()
    with OpenHome.open(tmp_path) as open_home:
        lock = doors.door(settings, SystemClock())
        parts = doors.door_parts(settings, open_home, lock, dict, durable=durable)
        assert (parts.attempts is not None) is durable
