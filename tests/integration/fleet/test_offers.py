"""People whom a kiosk knew before it joined are offered, accepted, and never lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, template
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, everything, person

from kiosk.cli.fleet.offers import offers as list_offers
from kiosk.domain.access.factors import Factor, Factors, Pin
from kiosk.domain.errors import BadInput
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.directing import FleetDirector
from kiosk.fleet.offering.accepting import FleetOffers
from kiosk.fleet.offering.keeping import OfferMemory
from kiosk.fleet.offering.offer import Offer, sealed_offer
from kiosk.fleet.offering.offering import offer, whom_to_offer
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.reporting.seen import SEEN, SeenReports
from kiosk.fleet.stores.port import ANYTHING, StoredObject
from kiosk.fleet.trust import layout
from kiosk.store.people.person import Profile

PIN = "739154"
OTHER = replace(AGREED, text="Only at this door")


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def north(fleet: SmallFleet) -> Kiosk:
    """A kiosk that has known Anna and Boris before it joined."""
    kiosk = fleet.kiosk("north", HARBOUR)
    for number, (who, consent) in enumerate(((ANNA, AGREED), (BORIS, OTHER))):
        kiosk.open_home.references.enrol(who, [template(number)], consent, f"{who} 1")
    fleet.publish()
    kiosk.sync()
    return kiosk


def offers(fleet: SmallFleet) -> FleetOffers:
    return FleetOffers(fleet.store, fleet.admin)


def offered(fleet: SmallFleet, kiosk: Kiosk) -> None:
    chosen, _ = whom_to_offer(kiosk.kept, [AGREED.text])
    keys, note = kiosk.updater.scope_keys()[HARBOUR], kiosk.open_home.recorder.note
    OfferMemory(kiosk.cache).keep(HARBOUR, chosen)
    parts = (kiosk.kept, chosen, SPACE, kiosk.clock.utc, note)
    offer(fleet.store, kiosk.device, keys, *parts)


def test_whoever_agreed_to_something_else_is_not_offered(north: Kiosk) -> None:
    chosen, kept = whom_to_offer(north.kept, [AGREED.text])
    assert [each.subject for each in chosen] == [ANNA]
    assert list(kept) == [BORIS]
    assert whom_to_offer(north.kept, []) == ([], [ANNA, BORIS])


def test_an_offer_counts_once_admins_have_accepted_it(fleet: SmallFleet, north: Kiosk) -> None:
    south = fleet.kiosk("south", HARBOUR)
    north.open_home.references.amend(
        ANNA, lambda it: replace(it, factors=Factors(Factor.PIN).with_pin(PIN, b"salt" * 4))
    )
    offered(fleet, north)
    fleet.publish()
    south.sync()
    assert south.names() == set()
    ((made,), refused) = offers(fleet).of(HARBOUR)
    assert ([each.subject for each in made.people], refused) == ([ANNA], [])
    result = offers(fleet).accept(HARBOUR, None)
    assert (result.accepted, result.there, result.refused) == ([ANNA], [], [])
    fleet.publish()
    for kiosk in (north, south):
        kiosk.sync()
        assert kiosk.members.scope_of(ANNA) == HARBOUR
        assert kiosk.open_home.references.factors_of(ANNA).required is Factor.PIN
    assert north.names() == {f"{ANNA} 1", f"{BORIS} 1"}
    assert south.names() == {f"{ANNA} 1"}
    assert north.people()[ANNA][2] == south.people()[ANNA][2]
    assert whom_to_offer(north.kept, [AGREED.text, OTHER.text])[0][0].subject == BORIS


def test_an_id_that_the_scope_has_already_stays_whose_it_is(
    fleet: SmallFleet, north: Kiosk
) -> None:
    fleet.told(replace(person("x"), subject=ANNA))
    offered(fleet, north)
    result = offers(fleet).accept(HARBOUR, {ANNA})
    assert (result.accepted, result.there) == ([], [ANNA])


@pytest.mark.parametrize("since", ["the kiosk goes on", "it starts anew"])
def test_whoever_is_erased_at_the_kiosk_goes_from_its_offer(
    fleet: SmallFleet, north: Kiosk, since: str
) -> None:
    north.open_home.references.enrol(CHEN, [template(7)], AGREED, f"{CHEN} 1")
    offered(fleet, north)
    north.sync()
    north.clock.by = timedelta(seconds=2)
    north.open_home.references.erase(ANNA)
    if since == "it starts anew":
        north.anew()
    north.sync()
    ((made,), _) = offers(fleet).of(HARBOUR)
    assert [each.subject for each in made.people] == [CHEN]
    before = everything(fleet.store)
    north.sync()
    assert everything(fleet.store) == before
    assert offers(fleet).accept(HARBOUR, None).accepted == [CHEN]


def test_whoever_is_enrolled_anew_under_the_same_id_is_not_offered_on(
    fleet: SmallFleet, north: Kiosk
) -> None:
    """What they have agreed to now, nobody has looked at."""
    offered(fleet, north)
    north.sync()
    north.open_home.references.erase(ANNA)
    north.open_home.references.enrol(ANNA, [template(8)], OTHER, f"{ANNA} 2")
    north.sync()
    ((made,), _) = offers(fleet).of(HARBOUR)
    assert made.people == ()


@pytest.mark.parametrize("how", ["published", "waiting", "by a kiosk", "in another scope"])
def test_whoever_was_erased_since_comes_back_by_no_offer(
    fleet: SmallFleet, north: Kiosk, how: str
) -> None:
    """The offer still lies in the store: the kiosk that made it is away."""
    fleet.admin.add_scope(YARD, ["yard door"])
    offered(fleet, north)
    scope = YARD if how == "in another scope" else HARBOUR
    fleet.told(replace(person("x"), subject=ANNA), scope=scope)
    if how == "by a kiosk":
        erased = FleetPerson(ANNA, None)
        fleet.hand_in(fleet.by_device(north, [erased]))
    else:
        FleetDirector(fleet.admin).erase(ANNA)
    if how != "waiting":
        fleet.publish()
    result = offers(fleet).accept(HARBOUR, None)
    assert (result.accepted, result.there, result.past) == ([], [], [ANNA])
    south = fleet.kiosk("south", HARBOUR)
    fleet.publish()
    south.sync()
    assert south.names() == set()


def test_who_was_accepted_just_now_is_not_accepted_twice(fleet: SmallFleet, north: Kiosk) -> None:
    offered(fleet, north)
    assert offers(fleet).accept(HARBOUR, None).accepted == [ANNA]
    again = offers(fleet).accept(HARBOUR, None)
    assert (again.accepted, again.there) == ([], [ANNA])


def test_an_offer_older_than_one_that_was_seen_is_refused(fleet: SmallFleet, north: Kiosk) -> None:
    """What a device has signed once stays signed: whoever holds the store may put it back."""
    name, seen = layout.offer_name(north.fingerprint, HARBOUR), fleet.keys.folder / SEEN
    offered(fleet, north)
    old = fleet.store.get(name, 10**6)
    assert isinstance(old, StoredObject)
    north.clock.by = timedelta(minutes=1)
    offered(fleet, north)
    first = FleetOffers(fleet.store, fleet.admin, SeenReports(seen))
    assert len(first.of(HARBOUR)[0]) == 1
    first.remember()
    fleet.store.put(name, old.data, expected=ANYTHING)
    later = FleetOffers(fleet.store, fleet.admin, SeenReports(seen))
    result = later.accept(HARBOUR, None)
    assert result.accepted == []
    assert "something newer" in result.refused[0]


def test_nobody_is_accepted_whom_nobody_offers(fleet: SmallFleet, north: Kiosk) -> None:
    offered(fleet, north)
    with pytest.raises(BadInput, match=BORIS):
        offers(fleet).accept(HARBOUR, {BORIS})


def test_what_lies_there_and_is_no_offer_is_named_and_stops_nobody(
    fleet: SmallFleet, north: Kiosk
) -> None:
    """Spoilt, of another device, and of a device that was never approved."""
    offered(fleet, north)
    good = fleet.store.get(layout.offer_name(north.fingerprint, HARBOUR), 10**6)
    assert isinstance(good, StoredObject)
    spoilt, copied = fleet.kiosk("spoilt", HARBOUR), fleet.kiosk("copied", HARBOUR)
    asking = fleet.asking("asking")
    eve = Offer(asking.fingerprint, HARBOUR, fleet.clock.utc(), (person("eve"),))
    theirs = sealed_offer(eve, fleet.keys_of(), asking.device.keys.signing)
    for device, data in ((spoilt, b"{}"), (copied, good.data), (asking, theirs)):
        name = layout.offer_name(device.fingerprint, HARBOUR)
        fleet.store.put(name, data, expected=ANYTHING)
    result = offers(fleet).accept(HARBOUR, None)
    assert result.accepted == [ANNA]
    assert len(result.refused) == 2
    fleet.publish()
    north.sync()
    assert "eve 1" not in north.names()


def put_offer(fleet: SmallFleet, kiosk: Kiosk, *people: FleetPerson) -> None:
    """What whoever has stolen a device's keys offers."""
    made = Offer(kiosk.fingerprint, HARBOUR, fleet.clock.utc().replace(microsecond=0), people)
    data = sealed_offer(made, fleet.keys_of(), kiosk.device.keys.signing)
    fleet.store.put(layout.offer_name(kiosk.fingerprint, HARBOUR), data, expected=ANYTHING)


