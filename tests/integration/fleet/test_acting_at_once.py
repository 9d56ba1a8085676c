"""Publishers and admins at once, and a publisher that dies: nothing is lost, doubled or forked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_fleet import (
    HARBOUR,
    YARD,
    Kiosk,
    SmallFleet,
    SteeredStore,
    everything,
    person,
)

from kiosk.domain.errors import FleetStoreUnreachable
from kiosk.domain.fleet.statement import ADMINS
from kiosk.fleet import admin as admin_acts
from kiosk.fleet import publisher as publishing
from kiosk.fleet.publisher import Publisher
from kiosk.fleet.saying import said_by
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    return fleet.kiosk("front", HARBOUR)


# -- several at once -----------------------------------------------------------------------------


def at_once(*works: Callable[[], object]) -> list[Any]:
    """What each thread returned or raised; they begin together."""
    gate = threading.Barrier(len(works))
    ends: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        gate.wait()
        try:
            ends[number] = work()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            ends[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_two_publishers_never_fork_the_history(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("p-0"))
    for n in range(1, 5):
        fleet.say(person(f"p-{n}"))
        ends = at_once(fleet.publisher().publish, fleet.publisher().publish)
        told = [each for each in ends if isinstance(each, publishing.Publication)]
        assert len(told) == 2, ends
        assert sorted(sum(each.published.values()) for each in told) == [0, 1]
        assert told[0].version != told[1].version
        kiosk.sync()
    assert fleet.history().next_of(ADMINS).number == 5
    assert kiosk.names() == {f"p-{n} 1" for n in range(5)}
    assert everything(fleet.store, layout.CHANGES) == {}


def test_two_admins_at_once_lose_nothing(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.publish()
    one, two = fleet.admins(), fleet.admins()
    first, second = at_once(
        lambda: [one.say(HARBOUR, [person(f"a-{n}")]) for n in range(4)],
        lambda: [two.say(HARBOUR, [person(f"b-{n}")]) for n in range(4)],
    )
    assert sorted([*first, *second]) == [*range(1, 9)]
    assert fleet.publish().published[HARBOUR] == 8
    assert kiosk.sync().people == 8


def test_two_admins_and_a_publisher_at_once_lose_nothing(fleet: SmallFleet, kiosk: Kiosk) -> None:
    """Between an admin's look and their word, another's word may be published and cleared away."""
    one, two, other = fleet.admins(), fleet.admins(), fleet.publisher()
    ends = at_once(
        lambda: [one.say(HARBOUR, [person(f"a-{n}")]) for n in range(6)],
        lambda: [two.say(HARBOUR, [person(f"b-{n}")]) for n in range(6)],
        lambda: [other.publish() for _ in range(8)],
    )
    assert [len(each) for each in ends] == [6, 6, 8]
    fleet.publish()
    assert kiosk.sync().people == 12


def test_what_was_said_on_top_of_what_is_gone_is_said_again(
    fleet: SmallFleet, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    late, other = fleet.admins(), fleet.admins()
    fleet.publish()
    between = iter([lambda: (other.say(HARBOUR, [person("boris")]), fleet.publish())])

    def said_late(*given: Any) -> ScopeFile:  # noqa: ANN401 - passed on as they are
        made = said_by(*given)
        next(between, lambda: ())()
        return made

    monkeypatch.setattr(admin_acts, "said_by", said_late)
    assert late.say(HARBOUR, [person("anna")]) == 2
    assert [line.partition(":")[0] for line in fleet.publish().review] == [
        layout.inbox_name(ADMINS, HARBOUR, 1)
    ]
    kiosk.sync()
    assert kiosk.names() == {"anna 1", "boris 1"}


def test_two_admins_at_once_add_both_their_scopes(fleet: SmallFleet) -> None:
    one, two = fleet.admins(), fleet.admins()
    ends = at_once(lambda: one.add_scope("east", ["e"]), lambda: two.add_scope("west", ["w"]))
    assert ends == [None, None]
    assert fleet.admin.scopes() == ["east", HARBOUR, "west", YARD]


# -- a publisher that dies -----------------------------------------------------------------------


def died_after(fleet: SmallFleet, writes: int) -> bool:
    """Whether a publisher died after so many writes and deletions."""
    store = SteeredStore(fleet.store, left=writes)
    try:
        Publisher(store, fleet.keys.root, fleet.publishing, fleet.clock.utc).publish()
    except FleetStoreUnreachable:
        return True
    return False


def test_wherever_a_publisher_dies_another_finishes_and_nothing_is_lost_or_doubled(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    fleet.publish()
    died, writes = True, 0
    while died:
        names = {f"p-{writes}-{n} 1" for n in range(2)}
        fleet.say(person(f"p-{writes}-0"))
        fleet.hand_in(fleet.by_device(kiosk, [person(f"p-{writes}-1")]))
        name = layout.inbox_name(ADMINS, HARBOUR, fleet.history().next_of(ADMINS).number + 2)
        fleet.store.put(name, b"no statement\n", expected=ANYTHING)
        died = died_after(fleet, writes)
        kiosk.sync()
        assert not names & kiosk.names() or names <= kiosk.names()
        fleet.publish()
        kiosk.sync()
        assert names <= kiosk.names()
        assert everything(fleet.store, layout.CHANGES) == {}
        assert name in str(sorted(everything(fleet.store, layout.REVIEW)))
        writes += 1
    assert writes > 8
    assert len(kiosk.names()) == 2 * writes
    assert fleet.history().next_of(ADMINS).number == writes
    assert fleet.history().next_of(kiosk.fingerprint).number == writes
    fresh = fleet.kiosk("fresh", HARBOUR)
    fleet.publish()
    fresh.sync()
    assert fresh.people() == kiosk.people()


def test_a_publisher_that_dies_before_its_first_word_is_followed_by_another(
    tmp_path: Path,
) -> None:
    for writes in range(5):
        with SmallFleet(tmp_path / str(writes), HARBOUR) as fleet:
            kiosk = fleet.kiosk("front", HARBOUR)
            fleet.say(person("anna"))
            assert died_after(fleet, writes)
            fleet.publish()
            assert kiosk.sync().people == 1
