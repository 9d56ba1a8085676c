"""Gallery and policy change together, and only when the store has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from doorway import POLICY, SPACE
from hand_clock import HandClock

from kiosk.domain.access import Event, Faulted, Part, Recovered
from kiosk.domain.errors import PolicyError, StoreCorrupt
from kiosk.domain.frame import Instant
from kiosk.domain.policy import AccessPolicy
from kiosk.domain.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.pipeline.roster import Roster


def someone(name: str, seed: int) -> Reference:
    vector = np.random.default_rng(seed).normal(size=8).astype(np.float32)
    return Reference(
        ReferenceId(f"r{seed}"),
        SubjectId(name),
        Template(vector / np.linalg.norm(vector), SPACE),
    )


class Shelf:
    """A store whose contents a test changes."""

    def __init__(self) -> None:
        self.references: list[Reference] = [someone("ann", 1)]
        self.number = 1
        self.loads = 0
        self.damaged = False

    def generation(self) -> int:
        return self.number

    def load(self, space: SpaceId) -> Sequence[Reference]:
        assert space == SPACE
        self.loads += 1
        if self.damaged:
            raise StoreCorrupt("The references are damaged.", "Put a backup in their place.")
        return tuple(self.references)

    def erase(self, subject: SubjectId) -> int:
        self.references = [r for r in self.references if r.subject != subject]
        self.number += 1
        return 1


def policy_for(references: int) -> AccessPolicy:
    if references > 3:
        raise PolicyError("Too many.", "Fewer.")
    return replace(POLICY, decision_threshold=0.6 + references / 100)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def roster(shelf: Shelf) -> Roster:
    return Roster(shelf, SPACE, policy_for)


def test_an_enrolment_in_another_process_counts_soon(shelf: Shelf, roster: Roster) -> None:
    reported: list[Event] = []
    shelf.references.append(someone("ben", 2))
    shelf.number += 1
    assert roster.refresh(HandClock(), reported.append)
    assert roster.gallery().subjects == ("ann", "ben")
    assert roster.policy().decision_threshold == pytest.approx(0.62)
    assert reported == []


def test_an_erased_person_is_gone_from_the_gallery(shelf: Shelf, roster: Roster) -> None:
    shelf.erase(SubjectId("ann"))
    roster.refresh(HandClock(), lambda _: None)
    assert len(roster.gallery()) == 0


def test_a_store_that_has_not_changed_is_not_read_again(shelf: Shelf, roster: Roster) -> None:
    assert not roster.refresh(HandClock(), lambda _: None)
    assert shelf.loads == 1


def test_a_damaged_store_is_a_fault_until_it_can_be_read(shelf: Shelf, roster: Roster) -> None:
    reported: list[Event] = []
    clock = HandClock(7.0)
    shelf.damaged, shelf.number = True, 2
    assert not roster.refresh(clock, reported.append)
    assert reported == [Faulted(Instant(7.0), Part.STORE, "The references are damaged.")]
    shelf.damaged = False
    roster.refresh(clock, reported.append)
    assert reported[1:] == [Recovered(Instant(7.0), Part.STORE)]


def test_a_gallery_too_large_for_its_calibration_is_a_fault(shelf: Shelf, roster: Roster) -> None:
    reported: list[Event] = []
    shelf.references += [someone(f"p{i}", i + 10) for i in range(5)]
    shelf.number += 1
    roster.refresh(HandClock(), reported.append)
    assert [type(event) for event in reported] == [Faulted]
