"""A door machine with somebody before it: each verb is one thing that happens at a door.

The wire obeys at once unless it is cut; the relay keeps its own time, as a good one does.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from kiosk.domain.access.states import Reason
from kiosk.domain.door.machine import advance_door, begin
from kiosk.domain.door.model import (
    Alarm,
    By,
    Commanded,
    Condition,
    Declined,
    DoorEvent,
    DoorState,
    DoorStep,
    DoorTicked,
    Entered,
    Heard,
    Lost,
    Note,
    Obeyed,
    OperatorCommand,
    OrderRelease,
    OrderSecure,
    PassageRules,
    Refuse,
    ReleaseWanted,
    Scheduled,
    Secured,
)
from kiosk.domain.door.protocol import DoorReading, Leaf, Lock, ReleaseOrder
from kiosk.domain.door.status import condition
from kiosk.domain.vision.frame import Instant

RULES = PassageRules(
    release_seconds=5.0,
    longer_seconds=15.0,
    push_seconds=1.0,
    renew_seconds=8.0,
    held_warning_seconds=10.0,
    held_open_seconds=20.0,
    exit_seconds=6.0,
    unknown_seconds=2.0,
    grace_seconds=1.0,
)
POLL = 0.25


@dataclass
class Door:
    """The machine and what hangs on its wire.

    Attributes:
        rules: what it goes by.
        inputs: what the door reads; its lock is worked out.
        cut: orders get no answer and nothing is heard.
        deaf: nothing is heard, but orders are obeyed.
        stuck: the relay never secures again.
        declines: what answers an order to release, if not obedience.
    """

    rules: PassageRules = RULES
    inputs: DoorReading = field(default_factory=lambda: DoorReading(leaf=Leaf.CLOSED))
    cut: bool = False
    deaf: bool = False
    stuck: bool = False
    declines: bool = False
    now: float = 100.0
    unlocked_until: float = 0.0
    history: list[object] = field(default_factory=list)
    state: DoorState = field(init=False)

    def __post_init__(self) -> None:
        self.state = begin(Instant(self.now))

    # -- what happens ----------------------------------------------------------------------------

    def grant(self, seconds: float = 5.0, by: By = By.GRANT) -> Reason | None:
        """Somebody is let in; why not, if not."""
        order = ReleaseOrder(seconds, Instant(self.now))
        step = self.tell(ReleaseWanted(Instant(self.now), by, order))
        return next((e.reason for e in step.effects if isinstance(e, Refuse)), None)

    def operator(self, seconds: float = 5.0) -> Reason | None:
        """An operator lets somebody in."""
        return self.grant(seconds, By.OPERATOR)

    def installer(self, seconds: float = 5.0) -> Reason | None:
        """Whoever wires the door tries it."""
        return self.grant(seconds, By.INSTALLER)

    def command(self, command: OperatorCommand) -> None:
        """An operator orders something else."""
        self.tell(Commanded(Instant(self.now), command))

    def schedule(self, *, free: bool) -> None:
        """The schedule changes."""
        self.tell(Scheduled(Instant(self.now), free))

    def look(self, **inputs: object) -> None:
        """The door is heard, with some inputs changed."""
        self.inputs = replace(self.inputs, **inputs)  # type: ignore[arg-type] # by name
        lock = Lock.RELEASED if self.unlocked or self.stuck else Lock.SECURED
        self.tell(Heard(Instant(self.now), replace(self.inputs, lock=lock)))

    def opens(self) -> None:
        """The leaf is opened, and seen to be."""
        self.look(leaf=Leaf.OPEN)

    def shuts(self) -> None:
        """The leaf falls shut, and is seen to."""
        self.look(leaf=Leaf.CLOSED)

    def wait(self, seconds: float) -> None:
        """Time goes by, in steps of a poll."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + POLL)
            self.tell(DoorTicked(Instant(self.now)))
            if not self.cut and not self.deaf:
                self.look()

    def tell(self, event: DoorEvent) -> DoorStep:
        """One event, and the wire's answers to what it brought about."""
        step = advance_door(self.state, event, self.rules)
        self.state = step.state
        for effect in step.effects:
            self.history.append(effect)
            answer = self._answer(effect)
            if answer is not None:
                self.tell(answer)
        return step

    def _answer(self, effect: object) -> DoorEvent | None:
        now = Instant(self.now)
        match effect:
            case OrderRelease() | OrderSecure() if self.cut:
                return Lost(now)
            case OrderRelease() if self.declines:
                return Declined(now)
            case OrderRelease(order=order):
                self.unlocked_until = self.now + order.seconds
                return Obeyed(now)
            case OrderSecure():
                self.unlocked_until = self.now
                return Secured(now)
            case _:
                return None

    # -- what is seen ----------------------------------------------------------------------------

    @property
    def unlocked(self) -> bool:
        """Whether the bolt is back, whatever the machine believes."""
        return self.now < self.unlocked_until

    @property
    def condition(self) -> Condition:
        """What it adds up to."""
        return condition(self.state, Instant(self.now), self.rules)

    @property
    def releases(self) -> list[By]:
        """By whom it was ordered to be released, oldest first."""
        return [effect.by for effect in self.history if isinstance(effect, OrderRelease)]

    @property
    def secures(self) -> int:
        """How often it was ordered to be secured."""
        return sum(isinstance(effect, OrderSecure) for effect in self.history)

    @property
    def entries(self) -> int:
        """How many went in by a grant."""
        return sum(isinstance(effect, Entered) for effect in self.history)

    def noted(self, alarm: Alarm) -> list[bool]:
        """Its beginnings (True) and ends (False)."""
        return [e.begins for e in self.history if isinstance(e, Note) and e.alarm is alarm]


def door(rules: PassageRules = RULES, **changes: object) -> Door:
    """A door that was secured and heard of once, and stands shut."""
    made = Door(rules=replace(rules, **changes))  # type: ignore[arg-type] # by name
    made.tell(DoorTicked(Instant(made.now)))
    made.look()
    made.history.clear()
    return made
