"""A kiosk comes to what its fleet says: everything of it, in its order, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kept_samples import AGREED, SPACE, template
from small_fleet import (
    DIMENSIONS,
    HARBOUR,
    YARD,
    Kiosk,
    SmallFleet,
    SteeredStore,
    gone,
    person,
)

from kiosk.domain.errors import FleetRefused, FleetStoreUnreachable
from kiosk.domain.vision.template import SpaceId, SubjectId
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.directing import FleetDirector
from kiosk.fleet.updater import FleetUpdater
from kiosk.journal.events.event import JournalEvent


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as made:
        yield made


@pytest.fixture
def kiosk(fleet: SmallFleet) -> Kiosk:
    return fleet.kiosk("front", HARBOUR)


# -- people come, change, and go -----------------------------------------------------------------


def test_somebody_is_known_changed_and_erased(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna", 1), person("boris", 1))
    result = kiosk.sync()
    assert (result.version, result.people, result.changes[0].put) == (1, 2, 2)
    assert kiosk.people()[SubjectId("anna")] == (
        HARBOUR,
        "anna 1",
        frozenset(each.id for each in person("anna", 1).references),
    )
    fleet.told(person("anna", 2))
    assert kiosk.sync().changes[0].put == 1
    assert kiosk.names() == {"anna 2", "boris 1"}
    fleet.told(gone("anna"))
    assert kiosk.sync().changes[0].erased == 1
    assert kiosk.names() == {"boris 1"}


def test_nobody_is_known_before_it_is_published(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.publish()
    fleet.say(person("anna"))
    assert kiosk.sync().people == 0
    fleet.publish()
    assert kiosk.sync().people == 1


def test_somebody_erased_who_was_never_known_here(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna"))
    fleet.told(gone("anna"))
    assert kiosk.sync().people == 0
    assert kiosk.entries("erased") == []


def test_who_was_enrolled_here_becomes_the_fleets(fleet: SmallFleet, kiosk: Kiosk) -> None:
    own = template(7, SPACE, 32)
    kiosk.open_home.references.enrol(SubjectId("anna"), [own], AGREED, "Anna of here")
    kiosk.open_home.references.enrol(SubjectId("chen"), [own], AGREED, "Chen of here")
    fleet.told(person("anna"))
    kiosk.sync()
    assert kiosk.names() == {"anna 1", "Chen of here"}
    assert kiosk.people()[SubjectId("chen")][0] is None


def test_references_of_other_models_are_left_out(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna"))
    form = TemplateForm(SpaceId("another/2"), DIMENSIONS)
    where = (fleet.store, kiosk.device, kiosk.cache, kiosk.kept, form)
    FleetUpdater(*where, kiosk.clock.utc, kiosk.open_home.recorder.note).sync()
    assert kiosk.names() == set()


# -- scopes --------------------------------------------------------------------------------------


def test_a_kiosk_knows_the_people_of_its_scopes_alone(fleet: SmallFleet, kiosk: Kiosk) -> None:
    yard, both = fleet.kiosk("yard", YARD), fleet.kiosk("both", YARD, HARBOUR)
    fleet.told(person("anna"))
    fleet.told(person("boris"), scope=YARD)
    for each in (kiosk, yard, both):
        each.sync()
    assert kiosk.names() == {"anna 1"}
    assert yard.names() == {"boris 1"}
    assert both.names() == {"anna 1", "boris 1"}


def test_who_moves_is_known_in_the_new_scope_alone(fleet: SmallFleet, kiosk: Kiosk) -> None:
    yard, both = fleet.kiosk("yard", YARD), fleet.kiosk("both", YARD, HARBOUR)
    fleet.told(person("anna"))
    for each in (kiosk, yard, both):
        each.sync()
    FleetDirector(fleet.admin).move(SubjectId("anna"), YARD)
    fleet.publish()
    for each in (kiosk, yard, both):
        each.sync()
    assert kiosk.names() == set()
    assert yard.names() == both.names() == {"anna 1"}
    assert both.people()[SubjectId("anna")][0] == YARD
    for each in (kiosk, both):
        assert each.erasures() == [True]
    FleetDirector(fleet.admin).erase(SubjectId("anna"))
    fleet.publish()
    both.sync()
    assert both.erasures() == [True, False]


def test_an_id_in_two_scopes_stops_no_kiosk_of_both(fleet: SmallFleet, kiosk: Kiosk) -> None:
    """It knows them by the scope of which it heard first; all else that is new is applied."""
    both = fleet.kiosk("both", YARD, HARBOUR)
    fleet.told(person("anna", 1))
    both.sync()
    fleet.told(person("anna", 2), person("boris"), scope=YARD)
    (change,) = both.sync().changes
    assert (change.scope, change.put, change.review) == (YARD, 1, 1)
    assert both.names() == {"anna 1", "boris 1"}
    assert both.sync().changes == ()
    twice = fleet.admin.review().twice
    assert twice == ((SubjectId("anna"), (HARBOUR, YARD)),)
    fleet.told(person("anna", 3), scope=YARD)
    assert both.sync().changes[0].review == 1
    FleetDirector(fleet.admin).move(SubjectId("anna"), YARD)
    fleet.publish()
    for each in (both, kiosk):
        each.sync()
    assert both.names() == {"anna 3", "boris 1"}
    assert kiosk.names() == set()
    assert fleet.admin.review().twice == ()


def test_who_is_in_two_scopes_is_suspended_and_erased_in_both(fleet: SmallFleet) -> None:
    both, yard = fleet.kiosk("both", HARBOUR, YARD), fleet.kiosk("yard", YARD)
    for scope in (HARBOUR, YARD):
        fleet.told(person("anna"), scope=scope)
    director, anna = FleetDirector(fleet.admin), SubjectId("anna")
    done = director.suspend(anna)
    assert (done.scope, done.also) == (HARBOUR, (YARD,))
    fleet.publish()
    for each in (both, yard):
        each.sync()
        assert each.open_home.references.show(anna).profile.rules.suspended
    assert director.erase(anna).also == (YARD,)
    fleet.publish()
    for each in (both, yard):
        each.sync()
        assert each.names() == set()


def test_a_dropped_device_loses_everybody_and_nobody_else_does(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    stays = fleet.kiosk("stays", HARBOUR)
    kiosk.open_home.references.enrol(SubjectId("chen"), [template(7, SPACE, 32)], AGREED, "Chen")
    fleet.told(person("anna"))
    kiosk.sync()
    stays.sync()
    fleet.admin.revoke(kiosk.fingerprint)
    fleet.told(person("boris"))
    with pytest.raises(FleetRefused, match="dropped"):
        kiosk.sync()
    assert kiosk.names() == {"Chen"}
    assert kiosk.members.scopes() == {}
    stays.sync()
    assert stays.names() == {"anna 1", "boris 1"}


def test_what_is_shared_after_its_end_a_dropped_device_cannot_open(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    before = fleet.keys_of()
    fleet.admin.revoke(kiosk.fingerprint)
    fleet.told(person("anna"))
    (sealed,) = fleet.published().records.values()
    assert sealed.epoch == 2
    with pytest.raises(FleetRefused, match="cannot be opened"):
        before.unseal(sealed.record, sealed.epoch, sealed.sealed)


def test_a_device_that_comes_back_knows_everybody_again(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna"))
    fleet.hand_in(fleet.by_device(kiosk, [person("boris")]))
    fleet.publish()
    kiosk.sync()
    fleet.admin.revoke(kiosk.fingerprint)
    fleet.publish()
    with pytest.raises(FleetRefused, match="dropped"):
        kiosk.sync()
    fleet.admin.approve(kiosk.fingerprint, [HARBOUR])
    fleet.told(person("chen"))
    kiosk.sync()
    assert kiosk.names() == {"anna 1", "boris 1", "chen 1"}


def test_a_device_that_comes_into_a_second_scope_keeps_its_door(fleet: SmallFleet) -> None:
    kiosk = fleet.kiosk("both", HARBOUR)
    assert fleet.admin.approve(kiosk.fingerprint, [YARD]) == "harbour door"
    assert fleet.admin.approve(kiosk.fingerprint, [YARD], "side") == "side"
    fleet.admin.revoke(kiosk.fingerprint)
    assert fleet.admin.approve(kiosk.fingerprint, [YARD]) == "yard door"


def test_what_a_device_said_counts_where_it_was_dropped_and_did_not_come_back(
    fleet: SmallFleet,
) -> None:
    """It was in two scopes, was dropped, and is in one of them again."""
    both, yard = fleet.kiosk("both", HARBOUR, YARD), fleet.kiosk("yard", YARD)
    fleet.publish()
    fleet.hand_in(fleet.by_device(both, [person("anna")], fleet.history(HARBOUR)))
    fleet.hand_in(fleet.by_device(both, [person("boris")], fleet.history(YARD)))
    fleet.publish()
    fleet.admin.revoke(both.fingerprint)
    fleet.publish()
    fleet.admin.approve(both.fingerprint, [HARBOUR])
    fleet.told(person("chen"), scope=YARD)
    yard.sync()
    assert yard.names() == {"boris 1", "chen 1"}
    fleet.admin.revoke(both.fingerprint)
    fleet.publish()
    fresh = fleet.kiosk("fresh", HARBOUR, YARD)
    fleet.publish()
    fresh.sync()
    assert fresh.names() == {"anna 1", "boris 1", "chen 1"}


# -- what devices say ----------------------------------------------------------------------------


def test_a_device_enrols_somebody_for_the_others(fleet: SmallFleet, kiosk: Kiosk) -> None:
    other = fleet.kiosk("other", HARBOUR)
    fleet.publish()
    fleet.hand_in(fleet.by_device(kiosk, [person("anna")]))
    assert fleet.publish().published == {HARBOUR: 2}  # the invitation, and who came with it
    other.sync()
    assert other.names() == {"anna 1"}


def test_a_change_of_a_device_that_comes_too_late_does_not_count(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    fleet.told(person("anna", 1))
    late = fleet.by_device(kiosk, [person("anna", 9)])
    fleet.told(person("anna", 2))
    fleet.hand_in(late)
    fleet.publish()
    assert kiosk.sync().changes[0].review == 1
    assert kiosk.names() == {"anna 2"}


# -- how a sync goes -----------------------------------------------------------------------------


def test_a_sync_without_news_asks_once_and_changes_nothing(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna"))
    kiosk.sync()
    entries, before = kiosk.entries(), fleet.store.traffic.requests
    assert kiosk.sync().changes == ()
    assert fleet.store.traffic.requests - before == 1
    assert kiosk.entries() == entries


def test_a_kiosk_started_again_goes_on_where_it_was(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna"))
    kiosk.sync()
    assert kiosk.anew().sync().changes == ()
    fleet.told(person("boris"))
    (change,) = kiosk.anew().sync().changes
    assert (change.put, change.erased) == (1, 0)


def test_a_broken_download_goes_on_from_where_it_broke(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(*(person(f"p-{n}") for n in range(5)))
    starts: list[int] = []

    def broken(name: str, start: int, pieces: Iterator[bytes] | None) -> Iterator[bytes] | None:
        if pieces is None or "base" not in name:
            return pieces
        starts.append(start)
        return cut(pieces, len(starts) < 3)

    def cut(pieces: Iterator[bytes], breaks: bool) -> Iterator[bytes]:  # noqa: FBT001
        with closing(pieces):  # type: ignore[type-var]
            for piece in pieces:
                yield piece[:1000] if breaks else piece
                if breaks:
                    raise FleetStoreUnreachable("The line is dead.", "Wait.")

    assert kiosk.anew(SteeredStore(fleet.store, streamed=broken)).sync().people == 5
    assert starts == [0, 1000, 2000]


def test_a_store_that_breaks_each_time_is_not_refused_and_changes_nothing(
    fleet: SmallFleet, kiosk: Kiosk
) -> None:
    fleet.told(person("anna"))

    def dead(name: str, _: int, pieces: Iterator[bytes] | None) -> Iterator[bytes] | None:
        return pieces if pieces is None or "base" not in name else ended(pieces)

    def ended(pieces: Iterator[bytes]) -> Iterator[bytes]:
        with closing(pieces):  # type: ignore[type-var]
            yield next(pieces)[:10]
        raise FleetStoreUnreachable("The line is dead.", "Wait.")

    with pytest.raises(FleetStoreUnreachable, match="line is dead"):
        kiosk.anew(SteeredStore(fleet.store, streamed=dead)).sync()
    assert kiosk.names() == set()
    assert kiosk.entries("sync_refused") == []
    assert kiosk.anew().sync().people == 1


def test_the_journal_says_what_comes_before_it_is_done(fleet: SmallFleet, kiosk: Kiosk) -> None:
    fleet.told(person("anna"))
    kiosk.sync()
    seen: list[tuple[str, set[str]]] = []

    def looked(event: JournalEvent, _: object) -> None:
        seen.append((event.name, kiosk.names()))

    kiosk.open_home.recorder.subscribe(looked)
    fleet.told(person("boris"), gone("anna"))
    kiosk.sync()
    fleet.admin.revoke(kiosk.fingerprint)
    fleet.publish()
    with pytest.raises(FleetRefused):
        kiosk.sync()
    assert seen == [
        ("fleet_applied", {"anna 1"}),
        ("erased", {"anna 1"}),
        ("fleet_scope_left", {"boris 1"}),
        ("sync_refused", set()),
    ]


def test_what_is_refused_is_written_down_once_and_again_after_it_was_good(
    fleet: SmallFleet,
) -> None:
    asking = fleet.asking("asking")
    fleet.publish()
    for _ in range(3):
        with pytest.raises(FleetRefused, match="not approved"):
            asking.sync()
    assert asking.entries("sync_refused") == ["sync_refused"]
    fleet.admin.approve(asking.fingerprint, [HARBOUR])
    fleet.publish()
    asking.sync()
    fleet.admin.revoke(asking.fingerprint)
    fleet.publish()
    with pytest.raises(FleetRefused, match="dropped"):
        asking.sync()
    assert len(asking.entries("sync_refused")) == 2
