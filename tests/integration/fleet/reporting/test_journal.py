"""A device's journal in the store: what admins read of it, and what nobody can hide from them."""

from __future__ import annotations

import errno
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from reporting_kiosk import JOURNAL_SECONDS, KEPT, ReportingKiosk, journal_of
from small_fleet import SmallFleet, SteeredStore, everything, person, put_back

from kiosk.domain.audit import SealedEntry
from kiosk.domain.errors import BadInput, FleetRefused, FleetStoreUnreachable
from kiosk.fleet.reporting import journal_writing, segments
from kiosk.fleet.reporting.segments import (
    MOST_SEGMENT,
    SegmentBefore,
    make_segment,
    read_segment,
)
from kiosk.fleet.sealing import WrappingKey, wrap_bytes
from kiosk.fleet.stores.port import ANYTHING, ObjectStore, StoredObject
from kiosk.fleet.trust import layout
from kiosk.store.journal.renewal import renew
from kiosk.store.journal.verification import walk
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealing import seal


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> ReportingKiosk:
    """A kiosk that has handed in three segments."""
    kiosk = fleet.kiosk("front")
    fleet.told(person("anna"))
    kiosk.sync()
    made = ReportingKiosk(kiosk)
    for part in ("camera", "door", "store"):
        made.note(part)
        made.hand_in_journal()
    return made


def name(kiosk: ReportingKiosk, number: int) -> str:
    return layout.journal_name(kiosk.kiosk.fingerprint, number)


def segment(store: ObjectStore, kiosk: ReportingKiosk, number: int) -> bytes:
    found = store.get(name(kiosk, number), MOST_SEGMENT)
    assert isinstance(found, StoredObject)
    return found.data


def local(kiosk: ReportingKiosk) -> list[SealedEntry]:
    """The journal as it is in the kiosk's home, since it joined."""
    home = kiosk.kiosk.open_home.home
    key = FileKey(home).derive(Purpose.JOURNAL_HEAD)
    entries = [place.entry for place in walk(home, key)]
    joined = [it.number for it in entries if it.entry.event == "fleet_joined"]
    return [each for each in entries if each.number >= max(joined, default=0)]


# -- what admins read ----------------------------------------------------------------------------


def test_admins_read_what_the_kiosk_wrote(fleet: SmallFleet, front: ReportingKiosk) -> None:
    found = journal_of(fleet, front)
    assert (found.segments, found.unopened, found.problems, found.dropped) == (3, 0, [], False)
    assert found.entries == local(front)
    assert found.entries[0].entry.event == "fleet_joined"
    assert found.entries[0].number > 1  # what it wrote before is no affair of the fleet
    assert found.newest_at is not None


def test_nobody_else_reads_it(fleet: SmallFleet, front: ReportingKiosk) -> None:
    plain = b"".join(everything(fleet.store, layout.DEVICES).values())
    for word in (b"camera", b"anna", b"fleet_joined"):
        assert word not in plain
    made = read_segment(segment(fleet.store, front, 1), front.kiosk.device.public)
    stranger, device = WrappingKey.draw(), front.kiosk.device.opening
    assert made.entries(front.kiosk.fingerprint, [stranger, device]) is None


