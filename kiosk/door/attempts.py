"""Wrong PINs and refusals, counted so that neither a restart nor a clock gives one back.

Waits run by the clock that nobody can set. What is kept says how much of each is left, so a wait
that a restart interrupts goes on from where it was last written down: never shorter, whatever the
wall clock says. Owned by one thread, the effects loop's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kiosk.domain.access.backoff import PIN_BACKOFF, Backoff
from kiosk.domain.access.lockout import Failures, Held
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.vision.frame import Instant
from kiosk.domain.vision.template import SubjectId


class Kept(Protocol):
    """What outlives a restart."""

    def load(self) -> dict[str, Any] | None:
        """None where nothing was kept yet. Raises StoreError."""
        ...

    def save(self, content: Mapping[str, Any]) -> None:
        """Durable when it returns. Raises StoreError."""
        ...


class Forgetful:
    """Keeps nothing: for a recording that is played, which is no visit at this door."""

    def load(self) -> dict[str, Any] | None:
        """Nothing was ever kept."""
        return None

    def save(self, content: Mapping[str, Any]) -> None:
        """Nothing is."""


@dataclass(frozen=True, slots=True)
class _Guessed:
    """Wrong PINs of one person in a row, and until when nothing is looked at."""

    wrong: int
    until: Instant


class Attempts:
    """The attempts at one door.

    Args:
        kept: where they outlive a restart.
        now: the clock that nobody can set.
        backoff: how long guessing a PIN has to wait.

    Raises:
        StoreError: what was kept cannot be read.
    """

    def __init__(
        self, kept: Kept, now: Callable[[], Instant], backoff: Backoff = PIN_BACKOFF
    ) -> None:
        self._kept = kept
        self._now = now
        self._backoff = backoff
        self._guessed: dict[SubjectId, _Guessed] = {}
        self.held = Held()
        self._load()

    def wait(self, subject: SubjectId | None) -> float:
        """For how long no PIN of theirs is looked at, seconds; 0 where it is."""
        guessed = self._guessed.get(subject) if subject is not None else None
        return max(0.0, guessed.until - self._now()) if guessed else 0.0

    def count(self, subject: SubjectId | None) -> None:
        """One more PIN of theirs is about to be looked at; it counts as wrong until it was right.

        Raises:
            StoreError: it could not be kept: then it must not be looked at.
        """
        if subject is not None:
            before = self._guessed.get(subject)
            wrong = before.wrong + 1 if before else 1
            until = Instant(self._now() + self._backoff.wait(wrong))
            self._save({**self._guessed, subject: _Guessed(wrong, until)}, self.held)

    def settle(self, subject: SubjectId | None) -> None:
        """It was right: theirs are counted from none again. Raises StoreError."""
        rest = {known: guessed for known, guessed in self._guessed.items() if known != subject}
        self._save(rest, self.held)

    def remember(self, held: Held) -> None:
        """What the session holds against whoever comes next. Raises StoreError."""
        self._save(self._guessed, held)

    def forget(self, is_enrolled: Callable[[SubjectId], bool]) -> None:
        """Whoever was erased is not remembered. Raises StoreError."""
        rest = {known: each for known, each in self._guessed.items() if is_enrolled(known)}
        if rest != self._guessed:
            self._save(rest, self.held)

    # -- what is kept ----------------------------------------------------------------------------

    def _save(self, guessed: dict[SubjectId, _Guessed], held: Held) -> None:
        """It counts from now on, durable or not; where it could not be kept, that is told."""
        self._guessed, self.held = guessed, held
        now, failures = self._now(), held.failures
        self._kept.save(
            {
                "pins": {
                    subject: [each.wrong, max(0.0, each.until - now)]
                    for subject, each in guessed.items()
                },
                "refused_ago": [now - at for at in failures.at],
                "doubt": failures.doubt,
                "doubted_ago": now - failures.doubted_at if failures.doubt else 0.0,
                "locked": None if held.locked_until is None else held.locked_until - now,
            }
        )

    def _load(self) -> None:
        kept = self._kept.load()
        if kept is None:
            return
        try:
            self._take(kept, self._now())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StoreCorrupt(
                "What was refused at the door lately cannot be read.",
                "Restore the kiosk's home from a backup.",
            ) from error

    def _take(self, kept: Mapping[str, Any], now: Instant) -> None:
        for subject, (wrong, left) in kept["pins"].items():
            self._guessed[SubjectId(subject)] = _Guessed(int(wrong), Instant(now + float(left)))
        failures = Failures(
            at=tuple(Instant(now - float(ago)) for ago in kept["refused_ago"]),
            doubt=float(kept["doubt"]),
            doubted_at=Instant(now - float(kept["doubted_ago"])),
        )
        locked = kept["locked"]
        self.held = Held(failures, None if locked is None else Instant(now + float(locked)))
