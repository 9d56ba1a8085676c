"""How a kiosk takes over the settings of its fleet: verified, checked, kept, and then tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kiosk.domain.errors import FleetRefused, LintelError, ModelError, SpaceMismatch
from kiosk.fleet.rollout.kept import KeptSettings, SettingsFile, SignedVersion
from kiosk.fleet.rollout.plan import Ring, Rollout, SealedVersion, SharedVersion
from kiosk.fleet.sealing import ScopeKeys
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.events.rollout import FleetSettingsFetched, FleetSettingsRefused


@dataclass(frozen=True, slots=True)
class OfferedSettings:
    """What a sync has found about settings, each part verified.

    Attributes:
        ring: of this device.
        rollouts: those of its scopes that have one.
        keys: of its scopes.
        halted: the numbers of versions that the publisher holds back, by scope.
        signers: the ids of the admins' keys that signed all of it.
    """

    ring: Ring
    rollouts: tuple[Rollout, ...]
    keys: Mapping[str, ScopeKeys]
    halted: Mapping[str, int]
    signers: tuple[str, ...]


class SettingsTaking:
    """Takes over what admins have rolled out to this device.

    Args:
        file: what the home knows of it.
        check: raises ModelError or SpaceMismatch where something is missing that may come, and
            another LintelError where the kiosk cannot work with the version.
        note: writes to the journal.
    """

    def __init__(
        self,
        file: SettingsFile,
        check: Callable[[SharedVersion], None],
        note: Callable[[JournalEvent], None],
    ) -> None:
        self._file, self._check, self._note = file, check, note
        self.waits_for: str | None = None
        """Why what is offered cannot be taken over yet; None if nothing keeps it."""

    @property
    def known(self) -> KeptSettings:
        """What the home knows.

        Raises:
            StoreError: the file was changed, is an older copy, or cannot be read.
        """
        return self._file.load()

    def take(self, offered: OfferedSettings) -> None:
        """Keep what is offered for the next start, if it is new and works here.

        Raises:
            FleetRefused: it is older than what was seen, or cannot be opened.
            StoreError: it could not be made durable; everything is as it was.
        """
        known = self._file.load()
        refuse_older_rollouts(known.seen, offered.rollouts, offered.keys)
        seen = {**known.seen, **{each.scope: each.change for each in offered.rollouts}}
        target = _target(offered, known)
        number = 0 if target is None else target[1].number
        self.waits_for = None
        new = replace(known, seen=seen)
        if number == known.running.number:
            new = replace(new, following=None, failed=None)
        elif number not in _decided(known):
            new = self._checked(new, _opened(offered, target))
        if new != known:
            # a start or an end meanwhile goes first: the next sync looks again
            self._file.change(lambda now: new if now == known else now)

    def _checked(self, known: KeptSettings, found: SignedVersion) -> KeptSettings:
        try:
            self._check(found.version)
        except (ModelError, SpaceMismatch) as error:
            self.waits_for = error.problem  # somebody may install them; looked at again
            return replace(known, following=None)
        except LintelError as error:
            self._note(FleetSettingsRefused(found.number, found.signers, error.problem))
            return replace(known, following=None).without(found.number, error.problem)
        self._note(FleetSettingsFetched(found.number, found.signers))
        return replace(known, following=found)


def refuse_older_rollouts(
    seen: Mapping[str, int], rollouts: tuple[Rollout, ...], scopes: Mapping[str, object]
) -> None:
    """Check that no scope's rollout is older than the one that was seen, or is gone.

    Raises:
        FleetRefused: one is.
    """
    there = {each.scope: each.change for each in rollouts}
    for scope in scopes:
        if there.get(scope, 0) < seen.get(scope, 0):
            raise FleetRefused(
                f"What admins have signed about the settings of scope {scope} is older than what "
                "was seen here.",
                "Look who has written to the store; these settings stay as they are.",
            )


def _decided(known: KeptSettings) -> set[int]:
    """The versions of which it is known already what becomes of them."""
    waiting = [it.number for it in (known.following, known.trying) if it is not None]
    return {*waiting, *([known.failed.number] if known.failed else [])}


def _target(offered: OfferedSettings, known: KeptSettings) -> tuple[Rollout, SealedVersion] | None:
    """What this device is to run: of several scopes, the newest; None for its own settings."""
    found: list[tuple[Rollout, SealedVersion]] = []
    for rollout in offered.rollouts:
        version = rollout.version if rollout.reaches(offered.ring) else rollout.previous
        held = rollout.is_held(offered.halted)
        if held and version is rollout.version and known.running.number != version.number:
            version = rollout.previous  # the publisher holds it back from whoever has it not yet
        if version is not None:
            found.append((rollout, version))
    return max(found, key=lambda each: each[1].number, default=None)


def _opened(
    offered: OfferedSettings, target: tuple[Rollout, SealedVersion] | None
) -> SignedVersion:
    if target is None:
        return SignedVersion(SharedVersion(), offered.signers)
    rollout, version = target
    return SignedVersion(version.opened(offered.keys[rollout.scope]), offered.signers)
