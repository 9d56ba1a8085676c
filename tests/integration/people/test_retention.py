"""Whose time is over is erased, and the journal forgets what it need not know (R33)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from kept_files import lines
from kept_samples import AGREED, ANNA, BORIS, CHEN, allow, template

from kiosk.domain.audit import AuditEntry
from kiosk.domain.errors import JournalTampered, Refused, StoreReplaced
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.cloud import CloudCompared
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.receipts import find_receipt, withdraw
from kiosk.people.retention import DailyRetention, Retained, Retention, RetentionRules
from kiosk.people.service import PeopleService
from kiosk.store import kept
from kiosk.store.file_lock import alone
from kiosk.store.home import Home
from kiosk.store.journal.verification import verify_file
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.keys import FileKey, Purpose

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = RetentionRules(
    timedelta(days=365), timedelta(days=180), timedelta(days=1825), datetime.now(UTC).tzinfo or UTC
)


class Life:
    """A home with Anna and Boris, whose clock the test moves; somebody passes now and then."""

    def __init__(self, path: Path) -> None:
        self.now = BEGIN
        self.path = path
        self.doubts: str | None = None
        with self.open() as opened:
            for subject, seed in ((ANNA, 1), (BORIS, 2)):
                opened.references.enrol(subject, [template(seed)], AGREED)

    def open(self) -> OpenHome:
        return OpenHome.open(self.path, lambda: self.now)

    def live(self, days: int, *users: SubjectId) -> None:
        """Days go by; somebody passes once a fortnight."""
        with self.open() as opened:
            for _ in range(days // 14):
                self.now += timedelta(days=14)
                for user in users or ("nobody",):
                    details = {"by": "grant", "outcome": "granted", "subject": user, "seconds": 3.0}
                    stamp = self.now.isoformat(timespec="milliseconds")
                    opened.journal.append(AuditEntry(stamp, "released", details))

    def retain(self, *, sure: bool = False) -> Retained:
        with self.open() as opened:
            return Retention(opened, RULES, lambda: self.doubts).run(sure=sure)

    def enrolled(self) -> list[SubjectId]:
        with self.open() as opened:
            return list(opened.references.subjects())

    @property
    def home(self) -> Home:
        return Home(self.path)

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in lines(self.home.journal)]

    def verify(self) -> None:
        key = FileKey(self.home)
        verify_file(self.home, key.derive(Purpose.JOURNAL_HEAD))
        kept.check(self.home, key)


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    return Life(tmp_path / "home")


# -- people --------------------------------------------------------------------------------------


def test_nobody_goes_before_their_time(life: Life) -> None:
    assert life.retain() == Retained((), (), 0, 0)
    assert life.events()[-1] == "retention"


def test_a_leaver_goes_the_day_after_their_last(life: Life) -> None:
    with life.open() as opened:
        allow(opened.references, ANNA, PersonRules(valid_until=date(2026, 3, 2)))
    assert life.retain().left == ()
    life.now += timedelta(days=1)
    assert life.retain().left == (ANNA,)
    assert life.enrolled() == [BORIS]
    assert life.events()[-3:] == ["erasure_due", "erased", "retention"]
    life.verify()


def test_who_does_not_use_the_door_for_a_year_goes_and_who_does_stays(life: Life) -> None:
    life.live(378, ANNA)
    assert life.retain().unused == (BORIS,)
    assert life.enrolled() == [ANNA]


def test_a_use_counts_after_its_entry_went(life: Life) -> None:
    life.live(28, BORIS)
    life.live(196)
    life.retain()
    assert BORIS not in "".join(lines(life.home.journal)), "180 days are over"
    life.live(154)
    assert life.retain().unused == (ANNA,)
    life.live(28)
    assert life.retain().unused == (BORIS,)


def test_invitations_go_too(life: Life) -> None:
    with life.open() as opened:
        InvitationService(opened).issue(InvitationWish(CHEN, timedelta(days=1)))
    life.live(42)
    assert life.retain().invitations == 1


# -- the clock -----------------------------------------------------------------------------------


def test_a_clock_that_jumps_erases_nobody_until_somebody_stands_for_it(life: Life) -> None:
    life.now += timedelta(days=400)
    for _ in range(2):
        with pytest.raises(Refused, match="may have jumped"):
            life.retain()
    assert life.enrolled() == [ANNA, BORIS]
    assert life.retain(sure=True).unused == (ANNA, BORIS)


def test_a_clock_that_jumps_is_not_made_right_by_an_entry(life: Life) -> None:
    life.now += timedelta(days=400)
    with life.open() as opened:
        opened.journal.append(AuditEntry(life.now.isoformat(), "started", {}))
    with pytest.raises(Refused, match="may have jumped"):
        life.retain()
    assert life.enrolled() == [ANNA, BORIS]


def test_after_a_week_a_long_pause_is_over(life: Life) -> None:
    life.now += timedelta(days=400)
    life.live(28)
    assert life.retain().unused == (ANNA, BORIS)


def test_a_clock_in_doubt_erases_nobody_whoever_stands_for_a_jump(life: Life) -> None:
    life.live(378)
    life.doubts = "no time server has set it since the machine was started"
    with pytest.raises(Refused, match="time server"):
        life.retain(sure=True)
    assert life.enrolled() == [ANNA, BORIS]


# -- the journal ---------------------------------------------------------------------------------


def test_old_entries_go_and_what_is_left_verifies(life: Life) -> None:
    """Samples of the cloud's comparisons too (R57)."""
    sample = CloudCompared("SearchUsersByImage", ">=99.5", "alone", "7.0", 1)
    with life.open() as opened:
        opened.recorder.note(sample)
    assert sample.name in life.events()
    life.live(210, ANNA)
    entries = life.retain().entries
    assert entries >= 3
    life.verify()
    first = json.loads(lines(life.home.journal)[0])
    assert first["number"] == entries + 1
    assert life.now - datetime.fromisoformat(first["at_utc"]) <= RULES.journal
    assert sample.name not in life.events()
    assert life.retain().entries == 0


