"""The events of a rollout: settings and models that a fleet gave this kiosk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kiosk.journal.events.event import JournalEvent


@dataclass(frozen=True, slots=True)
class FleetSettingsFetched(JournalEvent):
    """A version of the fleet's settings was verified and checked, and waits for a restart.

    Attributes:
        number: of the version; 0 for this kiosk's own settings.
        signers: the ids of the admins' keys that signed it.
    """

    name: ClassVar[str] = "fleet_settings_fetched"
    number: int
    signers: tuple[str, ...]

    def sentence(self) -> str:
        """Which, and what comes next."""
        return f"{_words(self.number)} is signed by admins and is tried at the next start."


@dataclass(frozen=True, slots=True)
class FleetSettingsApplied(JournalEvent):
    """This kiosk got ready with a version of the fleet's settings.

    Attributes:
        number: of the version; 0 for this kiosk's own settings.
        before: the number of the version before.
        signers: the ids of the admins' keys that signed it.
    """

    name: ClassVar[str] = "fleet_settings_applied"
    number: int
    before: int
    signers: tuple[str, ...]

    def sentence(self) -> str:
        """Which, instead of which."""
        return f"{_words(self.number)} is in force, instead of version {self.before}."


@dataclass(frozen=True, slots=True)
class FleetSettingsRefused(JournalEvent):
    """This kiosk does not work with a version of the fleet's settings, and keeps what it has.

    Attributes:
        number: of the version.
        signers: the ids of the admins' keys that signed it.
        problem: why.
    """

    name: ClassVar[str] = "fleet_settings_refused"
    number: int
    signers: tuple[str, ...]
    problem: str

    def sentence(self) -> str:
        """Which, and why."""
        return f"{_words(self.number)} does not work here and is left. {self.problem}"


@dataclass(frozen=True, slots=True)
class FleetSettingsLost(JournalEvent):
    """What this kiosk kept of its fleet's settings cannot be used; its own count until it syncs.

    Attributes:
        problem: why.
    """

    name: ClassVar[str] = "fleet_settings_lost"
    problem: str

    def sentence(self) -> str:
        """Why."""
        return f"The fleet's settings that were kept here are not used. {self.problem}"


def _words(number: int) -> str:
    return f"Version {number} of the fleet's settings" if number else "This kiosk's own settings"
