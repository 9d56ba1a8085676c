"""Counters of wrong PINs and refusals that neither a restart nor a clock change can reset.

Waits run by the monotonic clock, which cannot be set. The stored state holds the time left of each
wait. After a restart a wait resumes from where it was last stored: it is never shorter, whatever
the wall clock shows. Owned by one thread, the effects loop's.
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
    """Storage that survives a restart."""

    def load(self) -> dict[str, Any] | None:
        """The stored content, or None where nothing was stored yet. Raises StoreError."""
        ...

    def save(self, content: Mapping[str, Any]) -> None:
        """Store the content; durable on return. Raises StoreError."""
        ...


class Forgetful:
    """Stores nothing: a replayed recording is no visit at this door."""

    def load(self) -> dict[str, Any] | None:
        """None: nothing was ever stored."""
        return None

    def save(self, content: Mapping[str, Any]) -> None:
        """Discard the content."""


@dataclass(frozen=True, slots=True)
class _Guessed:
    """One person's wrong PINs in a row, and the end of the wait in which no PIN is checked."""

    wrong: int
    until: Instant


class Attempts:
    """The attempts at one door.

    Args:
        kept: storage that survives a restart.
        now: the monotonic clock.
        backoff: the waits after wrong PINs.

    Raises:
        StoreError: the stored state cannot be read.
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
        """Seconds for which no PIN of this person is checked; 0 if one is checked now."""
        guessed = self._guessed.get(subject) if subject is not None else None
        return max(0.0, guessed.until - self._now()) if guessed else 0.0

    def count(self, subject: SubjectId | None) -> None:
        """Count a PIN that is about to be checked; it counts as wrong until `settle`.

        Raises:
            StoreError: the count could not be stored: the PIN must not be checked then.
        """
        if subject is not None:
            before = self._guessed.get(subject)
            wrong = before.wrong + 1 if before else 1
            until = Instant(self._now() + self._backoff.wait(wrong))
            self._save({**self._guessed, subject: _Guessed(wrong, until)}, self.held)

    def settle(self, subject: SubjectId | None) -> None:
        """Reset the count of a person whose PIN was right. Raises StoreError."""
        rest = {known: guessed for known, guessed in self._guessed.items() if known != subject}
        self._save(rest, self.held)

    def remember(self, held: Held) -> None:
        """Store the session's lockout state (refusals, doubt). Raises StoreError."""
        self._save(self._guessed, held)

    def forget(self, is_enrolled: Callable[[SubjectId], bool]) -> None:
        """Drop the records of people who were erased. Raises StoreError."""
        rest = {known: each for known, each in self._guessed.items() if is_enrolled(known)}
        if rest != self._guessed:
            self._save(rest, self.held)

    # -- stored state ----------------------------------------------------------------------------

    def _save(self, guessed: dict[SubjectId, _Guessed], held: Held) -> None:
        """Apply and store a state. It applies even if storing fails; the failure is raised."""
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
