"""The daily cleaning of a fleet's store, where its publisher runs."""

from __future__ import annotations

import sys
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import LintelError

if TYPE_CHECKING:
    from kiosk.fleet.cleaning.cleaner import Cleaned
    from kiosk.fleet.stores.port import ObjectStore


class DailyCleaning:
    """Cleans the store once a day, and says what went. What fails is tried the next day.

    Args:
        store: the address of the fleet's store.
        keys: the folder of the publisher's key.
        leftover_days: how long requests, and what failed a check, are kept.
        journal_days: how long devices' journals are kept.
        receipt_days: how long receipts of dropped devices are kept.
    """

    def __init__(
        self, store: str, keys: Path, leftover_days: int, journal_days: int, receipt_days: int
    ) -> None:
        self._store, self._keys = store, keys
        self._days = (leftover_days, journal_days, receipt_days)
        self._told, self._gone = "", Counter[str]()

    def is_due(self) -> bool:
        """True once a day; False, and said once, where what is remembered is damaged."""
        from kiosk.fleet.cleaning.memory import CLEANING, load_memory
        from kiosk.store.home import now_utc

        try:
            return load_memory(self._keys / CLEANING).is_due(now_utc())
        except LintelError as error:
            self._tell(error)
            return False

    def run(self, trial: ObjectStore | None = None) -> None:
        """Clean now; what cannot be done is said, and stops no publishing.

        Args:
            trial: a store in which it is only tried out what would go.
        """
        try:
            done = self._cleaned(trial)
        except LintelError as error:
            self._tell(error)
            return
        self._gone.update(done.gone)
        if done.held:
            print(
                "Nothing goes from the store for now: the clock may have jumped.", file=sys.stderr
            )
        elif self._gone and not (done.unfinished and trial is None):
            told = ", ".join(f"{name}: {count}" for name, count in sorted(self._gone.items()))
            self._gone.clear()
            what = "Gone" if trial is None else "Would go"
            more = " There is more." if done.unfinished else ""
            print(f"{what} from the store, over its time: {told}.{more}", file=sys.stderr)

    def _tell(self, error: LintelError) -> None:
        if error.problem != self._told:
            self._told = error.problem
            print(f"The store is not cleaned. {error.problem} {error.remedy}", file=sys.stderr)

    def _cleaned(self, trial: ObjectStore | None) -> Cleaned:
        from kiosk.fleet.cleaning.ages import KeptFor
        from kiosk.fleet.cleaning.cleaner import clean
        from kiosk.fleet.cleaning.memory import CLEANING
        from kiosk.fleet.keys.trial import TrialKeyring
        from kiosk.fleet.trust.keyring import Keyring
        from kiosk.fleet.trust.verified import VerifiedStore
        from kiosk.store.home import now_utc
        from kiosk.wiring.fleet import opened_store

        leftover, journal, receipt = (timedelta(days=days) for days in self._days)
        kept = KeptFor(leftover=leftover, journal=journal, receipt=receipt)
        memory, keys = self._keys / CLEANING, Keyring(self._keys)
        if trial is not None:
            tried = TrialKeyring(self._keys)
            read = partial(VerifiedStore, trial, tried.root, tried.seen)
            return clean(memory, read, kept, now_utc(), remembers=False)
        with opened_store(self._store) as store:  # nothing is signed: no passphrase is asked for
            read = partial(VerifiedStore, store, keys.root, keys.seen)
            return clean(memory, read, kept, now_utc())
