"""Whatever happens at two doors of an interlock, in whatever order: these things are always true.

The machines are held against a second reading of their law, written from the wire alone: who asked
for what, which releases the relays carried out, and what was written down.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

from door_machine import RULES, Door
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.domain.access.states import Reason
from kiosk.domain.door.model import (
    Alarm,
    By,
    Condition,
    DoorEvent,
    DoorStep,
    DoorTicked,
    Entered,
    Lost,
    OperatorCommand,
    OrderRelease,
    PassageRules,
    Refuse,
    ReleaseWanted,
)
from kiosk.domain.door.protocol import DoorReading, Leaf, ReleaseOrder
from kiosk.domain.door.status import alarms
from kiosk.domain.vision.frame import Instant

WHICH = st.integers(0, 1)
LONGEST = 8.0
STEP = 0.5


class Witness(Door):
    """A door that holds every order against what it saw happen."""

    def __init__(self, rules: PassageRules) -> None:
        super().__init__(rules=rules)
        self.free = self.held_back = self.locked_down = False
        self.let_in: set[By] = set()
        self.let_in_until = 0.0

    def tell(self, event: DoorEvent) -> DoorStep:
        before = self.now if math.isnan(event.at) else max(self.state.now, event.at)
        step = super().tell(event)
        for effect in step.effects:
            if isinstance(effect, OrderRelease):
                self._justify(effect, event, before)
        if isinstance(event, Lost):
            assert self.state.owes_secure
        return step

    def _justify(self, effect: OrderRelease, event: DoorEvent, now: float) -> None:
        heard = self.state.reading or DoorReading()
        silent = now - self.state.heard_at >= self.rules.unknown_seconds
        interlocked = self.rules.interlock and (heard.neighbour_secured is not True or silent)
        match effect.by:
            case By.GRANT:
                assert isinstance(event, ReleaseWanted)
                assert event.order is effect.order
                assert not self.locked_down
                assert not interlocked
            case By.OPERATOR:
                assert isinstance(event, ReleaseWanted)
                assert not interlocked
            case By.INSTALLER:
                assert isinstance(event, ReleaseWanted)
                assert not interlocked
                assert not self.locked_down
            case By.SCHEDULE:
                assert self.free and not self.held_back and not self.locked_down  # noqa: PT018 - one law
                assert not silent
                assert not interlocked
            case By.EXIT:
                assert heard.exit_asked and self.rules.exit_releases  # noqa: PT018 - one law
                assert not silent
            case By.FIRE:
                assert heard.fire and self.rules.fire_releases  # noqa: PT018 - one law
        assert effect.order.seconds <= LONGEST

    @property
    def shut_and_locked(self) -> bool:
        return not self.unlocked and self.inputs.leaf is Leaf.CLOSED


class TwoDoors(RuleBasedStateMachine):
    """Each sees the other's lock and leaf; both wires can be cut."""

    doors: tuple[Witness, Witness]

    @initialize(
        interlock=st.booleans(),
        exits=st.booleans(),
        safe=st.booleans(),
        relock=st.booleans(),
    )
    def build(self, *, interlock: bool, exits: bool, safe: bool, relock: bool) -> None:
        rules = replace(
            RULES,
            interlock=interlock,
            exit_releases=exits,
            fire_releases=safe,
            relock_on_close=relock,
        )
        self.doors = (Witness(rules), Witness(rules))
        for which in (0, 1):
            self.doors[which].tell(DoorTicked(Instant(100.0)))
            self._poll(which)

    def _poll(self, which: int) -> None:
        door, other = self.doors[which], self.doors[1 - which]
        if not door.cut:
            door.look(neighbour_secured=other.shut_and_locked)

    @rule(which=WHICH, seconds=st.floats(0.25, LONGEST), fresh=st.booleans())
    def grant(self, which: int, seconds: float, *, fresh: bool) -> None:
        """The doorkeeper looks right before a grant; without that both may be released."""
        door = self.doors[which]
        if fresh or door.rules.interlock:
            self._poll(which)
        passing = self._passing(door)
        before = door.releases.count(By.GRANT)
        reason = door.grant(seconds)
        if door.locked_down:
            assert reason is Reason.LOCKED_DOWN
        elif passing:
            assert reason in {Reason.PASSING, Reason.INTERLOCKED}
        assert door.releases.count(By.GRANT) == before + (reason is None)
        if reason is None and not door.cut and not door.declines:
            assert door.unlocked

    def _passing(self, door: Witness) -> bool:
        """As the street sees it: a leaf that stands open, unless everybody may pass."""
        release = door.state.release
        running = release is not None and door.now < release.until
        free = running and release is not None and release.by in {By.SCHEDULE, By.FIRE}
        seen = door.state.reading is not None and door.state.reading.leaf is Leaf.OPEN
        return seen and not free

    @rule(which=WHICH)
    def grant_without_a_time(self, which: int) -> None:
        door = self.doors[which]
        order = ReleaseOrder(5.0, Instant(door.now))
        step = door.tell(ReleaseWanted(Instant(math.nan), By.GRANT, order))
        assert Refuse(Reason.FAULT) in step.effects
        assert By.GRANT not in [e.by for e in step.effects if isinstance(e, OrderRelease)]

    @rule(which=WHICH, seconds=st.floats(0.25, LONGEST))
    def operator(self, which: int, seconds: float) -> None:
        door = self.doors[which]
        if door.rules.interlock:
            self._poll(which)
        reason = door.operator(seconds)
        assert reason in {None, Reason.INTERLOCKED}
        assert door.rules.interlock or reason is None

    @rule(which=WHICH, seconds=st.floats(0.25, LONGEST))
    def installer(self, which: int, seconds: float) -> None:
        door = self.doors[which]
        if door.rules.interlock:
            self._poll(which)
        door.installer(seconds)

    @rule(which=WHICH, command=st.sampled_from(OperatorCommand))
    def command(self, which: int, command: OperatorCommand) -> None:
        door = self.doors[which]
        if command is OperatorCommand.LOCK_DOWN:
            door.locked_down = True
        elif command is OperatorCommand.LIFT:
            door.locked_down = door.held_back = False
        else:
            door.held_back = door.free
        door.command(command)

    @rule(which=WHICH, free=st.booleans())
    def schedule(self, which: int, *, free: bool) -> None:
        door = self.doors[which]
        door.free = free
        door.held_back = door.held_back and free
        door.schedule(free=free)

    @rule(which=WHICH, leaf=st.sampled_from([Leaf.OPEN, Leaf.CLOSED]))
    def move_leaf(self, which: int, leaf: Leaf) -> None:
        """Everybody obeys the lock but a burglar."""
        self.doors[which].inputs = replace(self.doors[which].inputs, leaf=leaf)
        self._poll(which)

    @rule(which=WHICH, exit_asked=st.booleans(), fire=st.booleans(), tampered=st.booleans())
    def contacts(self, which: int, *, exit_asked: bool, fire: bool, tampered: bool) -> None:
        door = self.doors[which]
        door.inputs = replace(door.inputs, exit_asked=exit_asked, fire=fire, tampered=tampered)
        self._poll(which)

    @rule(which=WHICH, cut=st.booleans())
    def wire(self, which: int, *, cut: bool) -> None:
        self.doors[which].cut = cut

    @rule(which=WHICH, declines=st.booleans())
    def panel(self, which: int, *, declines: bool) -> None:
        self.doors[which].declines = declines

    @rule(steps=st.sampled_from([1, 2, 5, 14]))
    def time(self, steps: int) -> None:
        """Both doors live at once."""
        for _ in range(steps):
            for which, door in enumerate(self.doors):
                door.now += STEP
                door.tell(DoorTicked(Instant(door.now)))
                self._poll(which)

    @rule()
    def everything_is_well_again(self) -> None:
        """A mended wire, a shut leaf, nobody about: within a while the door is as it should be."""
        for which, door in enumerate(self.doors):
            door.cut = door.declines = False
            door.inputs = DoorReading(leaf=Leaf.CLOSED)
            self._poll(which)
        self.time(int(LONGEST / STEP) + 6)
        for door in self.doors:
            stands = door.free and not door.held_back and not door.locked_down
            if not stands:
                assert not door.unlocked
                locked = Condition.LOCKED_DOWN if door.locked_down else Condition.SECURED
                assert door.condition is locked
            elif not door.rules.interlock:
                assert door.condition is Condition.UNLOCKED
            assert Alarm.UNKNOWN not in alarms(door.state, door.rules)

    @invariant()
    def alarms_begin_and_end_in_turn(self) -> None:
        for door in self.doors:
            for alarm in Alarm:
                noted = door.noted(alarm)
                assert noted == [turn % 2 == 0 for turn in range(len(noted))]
                assert (alarm in alarms(door.state, door.rules)) is (len(noted) % 2 == 1)

    @invariant()
    def nobody_is_locked_in_by_fire(self) -> None:
        for door in self.doors:
            heard = door.state.reading
            if heard is not None and heard.fire and door.rules.fire_releases:
                assert door.unlocked or door.cut or door.declines or door.state.retry_at > door.now

    @invariant()
    def a_lockdown_leaves_only_what_may_be_released(self) -> None:
        for door in self.doors:
            release = door.state.release
            if door.state.locked_down and release is not None and door.now < release.until:
                fire = door.state.reading is not None and door.state.reading.fire
                assert release.by in {By.OPERATOR, By.EXIT, By.FIRE} or fire or door.cut

    @invariant()
    def two_doors_are_never_released_for_somebody(self) -> None:
        """What a cut wire hides, the other door's own contact does not: both must be heard."""
        if self.doors[0].rules.interlock and not any(door.cut for door in self.doors):
            by = [self._by(door) for door in self.doors]
            assert not (by[0] is By.GRANT and by[1] is By.GRANT)

    def _by(self, door: Witness) -> By | None:
        release = door.state.release
        return release.by if release is not None and door.now < release.until else None

    @invariant()
    def an_entry_has_its_own_grant(self) -> None:
        for door in self.doors:
            told = [e for e in door.history if isinstance(e, Entered | OrderRelease)]
            grants = [e for e in told if isinstance(e, OrderRelease) and e.by is By.GRANT]
            assert door.entries <= len(grants)
            for first, second in itertools.pairwise(told):
                assert not (isinstance(first, Entered) and isinstance(second, Entered))


TestTwoDoors = TwoDoors.TestCase
TestTwoDoors.settings = settings(
    stateful_step_count=20, phases=[Phase.explicit, Phase.generate, Phase.shrink]
)
