"""Attempts at the door in the kiosk's own home: sealed, kept, and left alone by recordings."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.settings import Settings
from kiosk import wiring
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.template import SubjectId
from kiosk.pipeline.attempts import Attempts
from kiosk.pipeline.clock import SystemClock
from kiosk.store.attempts import attempts_file
from kiosk.store.cabinet import Cabinet
from kiosk.store.keys import FileKey

ANN = SubjectId("ann")


def attempts(cabinet: Cabinet) -> Attempts:
    return Attempts(attempts_file(cabinet.home, FileKey(cabinet.home)), SystemClock().monotonic)


def guess(cabinet: Cabinet, times: int = 3) -> None:
    for _ in range(times):
        attempts(cabinet).count(ANN)


def test_each_program_counts_on_where_the_one_before_it_stopped(tmp_path: Path) -> None:
    with Cabinet.open(tmp_path) as cabinet:
        guess(cabinet)
        assert 0.0 < attempts(cabinet).wait(ANN) <= 30.0
        guess(cabinet, times=1)
        assert 30.0 < attempts(cabinet).wait(ANN) <= 60.0
        assert stat.S_IMODE(cabinet.home.attempts.stat().st_mode) == 0o600
        assert b"ann" not in cabinet.home.attempts.read_bytes()


def test_an_altered_file_is_not_taken_for_no_attempts(tmp_path: Path) -> None:
    with Cabinet.open(tmp_path) as cabinet:
        guess(cabinet)
        content = bytearray(cabinet.home.attempts.read_bytes())
        content[-1] ^= 1
        cabinet.home.attempts.write_bytes(content)
        with pytest.raises(StoreCorrupt):
            attempts(cabinet)


@pytest.mark.parametrize("durable", [True, False])
def test_a_recording_neither_reads_nor_writes_them(tmp_path: Path, *, durable: bool) -> None:
    settings = Settings()
    with Cabinet.open(tmp_path) as cabinet:
        lock = wiring.door(settings, SystemClock())
        parts = wiring.door_parts(settings, cabinet, lock, durable=durable)
        assert (parts.attempts is not None) is durable