def test_an_admin_who_came_later_opens_nothing_and_verifies_all(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    front.journal._admins = lambda: [WrappingKey.draw().public]
    front.note("models")
    front.hand_in_journal()
    found = journal_of(fleet, front)
    assert (found.segments, found.unopened, found.problems) == (4, 1, [])


def test_nothing_new_is_nothing_to_hand_in(fleet: SmallFleet, front: ReportingKiosk) -> None:
    before = everything(fleet.store)
    front.hand_in_journal()
    assert everything(fleet.store) == before
    front.note("camera")
    front.journal.hand_in()  # not yet: entries wait to be handed in together
    assert everything(fleet.store) == before


def test_what_has_piled_up_is_handed_in_over_several_segments(
    fleet: SmallFleet, front: ReportingKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_writing, "PORTION_BYTES", 1000)
    monkeypatch.setattr(journal_writing, "MOST_AT_ONCE", 3)
    front.note(*["camera"] * 20)
    front.hand_in_journal()
    assert journal_of(fleet, front).segments == 6
    for _ in range(4):
        front.hand_in_journal()
    found = journal_of(fleet, front)
    assert (found.entries, found.problems) == (local(front), [])


def test_from_a_moment_on_older_segments_are_not_fetched(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    front.kiosk.clock.by = timedelta(days=2)
    for part in ("camera", "door"):
        front.note(part)
        front.hand_in_journal()
    since = front.kiosk.clock.utc() - timedelta(days=1)
    found = journal_of(fleet, front, since=since)
    assert (found.segments, found.problems) == (3, [])
    everywhere = journal_of(fleet, front)
    assert len(found.entries) < len(everywhere.entries)


def test_it_goes_on_after_a_restart_and_after_the_journal_was_shortened(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    home = front.kiosk.open_home.home
    key = FileKey(home).derive(Purpose.JOURNAL_HEAD)
    places = list(walk(home, key))
    front.kiosk.open_home.journal.shorten(places[-1 - len(places) // 2])
    front.restart()
    front.note("models")
    front.hand_in_journal()
    found = journal_of(fleet, front)
    assert (found.segments, found.problems) == (4, [])
    assert found.entries[-1] == local(front)[-1]


def test_a_device_that_is_not_there(fleet: SmallFleet, front: ReportingKiosk) -> None:
    other = ReportingKiosk(fleet.asking("other"))
    with pytest.raises(BadInput, match="There is no device"):
        journal_of(fleet, other)
    assert front.kiosk.fingerprint


def test_a_dropped_device_is_said_to_be_one(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.admin.revoke(front.kiosk.fingerprint)
    found = journal_of(fleet, front)
    assert (found.dropped, found.problems) == (True, [])


# -- what nobody can hide ------------------------------------------------------------------------


def test_a_segment_that_was_removed(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.store.delete(name(front, 2))
    problems = journal_of(fleet, front).problems
    assert "Segments 2 to 2 are missing." in problems
    assert any("of the journal are missing" in each for each in problems)


def test_the_beginning_that_was_removed_before_it_was_due(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    fleet.store.delete(name(front, 1))
    (problem,) = journal_of(fleet, front).problems
    assert problem == "Segments 1 to 1 are missing, and not all of them are due to go."
    fleet.clock.by = KEPT + timedelta(hours=1)
    fleet.publish()
    assert journal_of(fleet, front).problems == []


def test_the_newest_that_was_removed_after_it_was_seen(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    assert journal_of(fleet, front).problems == []
    fleet.store.delete(name(front, 3))
    (problem,) = journal_of(fleet, front).problems
    assert problem == "Segments up to 3 were handed in; those after 2 are gone."


def test_the_newest_that_is_withheld_shows_by_the_health(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    front.reporting.run()
    fleet.store.delete(name(front, 3))
    assert journal_of(fleet, front).problems == [
        "Segments up to 3 were handed in; those after 2 are gone."
    ]


def test_all_that_is_withheld_shows_as_age(fleet: SmallFleet, front: ReportingKiosk) -> None:
    """A store that shows an old state as a whole hides what came since; its age is shown."""
    front.reporting.run()
    old = everything(fleet.store)
    front.kiosk.clock.by = timedelta(hours=1)
    front.note("models")
    front.hand_in_journal()
    front.reporting.run()
    new = journal_of(fleet, front).newest_at
    fleet.keys.folder.joinpath("devices-seen.json").unlink()  # an admin who never looked
    put_back(fleet.store, old, list(everything(fleet.store)))
    found = journal_of(fleet, front)
    assert found.problems == []
    assert found.newest_at is not None
    assert new is not None
    assert new - found.newest_at >= timedelta(minutes=59)


def test_segments_that_were_swapped(fleet: SmallFleet, front: ReportingKiosk) -> None:
    one, two = segment(fleet.store, front, 1), segment(fleet.store, front, 2)
    fleet.store.put(name(front, 1), two, expected=ANYTHING)
    fleet.store.put(name(front, 2), one, expected=ANYTHING)
    problems = journal_of(fleet, front).problems
    assert "In the place of segment 1 lies segment 2." in problems
    assert "In the place of segment 2 lies segment 1." in problems


def test_a_segment_of_another_device(fleet: SmallFleet, front: ReportingKiosk) -> None:
    other = ReportingKiosk(fleet.kiosk("back"))
    fleet.publish()
    other.kiosk.sync()
    other.hand_in_journal()
    fleet.store.put(name(front, 1), segment(fleet.store, other, 1), expected=ANYTHING)
    assert any("has not signed" in each for each in journal_of(fleet, front).problems)


@pytest.mark.parametrize("at", [-1, 400])
def test_a_segment_that_was_altered(fleet: SmallFleet, front: ReportingKiosk, at: int) -> None:
    data = bytearray(segment(fleet.store, front, 2))
    data[at] ^= 1
    fleet.store.put(name(front, 2), bytes(data), expected=ANYTHING)
    assert journal_of(fleet, front).problems


def test_a_segment_that_is_too_long(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.store.put(name(front, 2), bytes(MOST_SEGMENT + 1), expected=ANYTHING)
    assert any("longer than" in each for each in journal_of(fleet, front).problems)


def test_a_stranger_under_the_prefix_is_named(fleet: SmallFleet, front: ReportingKiosk) -> None:
    fleet.store.put(f"{name(front, 4)}.more", b"x", expected=ANYTHING)
    (problem,) = journal_of(fleet, front).problems
    assert problem.endswith("is no segment.")


# -- a device that lies --------------------------------------------------------------------------


def forged(front: ReportingKiosk, fleet: SmallFleet, entries: list[SealedEntry]) -> bytes:
    """A fourth segment by the device itself, with these entries."""
    last = read_segment(segment(fleet.store, front, 3), front.kiosk.device.public)
    before = SegmentBefore(3, last.digest, last.at)
    admins = [each.public for each in fleet.keys.opening]
    at = fleet.clock.utc()
    return make_segment(front.kiosk.device, before, last.end, entries, admins, at)


def test_entries_that_do_not_follow(fleet: SmallFleet, front: ReportingKiosk) -> None:
    data = forged(front, fleet, local(front)[-2:])
    fleet.store.put(name(front, 4), data, expected=ANYTHING)
    assert any("does not hold the entries" in each for each in journal_of(fleet, front).problems)


def test_entries_that_never_end(
    fleet: SmallFleet, front: ReportingKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(cipher: AESGCM, _: bytes, where: bytes) -> bytes:
        return seal(cipher, zlib.compress(b" " * 30_000_000), where)

    monkeypatch.setattr(segments, "seal", endless)
    front.note("camera")
    fleet.store.put(name(front, 4), forged(front, fleet, local(front)[-1:]), expected=ANYTHING)
    assert any("does not hold the entries" in each for each in journal_of(fleet, front).problems)


def test_another_segment_under_a_number_that_was_seen(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    journal_of(fleet, front)
    two = read_segment(segment(fleet.store, front, 2), front.kiosk.device.public)
    begin = two.end
    entries = [each for each in local(front) if each.number == begin.number + 1]
    admins = [each.public for each in fleet.keys.opening]
    before = SegmentBefore(2, two.digest, two.at)
    made = (front.kiosk.device, before, begin, entries, admins, fleet.clock.utc())
    fleet.store.put(name(front, 3), make_segment(*made), expected=ANYTHING)
    assert (
        "Segment 3 is another one than was handed in: a fork." in journal_of(fleet, front).problems
    )


def test_a_chain_that_forks(fleet: SmallFleet, front: ReportingKiosk) -> None:
    two = read_segment(segment(fleet.store, front, 2), front.kiosk.device.public)
    entries = [each for each in local(front) if each.number > two.end.number][:1]
    admins = [each.public for each in fleet.keys.opening]
    before = SegmentBefore(2, "0" * 64, two.at)
    made = (front.kiosk.device, before, two.end, entries, admins, fleet.clock.utc())
    fleet.store.put(name(front, 3), make_segment(*made), expected=ANYTHING)
    problems = journal_of(fleet, front).problems
    assert "Segment 3 does not follow segment 2: a fork." in problems


def test_a_journal_that_was_begun_anew_is_named(fleet: SmallFleet, front: ReportingKiosk) -> None:
    home = front.kiosk.open_home.home
    home.journal.write_bytes(home.journal.read_bytes()[:-10])
    renew(home, FileKey(home))
    front.note("camera")
    front.hand_in_journal()
    found = journal_of(fleet, front)
    assert found.entries[-len(local(front)) :] == local(front)
    (problem,) = found.problems
    assert problem == (
        "In segment 4 the journal goes on from entry 1: it was begun anew there, or put back."
    )


# -- whatever ends in between --------------------------------------------------------------------


def test_the_same_bytes_are_sent_again(fleet: SmallFleet, front: ReportingKiosk) -> None:
    """A store that takes a segment and says that it did not gets no other one for the number."""
    store = SteeredStore(fleet.store, left=0)
    cut_off = ReportingKiosk(front.kiosk, store)
    front.note("models")
    with pytest.raises(FleetStoreUnreachable):
        cut_off.hand_in_journal()
    pending = (front.kiosk.cache / "journal-pending").read_bytes()
    assert read_segment(pending, front.kiosk.device.public).number == 4
    front.note("journal")
    for _ in range(2):
        cut_off.restart()
        with pytest.raises(FleetStoreUnreachable):
            cut_off.hand_in_journal()
    store.left = None
    cut_off.hand_in_journal()
    assert segment(fleet.store, front, 4) == pending
    assert not (front.kiosk.cache / "journal-pending").exists()
    found = journal_of(fleet, front)
    assert (found.segments, found.problems, found.entries) == (5, [], local(front))


def test_a_store_that_took_it_and_said_nothing(fleet: SmallFleet, front: ReportingKiosk) -> None:
    front.note("models")
    cut_off = ReportingKiosk(front.kiosk, SteeredStore(fleet.store, left=0))
    with pytest.raises(FleetStoreUnreachable):
        cut_off.hand_in_journal()
    pending = (front.kiosk.cache / "journal-pending").read_bytes()
    fleet.store.put(name(front, 4), pending, expected=ANYTHING)
    front.restart()
    front.hand_in_journal()
    found = journal_of(fleet, front)
    assert (found.segments, found.problems) == (4, [])


def test_somebody_elses_object_in_its_place_is_written_over(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    fleet.store.put(name(front, 4), segment(fleet.store, front, 1), expected=ANYTHING)
    front.note("models")
    front.hand_in_journal()
    assert journal_of(fleet, front).problems == []


def test_a_pending_segment_that_was_lost_leaves_a_gap_and_no_entry_out(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    front.note("models")
    cut_off = ReportingKiosk(front.kiosk, SteeredStore(fleet.store, left=0))
    with pytest.raises(FleetStoreUnreachable):
        cut_off.hand_in_journal()
    (front.kiosk.cache / "journal-pending").write_bytes(b"altered")
    front.restart()
    front.hand_in_journal()
    found = journal_of(fleet, front)
    assert found.problems == ["Segments 4 to 4 are missing."]
    assert found.entries == local(front)


def test_a_home_that_was_restored_goes_on_after_what_it_has_sent(
    fleet: SmallFleet, front: ReportingKiosk
) -> None:
    """The ledger of before the second segment: the number of no segment is used again."""
    old = journal_writing.HandedIn.of(front.ledger.part("journal"))
    front.note("models")
    front.hand_in_journal()
    front.note("kiosk")
    front.hand_in_journal()
    before = everything(fleet.store, layout.DEVICES)
    front.ledger.keep("journal", replace(old, sha256=None).said())
    front.restart()
    front.note("camera")
    with pytest.raises(FleetRefused, match="restored from a backup"):
        front.hand_in_journal()
    front.hand_in_journal()
    after = everything(fleet.store, layout.DEVICES)
    assert {each: after[each] for each in before} == before
    found = journal_of(fleet, front)
    assert found.segments == 6
    assert [each for each in found.problems if "put back" in each]
    assert found.entries[-1] == local(front)[-1]


def test_a_full_disk_uses_up_no_number(
    fleet: SmallFleet, front: ReportingKiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    front.note("models")
    with monkeypatch.context() as patched:
        patched.setattr(journal_writing, "replace_whole", full)
        front.seconds += JOURNAL_SECONDS
        for _ in range(3):
            front.reporting.run()
    assert front.kiosk.entries("fleet_reports") == ["fleet_reports"]
    front.reporting.run()
    found = journal_of(fleet, front)
    assert (found.segments, found.problems) == (4, [])
    assert front.kiosk.entries("fleet_reports") == ["fleet_reports"] * 2


def test_no_admins_are_known_before_the_first_sync(fleet: SmallFleet) -> None:
    kiosk = ReportingKiosk(fleet.kiosk("front"))
    kiosk.journal._admins = lambda: ()
    kiosk.hand_in_journal()
    assert not list(fleet.store.names(layout.journal_prefix(kiosk.kiosk.fingerprint)))


def test_the_size_of_a_wrapped_key() -> None:
    wrapped = wrap_bytes(bytes(32), WrappingKey.draw().public, b"")
    assert len(wrapped) == segments.WRAPPED_BYTES
