"""Erases whose time is over, and drops what need not be kept any more; once a day (R33).

Leavers and people who do not use the door are erased, invitations that no longer count go, and so
do the journal's oldest entries. What was done is in the journal. All of it goes by the clock, so
none of it is done while the clock is in doubt: a clock that jumps a year ahead must not erase
everybody who is enrolled.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Self

from kiosk.domain.errors import LintelError, Refused, StoreError
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.retention import (
    Due,
    ErasureDue,
    JournalShortened,
    RetentionHeld,
    RetentionRan,
)
from kiosk.people.invitations import InvitationService
from kiosk.people.service import PeopleService
from kiosk.store.file_lock import alone
from kiosk.store.journal.carrying import Erasures, Receipts, carried_over
from kiosk.store.journal.verification import VerifiedEntry, walk
from kiosk.store.open_home import OpenHome
from kiosk.store.people.last_use import LastUseFile, LastUses, kept_until
from kiosk.store.people.person import EnrolledPerson
from kiosk.store.secrets.keys import FileKey, Purpose

MOST_GAP = timedelta(days=31)
"""The longest time without an entry that is taken for granted; after a longer one the clock may
have jumped."""
SETTLING = timedelta(days=7)
"""How long a kiosk waits after such a gap, for somebody to notice a wrong clock."""

FIRST_SECONDS = 300.0
DAY_SECONDS = 86_400.0
PAUSE_SECONDS = 0.005
ENTRIES_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """How long things are kept.

    Attributes:
        unused: without being let in, a person.
        journal: an entry of the journal.
        receipts: a receipt, and the fact that somebody was erased.
        zone: the door's time zone, in which a person's last day ends.
    """

    unused: timedelta
    journal: timedelta
    receipts: timedelta
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run did.

    Attributes:
        left: who was erased after their last day.
        unused: who was erased because they did not use the door.
        invitations: how many invitations went, or lost their photograph.
        entries: how many journal entries went.
    """

    left: tuple[SubjectId, ...]
    unused: tuple[SubjectId, ...]
    invitations: int
    entries: int


