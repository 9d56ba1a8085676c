"""The thread that keeps a kiosk up to date: it goes on, whatever one sync meets."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.domain.errors import FleetStoreUnreachable
from kiosk.fleet.polling import FleetPolling

PATIENCE = 60.0
SELDOM = 3600.0


class Syncs:
    """Counts syncs, and lets each meet what is to come next."""

    def __init__(self, *meets: Exception) -> None:
        self._meets = list(meets)
        self._changed = threading.Condition()
        self.count = 0

    def __call__(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()
            if self._meets:
                raise self._meets.pop(0)

    def reached(self, count: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, PATIENCE)


def polled(
    syncs: Syncs, seconds: float, told: Callable[[str], None], gap_seconds: float = 0.0
) -> FleetPolling:
    return FleetPolling(syncs, seconds, told, None, 0.0, gap_seconds)


def test_it_syncs_at_once_and_again_and_ends() -> None:
    syncs, told = Syncs(), list[str]()
    with polled(syncs, 0.001, told.append):
        assert syncs.reached(3)
    count = syncs.count
    assert threading.active_count() >= 1
    assert not any(thread.name == "fleet" for thread in threading.enumerate())
    assert (syncs.count, told) == (count, [])


def test_a_store_that_is_away_and_a_fault_of_the_program_end_nothing() -> None:
    away = FleetStoreUnreachable("The store is away.", "Wait.")
    syncs, told = Syncs(away, ZeroDivisionError("secret"), away), list[str]()
    with polled(syncs, 0.001, told.append):
        assert syncs.reached(4)
    assert told == ["A sync ended by ZeroDivisionError."]


def test_a_hint_makes_it_look_now() -> None:
    syncs = Syncs()
    with polled(syncs, SELDOM, lambda _: None) as polling:
        assert syncs.reached(1)
        polling.look_now()
        assert syncs.reached(2)


def test_who_leaves_waits_for_no_interval() -> None:
    syncs = Syncs()
    with polled(syncs, SELDOM, lambda _: None):
        assert syncs.reached(1)
    assert syncs.count in {1, 2}


def test_a_flood_of_hints_makes_it_look_no_sooner_than_the_gap_allows() -> None:
    syncs = Syncs()
    with polled(syncs, SELDOM, lambda _: None, SELDOM) as polling:
        assert syncs.reached(1)
        flooding = threading.Event()
        for _ in range(100):
            polling.look_now()
            flooding.wait(0.005)
        assert syncs.count == 1


def test_a_hint_during_a_sync_is_not_lost() -> None:
    begun, go_on = threading.Event(), threading.Event()
    syncs = Syncs()

    def slow() -> None:
        begun.set()
        assert go_on.wait(PATIENCE)
        syncs()

    with FleetPolling(slow, SELDOM, lambda _: None, None, 0.0, 0.0) as polling:
        assert begun.wait(PATIENCE)
        polling.look_now()
        go_on.set()
        assert syncs.reached(2)
