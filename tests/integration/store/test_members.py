"""People whom a fleet manages: a change of a scope is applied as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from doorway import POLICY
from fleet_people import ENROLLED_AT, OTHER, SITE, crowd, holding, record
from hand_clock import HandClock
from kept_files import leaks, raw
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, set_factors, template

from kiosk.domain.access.factors import Factor, Factors
from kiosk.domain.access.machine import Event
from kiosk.domain.errors import BadInput, SpaceMismatch, SubjectUnknown
from kiosk.domain.vision.template import ReferenceId, SpaceId, SubjectId
from kiosk.fleet.applying.state import MemberState, MemberStates
from kiosk.pipeline.gallery.feed import GalleryFeed
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import FleetRecord, Members
from kiosk.store.people.references import References
from kiosk.store.people.sealed_people import StoredPerson
from kiosk.store.secrets.keys import FileKey

ELSEWHERE = SpaceId("other-space/2")


@pytest.fixture
def open_home(tmp_path: Path) -> Iterator[OpenHome]:
    """Anna is enrolled here, with a picture."""
    with OpenHome.open(tmp_path / "home") as opened:
        opened.references.enrol(ANNA, [template(1)], AGREED, "Anna", picture=b"a face" * 20)
        yield opened


@pytest.fixture
def store(open_home: OpenHome) -> References:
    return open_home.references


@pytest.fixture
def members(store: References) -> Members:
    return Members(store)


# -- what is applied -----------------------------------------------------------------------------


def test_a_home_without_a_fleet_has_no_scope(members: Members) -> None:
    assert members.content(SITE) is None
    assert not members.scopes()
    assert not members.of(SITE)
    assert members.scope_of(ANNA) is None
    assert members.scope_of(BORIS) is None


def test_what_is_applied_is_there_number_for_number(store: References, members: Members) -> None:
    assert members.apply(SITE, b"state 1", [record(BORIS, 2, 3, content=b"proof")], {})
    assert members.content(SITE) == b"state 1"
    assert members.scopes() == {SITE: b"state 1"}
    assert members.of(SITE) == {BORIS: b"proof"}
    assert (members.scope_of(BORIS), members.scope_of(ANNA)) == (SITE, None)
    _, *found = store.load(SPACE)
    assert [(each.id, each.subject) for each in found] == [
        (ReferenceId(f"{BORIS}/{seed}"), BORIS) for seed in (2, 3)
    ]
    np.testing.assert_array_equal(found[1].template.vector, template(3).vector)
    assert store.show(BORIS).profile == record(BORIS, 2).profile
    assert store.show(BORIS).profile.enrolled_at == ENROLLED_AT


def test_it_is_still_there_after_a_restart(open_home: OpenHome, members: Members) -> None:
    members.apply(SITE, b"state", [record(BORIS, 2)], {CHEN: b"gone"})
    before = holding(open_home.references)
    open_home.close()
    kept.check(open_home.home, FileKey(open_home.home))
    with OpenHome.open(open_home.home.path) as again:
        assert holding(again.references) == before


def test_a_member_is_replaced_wholly(store: References, members: Members) -> None:
    members.apply(SITE, b"1", [record(BORIS, 2, 3)], {})
    set_factors(store, BORIS, Factors(required=Factor.PIN))
    assert members.apply(SITE, b"2", [record(BORIS, 3, 4, content=b"newer")], {})
    assert store.factors_of(BORIS) == Factors()
    assert holding(store).people[BORIS] == {f"{BORIS}/3", f"{BORIS}/4"}
    assert members.of(SITE) == {BORIS: b"newer"}


def test_whoever_was_enrolled_here_is_replaced_too(store: References, members: Members) -> None:
    """The picture, which the scope does not have, goes; and nobody else is touched."""
    store.enrol(CHEN, [template(7)], AGREED)
    assert members.apply(SITE, b"1", [record(ANNA, 5)], {})
    assert store.picture(ANNA) is None
    assert store.show(ANNA).profile.given_name == "Name 5"
    assert members.scope_of(ANNA) == SITE
    assert store.count(ANNA) == store.count(CHEN) == 1


def test_whoever_is_gone_is_erased_and_leaves_a_tombstone(
    store: References, members: Members
) -> None:
    members.apply(SITE, b"1", [record(BORIS, 2, 3), record(CHEN, 4)], {})
    assert members.apply(SITE, b"2", [], {BORIS: b"erased", ANNA: b"erased too"})
    assert members.of(SITE) == {BORIS: b"erased", ANNA: b"erased too", CHEN: b"put"}
    assert store.subjects() == [CHEN]
    assert members.scope_of(BORIS) is None
    with pytest.raises(SubjectUnknown):
        store.show(BORIS)
    members.apply(SITE, b"3", [record(BORIS, 2)], {ANNA: b"again"})
    assert members.scope_of(BORIS) == SITE
    assert members.of(SITE) == {BORIS: b"put", ANNA: b"again", CHEN: b"put"}


def test_a_tombstone_of_somebody_who_never_came_is_kept(members: Members) -> None:
    members.apply(SITE, b"1", [], {BORIS: b"gone before"})
    assert members.of(SITE) == {BORIS: b"gone before"}


def test_a_change_of_nobody_changes_the_state_alone(store: References, members: Members) -> None:
    before = store.generation()
    members.apply(SITE, b"", [], {})
    assert members.scopes() == {SITE: b""}
    assert store.generation() == before + 1


def test_a_scope_that_is_left_leaves_nothing_of_itself(store: References, members: Members) -> None:
    members.apply(SITE, b"1", [record(BORIS, 2)], {SubjectId("s-9"): b"gone"})
    members.apply(OTHER, b"1", [record(CHEN, 3)], {})
    assert members.leave(SITE)
    assert members.scopes() == {OTHER: b"1"}
    assert not members.of(SITE)
    assert store.subjects() == [ANNA, CHEN]
    members.apply(OTHER, b"2", [record(BORIS, 2)], {})
    assert members.scope_of(BORIS) == OTHER
    assert members.leave("never joined")


def test_a_reader_in_another_process_sees_the_change(
    open_home: OpenHome, store: References
) -> None:
    """The door's gallery: whoever came is compared, whoever is gone is not, others are no news."""
    feed = GalleryFeed(store, SPACE, lambda _: replace(POLICY, space=SPACE), 10)
    clock, faults = HandClock(), list[Event]()
    with OpenHome.open(open_home.home.path) as own:
        Members(own.references).apply(SITE, b"1", [record(BORIS, 2), record(CHEN, 3)], {})
        clock.pass_(1.0)
        assert feed.refresh(clock, faults.append)
        assert feed.gallery().subjects == (ANNA, BORIS, CHEN)
        since = feed.people()[CHEN].since
        change = [record(CHEN, 3, content=b"other rules")]
        Members(own.references).apply(SITE, b"2", change, {BORIS: b"gone"})
        clock.pass_(1.0)
        assert feed.refresh(clock, faults.append)
    assert set(feed.gallery().subjects) == {ANNA, CHEN}
    assert feed.people()[CHEN].since == since
    assert not faults
    assert not feed.refresh(clock, faults.append)


