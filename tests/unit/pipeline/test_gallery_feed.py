"""Gallery and policy change together, and only when the store has changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from doorway import POLICY, SPACE
from hand_clock import HandClock

from kiosk.domain.access.factors import Factors
from kiosk.domain.access.machine import Event, Faulted, Part, Recovered
from kiosk.domain.access.policy import AccessPolicy, GalleryRoom
from kiosk.domain.errors import JournalUnwritable, PolicyError, StoreCorrupt, StoreError
from kiosk.domain.people.enrolled import EnrolledPeople, Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.running import GalleryFits, GalleryOutgrown
from kiosk.pipeline.gallery.capacity import CrowdWatch
from kiosk.pipeline.gallery.feed import Crowd, GalleryFeed

MOST = 3


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
        self.rules: dict[SubjectId, PersonRules] = {}
        self.opened: set[SubjectId] = set()
        self.without_views: set[SubjectId] = set()

    def generation(self) -> int:
        return self.number

    def load(self, space: SpaceId) -> Sequence[Reference]:
        return self.enrolled(space, {}).references

    def enrolled(self, space: SpaceId, known: Mapping[SubjectId, bytes]) -> EnrolledPeople:
        assert space == SPACE
        self.loads += 1
        if self.damaged:
            raise StoreCorrupt("The references are damaged.", "Put a backup in their place.")
        people = {
            r.subject: Person(self.rules.get(r.subject, PersonRules()), Factors())
            for r in self.references
        }
        versions = {who: self.version(who) for who in people}
        self.opened = {who for who in people if versions[who] != known.get(who)}
        return EnrolledPeople(
            self.number,
            versions,
            tuple(r for r in self.references if r.subject in self.opened - self.without_views),
            {who: it for who, it in people.items() if who in self.opened},
        )

    def version(self, who: SubjectId) -> bytes:
        own = [r.id for r in self.references if r.subject == who]
        return repr((own, self.rules.get(who), who in self.without_views)).encode()

    def erase(self, subject: SubjectId) -> int:
        self.references = [r for r in self.references if r.subject != subject]
        self.number += 1
        return 1


def policy_for(references: int) -> AccessPolicy:
    if references > MOST:
        raise PolicyError("Too many.", "Fewer.")
    return replace(POLICY, decision_threshold=0.6 + references / 100)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def gallery_feed(shelf: Shelf) -> GalleryFeed:
    return GalleryFeed(shelf, SPACE, policy_for, MOST)


def test_an_enrolment_in_another_process_counts_soon(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    reported: list[Event] = []
    shelf.references.append(someone("ben", 2))
    shelf.number += 1
    assert gallery_feed.refresh(HandClock(), reported.append)
    assert gallery_feed.gallery().subjects == ("ann", "ben")
    assert gallery_feed.policy().decision_threshold == pytest.approx(0.62)
    assert reported == []


def test_an_erased_person_is_gone_from_the_gallery(shelf: Shelf, gallery_feed: GalleryFeed) -> None:
    shelf.erase(SubjectId("ann"))
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert len(gallery_feed.gallery()) == 0


def test_an_erased_person_has_no_rules_from_the_same_moment(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    shelf.erase(SubjectId("ann"))
    assert "ann" in gallery_feed.people()
    assert "ann" in gallery_feed.gallery().subjects
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert "ann" not in gallery_feed.people()
    assert "ann" not in gallery_feed.gallery().subjects


def test_a_restricted_person_is_restricted_with_the_gallery_of_that_moment(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    restricted = PersonRules(groups=("nights",))
    shelf.references.append(someone("ben", 2))
    shelf.rules[SubjectId("ann")] = restricted
    shelf.number += 1
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert gallery_feed.people()[SubjectId("ann")].rules == restricted
    assert gallery_feed.gallery().subjects == ("ann", "ben")


def test_rules_of_before_a_damage_let_nobody_in(shelf: Shelf, gallery_feed: GalleryFeed) -> None:
    shelf.damaged, shelf.number = True, 2
    gallery_feed.refresh(HandClock(), lambda _: None)
    with pytest.raises(StoreError, match="damaged"):
        gallery_feed.people()
    shelf.damaged = False
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert "ann" in gallery_feed.people()


def test_somebody_else_of_the_same_id_is_known_from_now_on_only(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    """Between two looks the one was erased and the other enrolled."""
    shelf.references = [someone("ann", 9), someone("ben", 2)]
    shelf.number += 2
    gallery_feed.refresh(HandClock(50.0), lambda _: None)
    assert {s: p.since for s, p in gallery_feed.people().items()} == {"ann": 50.0, "ben": 50.0}
    shelf.references.append(someone("ann", 10))
    shelf.number += 1
    gallery_feed.refresh(HandClock(60.0), lambda _: None)
    assert {s: p.since for s, p in gallery_feed.people().items()} == {"ann": 50.0, "ben": 50.0}


def test_whoever_was_enrolled_before_the_start_was_always_known(gallery_feed: GalleryFeed) -> None:
    assert gallery_feed.people()[SubjectId("ann")].since == float("-inf")


def test_a_store_that_has_not_changed_is_not_read_again(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    assert not gallery_feed.refresh(HandClock(), lambda _: None)
    assert shelf.loads == 1


def test_a_damaged_store_is_a_fault_until_it_can_be_read(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    reported: list[Event] = []
    clock = HandClock(7.0)
    shelf.damaged, shelf.number = True, 2
    assert not gallery_feed.refresh(clock, reported.append)
    assert reported == [Faulted(Instant(7.0), Part.STORE, "The references are damaged.")]
    shelf.damaged = False
    gallery_feed.refresh(clock, reported.append)
    assert reported[1:] == [Recovered(Instant(7.0), Part.STORE)]


def test_a_gallery_that_outgrows_its_calibration_goes_on_with_those_who_came_first(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    reported: list[Event] = []
    shelf.references += [
        *(someone("ben", n) for n in (10, 11)),
        *(someone("cem", n) for n in (12, 13)),
        *(someone(name, 14) for name in "de"),
    ]
    shelf.number += 1
    assert gallery_feed.refresh(HandClock(), reported.append)
    assert reported == []
    assert gallery_feed.gallery().subjects == ("ann", "ben", "cem")
    assert gallery_feed.policy().decision_threshold == pytest.approx(0.63)
    assert gallery_feed.crowd() == Crowd(GalleryRoom(5, MOST), 2)


def test_whoever_was_erased_makes_room_for_the_next(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    shelf.references += [someone(name, seed) for name, seed in (("b", 2), ("c", 3), ("d", 4))]
    shelf.number += 1
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert gallery_feed.gallery().subjects == ("ann", "b", "c")
    shelf.erase(SubjectId("ann"))
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert gallery_feed.gallery().subjects == ("b", "c", "d")
    assert gallery_feed.crowd() is None


def test_a_kiosk_starts_though_its_gallery_has_outgrown_its_calibration(shelf: Shelf) -> None:
    shelf.references += [someone(f"p{i}", i + 10) for i in range(5)]
    started = GalleryFeed(shelf, SPACE, policy_for, MOST)
    assert started.gallery().subjects == ("ann", "p0", "p1")
    assert started.crowd() == Crowd(GalleryRoom(6, MOST), 3)


def test_a_calibration_for_not_even_one_person_starts_nothing(shelf: Shelf) -> None:
    def none_for(references: int) -> AccessPolicy:
        raise PolicyError(f"{references} references are too many.", "Make room.")

    with pytest.raises(PolicyError, match="1 references"):
        GalleryFeed(shelf, SPACE, none_for, 0)


def test_a_person_is_compared_by_the_mean_of_their_views_and_takes_one_place(
    shelf: Shelf,
) -> None:
    """Homes of before, which hold single views, are compared by means without a new enrolment."""
    ann = [someone("ann", n) for n in range(MOST + 2)]
    shelf.references = [*ann[:2], someone("ben", 10), *ann[2:]]
    feed = GalleryFeed(shelf, SPACE, policy_for, MOST)
    gallery = feed.gallery()
    assert (len(gallery), gallery.subjects, feed.crowd()) == (2, ("ann", "ben"), None)
    mean = np.mean([reference.template.vector for reference in ann], axis=0)
    assert gallery.matrix[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)


def test_who_lost_a_view_or_got_another_is_somebody_new(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    """The views tell an enrolment from the one before, not their mean's id."""
    shelf.references.append(someone("ann", 2))
    shelf.number += 1
    gallery_feed.refresh(HandClock(7.0), lambda _: None)
    assert gallery_feed.people()[SubjectId("ann")].since == float("-inf")
    shelf.references = [someone("ann", 3)]
    shelf.number += 1
    gallery_feed.refresh(HandClock(8.0), lambda _: None)
    assert gallery_feed.people()[SubjectId("ann")].since == 8.0


