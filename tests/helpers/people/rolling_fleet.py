"""Kiosks of a small fleet that take settings over, and admins who roll them out."""

from __future__ import annotations

from pathlib import Path

from reporting_kiosk import ReportingKiosk
from small_fleet import DIMENSIONS, HARBOUR, SPACE, Kiosk, SmallFleet

from config.settings import Settings, check_shared
from kiosk.domain.access.states import Reason
from kiosk.domain.fleet.halting import HaltLimits
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.reporting.seen import SEEN
from kiosk.fleet.rollout.directing import RolloutDirector, RolloutWish
from kiosk.fleet.rollout.judging import RolloutStatus, RolloutWatch
from kiosk.fleet.rollout.kept import KeptSettings, SettingsFile
from kiosk.fleet.rollout.offering import taking_offers
from kiosk.fleet.rollout.plan import Ring, Rollout
from kiosk.fleet.rollout.tally import SettingsTally
from kiosk.fleet.rollout.telling import SettingsTelling
from kiosk.fleet.stores.port import ObjectStore
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.updater import FleetUpdater
from kiosk.wiring.rollout.settings import SettingsStart, settings_of
from kiosk.wiring.rollout.taking import settings_taking


def margin(value: float) -> str:
    """A fleet's settings with one value, by which they are known."""
    return f"[match]\nmargin = {value}\n"


class RollingKiosk:
    """A kiosk that takes settings over, step by step as a running one does.

    Args:
        kiosk: the kiosk.
        config: its settings file; None for that in its home.
    """

    def __init__(self, kiosk: Kiosk, config: Path | None = None) -> None:
        self.kiosk, self.config = kiosk, config
        self.reports = ReportingKiosk(kiosk)
        self.hours = 0.0
        self.restart()

    @property
    def home(self) -> Path:
        return self.kiosk.path

    @property
    def known(self) -> KeptSettings:
        return SettingsFile(self.kiosk.open_home.home).load()

    @property
    def settings(self) -> Settings:
        """As other commands see them."""
        return settings_of(self.home, self.config)

    @property
    def margin(self) -> float:
        return self.settings.match.margin

    def restart(self, *, ready: bool = True) -> SettingsStart:
        """As `kiosk run` does; its reports begin anew."""
        if self.hours:
            self.telling.__exit__()
        self.start = SettingsStart(self.home, self.config)
        self.start.begin()
        note = self.kiosk.open_home.recorder.note
        self.start.tell(note)
        if ready:
            self.start.got_ready(note)
        self.taking = settings_taking(self.kiosk.open_home, self.config)
        self.reports.restart()
        self.reports.counts.__init__(lambda: 0.0)  # type: ignore[misc] # a new run counts anew
        tally = SettingsTally(
            self.reports.ledger,
            self.reports.counts,
            lambda: 3600 * self.hours,
            self.kiosk.clock.utc,
        )
        self.telling = SettingsTelling(self.taking, tally, self.start.number, self.start.before)
        self.reports.health.rollout = self.telling.report
        return self.start

    def updater(self, store: ObjectStore | None = None) -> FleetUpdater:
        kiosk = self.kiosk
        where = (store or kiosk.store, kiosk.device, kiosk.cache, kiosk.kept)
        note = kiosk.open_home.recorder.note
        form = TemplateForm(SPACE, DIMENSIONS)
        take = taking_offers(self.taking)
        return FleetUpdater(*where, form, kiosk.clock.utc, note, settings=take)

    def sync(self, store: ObjectStore | None = None) -> None:
        self.updater(store).sync()

    def work(self, grants: int, refusals: int = 0, hours: float = 1.0, ms: float = 180.0) -> None:
        """People come, and it is reported."""
        for _ in range(grants):
            self.reports.counts.decided(Reason.MATCHED, ms)
        for _ in range(refusals):
            self.reports.counts.decided(Reason.NOT_RECOGNISED, None)
        self.hours += hours
        self.report()

    def report(self) -> None:
        self.reports.health.hand_in()


class Rolling:
    """Admins who roll out to the one scope of a fleet.

    Args:
        fleet: the fleet.
        scope: the scope.
    """

    def __init__(self, fleet: SmallFleet, scope: str = HARBOUR) -> None:
        self.fleet, self.scope = fleet, scope

    def director(self) -> RolloutDirector:
        keys = Keyring(self.fleet.keys.folder)
        return RolloutDirector(self.fleet.store, keys, self.fleet.clock.utc)

    def ring(self, kiosk: RollingKiosk, ring: Ring) -> None:
        self.director().put_in_ring(kiosk.kiosk.fingerprint, ring)

    def begin(
        self, settings: str, ring: Ring = Ring.CANARY, limits: HaltLimits | None = None
    ) -> Rollout:
        """Signed and published."""
        wish = RolloutWish(settings, ring=ring, limits=limits or HaltLimits())
        done = self.director().begin(self.scope, wish, check_shared)
        self.fleet.publish()
        return done

    def advance(self, ring: Ring | None = None, *, anyway: bool = False) -> Rollout:
        done = self.director().advance(self.scope, ring, anyway=anyway)
        self.fleet.publish()
        return done

    def halt(self) -> Rollout:
        done = self.director().halt(self.scope)
        self.fleet.publish()
        return done

    def status(self) -> RolloutStatus:
        return self.director().status(self.scope)

    def watched(self) -> dict[str, int]:
        """One look of a publisher that goes on publishing; what it holds back from now on."""
        watch = RolloutWatch(self.fleet.keys.folder / SEEN, lambda: 0.0, self.fleet.clock.utc)
        publisher = self.fleet.publisher()
        publisher._halting = watch
        return publisher.publish().halted
