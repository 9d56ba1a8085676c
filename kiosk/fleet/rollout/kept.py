"""The fleet's settings in a home: what runs, what ran before, and what is tried next. Sealed.

A version that is new is tried at one start. If the kiosk does not get ready with it, the next start
goes back to the one that ran before by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kiosk.fleet.rollout.plan import SharedVersion
from kiosk.store.home import Home
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealed_file import SealedFile


@dataclass(frozen=True, slots=True)
class SignedVersion:
    """A version as this kiosk has verified it.

    Attributes:
        version: what the fleet gives.
        signers: the ids of the admins' keys that signed it.
    """

    version: SharedVersion = SharedVersion()
    signers: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Of the version; 0 for the kiosk's own settings."""
        return self.version.number

    def said(self) -> dict[str, Any]:
        """The version as a JSON object."""
        return {"version": self.version.said(), "signers": list(self.signers)}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> SignedVersion:
        """Decode the result of `said`.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        return cls(SharedVersion.of(said["version"]), tuple(map(str, said["signers"])))


@dataclass(frozen=True, slots=True)
class FailedVersion:
    """A version that does not work here.

    Attributes:
        number: of the version.
        problem: what is wrong.
    """

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class KeptSettings:
    """What a home knows of its fleet's settings.

    Attributes:
        running: what the kiosk got ready with last.
        before: what it ran before that.
        following: what the next start tries; None for nothing new.
        trying: what was begun and has not got ready yet; None for nothing.
        failed: what was tried last and did not work; None if it did.
        seen: the number of the last change that was seen, by scope.
    """

    running: SignedVersion = SignedVersion()
    before: SignedVersion = SignedVersion()
    following: SignedVersion | None = None
    trying: SignedVersion | None = None
    failed: FailedVersion | None = None
    seen: Mapping[str, int] = field(default_factory=dict)

    def begun(self) -> KeptSettings:
        """As a start begins with what is next, if there is something."""
        if self.following is None:
            return self
        return replace(self, trying=self.following, following=None)

    def ready(self) -> KeptSettings:
        """Once the kiosk has got ready with what it tried."""
        if self.trying is None:
            return self
        return replace(self, running=self.trying, before=self.running, trying=None, failed=None)

    def put_off(self) -> KeptSettings:
        """As somebody has ended the start that tried: the next one tries again."""
        if self.trying is None:
            return self
        return replace(self, trying=None, following=self.following or self.trying)

    def without(self, number: int, problem: str) -> KeptSettings:
        """A version has failed: it is not tried again."""
        kept = [None if it and it.number == number else it for it in (self.following, self.trying)]
        failed = FailedVersion(number, problem)
        return replace(self, following=kept[0], trying=kept[1], failed=failed)

    def said(self) -> dict[str, Any]:
        """All of it as a JSON object."""
        failed = self.failed
        return {
            "running": self.running.said(),
            "before": self.before.said(),
            "following": None if self.following is None else self.following.said(),
            "trying": None if self.trying is None else self.trying.said(),
            "failed": None if failed is None else [failed.number, failed.problem],
            "seen": dict(self.seen),
        }

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> KeptSettings:
        """Decode the result of `said`.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        following, trying, failed = said["following"], said["trying"], said["failed"]
        return cls(
            SignedVersion.of(said["running"]),
            SignedVersion.of(said["before"]),
            None if following is None else SignedVersion.of(following),
            None if trying is None else SignedVersion.of(trying),
            None if failed is None else FailedVersion(int(failed[0]), str(failed[1])),
            {str(scope): int(change) for scope, change in said["seen"].items()},
        )


class SettingsFile:
    """The sealed file of a home with its fleet's settings; tied to the journal like the others.

    Args:
        home: of the kiosk.
    """

    def __init__(self, home: Home) -> None:
        remedy = "Delete it: the next sync fetches the settings of the fleet again."
        self._file = SealedFile(
            home, home.fleet_settings, FileKey(home), Purpose.FLEET_SETTINGS, remedy
        )

    def __repr__(self) -> str:
        return "SettingsFile(<hidden>)"

    def load(self) -> KeptSettings:
        """What is known.

        Raises:
            StoreError: the file was changed, is an older copy, or cannot be read.
        """
        return self._read(self._file.load())

    def change(self, edit: Callable[[KeptSettings], KeptSettings]) -> KeptSettings:
        """Replace what is known by a function of it; durable on return.

        Raises:
            StoreError: it could not be made durable; the old content stays.
        """
        made: list[KeptSettings] = []

        def write(said: dict[str, Any] | None) -> Mapping[str, Any]:
            made.append(edit(self._read(said)))
            return made[-1].said()

        self._file.change(write)
        return made[-1]

    def renew(self) -> None:
        """Begin anew over a file that cannot be used, whatever it holds.

        Raises:
            StoreError: it could not be made durable.
        """
        self._file.save(KeptSettings().said())

    def _read(self, said: Mapping[str, Any] | None) -> KeptSettings:
        if said is None:
            return KeptSettings()
        try:
            return KeptSettings.of(said)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._file.damaged() from error
