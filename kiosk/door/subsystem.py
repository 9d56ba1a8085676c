"""The door's end of a kiosk, put together. It decides nothing.

What is known of comings and goings, and what an operator has ordered, outlive a restart: a lockdown
that a power cut lifts is none.
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
from kiosk.door.authorizer import AccessAuthorizer, People
from kiosk.door.controller import DoorController
from kiosk.door.effect_runner import DecisionOutcome, Effects, Happened
from kiosk.door.pending import AuthorizationPolicy
from kiosk.door.wall_clock import TRUSTED, Wall
from kiosk.journal.recorder import JournalRecorder, Told

CLOCK = "clock"
"""Not a part that shuts the door: whoever may always come in still does."""

ONE_MOMENT = View(Prompt.ONE_MOMENT, Tone.WAITING)


@dataclass(frozen=True, slots=True)
class DoorParts:
    """What a door's end is made of.

    Attributes:
        door: the wire.
        doorway: what rules it.
        people: rules and factors of each.
        kept: what outlives a restart.
        attempts: where wrong PINs and refusals outlive it; None where they do not.
        zone: where the clock on the wall hangs.
        wall: whether that clock is to be relied on.
    """

    door: Door
    doorway: AuthorizationPolicy
    people: People
    kept: Kept
    zone: tzinfo
    attempts: Kept | None = None
    wall: Wall = TRUSTED


@dataclass(frozen=True, slots=True)
class DoorListeners:
    """Who is told what.

    Attributes:
        show: puts a view on the screen.
        report: takes events to the session.
        observe: is told of every decision that was carried out, and of faults.
        changed: is told whenever the door adds up to something else.
        noted: hears of every entry of the door's end, before it is written.
    """

    show: Callable[[View], None]
    report: Callable[[Event], None]
    observe: Callable[[Happened], None]
    changed: Callable[[Condition], None]
    noted: Told | None = None


class DoorSubsystem:
    """Everything behind a decision. All but `hold` is for one thread, the effects loop's.

    Args:
        parts: what it is made of.
        journal: durable when `append` returns.
        clock: the machine's.
        listeners: who is told what.

    Raises:
        StoreError: what was kept cannot be read.
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
            passage=parts.doorway.passage,
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
            doorway=parts.doorway,
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
        self.effects = Effects(
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
        """The policy, with what an operator has ordered. May be asked by any thread."""
        hold = self.authorizer.hold
        return policy if hold is None else replace(policy, hold=hold)

    # -- the door itself -------------------------------------------------------------------------

    def tend(self) -> None:
        """Tell the door what schedule and operator say, and hear what it says."""
        if not self._told:
            self._told = True
            self._tell_lockdown()
            self.authorizer.forget_erased()
        self._watch_clock()
        self.authorizer.tend()
        self.controller.tend()

    def recover(self) -> None:
        """Secure the door and hear from it; raises while it does not answer."""
        self.controller.recover()

    # -- what an operator orders; each was written down before -----------------------------------

    def release(self, seconds: float | None = None) -> Reason | None:
        """Release the door for whoever an operator lets in, and tell them on the screen."""
        length = self._parts.doorway.passage.release_seconds if seconds is None else seconds
        reason = self.controller.release(ReleaseOrder(length, self._clock.monotonic()), By.OPERATOR)
        if reason is None:
            self.authorizer.forget(Forget(self._clock.monotonic(), Reason.FACTOR_MISSING))
            self._listeners.report(Answered(self._clock.monotonic(), None))
        return reason

    def deny(self) -> None:
        """Say no to whoever is there, and lock what was released for them."""
        self._listeners.report(Overruled(self._clock.monotonic()))
        self.controller.tell(OperatorCommand.SECURE)

    def begin(self, hold: Hold) -> None:
        """Pause faces, or lock down; it counts even where it cannot be kept over a restart.

        Raises:
            StoreError: it could not be kept.
            DoorError: the door did not acknowledge; it is told again until it does.
        """
        holds = self._holds | {hold}
        try:
            self._save(self.authorizer.presence, holds)
        finally:
            self._hold(holds)

    def end(self, hold: Hold) -> None:
        """Go on with faces, or lift the lockdown; each ends by itself alone, once that is kept.

        Raises:
            StoreError: it could not be kept, so it holds.
            DoorError: the door did not acknowledge.
        """
        holds = self._holds - {hold}
        self._save(self.authorizer.presence, holds)
        self._hold(holds)

    def secure(self) -> None:
        """Lock now."""
        self.controller.tell(OperatorCommand.SECURE)

    def reset_passback(self, subject: SubjectId | None) -> None:
        """Forget who is inside: one, or everybody."""
        self.authorizer.forget_passing(reset(self.authorizer.presence, subject))

    def _watch_clock(self) -> None:
        """A clock that is not to be relied on is told and written down once, and so is its end."""
        found = self._parts.wall.problem()
        if (found is None) is (self._clock_problem is None):
            return
        before, self._clock_problem = self._clock_problem, found
        said = f"The clock is not to be relied on: {found or before}."
        event = "recovered" if found is None else "fault"
        details: dict[str, Value] = {"part": CLOCK, "detail": said, "recovered": found is None}
        self.recorder.note(event, details)

    # -- within ----------------------------------------------------------------------------------

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
        """Where somebody else decides, nobody is told yes before they said so."""
        if getattr(self._parts.door, "two_stage", False):
            self._listeners.show(ONE_MOMENT)

    def _moment(self) -> Moment:
        trusted = self._parts.wall.problem() is None
        local = self._clock.utc().astimezone(self._parts.zone)
        return Moment(local, self._clock.monotonic(), trusted)

    def _changed(self, condition: Condition) -> None:
        """Whoever watches hears of it where the wire can tell them, then everybody else."""
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
        """What was kept; what cannot be understood is not taken for nothing."""
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
    """A lockdown is stronger than a pause."""
    return Hold.LOCKED_DOWN if Hold.LOCKED_DOWN in holds else next(iter(holds), None)
