"""The door subsystem of a kiosk, assembled. It contains no decision logic.

Presence and operator orders survive a restart: a power cut must not lift a lockdown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import tzinfo

from kiosk.domain.access.machine import Answered, Decision, Event, Forget, Overruled
from kiosk.domain.access.policy import AccessPolicy, Hold
from kiosk.domain.access.states import Reason
from kiosk.domain.audit import Value
from kiosk.domain.door.model import By, Condition, OperatorCommand
from kiosk.domain.door.protocol import ReleaseOrder
from kiosk.domain.errors import StoreCorrupt
from kiosk.domain.people.calendar import Moment
from kiosk.domain.people.presence import Presence, decoded, encoded, reset
from kiosk.domain.ports import Announces, AuditLog, Clock, Door
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.template import SubjectId
from kiosk.door.attempts import Attempts, Forgetful, Kept
from kiosk.door.authorizer import AccessAuthorizer
from kiosk.door.collaborators import People
from kiosk.door.controller import DoorController
from kiosk.door.effect_runner import DecisionOutcome, EffectRunner, Happened
from kiosk.door.pending import AuthorizationPolicy
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.recorder import JournalRecorder, Told

CLOCK = "clock"
"""Not a part whose fault closes the door: people without time limits are still admitted."""

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
        noted: receives every journal entry of the door subsystem, before it is written.
    """

    show: Callable[[View], None]
    report: Callable[[Event], None]
    observe: Callable[[Happened], None]
    changed: Callable[[Condition], None]
    noted: Told | None = None