def renamed(who: FleetPerson, subject: str) -> FleetPerson:
    ident = SubjectId(subject)
    theirs = tuple(replace(each, subject=ident) for each in who.references)
    return replace(who, subject=ident, references=theirs)


def profiled(change: Callable[[Profile], Profile]) -> FleetPerson:
    eve = person("eve")
    assert eve.profile is not None
    return replace(eve, profile=change(eve.profile))


UNFIT = {
    "no id": renamed(person("x"), "anna schmidt"),
    "an id that moves the cursor": renamed(person("x"), "\x1b[2Jeve"),
    "a name that moves the cursor": profiled(lambda it: replace(it, given_name="Eve\x1b[2J")),
    "too many references": person("eve", references=21),
    "no group": profiled(lambda it: replace(it, rules=PersonRules(groups=("\x1b[2J",)))),
    "no card number": profiled(lambda it: replace(it, rules=PersonRules(credential=0))),
    "enrolled later": profiled(
        lambda it: replace(it, enrolled_at=datetime(2100, 1, 1, tzinfo=UTC))
    ),
    "at no time": profiled(lambda it: replace(it, enrolled_at=it.enrolled_at.replace(tzinfo=None))),
    "an endless PIN": profiled(
        lambda it: replace(it, factors=Factors(pin=Pin(b"salt" * 4, b"", 2**30)))
    ),
}