def test_a_tombstone_of_one_scope_keeps_nobody_out_of_another(
    store: References, members: Members
) -> None:
    members.apply(SITE, b"1", [], {BORIS: b"moved away"})
    members.apply(OTHER, b"1", [record(BORIS, 8)], {})
    assert members.scope_of(BORIS) == OTHER
    assert store.count(BORIS) == 1


def test_whoever_moves_is_taken_from_the_scope_that_gives_them_up(
    store: References, members: Members
) -> None:
    members.apply(SITE, b"1", [record(BORIS, 8)], {})
    members.apply(OTHER, b"1", [record(BORIS, 8)], {}, {BORIS})
    assert (members.scope_of(BORIS), store.count(BORIS)) == (OTHER, 1)
    assert members.of(SITE) == {}


# -- what is refused -----------------------------------------------------------------------------

LATE = SubjectId("s-9")
UNFIT: dict[str, tuple[str, list[FleetRecord], dict[SubjectId, bytes], str]] = {
    "another scope's": (
        SITE,
        [record(LATE, 8), record(CHEN, 9)],
        {},
        f"{CHEN} belongs to scope .{OTHER}., so scope .{SITE}.",
    ),
    "another scope's, gone": (SITE, [record(LATE, 8)], {CHEN: b""}, f"{CHEN} belongs to.*{OTHER}"),
    "twice": (SITE, [record(LATE, 8), record(LATE, 9)], {}, "twice"),
    "put and gone": (SITE, [record(LATE, 8)], {LATE: b""}, "twice"),
    "no reference": (SITE, [record(LATE)], {}, f"no template of {LATE}"),
    "no id": (SITE, [record(SubjectId("a b"), 8)], {}, "cannot be a subject's id"),
    "no scope": ("", [record(LATE, 8)], {}, "name of a scope"),
    "a scope of two places": (f"{SITE}\0x", [record(LATE, 8)], {}, "name of a scope"),
    "a reference of two places": (
        SITE,
        [replace(record(LATE, 8), references=((ReferenceId("a\0b"), template(8)),))],
        {},
        "name of a reference",
    ),
    "another's reference": (
        SITE,
        [replace(record(LATE, 8), references=((ReferenceId(f"{CHEN}/3"), template(8)),))],
        {},
        "the id of another one",
    ),
}


