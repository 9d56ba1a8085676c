"""The door subsystem of a kiosk, assembled, as one thing. It contains no decision logic.

Whatever others want of the door is a method here; its parts are nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from kiosk.domain.access.lockout import Held
from kiosk.domain.access.machine import Decision, Effect, Event, Overruled, Part, Released
from kiosk.domain.access.policy import AccessPolicy, Hold
from kiosk.domain.access.states import Reason
from kiosk.domain.door.model import By, Condition, OperatorCommand
from kiosk.domain.door.protocol import DoorReading, ReleaseOrder
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import reset
from kiosk.domain.ports import Announces, Clock, Door
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts, Forgetful, Kept
from kiosk.door.authorization import AuthorizationPolicy
from kiosk.door.authorizer import AccessAuthorizer
from kiosk.door.collaborators import People
from kiosk.door.controller import DoorController
from kiosk.door.effect_runner import DecisionOutcome, EffectRunner, Happened
from kiosk.door.factor_checker import FactorChecker
from kiosk.door.kept_state import KeptState
from kiosk.door.upkeep import DoorUpkeep
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.events.event import JournalEvent
from kiosk.journal.recorder import JournalRecorder

ONE_MOMENT = View(Prompt.ONE_MOMENT, Tone.WAITING)


@dataclass(frozen=True, slots=True)
class DoorParts:
    """The parts of a door subsystem.

    Attributes:
        door: the driver.
        authorization: the authorization policy.
        people: rules and factors of each person.
        kept: storage that survives a restart.
        attempts: storage for wrong PINs and refusals; None where they are not stored.
        zone: the time zone of the local wall clock.
        wall: checks if that clock is reliable.
    """

    door: Door
    authorization: AuthorizationPolicy
    people: People
    kept: Kept
    zone: tzinfo
    attempts: Kept | None = None
    wall: Wall = TRUSTED


@dataclass(frozen=True, slots=True)
class DoorListeners:
    """Callbacks of the door subsystem.

    Attributes:
        show: puts a view on the screen.
        report: passes events to the session.
        observe: receives every decision that was carried out, and faults.
        changed: called on each change of the door status.
    """

    show: Callable[[View], None]
    report: Callable[[Event], None]
    observe: Callable[[Happened], None]
    changed: Callable[[Condition], None]


class DoorSubsystem:
    """Everything behind a decision. What changes it belongs to one thread, the effects loop's.

    Args:
        parts: the parts.
        recorder: writes the journal.
        clock: the system clock.
        listeners: the callbacks.

    Attributes:
        factors: checks second factors; used in the same thread.

    Raises:
        StoreError: the stored state cannot be read.
    """

    def __init__(
        self, parts: DoorParts, recorder: JournalRecorder, clock: Clock, listeners: DoorListeners
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._listeners = listeners
        self._recorder = recorder
        self._kept = KeptState(parts.kept, self._moment())
        self._attempts = Attempts(parts.attempts or Forgetful(), clock.monotonic)
        self._controller = DoorController(
            door=parts.door,
            passage=parts.authorization.passage,
            clock=clock,
            note=recorder.write,
            tell=recorder.tell,
            changed=self._changed,
            entered=self._entered,
        )
        self.factors = factors = FactorChecker(
            people=parts.people,
            attempts=self._attempts,
            now=clock.monotonic,
            recorder=recorder,
            report=listeners.report,
        )
        self._authorizer = self._make_authorizer(factors)
        self._upkeep = DoorUpkeep(
            self._controller, self._authorizer, self._kept, parts.wall, recorder
        )
        self._runner = EffectRunner(
            authorizer=self._authorizer,
            factors=factors,
            door=self._upkeep,
            recorder=recorder,
            clock=clock,
            show=listeners.show,
            report=listeners.report,
            observe=listeners.observe,
        )

    def _make_authorizer(self, factors: FactorChecker) -> AccessAuthorizer:
        return AccessAuthorizer(
            people=self._parts.people,
            controller=self._controller,
            authorization=self._parts.authorization,
            state=self._kept,
            moment=self._moment,
            recorder=self._recorder,
            report=self._listeners.report,
            observe=self._observe,
            factors=factors,
            attempts=self._attempts,
            asking=self._say_that_it_takes_a_moment,
        )

    # -- its state; may be read by any thread ----------------------------------------------------

    def policy(self, policy: AccessPolicy) -> AccessPolicy:
        """The policy with the operator's hold applied."""
        hold = self.hold
        return policy if hold is None else replace(policy, hold=hold)

    @property
    def hold(self) -> Hold | None:
        """The strongest hold of an operator; None while there is none."""
        return self._kept.hold

    @property
    def held(self) -> Held:
        """The lockout state (refusals, doubt) that was stored last."""
        return self._attempts.held

    @property
    def condition(self) -> Condition:
        """The current door status."""
        return self._controller.condition

    @property
    def reading(self) -> DoorReading | None:
        """The last reading of the door; None before the first one."""
        return self._controller.reading

    # -- effects of the session, and the door between them ---------------------------------------

    def carry_out(self, effects: tuple[Effect, ...], view: View) -> None:
        """Carry out effects in order; a failure is a fault of the part concerned."""
        self._runner.carry_out(effects, view)

    def guard(self, work: Callable[[], None]) -> None:
        """Run work of this subsystem; an error in it is a fault of the part concerned."""
        self._runner.guard(work)

    def tend(self) -> None:
        """Apply schedule and holds to the door, and poll its status; a lost door is a fault."""
        self._runner.tend()

    def suspect(self, part: Part) -> None:
        """Count a part as broken until it has proved to work."""
        self._runner.suspect(part)

    def try_to_recover(self) -> None:
        """Retry every broken part. Called periodically."""
        self._runner.try_to_recover()

    def forget_erased(self) -> None:
        """Drop presence and attempts of people who are no longer enrolled. Raises StoreError."""
        self._authorizer.forget_erased()

    # -- orders of operators and installers; each was recorded before, or records itself ---------

    def note(self, event: JournalEvent) -> None:
        """Write an event to the journal, durable on return. Raises JournalUnwritable."""
        self._recorder.note(event)

    def look(self) -> None:
        """Read the door's status now. Raises DoorError."""
        self._controller.hear()

    def recover(self) -> None:
        """Secure the door and read its status. Raises DoorError."""
        self._controller.recover()

    def release(self, seconds: float | None = None) -> Reason | None:
        """Release the door for a person whom an operator admits, and show it on the screen."""
        length = self._parts.authorization.passage.release_seconds if seconds is None else seconds
        reason = self._release(length, By.OPERATOR)
        if reason is None:
            self._listeners.report(Released(self._clock.monotonic()))
        return reason

    def release_for_installer(self, seconds: float) -> Reason | None:
        """Release the door for an installer, which is recorded first.

        Returns:
            None once the door is released; else the reason why not.

        Raises:
            DoorError: the door did not obey.
            JournalUnwritable: the release could not be recorded, and was not sent.
        """
        return self._release(seconds, By.INSTALLER)

    def deny(self) -> None:
        """Refuse the current person, and lock the door if it was released for them."""
        self._listeners.report(Overruled(self._clock.monotonic()))
        self.secure()

    def secure(self) -> None:
        """Lock the door now."""
        self._controller.tell(OperatorCommand.SECURE)

    def begin(self, hold: Hold) -> None:
        """Pause face recognition, or lock down; takes effect even if it cannot be stored.

        Raises:
            StoreError: the hold could not be stored.
            DoorError: the door did not acknowledge; the command is repeated until it does.
        """
        try:
            self._kept.begin(hold)
        finally:
            self._upkeep.follow_holds()

    def end(self, hold: Hold) -> None:
        """End a pause or a lockdown. The other hold is not affected; takes effect once stored.

        Raises:
            StoreError: the change could not be stored, so the hold stays.
            DoorError: the door did not acknowledge.
        """
        self._kept.end(hold)
        self._upkeep.follow_holds()

    def reset_passback(self, subject: SubjectId | None) -> None:
        """Reset anti-passback for one person, or for everybody."""
        self._kept.keep(reset(self._kept.presence, subject))

    # -- internals -------------------------------------------------------------------------------

    def _release(self, seconds: float, by: By) -> Reason | None:
        return self._controller.release(ReleaseOrder(seconds, self._clock.monotonic()), by)

    def _say_that_it_takes_a_moment(self) -> None:
        """Show a wait message if an access panel decides: no grant is shown before its answer."""
        if self._parts.door.two_stage:
            self._listeners.show(ONE_MOMENT)

    def _moment(self) -> Moment:
        trusted = self._parts.wall.problem() is None
        local = self._clock.utc().astimezone(self._parts.zone)
        return Moment(local, self._clock.monotonic(), trusted)

    def _changed(self, condition: Condition) -> None:
        """Announce the status over the driver where it can, then to all other listeners."""
        if isinstance(self._parts.door, Announces):
            self._parts.door.announce(condition.value)
        self._listeners.changed(condition)

    def _entered(self) -> None:
        self._authorizer.entered()

    def _observe(self, decision: Decision, release_ms: float | None) -> None:
        self._listeners.observe(DecisionOutcome(decision, release_ms))
