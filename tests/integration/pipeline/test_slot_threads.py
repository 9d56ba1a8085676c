"""Slots between threads: who waits is woken, and what must not be lost is not."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from kiosk.pipeline.slot import Closed, LatestSlot

PATIENCE = 10.0


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_waiting_reader_is_woken_by_an_item() -> None:
    slot, got = LatestSlot[int](), []
    reader = started(lambda: got.append(slot.take(PATIENCE)))
    slot.put(7)
    reader.join(PATIENCE)
    assert got == [7]


def test_closing_drops_the_item_and_wakes_every_reader() -> None:
    slot, ended = LatestSlot[int](), []

    def read() -> None:
        try:
            slot.take()
        except Closed:
            ended.append(True)

    readers = [started(read) for _ in range(2)]
    slot.close()
    for reader in readers:
        reader.join(PATIENCE)
    assert ended == [True, True]


def test_a_patient_writer_loses_nothing_to_a_slow_reader() -> None:
    slot = LatestSlot[int](patience=None)
    items = list(range(200))

    def write() -> None:
        for item in items:
            slot.put(item)
        slot.finish()

    writer = started(write)
    got = [slot.take(PATIENCE) for _ in items]
    writer.join(PATIENCE)
    assert got == items
    with pytest.raises(Closed):
        slot.take(PATIENCE)
    assert slot.replaced == 0


def test_a_writer_that_waits_is_ended_by_closing() -> None:
    slot, ended = LatestSlot[int](patience=None), threading.Event()
    slot.put(1)

    def write() -> None:
        try:
            slot.put(2)
        except Closed:
            ended.set()

    writer = started(write)
    assert not ended.wait(0.05)
    slot.close()
    assert ended.wait(PATIENCE)
    writer.join(PATIENCE)