def test_a_receipt_is_found_long_after_its_entry_went_and_then_forgotten(life: Life) -> None:
    with life.open() as opened:
        number = withdraw(opened, PeopleService(opened), ANNA).number
    at = life.now
    for _ in range(9):
        life.live(196, BORIS)
        life.retain()
    assert ANNA not in "".join(lines(life.home.journal))
    found, _ = find_receipt(life.home, None, number)
    assert life.now - at < timedelta(days=1825)
    assert found is not None
    assert found.erased
    assert datetime.fromisoformat(found.at_utc) == at
    life.live(196, BORIS)
    life.retain()
    assert find_receipt(life.home, None, number)[0] is None


def test_a_backup_brings_nobody_back_whose_erasure_went(life: Life) -> None:
    before = life.home.references.read_bytes()
    with life.open() as opened:
        PeopleService(opened).erase(ANNA)
    life.live(210, BORIS)
    assert life.retain().entries
    assert ANNA not in "".join(lines(life.home.journal))
    life.home.references.write_bytes(before)
    with pytest.raises(StoreReplaced):
        life.open()
    _, again = kept.accept(life.home, FileKey(life.home), lambda: life.now)
    assert again == [ANNA]
    assert life.enrolled() == [BORIS]


def test_whoever_was_enrolled_again_since_is_not_erased_by_what_was_carried_over(
    life: Life,
) -> None:
    with life.open() as opened:
        PeopleService(opened).erase(ANNA)
    life.live(196, BORIS)
    with life.open() as opened:
        opened.references.enrol(ANNA, [template(1)], AGREED)
        details = {
            "subject": ANNA,
            "references": 1,
            "consent_sha256": "",
            "different_person": False,
        }
        opened.journal.append(AuditEntry(life.now.isoformat(), "enrolled", details))
        before = life.home.references.read_bytes()
    life.retain()
    with life.open() as opened:
        allow(opened.references, ANNA, PersonRules(groups=("staff",)))
    life.home.references.write_bytes(before)
    assert list(kept.accept(life.home, FileKey(life.home), lambda: life.now)[1]) == []


def test_an_older_copy_of_the_last_days_is_refused(life: Life) -> None:
    life.live(28, ANNA)
    life.retain()
    older = life.home.last_use.read_bytes()
    life.live(28, ANNA)
    life.retain()
    life.home.last_use.write_bytes(older)
    with pytest.raises(StoreReplaced, match="last-use"):
        life.open()


def test_whoever_is_erased_is_forgotten_there_too(life: Life) -> None:
    life.live(28, ANNA, BORIS)
    life.retain()
    with life.open() as opened:
        PeopleService(opened).erase(ANNA)
    life.retain()
    with life.open() as opened:
        assert list(Retention(opened, RULES, lambda: None)._last_use.load()) == [BORIS]


def test_a_journal_that_was_changed_erases_nobody(life: Life) -> None:
    life.live(378)
    text = life.home.journal.read_text()
    with life.open() as opened:
        life.home.journal.write_text(text.replace("nobody", "noboby", 1))
        with pytest.raises(JournalTampered):
            Retention(opened, RULES, lambda: None).run()
        assert len(opened.references.subjects()) == 2


# -- every day -----------------------------------------------------------------------------------


def test_a_second_run_is_refused(life: Life) -> None:
    with (
        life.open() as opened,
        alone(life.home.retention_lock),
        pytest.raises(Refused, match="runs already"),
    ):
        Retention(opened, RULES, lambda: None).run()


def test_a_running_kiosk_does_it_by_itself_and_says_once_why_not(life: Life) -> None:
    life.live(378, ANNA)
    life.doubts = "it shows 1970"
    noted, done = [], threading.Event()

    def note(event: object) -> None:
        noted.append(event)
        done.set()

    with life.open() as opened:
        retention = Retention(opened, RULES, lambda: life.doubts)
        with DailyRetention(retention, note, 0.0):
            assert done.wait(30)
        assert [each.problem for each in noted] == ["Nothing is erased by age: it shows 1970."]
        life.doubts = None
        gone = threading.Event()
        opened.recorder.subscribe(
            lambda event, _: gone.set() if event.name == "retention" else None, durable=True
        )
        with DailyRetention(retention, note, 0.0):
            assert gone.wait(30)
        assert opened.references.subjects() == [ANNA]