class DoorSubsystem:
    """Everything behind a decision. All but `hold` belongs to one thread, the effects loop's.

    Args:
        parts: the parts.
        journal: durable when `append` returns.
        clock: the system clock.
        listeners: the callbacks.

    Raises:
        StoreError: the stored state cannot be read.
    """

    def __init__(
        self, parts: DoorParts, journal: AuditLog, clock: Clock, listeners: DoorListeners
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._listeners = listeners
        self._clock_problem: str | None = None
        self.recorder = JournalRecorder(journal, clock, listeners.noted)
        self.controller = DoorController(
            door=parts.door,
            passage=parts.authorization.passage,
            clock=clock,
            note=self.recorder.write,
            tell=self.recorder.tell,
            changed=self._changed,
            entered=self._entered,
        )
        presence, self._holds = self._load()
        self.attempts = Attempts(parts.attempts or Forgetful(), clock.monotonic)
        self.authorizer = AccessAuthorizer(
            people=parts.people,
            controller=self.controller,
            authorization=parts.authorization,
            presence=presence,
            moment=self._moment,
            recorder=self.recorder,
            report=listeners.report,
            observe=self._observe,
            keep=self._keep,
            attempts=self.attempts,
            asking=self._say_that_it_takes_a_moment,
        )
        self.authorizer.hold = _strongest(self._holds)
        self.effects = EffectRunner(
            authorizer=self.authorizer,
            door=self,
            recorder=self.recorder,
            clock=clock,
            show=listeners.show,
            report=listeners.report,
            observe=listeners.observe,
        )
        self._told = False

    def policy(self, policy: AccessPolicy) -> AccessPolicy:
        """The policy with the operator's hold applied. May be called by any thread."""
        hold = self.authorizer.hold
        return policy if hold is None else replace(policy, hold=hold)

    # -- the door itself -------------------------------------------------------------------------

    def tend(self) -> None:
        """Apply schedule and operator holds to the door, and poll its status."""
        if not self._told:
            self._told = True
            self._tell_lockdown()
            self.authorizer.forget_erased()
        self._watch_clock()
        self.authorizer.tend()
        self.controller.tend()

    def recover(self) -> None:
        """Secure the door and read its status; raises while it does not answer."""
        self.controller.recover()

    # -- operator orders; each was recorded before -----------------------------------------------

    def release(self, seconds: float | None = None) -> Reason | None:
        """Release the door for a person whom an operator admits, and show it on the screen."""
        length = self._parts.authorization.passage.release_seconds if seconds is None else seconds
        reason = self.controller.release(ReleaseOrder(length, self._clock.monotonic()), By.OPERATOR)
        if reason is None:
            self.authorizer.forget(Forget(self._clock.monotonic(), Reason.FACTOR_MISSING))
            self._listeners.report(Answered(self._clock.monotonic(), None))
        return reason

    def deny(self) -> None:
        """Refuse the current person, and lock the door if it was released for them."""
        self._listeners.report(Overruled(self._clock.monotonic()))
        self.controller.tell(OperatorCommand.SECURE)

    def begin(self, hold: Hold) -> None:
        """Pause face recognition, or lock down; takes effect even if it cannot be stored.

        Raises:
            StoreError: the hold could not be stored.
            DoorError: the door did not acknowledge; the command is repeated until it does.
        """
        holds = self._holds | {hold}
        try:
            self._save(self.authorizer.presence, holds)
        finally:
            self._hold(holds)

    def end(self, hold: Hold) -> None:
        """End a pause or a lockdown. The other hold is not affected; takes effect once stored.

        Raises:
            StoreError: the change could not be stored, so the hold stays.
            DoorError: the door did not acknowledge.
        """
        holds = self._holds - {hold}
        self._save(self.authorizer.presence, holds)
        self._hold(holds)

    def secure(self) -> None:
        """Lock the door now."""
        self.controller.tell(OperatorCommand.SECURE)

    def reset_passback(self, subject: SubjectId | None) -> None:
        """Reset anti-passback for one person, or for everybody."""
        self.authorizer.forget_passing(reset(self.authorizer.presence, subject))

    def _watch_clock(self) -> None:
        """Record an unreliable clock once, and its recovery once."""
        found = self._parts.wall.problem()
        if (found is None) is (self._clock_problem is None):
            return
        before, self._clock_problem = self._clock_problem, found
        said = f"The clock is not to be relied on: {found or before}."
        event = "recovered" if found is None else "fault"
        details: dict[str, Value] = {"part": CLOCK, "detail": said, "recovered": found is None}
        self.recorder.note(event, details)

    # -- internals -------------------------------------------------------------------------------

    def _hold(self, holds: frozenset[Hold]) -> None:
        before, self._holds = self._holds, holds
        self.authorizer.hold = _strongest(holds)
        if Hold.LOCKED_DOWN in before ^ holds:
            self._tell_lockdown()

    def _tell_lockdown(self) -> None:
        locked = Hold.LOCKED_DOWN in self._holds
        if locked or self.controller.locked_down:
            self.controller.tell(OperatorCommand.LOCK_DOWN if locked else OperatorCommand.LIFT)

    def _say_that_it_takes_a_moment(self) -> None:
        """Show a wait message if an access panel decides: no grant is shown before its answer."""
        if getattr(self._parts.door, "two_stage", False):
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
        self.authorizer.entered()

    def _observe(self, decision: Decision, release_ms: float | None) -> None:
        self._listeners.observe(DecisionOutcome(decision, release_ms))

    def _keep(self, presence: Presence) -> None:
        self._save(presence, self._holds)

    def _save(self, presence: Presence, holds: frozenset[Hold]) -> None:
        names = sorted(hold.value for hold in holds)
        self._parts.kept.save({"presence": encoded(presence), "holds": names})

    def _load(self) -> tuple[Presence, frozenset[Hold]]:
        """The stored state; state that cannot be decoded is an error and not an empty state."""
        kept = self._parts.kept.load()
        if kept is None:
            return Presence(), frozenset()
        try:
            holds = frozenset(map(Hold, kept["holds"]))
            return decoded(kept["presence"], self._moment()), holds
        except (KeyError, TypeError, ValueError) as error:
            raise StoreCorrupt(
                "What an operator ordered, and who is inside, cannot be read.",
                "Restore the kiosk's home from a backup.",
            ) from error


def _strongest(holds: frozenset[Hold]) -> Hold | None:
    """The strongest hold: a lockdown outranks a pause."""
    return Hold.LOCKED_DOWN if Hold.LOCKED_DOWN in holds else next(iter(holds), None)
