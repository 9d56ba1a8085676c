"""The settings that count for a kiosk: its own, and over them what its fleet gives it.

A kiosk that belongs to no fleet reads its own alone, and imports nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Settings, load
from config.shared import SharedValues, shared_values
from kiosk.domain.errors import LintelError, SettingsError, StoreCorrupt, StoreReplaced
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.rollout import (
    FleetSettingsApplied,
    FleetSettingsLost,
    FleetSettingsRefused,
)
from kiosk.store.home import Home
from kiosk.store.instance_lock import is_kept

if TYPE_CHECKING:
    from kiosk.fleet.rollout.kept import KeptSettings, SettingsFile, SignedVersion
    from kiosk.fleet.rollout.plan import SharedVersion

NOT_READY = "The kiosk did not get ready with it."


def values_of(version: SharedVersion) -> SharedValues:
    """What a version sets.

    Raises:
        SettingsError: it sets what is the kiosk's own.
    """
    values = shared_values(version.settings)
    return values if version.pack is None else {**values, "models": {"pack": version.pack.name}}


def settings_of(home: Path, config: Path | None) -> Settings:
    """The settings of a kiosk, for a command that does not run it.

    Raises:
        SettingsError: they are refused.
    """
    known, _ = _known(home)
    if known is None:
        return load(home, config)
    return load(home, config, values_of((known.trying or known.running).version))


def _known(home: Path) -> tuple[KeptSettings | None, str | None]:
    """What the home knows of its fleet's settings; None and why where that cannot be used."""
    if not Home(home).fleet.exists():
        return None, None
    from kiosk.fleet.rollout.kept import SettingsFile

    try:
        return SettingsFile(Home(home)).load(), None
    except (StoreCorrupt, StoreReplaced) as error:
        return None, error.problem
    except LintelError:  # of the home as a whole: whoever opens it says what is wrong
        return None, None


@dataclass(slots=True)
class SettingsStart:
    """The settings with which a kiosk starts, and what becomes of them.

    Args:
        home: of the kiosk.
        config: a settings file instead of that in the home; None for that.

    Attributes:
        settings: all settings; those of the version that is tried, once it was begun.
        number: of the fleet's version that they have; 0 for the kiosk's own.
        before: the number of the one before.
        tries: true while a version is tried that has not got ready.
        again: true once the kiosk ends only to begin anew.
        give_back: leaves this process as it was found, before another program is in it.
    """

    home: Path
    config: Path | None
    settings: Settings = field(init=False)
    number: int = field(default=0, init=False)
    before: int = field(default=0, init=False)
    tries: bool = field(default=False, init=False)
    again: bool = field(default=False, init=False)
    give_back: Callable[[], None] = field(default=lambda: None, init=False)
    _tells: list[JournalEvent] = field(default_factory=list, init=False)
    _lost: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        """Read them.

        Raises:
            SettingsError: they are refused.
        """
        known, self._lost = _known(self.home)
        if known is None:
            self.settings = load(self.home, self.config)
            return
        self._use(known.running, known.before)

    def begin(self) -> None:
        """Try the version that is next, if there is one; go back from one that did not get ready.

        Raises:
            SettingsError: the settings are refused.
            StoreError: it could not be made durable.
        """
        known, _ = _known(self.home)
        if is_kept(Home(self.home)):
            return  # by a kiosk that runs: this start will be refused
        if known is None or (known.trying is None and known.following is None):
            return
        if known.trying is not None:
            known = self._failed(known.trying, NOT_READY)
        if known.following is None:
            return
        following, running = known.following, known.running
        try:
            self._use(following, running)
        except SettingsError as error:
            self._failed(following, error.problem)
            self._use(running, known.before)
            return
        self._file().change(lambda now: now.begun())
        self.tries = True

    def tell(self, note: Callable[[JournalEvent], None]) -> None:
        """Write down what has become of the settings before this start.

        Raises:
            JournalUnwritable: it cannot be written.
            StoreError: a file that cannot be used could not be replaced.
        """
        if self._lost is not None:
            note(FleetSettingsLost(self._lost))
            self._file().renew()
            self._lost = None
        while self._tells:
            note(self._tells[0])
            del self._tells[0]

    def got_ready(self, note: Callable[[JournalEvent], None]) -> None:
        """The kiosk is ready with them; what was tried counts from now on.

        Raises:
            JournalUnwritable: it cannot be written.
            StoreError: it could not be made durable.
        """
        trying = self._file().load().trying if self.tries else None
        if trying is not None:
            note(FleetSettingsApplied(trying.number, self.before, trying.signers))
            self._file().change(lambda now: now.ready())
        self.tries = False

    def put_off(self) -> None:
        """Somebody has ended the kiosk before it was ready: the next start tries again.

        Raises:
            StoreError: it could not be made durable.
        """
        if self.tries:
            self._file().change(lambda now: now.put_off())
            self.tries = False

    def _use(self, version: SignedVersion, before: SignedVersion) -> None:
        self.settings = load(self.home, self.config, values_of(version.version))
        self.number, self.before = version.number, before.number

    def _failed(self, tried: SignedVersion, problem: str) -> KeptSettings:
        self._tells.append(FleetSettingsRefused(tried.number, tried.signers, problem))
        return self._file().change(lambda now: now.without(tried.number, problem))

    def _file(self) -> SettingsFile:
        from kiosk.fleet.rollout.kept import SettingsFile

        return SettingsFile(Home(self.home))