@pytest.mark.parametrize("why", UNFIT)
def test_what_cannot_be_applied_changes_nothing(
    store: References, members: Members, why: str
) -> None:
    members.apply(OTHER, b"1", [record(CHEN, 3)], {BORIS: b"gone"})
    before, generation = holding(store), store.generation()
    scope, put, gone, match = UNFIT[why]
    with pytest.raises(BadInput, match=match):
        members.apply(scope, b"2", put, gone)
    assert holding(store, scope) == replace(before, members={**before.members, scope: {}})
    assert store.generation() == generation


@pytest.mark.parametrize(
    "put",
    [
        [record(BORIS, 2, space=ELSEWHERE)],
        [record(BORIS, 2), record(CHEN, 3, space=ELSEWHERE)],
    ],
)
def test_no_home_holds_two_spaces(
    store: References, members: Members, put: list[FleetRecord]
) -> None:
    before, generation = holding(store, SITE), store.generation()
    with pytest.raises(SpaceMismatch):
        members.apply(SITE, b"1", put, {CHEN: b""} if len(put) == 1 else {})
    assert (holding(store, SITE), store.generation()) == (before, generation)


def test_everybody_together_moves_to_another_space(store: References, members: Members) -> None:
    assert members.apply(SITE, b"1", [record(ANNA, 1, space=ELSEWHERE)], {})
    assert [each.subject for each in store.load(ELSEWHERE)] == [ANNA]


# -- traces --------------------------------------------------------------------------------------


