"""What admins direct about settings and models: begin a rollout, take it on, halt it; rings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tuf.api.metadata import Targets

from kiosk.domain.errors import BadInput, FleetRefused
from kiosk.domain.fleet.halting import HaltLimits, RingState
from kiosk.fleet.keys.book import ScopeBook
from kiosk.fleet.reporting.seen import SEEN, SeenReports
from kiosk.fleet.rollout.holding import rollout_of
from kiosk.fleet.rollout.judging import RolloutStatus, ring_of, rollout_statuses, rollouts_in
from kiosk.fleet.rollout.plan import PinnedPack, Ring, Rollout, SharedVersion, encode_rings
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore


@dataclass(frozen=True, slots=True)
class RolloutWish:
    """What admins want to roll out.

    Attributes:
        settings: TOML; None to keep what the scope has.
        pack: the models; None to keep what the scope has.
        own_models: true to leave the models to each kiosk again.
        ring: the last ring that gets it at once.
        limits: how much may change before it halts.
    """

    settings: str | None = None
    pack: PinnedPack | None = None
    own_models: bool = False
    ring: Ring = Ring.CANARY
    limits: HaltLimits = HaltLimits()


class RolloutDirector:
    """Admins at work on what their kiosks are set to.

    Args:
        store: the fleet's store.
        keys: their keys, and the root of trust.
        utc: the wall clock.
        remembers: whether the reports that were seen are remembered beside the keys.
    """

    def __init__(
        self,
        store: ObjectStore,
        keys: Keyring,
        utc: Callable[[], datetime],
        *,
        remembers: bool = True,
    ) -> None:
        self._keys, self._utc, self._remembers = keys, utc, remembers
        self._signing = AdminSigning(store, keys, utc)

    def begin(self, scope: str, wish: RolloutWish, check: Callable[[str, str], object]) -> Rollout:
        """Begin to roll out a new version of a scope's settings and models.

        Args:
            scope: its name.
            wish: what is rolled out.
            check: raises SettingsError where no kiosk with this door accepts these settings.

        Raises:
            BadInput: the settings are refused, there is no such scope, or the rollout before has
                neither reached everybody nor been halted.
        """

        def edit(targets: Targets, verified: VerifiedStore) -> Rollout:
            book = ScopeBook(verified, targets, self._keys)
            card = book.scope(scope)
            for door in card.doors:
                check(wish.settings or "", door)
            keys = book.open(card)
            before = rollout_of(verified, targets, scope)
            if before is not None and not before.is_done:
                raise BadInput(
                    f"Version {before.version.number} is being rolled out in {scope}, as far as "
                    f"{before.ring.value}.",
                    "Take it on to all, or halt it first.",
                )
            settled = None if before is None else before.settled
            known = SharedVersion() if settled is None else settled.opened(keys)
            number = 1 + max(
                (it.version.number for it in rollouts_in(verified, targets)), default=0
            )
            settings = known.settings if wish.settings is None else wish.settings
            pack = None if wish.own_models else wish.pack or known.pack
            sealed = SharedVersion(number, settings, pack).sealed(keys)
            change, now = 1 if before is None else before.change + 1, self._now()
            where = (wish.ring, now, now)
            return Rollout(scope, change, sealed, settled, *where, limits=wish.limits)

        return self._edited(edit)

    def advance(self, scope: str, ring: Ring | None, *, anyway: bool = False) -> Rollout:
        """Take a rollout on to the next ring, if the health of those before is good.

        Args:
            scope: its name.
            ring: the next one; None for the one after.
            anyway: true to go on although more ought to be seen first; never if it is bad.

        Raises:
            BadInput: there is no rollout that could go on, or not to that ring.
            FleetRefused: the devices of the rings before are not well, or not known to be.
        """
        status = self.status(scope)
        _refuse_unwell(status, anyway=anyway)

        def edit(targets: Targets, verified: VerifiedStore) -> Rollout:
            known = _moving(verified, targets, scope)
            if known != status.rollout:
                raise BadInput("Other admins have changed it meanwhile.", "Look at it again.")
            following = ring or known.ring.following
            if following is None or following.place <= known.ring.place:
                raise BadInput(
                    f"Version {known.version.number} has reached {known.ring.value} already.",
                    "Name a later ring, or halt it.",
                )
            return replace(known, change=known.change + 1, ring=following, ring_since=self._now())

        return self._edited(edit)

    def halt(self, scope: str) -> Rollout:
        """Halt a rollout: every kiosk goes back to the version before.

        Raises:
            BadInput: there is none, or it was halted already.
        """

        def edit(targets: Targets, verified: VerifiedStore) -> Rollout:
            known = _known(verified, targets, scope)
            if known.halted:
                raise BadInput(
                    f"Version {known.version.number} is halted already.", "Begin a new rollout."
                )
            return replace(known, change=known.change + 1, halted=True)

        return self._edited(edit)

    def put_in_ring(self, device: str, ring: Ring) -> None:
        """Say how early a device gets what is new.

        Raises:
            BadInput: there is no such device.
        """

        def edit(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            if layout.device_target(device) not in targets.targets:
                raise BadInput(f"There is no device {device[:60]}.", "See `kiosk fleet status`.")
            rings = {**ring_of(verified, targets), device: ring}
            return {layout.RINGS_TARGET: encode_rings(rings)}

        self._signing.edit(edit)

    def status(self, scope: str) -> RolloutStatus:
        """A scope's newest rollout, with what its devices say.

        Raises:
            BadInput: there is none.
            FleetRefused: what is signed cannot be verified.
        """
        for each in self.statuses():
            if each.rollout.scope == scope:
                return each
        raise _none(scope)

    def statuses(self) -> Sequence[RolloutStatus]:
        """Each scope's newest rollout, with what its devices say.

        Raises:
            FleetRefused: what is signed cannot be verified.
        """
        verified, seen = self._signing.verified, SeenReports(self._keys.folder / SEEN)
        found = rollout_statuses(verified, verified.targets(), seen, self._utc())
        if self._remembers:
            seen.save()
        return found

    # -- internals -------------------------------------------------------------------------------

    def _edited(self, edit: Callable[[Targets, VerifiedStore], Rollout]) -> Rollout:
        made: list[Rollout] = []

        def write(targets: Targets, verified: VerifiedStore) -> Mapping[str, bytes]:
            made[:] = [edit(targets, verified)]
            return {layout.rollout_target(made[0].scope): made[0].encode()}

        self._signing.edit(write)
        return made[0]

    def _now(self) -> datetime:
        return self._utc().replace(microsecond=0)


def _known(verified: VerifiedStore, targets: Targets, scope: str) -> Rollout:
    found = rollout_of(verified, targets, scope)
    if found is None:
        raise _none(scope)
    return found


def _moving(verified: VerifiedStore, targets: Targets, scope: str) -> Rollout:
    known = _known(verified, targets, scope)
    if known.halted:
        raise BadInput(f"Version {known.version.number} is halted.", "Begin a new rollout.")
    return known


def _refuse_unwell(status: RolloutStatus, *, anyway: bool) -> None:
    verdict, number = status.verdict, status.rollout.version.number
    if status.held:
        raise FleetRefused(
            f"The publisher holds version {number} back, because its devices do worse.",
            "Halt it, so that every kiosk goes back, and begin a new rollout.",
        )
    if verdict.state is RingState.GOOD or (anyway and verdict.state is RingState.WAITS):
        return
    bad = verdict.state is RingState.BAD
    raise FleetRefused(
        f"Version {number} goes no further{'' if bad else ' yet'}: {' '.join(verdict.reasons)}",
        "Halt it, so that every kiosk goes back." if bad else "Wait until more is seen.",
    )


def _none(scope: str) -> BadInput:
    return BadInput(f"Nothing was rolled out in {scope[:60]!r} yet.", "Begin a rollout.")
