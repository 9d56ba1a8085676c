"""The files of a scope: bases and what was added; whoever reads them comes to the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_fleet import (
    HARBOUR,
    YARD,
    Kiosk,
    SmallFleet,
    everything,
    gone,
    person,
)

from kiosk.fleet import publisher as publishing
from kiosk.fleet.trust import layout


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    return fleet.kiosk("front", HARBOUR)


# -- files ---------------------------------------------------------------------------------------


def kinds(fleet: SmallFleet) -> list[str]:
    """The kinds of files in which a scope is published, and from where to where."""
    names = everything(fleet.store, f"{layout.TARGETS}people/{HARBOUR}/")
    return sorted({name.partition(".")[2].removesuffix(".jsonl") for name in names})


def test_what_is_added_comes_as_a_file_of_its_own(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(*(person(f"p-{n}") for n in range(10)))
    kiosk.sync()
    fleet.told(person("anna"))
    assert {"base-1-1", "delta-2-2"} <= set(kinds(fleet))
    before = fleet.store.traffic.bytes
    kiosk.sync()
    assert fleet.store.traffic.bytes - before < len(fleet.published().encode()) / 2
    assert len(kiosk.names()) == 11


def test_a_new_base_is_made_once_there_are_many_files(
    fleet: SmallFleet, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "MOST_PARTS", 3)
    fleet.told(*(person(f"p-{n}") for n in range(10)))
    kiosk.sync()
    for n in range(6):
        fleet.told(person("anna", n + 1, references=1))
        kiosk.sync()
        assert kiosk.names() == {f"anna {n + 1}", *(f"p-{each} 1" for each in range(10))}
    assert {"base-1-1", "base-1-4", "base-1-7"} <= set(kinds(fleet))


def test_who_was_away_while_a_base_was_made_reads_it_again(
    fleet: SmallFleet, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "MOST_PARTS", 2)
    fleet.told(*(person(f"p-{n}") for n in range(10)))
    kiosk.sync()
    for n in range(4):
        fleet.told(person("anna", n + 1, references=1), gone(f"p-{n}"))
    result = kiosk.sync()
    assert (result.changes[0].put, result.changes[0].erased) == (1, 4)
    assert kiosk.names() == {"anna 4", *(f"p-{n} 1" for n in range(4, 10))}


@pytest.mark.parametrize("seed", range(4))
def test_a_fresh_kiosk_knows_the_same_as_one_that_followed_each_change(
    fleet: SmallFleet, kiosk: Kiosk, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's choice, the same each time
    monkeypatch.setattr(publishing, "MOST_PARTS", 3)
    fleet.publish()
    truth: dict[str, str] = {}
    names = [f"p-{n}" for n in range(5)]
    for step in range(8):
        said = chance.sample(names, chance.randint(1, 3))
        people = [gone(n) if chance.random() < 0.3 else person(n, step + 1) for n in said]
        if chance.random() < 0.4:
            fleet.hand_in(fleet.by_device(kiosk, people))
            fleet.publish()
        else:
            fleet.told(*people)
        truth |= {p.subject: "" if p.profile is None else f"{p.subject} {step + 1}" for p in people}
        if chance.random() < 0.7:
            kiosk.sync()
    kiosk.sync()
    fresh = fleet.kiosk("fresh", HARBOUR)
    fleet.publish()
    fresh.sync()
    assert fresh.people() == kiosk.people()
    assert fresh.names() == {name for name in truth.values() if name}
    assert fresh.members.content(HARBOUR) == kiosk.members.content(HARBOUR)