def test_a_reader_hides_no_success_and_traces_go_later(
    open_home: OpenHome, members: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    members.apply(SITE, b"1", [record(BORIS, 2)], {})
    monkeypatch.setattr("kiosk.store.people.database.BUSY_SECONDS", 0.05)
    with OpenHome.open(open_home.home.path) as own, open_home.references.reading() as rows:
        rows.execute("SELECT count(*) FROM refs").fetchone()
        assert not Members(own.references).apply(SITE, b"2", [], {BORIS: b"gone"})
        assert own.references.subjects() == [ANNA]
        assert Members(own.references).apply(SITE, b"3", [record(CHEN, 4)], {})
    assert members.content(SITE) == b"3"
    open_home.references.empty_log()
    assert (open_home.home.path / "references.db-wal").stat().st_size == 0


def test_names_and_numbers_are_in_no_file_and_an_erased_person_leaves_an_id(
    open_home: OpenHome, members: Members
) -> None:
    """R66, R83: also with a crowd around whose pages are moved about."""
    path, secret = open_home.home.path, b"proof of somebody's change"
    members.apply(
        SITE, b"the state of a scope", [record(BORIS, 2, content=secret), *crowd(150)], {}
    )
    with open_home.references.reading() as rows:
        query = "SELECT profile, wrapped_key, template FROM subjects JOIN refs USING (subject)"
        cells = rows.execute(f"{query} WHERE subject = ?", (BORIS,)).fetchone()
    clear = (template(2).vector.tobytes(), b"Name 2", secret, b"the state of a scope")
    assert not any(leaks(each, raw(path)) for each in clear)
    assert all(leaks(each, raw(path)) for each in cells)
    assert members.apply(SITE, b"2", crowd(10), {BORIS: b"gone"})
    assert not any(leaks(each, raw(path)) for each in cells)
    assert "hidden" in repr(record(BORIS, 2)) + repr(members)
    assert "Name" not in repr(record(BORIS, 2))


def test_a_home_is_checked_by_itself_after_many_changes(
    open_home: OpenHome, members: Members
) -> None:
    """More people than one query of the roll names."""
    members.apply(SITE, b"1", crowd(1100), {})
    members.apply(
        SITE, b"2", crowd(600, 5000), {SubjectId(f"f-{n}"): b"" for n in range(600, 1100)}
    )
    home = Home(open_home.home.path)
    kept.check(home, FileKey(home))
    members.leave(SITE)
    kept.check(home, FileKey(home))
    assert open_home.references.subjects() == [ANNA]


# -- what is read again --------------------------------------------------------------------------


def test_only_those_who_changed_are_opened_again(store: References, members: Members) -> None:
    members.apply(SITE, b"1", [record(BORIS, 2), record(CHEN, 3)], {})
    first = store.enrolled(SPACE)
    assert list(first.versions) == [ANNA, BORIS, CHEN]
    assert set(first.people) == {ANNA, BORIS, CHEN}
    assert store.enrolled(SPACE, first.versions).people == {}
    members.apply(SITE, b"2", [record(CHEN, 4)], {BORIS: b"gone"})
    then = store.enrolled(SPACE, first.versions)
    assert list(then.versions) == [ANNA, CHEN]
    assert set(then.people) == {CHEN}
    assert {each.subject for each in then.references} == {CHEN}


def test_every_change_of_a_person_gives_another_version(
    store: References, members: Members
) -> None:
    seen = {store.enrolled(SPACE).versions[ANNA]}
    changes: list[Callable[[], object]] = [
        lambda: store.replace(ANNA, [template(1)]),
        lambda: store.replace(ANNA, [template(2)], adding=True),
        lambda: store.amend(ANNA, lambda profile: profile),
        lambda: set_factors(store, ANNA, Factors(required=Factor.BADGE)),
        lambda: members.apply(SITE, b"1", [record(ANNA, 1)], {}),
        lambda: members.apply(SITE, b"2", [record(ANNA, 1)], {}),
    ]
    for number, change in enumerate(changes, 2):
        change()
        seen.add(store.enrolled(SPACE).versions[ANNA])
        assert len(seen) == number


def test_whom_a_fleet_manages_is_another_version_though_nothing_else_changed() -> None:
    stored = StoredPerson(ANNA, b"key", b"profile", "'a','b'")
    assert stored.version(1) != stored.version(0)
    assert stored.version() != replace(stored, wrapped=b"keyp", profile=b"rofile").version()
    assert stored.version() != replace(stored, references="'a,b'").version()


def test_an_opened_state_of_a_member_is_that_of_the_database(members: Members) -> None:
    states = MemberStates(members)
    for tag in ("aa", "bb"):
        content = MemberState(tag, "cc").encode()
        members.apply(SITE, tag.encode(), [record(BORIS, 2, content=content)], {})
        assert states.of(SITE) == {BORIS: MemberState(tag, "cc")}
        assert states.of(SITE) == {BORIS: MemberState(tag, "cc")}
    members.leave(SITE)
    assert not states.of(SITE)