def test_a_crowd_is_written_down_once_and_again_when_it_has_changed(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    noted: list[JournalEvent] = []
    watch = CrowdWatch(gallery_feed, noted.append)
    watch.look()
    assert noted == []
    shelf.references += [someone(f"p{i}", i + 10) for i in range(4)]
    shelf.number += 1
    for _ in range(3):
        gallery_feed.refresh(HandClock(), lambda _: None)
        watch.look()
    assert noted == [GalleryOutgrown(references=5, most=MOST, people_left_out=2)]
    for name in ("ann", "p0"):
        shelf.erase(SubjectId(name))
    gallery_feed.refresh(HandClock(), lambda _: None)
    watch.look()
    assert noted[1:] == [GalleryFits()]


def test_a_crowd_that_could_not_be_written_down_is_told_at_the_next_look(shelf: Shelf) -> None:
    shelf.references += [someone(f"p{i}", i + 10) for i in range(4)]
    noted: list[str] = []

    def note(event: JournalEvent) -> None:
        noted.append(event.name)
        if len(noted) == 1:
            raise JournalUnwritable("The disk is full.", "Make room.")

    watch = CrowdWatch(GalleryFeed(shelf, SPACE, policy_for, MOST), note)
    with pytest.raises(JournalUnwritable):
        watch.look()
    watch.look()
    assert noted == [GalleryOutgrown.name, GalleryOutgrown.name]


def test_whoever_has_not_changed_is_not_opened_again(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    shelf.references += [someone("ben", 2), someone("cleo", 3)]
    shelf.number += 1
    gallery_feed.refresh(HandClock(), lambda _: None)
    before = gallery_feed.gallery().matrix
    assert shelf.opened == {"ben", "cleo"}
    shelf.references[1:2] = [someone("ben", 4)]
    shelf.number += 1
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert shelf.opened == {"ben"}
    assert gallery_feed.gallery().subjects == ("ann", "ben", "cleo")
    expected = [before[0], someone("ben", 4).template.vector, before[2]]
    np.testing.assert_array_equal(gallery_feed.gallery().matrix, expected)


def test_whoever_was_left_out_is_compared_once_there_is_room(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    shelf.references += [someone(name, n) for n, name in enumerate(("ben", "cleo", "dan"), 2)]
    shelf.number += 1
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert gallery_feed.gallery().subjects == ("ann", "ben", "cleo")
    shelf.erase(SubjectId("ben"))
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert not shelf.opened
    assert gallery_feed.gallery().subjects == ("ann", "cleo", "dan")
    vectors = [
        someone(name, n).template.vector for name, n in (("ann", 1), ("cleo", 3), ("dan", 4))
    ]
    np.testing.assert_array_equal(gallery_feed.gallery().matrix, vectors)


def test_somebody_who_lost_all_references_is_not_compared_by_those_of_before(
    shelf: Shelf, gallery_feed: GalleryFeed
) -> None:
    shelf.references.append(someone("ben", 2))
    shelf.without_views.add(SubjectId("ann"))
    shelf.number += 1
    gallery_feed.refresh(HandClock(), lambda _: None)
    assert gallery_feed.gallery().subjects == ("ben",)
    assert "ann" in gallery_feed.people()
