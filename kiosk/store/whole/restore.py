"""Restoration of a backup, into an empty home or over that of the same kiosk.

In an empty home everything comes from the backup, and its journal goes on from there. Over a home
whose key opens, people and invitations come from the backup; the journal, lockouts, the admin PIN
and the fleet's keys stay, since what is here is newer. Where the key is lost, everything comes from
the backup, and the journal is put aside.

Whoever was erased since, as far as a journal that is here tells, is erased before anything counts.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.errors import (
    BadInput,
    JournalTampered,
    Refused,
    StoreCorrupt,
    StoreError,
    StoreReplaced,
)
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.domain.vision.template import SubjectId
from kiosk.journal.events.keeping import BackupRestored
from kiosk.journal.events.people import Erased
from kiosk.store import kept
from kiosk.store.home import Home, now_utc, replace_whole, write_whole
from kiosk.store.instance_lock import instance_lock
from kiosk.store.journal.journal import Journal
from kiosk.store.journal.verification import verify_file
from kiosk.store.open_home import OpenHome
from kiosk.store.people.members import Members
from kiosk.store.people.references import References
from kiosk.store.secrets import credential
from kiosk.store.secrets.keys import FileKey, KeySource, Purpose, file_content, kiosk_id
from kiosk.store.secrets.master_key import MasterKey
from kiosk.store.whole.backup import BackupManifest, Floored, cloud_ids_of
from kiosk.store.whole.erased_since import ErasedSince
from kiosk.store.whole.exchange import Exchange, finish, unusable
from kiosk.store.whole.held import HeldHome, exchange, held, write_head
from kiosk.store.whole.merging import merged_last_use, with_fleet_of
from kiosk.store.whole.resealing import Resealing
from kiosk.store.whole.unpacking import unpacked
from kiosk.store.whole.workshop import workshop


class RestoreTarget(Enum):
    """What a backup is restored into."""

    EMPTY = "empty"
    """A home in which nothing is kept."""
    SAME = "same"
    """The home of the same kiosk, whose key opens."""
    KEYLESS = "keyless"
    """A home whose key is gone."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of a restoration.

    Attributes:
        manifest: of the backup.
        target: into what it was restored.
        erased_again: people in the backup who were erased since.
        left_out: people who were enrolled here since, and are not in the backup.
        set_aside: where the journal lies that could not be gone on with; None for none.
    """

    manifest: BackupManifest
    target: RestoreTarget
    erased_again: tuple[SubjectId, ...]
    left_out: tuple[SubjectId, ...] = ()
    set_aside: str | None = None


def restore(
    home: Home,
    source: Path,
    passphrase: bytes,
    floored: Floored,
    *,
    over: bool = False,
    only_look: bool = False,
    utc: Callable[[], datetime] = now_utc,
) -> Restored:
    """Restore a backup: all of it, or nothing.

    Args:
        home: no kiosk runs on it; made where there is none.
        source: the backup.
        passphrase: that which it was made with.
        floored: see `Floored`.
        over: True if a kiosk that is there already may be replaced.
        only_look: True to verify the backup and change nothing.
        utc: the wall clock.

    Raises:
        BadInput: the backup cannot be read, or a kiosk is there already.
        Refused: the backup does not verify, is another kiosk's, or a kiosk runs on the home.
        StoreError, JournalTampered, JournalUnwritable: it cannot be done; all is as it was.
    """
    home.prepare()
    finish(home)
    with nullcontext() if only_look else instance_lock(home), workshop(home) as work:
        manifest, key = unpacked(source, passphrase, work)
        _verify(work, key)
        target = _target(home, key)
        if target is not RestoreTarget.EMPTY and not (over or only_look):
            raise BadInput(
                f"There is a kiosk in {home.path} already.",
                Remedy("Choose an empty home; or restore over it.", NextStep.RESTORE_OVER),
            )
        restoring = _Restoring(home, work, key, manifest, utc)
        gone = restoring.erased(target)
        if only_look:
            return Restored(
                manifest, target, restoring.back(gone), restoring.left_out(target, gone)
            )
        restoring.bring_cloud_ids()
        if target is RestoreTarget.SAME:
            return restoring.into_same(gone, floored)
        return restoring.whole(target, gone)


@dataclass(frozen=True, slots=True)
class _Restoring:
    """One restoration.

    Attributes:
        home: the target.
        work: holds the opened backup.
        key: that of the backup.
        manifest: the backup's.
        utc: the wall clock.
    """

    home: Home
    work: Home
    key: MasterKey
    manifest: BackupManifest
    utc: Callable[[], datetime]

    def bring_cloud_ids(self) -> None:
        """Have the key of people's ids in the cloud, unless the home has one; first of all.

        Without it nobody who is in the cloud can be found there, or deleted.
        """
        ids = cloud_ids_of(self.work)
        if ids is not None and not os.path.lexists(self.home.cloud_ids):
            try:
                replace_whole(self.home.cloud_ids, ids)
            except OSError as error:
                raise unusable(self.home, error) from error

    def erased(self, target: RestoreTarget) -> ErasedSince:
        """Who was erased since, as far as a journal that is here tells."""
        gone = ErasedSince(self.work, self.key)
        if target is RestoreTarget.SAME:
            seal = FileKey(self.home).derive(Purpose.JOURNAL_HEAD)
            gone.follow(self.home, seal)
        elif target is RestoreTarget.KEYLESS:
            with suppress(JournalTampered, BadInput, StoreError):
                gone.follow(self.home, None)
        return gone

    def back(self, gone: ErasedSince) -> tuple[SubjectId, ...]:
        """The people in the backup who were erased since."""
        with closing(References(self.work, self.key)) as references:
            return tuple(filter(gone.has, references.subjects()))

    def left_out(self, target: RestoreTarget, gone: ErasedSince) -> tuple[SubjectId, ...]:
        """The people who are enrolled here alone, and not as they are in the backup."""
        if target is not RestoreTarget.SAME or not _opens(self.home, FileKey(self.home)):
            return ()
        with (
            closing(References(self.work, self.key)) as backup,
            closing(References(self.home, FileKey(self.home))) as here,
        ):
            there = {who for who in backup.subjects() if not gone.has(who)}
            members = Members(here)
            return tuple(
                who for who in here.subjects() if who not in there and members.scope_of(who) is None
            )

    def event(self, set_aside: str | None = None) -> BackupRestored:
        """What is said of it in the journal."""
        said = self.manifest
        return BackupRestored(said.made_at.isoformat(), said.entry, said.people, set_aside)

    # -- over the same kiosk ---------------------------------------------------------------------

    def into_same(self, gone: ErasedSince, floored: Floored) -> Restored:
        """Take people and invitations over; everything else stays."""
        with suppress(StoreCorrupt, StoreReplaced):  # of an older version, or half changed
            OpenHome.open(self.home.path, self.utc).close()
        key = FileKey(self.home).master()
        journal = Journal(self.home, key, self.utc)
        journal.append(self.event().entry(self.utc()))
        left_out = self._erase_left_out(key, journal, gone)
        back = kept.erase_again(self.work, self.key, journal, gone.has, self.utc)
        sound = _opens(self.home, key)
        with held(self.home, key, database_too=sound) as found:
            self._take_over(found, key, floored)
        return Restored(self.manifest, RestoreTarget.SAME, tuple(back), left_out)

    def _erase_left_out(
        self, key: KeySource, journal: Journal, gone: ErasedSince
    ) -> tuple[SubjectId, ...]:
        """Write down who goes because the backup does not have them."""
        left_out = self.left_out(RestoreTarget.SAME, gone)
        if left_out:
            with closing(References(self.home, key)) as here:
                for who in left_out:
                    journal.append(Erased(who, here.count(who)).entry(self.utc()))
        return left_out

    def _take_over(self, found: HeldHome, key: MasterKey, floored: Floored) -> None:
        folder = Exchange(self.home)
        try:
            resealing = Resealing(self.key, key, folder.folder)

            def change(rows: sqlite3.Connection, cipher: AESGCM) -> None:
                with_fleet_of(found, rows, cipher, key, floored)

            with held(self.work, self.key) as backup:
                if backup.rows is not None:
                    resealing.copy(backup.rows)
                    resealing.database(found.generation() + 1, change)
                last_use = merged_last_use((backup.sealed, self.key), (found.sealed, key))
            if last_use is not None:
                resealing.content(self.home.last_use.name, last_use)
            states = {**(found.head.kept or {}), **resealing.states}
            write_head(folder.folder, replace(found.head, kept=states), key)
            exchange(found, folder, list(self.home.kept))
        finally:
            folder.abandon()

    # -- everything ------------------------------------------------------------------------------

    def whole(self, target: RestoreTarget, gone: ErasedSince) -> Restored:
        """Take everything from the backup, under a new master key of the same kiosk."""
        aside = f"{self.utc():%Y%m%dT%H%M%SZ}.{secrets.token_hex(2)}.aside"
        old = (self.home.journal, self.home.head) if target is RestoreTarget.KEYLESS else ()
        put_aside = {path.name: f"{path.name}.{aside}" for path in old if path.exists()}
        set_aside = put_aside.get(self.home.journal.name)
        journal = Journal(self.work, self.key, self.utc)
        journal.append(self.event(set_aside).entry(self.utc()))
        back = kept.erase_again(self.work, self.key, journal, gone.has, self.utc)
        new = self.key.rotated()
        name = credential.USUAL_NAME if credential.offered() else None
        key = self.home.key if name is None else self.home.sealed_key
        with self._alone(), held(self.work, self.key) as backup:
            folder = Exchange(self.home)
            try:
                states = self._reseal(backup, new, folder.folder)
                self.work.journal.rename(folder.folder.journal)
                write_head(folder.folder, replace(backup.head, kept=states), new)
                write_whole(folder.folder.path / key.name, file_content(new, name))
                names = [self.home.path / each for each in states]
                found = HeldHome(self.home, None, {}, backup.head)
                made = [key, self.home.journal, self.home.head, *names]
                exchange(found, folder, made, **put_aside)
            finally:
                folder.abandon()
        return Restored(self.manifest, target, tuple(back), set_aside=set_aside)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with self.home.locked(), self.home.journal_locked():
                yield
        except OSError as error:
            raise unusable(self.home, error) from error

    def _reseal(self, backup: HeldHome, new: MasterKey, folder: Home) -> dict[str, tuple[str, ...]]:
        resealing = Resealing(self.key, new, folder)
        if backup.rows is not None:
            resealing.copy(backup.rows)
            resealing.database(backup.generation())
        for name, sealed in backup.sealed.items():
            resealing.file(name, sealed)
        return resealing.states


def _verify(work: Home, key: KeySource) -> None:
    """Verify what was in a backup, in every part.

    Raises:
        Refused: it does not fit together.
    """
    try:
        verify_file(work, key.derive(Purpose.JOURNAL_HEAD))
        kept.check(work, key)
    except (JournalTampered, BadInput, StoreError) as error:
        raise Refused(
            f"What is in the backup does not fit together: {error.problem}",
            "Take another backup; nothing was restored.",
        ) from error


def _target(home: Home, key: KeySource) -> RestoreTarget:
    """What a backup would be restored into.

    Raises:
        Refused: that is another kiosk.
        StoreKeyError: there is a key that cannot be used.
    """
    if not any(path.exists() for path in home.kept):
        return RestoreTarget.EMPTY
    if not home.has_key:
        return RestoreTarget.KEYLESS
    if kiosk_id(FileKey(home)) != kiosk_id(key):
        raise Refused(
            f"The backup is of the kiosk {kiosk_id(key)}; in {home.path} is another one.",
            Remedy("Choose an empty home.", NextStep.CHOOSE_HOME),
        )
    return RestoreTarget.SAME


def _opens(home: Home, key: KeySource) -> bool:
    """True if a home's database is the one stored last."""
    if not home.references.exists():
        return False
    try:
        with closing(References(home, key)) as references:
            references.generation()
    except StoreError:
        return False
    return True
