"""Ties every stored file to the journal head, so that an older copy of one is detected.

The head records, sealed with the key, the state of every other file. A change has three steps, each
durable before the next: the head takes the old and the new state, the file changes, the head takes
the new state alone. If the kiosk is killed between two steps, the file is in one of the two states.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

from kiosk.domain.errors import JournalTampered, StoreError, StoreReplaced
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.store.home import Home
from kiosk.store.journal.head import Head, HeadFile, States, tampered
from kiosk.store.secrets.keys import KeySource, Purpose

ABSENT = "-"
"""The state of a missing file."""


class Ties:
    """The tied states of one home; may be used by any thread and any process.

    Args:
        home: the home.
        key: holds the master key.

    Raises:
        StoreKeyError: there is no usable key.
    """

    def __init__(self, home: Home, key: KeySource) -> None:
        self._home = home
        self._head = HeadFile(home.head)
        self._key = key.derive(Purpose.JOURNAL_HEAD)

    def __repr__(self) -> str:
        return "Ties(<hidden>)"

    def all(self) -> States | None:
        """The states in the head; None where an older version wrote it and tied nothing.

        Raises:
            JournalTampered: there is no head, or it is not this kiosk's.
            StoreError: it cannot be read.
        """
        try:
            return self._read().kept
        except OSError as error:
            raise self._unusable("read", error) from error

    def known(self, name: str) -> tuple[str, ...]:
        """The valid states of a file: one, or two if a change was interrupted.

        Empty where nothing was tied yet. Raises as `all` does.
        """
        kept = self.all()
        return () if kept is None else kept.get(name, (ABSENT,))

    @contextmanager
    def change(self, name: str, before: str, after: str) -> Iterator[None]:
        """Tie a file to its new state, around the change itself.

        Raises:
            JournalTampered: there is no head, or it is not this kiosk's; nothing is changed.
            StoreReplaced: the file was exchanged for another meanwhile; nothing is changed.
            StoreError: the head cannot be written; nothing is changed.
        """
        self.tie({name: (before, after)}, on={name: before})
        yield
        with suppress(StoreError, JournalTampered):  # already changed, and both states are valid
            self.tie({name: (after,)}, over={name: (before, after)})

    def tie(
        self,
        states: Mapping[str, tuple[str, ...]],
        over: Mapping[str, tuple[str, ...]] | None = None,
        on: Mapping[str, str] | None = None,
    ) -> None:
        """Make these states valid from now on; other files keep theirs.

        Args:
            states: the states by file name.
            over: applied only if these states are valid now: another process may have begun a
                change.
            on: a state by file name that must be valid now: the one that is to be changed.

        Raises:
            JournalTampered: there is no head, or it is not this kiosk's.
            StoreReplaced: a state in ``on`` is not valid any more.
            StoreError: the head cannot be written.
        """
        try:
            with self._home.journal_locked():
                head = self._read()
                known = head.kept or {}
                if any(known.get(name) != each for name, each in (over or {}).items()):
                    return
                for name, state in (on or {}).items():
                    if head.kept is not None and state not in known.get(name, (ABSENT,)):
                        raise replaced(self._home, name, there=True)
                kept = {**known, **states}
                left = {name: each for name, each in kept.items() if each != (ABSENT,)}
                self._head.stage(replace(head, kept=left), self._key)
                self._head.publish()
                self._head.settle()
        except OSError as error:
            raise self._unusable("written", error) from error

    def _read(self) -> Head:
        head = self._head.read(self._key)
        if head is None:
            raise tampered(f"The journal's head {self._home.head} is gone")
        return head

    def _unusable(self, verb: str, error: OSError) -> StoreError:
        return StoreError(
            f"The journal's head {self._home.head} cannot be {verb}: "
            f"{os.strerror(error.errno or 0)}.",
            "See whether the disk is full or read-only, and to whom the home belongs.",
        )


def replaced(home: Home, name: str, *, there: bool) -> StoreReplaced:
    """The error for a file that is not the one stored last."""
    what = "is not what this kiosk kept last: it is an older copy or was changed"
    return StoreReplaced(
        f"{home.path / name} {what if there else 'is gone'}.",
        Remedy(
            "Put back what belongs to this journal. If a backup was restored on purpose, accept "
            "what is there: that is written down.",
            NextStep.ACCEPT_STORED,
        ),
    )