@pytest.mark.parametrize("what", UNFIT)
def test_what_a_kiosk_could_not_keep_is_accepted_from_no_offer(
    fleet: SmallFleet, north: Kiosk, what: str
) -> None:
    put_offer(fleet, north, person("zoe"), UNFIT[what])
    result = offers(fleet).accept(HARBOUR, None)
    assert result.accepted == []
    (told,) = result.refused
    assert north.fingerprint in told
    assert told.isprintable()
    fleet.told(person("carla"))
    north.sync()
    assert "carla 1" in north.names()


def test_a_reference_that_is_offered_takes_nobody_elses_id(fleet: SmallFleet, north: Kiosk) -> None:
    south, known, zoe = fleet.kiosk("south", HARBOUR), person("carla"), person("zoe")
    fleet.told(known)
    pairs = zip(zoe.references, known.references, strict=True)
    theirs = tuple(replace(own, id=other.id) for own, other in pairs)
    put_offer(fleet, north, replace(zoe, references=theirs))
    assert offers(fleet).accept(HARBOUR, None).accepted == ["zoe"]
    fleet.publish()
    south.sync()
    assert south.names() == {"carla 1", "zoe 1"}
    assert len(south.people()[SubjectId("zoe")][2]) == 2


def test_an_offer_from_later_than_now_is_refused(fleet: SmallFleet, north: Kiosk) -> None:
    """Else nothing that the device offers afterwards could ever be newer."""
    north.clock.by = timedelta(hours=1)
    offered(fleet, north)
    result = offers(fleet).accept(HARBOUR, None)
    assert result.accepted == []
    assert "later than now" in result.refused[0]


def test_admins_see_what_comes_along_and_nothing_moves_their_cursor(
    fleet: SmallFleet, north: Kiosk, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = PersonRules(groups=("staff",), credential=4711, needs_longer=True)
    factors = Factors(Factor.PIN, badge="0xb").with_pin(PIN, b"salt" * 4)
    consent = replace(AGREED, version="\x1b[2J\r2026-01")
    put_offer(
        fleet,
        north,
        profiled(lambda it: replace(it, rules=rules, factors=factors, consent=consent)),
    )
    assert list_offers(f"folder:{fleet.store.path}", fleet.keys.folder, HARBOUR) == 0
    told = capsys.readouterr().out
    assert "card number 4711" in told
    assert "PIN, badge (asked for: pin)" in told
    assert all(line.isprintable() for line in told.splitlines())
    assert PIN not in told


def test_a_device_cannot_offer_what_only_admins_say(fleet: SmallFleet, north: Kiosk) -> None:
    gone = replace(person("x"), subject=ANNA, profile=None)
    for bad in (gone, fleet.invited(person("eve"))[1]):
        put_offer(fleet, north, bad)
        found, refused = offers(fleet).of(HARBOUR)
        assert (list(found), len(refused)) == ([], 1)
