from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from kiosk.pipeline.slot import Closed, EverySlot, LatestSlot

PATIENCE = 10.0


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_newest_item_wins_and_what_was_replaced_is_counted() -> None:
    slot = LatestSlot[int]()
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take(0) == 3
    assert slot.replaced == 2


def test_an_item_is_taken_once() -> None:
    slot = LatestSlot[int]()
    slot.put(1)
    assert slot.take(0) == 1
    assert slot.take(0) is None


def test_an_item_that_was_taken_was_not_replaced() -> None:
    slot = LatestSlot[int]()
    slot.put(1)
    slot.take(0)
    slot.put(2)
    assert slot.replaced == 0


@pytest.mark.parametrize("item", [0, "", False], ids=["zero", "empty", "false"])
def test_an_item_that_counts_as_false_is_an_item(item: object) -> None:
    slot = LatestSlot[object]()
    slot.put(item)
    slot.put(item)
    assert slot.replaced == 1
    assert slot.take(0) is item


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


def test_a_closed_slot_gives_nothing_and_takes_nothing() -> None:
    slot = LatestSlot[int]()
    slot.put(1)
    slot.close()
    slot.close()
    with pytest.raises(Closed):
        slot.take(0)
    with pytest.raises(Closed):
        slot.put(2)


def test_a_finished_slot_gives_its_last_item_before_it_ends() -> None:
    slot = LatestSlot[int]()
    slot.put(1)
    slot.finish()
    with pytest.raises(Closed):
        slot.put(2)
    assert slot.take(0) == 1
    with pytest.raises(Closed):
        slot.take(0)


def test_every_slot_loses_nothing_to_a_slow_reader() -> None:
    slot = EverySlot[int]()
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
    slot, ended = EverySlot[int](), threading.Event()
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