class Retention:
    """Retention of one home. Others may use the home meanwhile; a second run is refused.

    Args:
        open_home: holds people and journal.
        rules: how long things are kept.
        doubts: the reason why the clock is not reliable; None where nothing speaks against it.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(
        self, open_home: OpenHome, rules: RetentionRules, doubts: Callable[[], str | None]
    ) -> None:
        self._open_home = open_home
        self._rules = rules
        self._doubts = doubts
        self._people = PeopleService(open_home)
        self._invitations = InvitationService(open_home)
        self._file_key = FileKey(open_home.home)
        self._last_use = LastUseFile(open_home.home, self._file_key)

    def __repr__(self) -> str:
        return "Retention(<hidden>)"

    def run(self, pause: Callable[[], None] = lambda: None, *, sure: bool = False) -> Retained:
        """Do all that is due.

        Args:
            pause: called now and then; what it raises ends the run, and the next one goes on.
            sure: True if somebody stands for the clock, though it may have jumped.

        Raises:
            Refused: the clock is in doubt, or another process does the same now.
            JournalTampered: the journal does not verify.
            JournalUnwritable, StoreError: something is left to the next run.
        """
        with self._alone():
            now = self._open_home.utc()
            if problem := self._doubts():
                raise _clock_in_doubt(problem)
            past = self._followed(now, pause)
            if not sure and (problem := past.jump(now)):
                raise _clock_in_doubt(problem)
            left, unused = self._erase_due(now, past)
            invitations = self._invitations.tidy()
            self._open_home.references.drop_copies(now)
            with suppress(StoreError):  # somebody reads just now; tomorrow is another day
                self._open_home.references.empty_log()
            entries = self._shorten(now, past, pause)
            event = RetentionRan(len(left), len(unused), invitations, entries)
            self._open_home.recorder.note(event)
        return Retained(left, unused, invitations, entries)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with alone(self._open_home.home.retention_lock, 0.0):
                yield
        except TimeoutError as error:
            raise Refused("Retention runs already, in another process.", "Wait for it.") from error
        except OSError as error:
            raise StoreError(
                f"The home {self._open_home.home.path} cannot be used: "
                f"{os.strerror(error.errno or 0)}.",
                "See whether the disk is full or read-only, and to whom the home belongs.",
            ) from error

    def _followed(self, now: datetime, pause: Callable[[], None]) -> _Past:
        past = _Past(now - self._rules.journal, Erasures(self._file_key))
        key = self._file_key.derive(Purpose.JOURNAL_HEAD)
        for count, place in enumerate(walk(self._open_home.home, key), 1):
            past.follow(place)
            if count % ENTRIES_AT_ONCE == 0:
                pause()
        return past

    # -- people ----------------------------------------------------------------------------------

    def _erase_due(
        self, now: datetime, past: _Past
    ) -> tuple[tuple[SubjectId, ...], tuple[SubjectId, ...]]:
        references = self._open_home.references
        used = self._last_use.merge(past.uses.days, references.subjects())
        today, unused_days = now.astimezone(self._rules.zone).date(), self._rules.unused.days
        gone: dict[Due, list[SubjectId]] = {Due.LEFT: [], Due.UNUSED: []}
        for person in references.people():
            last = person.profile.rules.valid_until
            if kept_until(person.profile, used.get(person.subject), unused_days) < today:
                why = Due.LEFT if last is not None and last < today else Due.UNUSED
                self._erase(person, why)
                gone[why].append(person.subject)
        return tuple(gone[Due.LEFT]), tuple(gone[Due.UNUSED])

    def _erase(self, person: EnrolledPerson, why: Due) -> None:
        """Erase one person; encrypted traces that are left for now go with a later run."""
        self._open_home.recorder.note(ErasureDue(person.subject, why))
        try:
            self._people.erase(person.subject)
        except StoreError:
            if person.subject in self._open_home.references.subjects():
                raise

    # -- the journal -----------------------------------------------------------------------------

    def _shorten(self, now: datetime, past: _Past, pause: Callable[[], None]) -> int:
        """Take the oldest entries away, once what must outlive them is written again."""
        last = past.last_gone
        if last is None:
            return 0
        going, through = last.entry.number, past.number
        oldest = now - self._rules.receipts
        for event in carried_over(past.receipts, past.erasures, going, through, oldest):
            self._open_home.recorder.note(event)
        self._open_home.recorder.note(JournalShortened(going, going - past.first + 1))
        self._open_home.journal.shorten(last, pause)
        return going - past.first + 1


class _Past:
    """What the journal says, followed from its first entry to its last.

    Args:
        oldest: entries from before go.
        erasures: follows erasures.

    Attributes:
        first, number: the numbers of the first and the last entry; 0 where there is none.
        last_gone: the last entry of those at the beginning that are too old; None if none is.
    """

    def __init__(self, oldest: datetime, erasures: Erasures) -> None:
        self.erasures = erasures
        self.receipts = Receipts()
        self.uses = LastUses()
        self.first = self.number = 0
        self.last_gone: VerifiedEntry | None = None
        self._oldest = oldest
        self._all_old = True
        self._last_at: datetime | None = None
        self._settled_at: datetime | None = None

    def follow(self, place: VerifiedEntry) -> None:
        """Take the next entry into account."""
        sealed = place.entry
        self.first, self.number = self.first or sealed.number, sealed.number
        for each in (self.receipts, self.erasures):
            each.follow(sealed)
        self.uses.follow(sealed.entry)
        at = datetime.fromisoformat(sealed.entry.at_utc)
        if self._last_at is not None and at - self._last_at > MOST_GAP:
            self._settled_at = at + SETTLING
        self._last_at = at
        self._all_old = self._all_old and at < self._oldest
        if self._all_old:
            self.last_gone = place

    def jump(self, now: datetime) -> str | None:
        """The reason to think that the clock has jumped ahead, lately; None if there is none."""
        if self._last_at is not None and now - self._last_at > MOST_GAP:
            said = f"nothing was written since {self._last_at:%Y-%m-%d}"
        elif self._settled_at is not None and now < self._settled_at:
            said = f"nothing was written for more than {MOST_GAP.days} days before"
        else:
            return None
        return f"the clock shows {now:%Y-%m-%d}, and {said}: it may have jumped"


class DailyRetention:
    """Runs retention once a day in a thread of its own until it is closed; a context manager.

    Failures shut nobody out: they are recorded, each once, and the next day tries again.

    Args:
        retention: does it.
        note: writes to the journal; may raise a `LintelError`.
        first_seconds: the wait before the first run.
    """

    def __init__(
        self,
        retention: Retention,
        note: Callable[[RetentionHeld], None],
        first_seconds: float = FIRST_SECONDS,
    ) -> None:
        self._retention = retention
        self._note = note
        self._problem: str | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(first_seconds,), name="retention", daemon=True
        )
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def _serve(self, first_seconds: float) -> None:
        seconds = first_seconds
        while not self._closing.wait(seconds):
            seconds = DAY_SECONDS
            with suppress(_Closing):
                self._run()

    def _run(self) -> None:
        try:
            self._retention.run(self._pause)
        except LintelError as error:
            if error.problem != self._problem:
                with suppress(LintelError):
                    self._note(RetentionHeld(error.problem))
                    self._problem = error.problem
        else:
            self._problem = None

    def _pause(self) -> None:
        """Leave the processor to the door for a moment; raises _Closing at the end."""
        if self._closing.wait(PAUSE_SECONDS):
            raise _Closing


class _Closing(Exception):
    """The kiosk ends; the next one goes on."""


def _clock_in_doubt(problem: str) -> Refused:
    return Refused(
        f"Nothing is erased by age: {problem}.",
        Remedy("Set the clock; if it is right, say so.", NextStep.STAND_FOR_CLOCK),
    )
