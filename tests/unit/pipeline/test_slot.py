from __future__ import annotations

import pytest

from kiosk.pipeline.slot import Closed, LatestSlot


def test_newest_item_wins_and_what_was_replaced_is_counted() -> None:
    slot = LatestSlot[int]()
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take(0) == 3
    assert slot.replaced == 2


def test_a_patient_writer_replaces_an_item_in_the_end() -> None:
    slot = LatestSlot[int](patience=0.01)
    slot.put(1)
    slot.put(2)
    assert (slot.take(0), slot.replaced) == (2, 1)


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
