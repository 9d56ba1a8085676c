"""Random sequences of orders and faults against a driver with its real peer, and what must hold.

The door is driven as the kiosk drives it: through the doorkeeper, tended ten times a second, and
once it is lost recovered instead. Whatever happens to the wire, also in the middle of an order:

- the far end releases once for an order, at the most, and never without one;
- a far end with a timer of its own locks by itself, whole wire or not;
- once the wire is whole again the far end is locked, and an order is obeyed, by the same driver;
- every loss that the kiosk noticed is written down, and so is its end.

A sequence is named by its rig, seed and number, and does the same whenever it is played.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from door_rig import Fault, Rig, eventually, order

from kiosk.domain.door.model import Alarm, By, OperatorCommand, PassageRules
from kiosk.domain.errors import DoorError, DoorRefused
from kiosk.door.controller import DoorController
from kiosk.journal.events.door import DoorChanged
from kiosk.journal.events.event import JournalEvent
from kiosk.pipeline.clock import SystemClock

RELEASE_SECONDS = 0.4
TEND_SECONDS = 0.05
MID_ORDER_SECONDS = 0.02
"""A fault in the middle of an order comes so much after its beginning, at the latest."""
PATIENCE_SECONDS = 20.0
"""How long a loaded machine may take over what is asked to take two seconds."""
LASTING = frozenset({Fault.KILL, Fault.CUT, Fault.WRONG_KEY})
"""What keeps every answer away until it is mended."""

PASSAGE = PassageRules(release_seconds=RELEASE_SECONDS, poll_seconds=0.1, unknown_seconds=1.0)


@dataclass
class Tally:
    """What became of the sequences of one rig. Times are in seconds.

    Attributes:
        sequences: that were played to their end.
        faults: how often each was thrown.
        orders: releases that were ordered, answered or not.
        obeyed: releases that were acknowledged.
        losses: how often the kiosk noticed, and wrote down, that the door was lost.
        secured: from the mended wire to a locked far end that the kiosk has heard, each sequence.
        recovered: from the mended wire to an obeyed order.
        alone: from a fault that nobody mends until the kiosk has noticed it and the far end, where
            it has a timer of its own, has locked by that.
    """

    sequences: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    orders: int = 0
    obeyed: int = 0
    losses: int = 0
    secured: list[float] = field(default_factory=list)
    recovered: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)


def merged(parts: Sequence[Tally]) -> Tally:
    """All of them in one."""
    whole = Tally()
    for part in parts:
        for name in ("sequences", "orders", "obeyed", "losses", "secured", "recovered", "alone"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for fault, times in part.faults.items():
            whole.faults[fault] = whole.faults.get(fault, 0) + times
    return whole


class Trial:
    """Plays sequences against one rig.

    Args:
        rig: the driver and its peer.
        name: of the rig; with the seed and a number it names a sequence.
        seed: of all chances.
        only: throw this fault and no other; None for all that the rig knows.
    """

    def __init__(self, rig: Rig, name: str, seed: int = 0, only: Fault | None = None) -> None:
        self.tally = Tally()
        thrown = rig.faults if only is None else {only}
        self._faults = sorted(thrown, key=lambda fault: fault.name)
        self._rig = rig
        self._name, self._seed = name, seed
        self._number = 0
        self._chance = random.Random()  # noqa: S311 - chances of a test
        self._steps: list[str] = []
        self._lasting: Fault | None = None
        self._counted = self._ordered = self._obeyed = 0
        self._begins = self._ends = 0
        self._out_of_service = False
        self._controller = DoorController(rig.door, PASSAGE, SystemClock(), self._note)
        self._settle()
        self.tally = Tally(faults={fault.name: 0 for fault in self._faults})

    def play(self, number: int) -> None:
        """One sequence: orders and faults, then the wire is mended and all must be well.

        Raises:
            AssertionError: with the sequence, and how to play it again.
        """
        self._number, self._steps = number, []
        self._chance.seed(f"{self._name} {self._seed} {number}")
        for _ in range(self._chance.randint(2, 5)):
            self._chance.choice(self._moves())()
        if self._lasting is not None and self._chance.random() < 0.3:
            self._hold()
        self._mend()
        self._settle()
        self.tally.sequences += 1

    # -- moves -----------------------------------------------------------------------------------

    def _moves(self) -> list[Callable[[], None]]:
        return [
            self._order,
            self._order,
            self._order_through_a_fault,
            self._fault,
            self._fault,
            self._tend,
            self._secure,
            self._mend,
        ]

    def _order(self) -> None:
        """One release is ordered; the far end has moved for it once, or not at all."""
        self._steps.append("order")
        open_before, before = self._unlanded, self._rig.releases
        by = self._chance.choice((By.OPERATOR, By.GRANT))
        obeyed = refused = False
        with self._guarded():
            self._ordered += 1
            try:
                refused = self._controller.release(order(RELEASE_SECONDS), by) is not None
                obeyed = not refused
            except DoorRefused:
                refused = True
                raise
        self._ordered -= refused
        self._obeyed += obeyed
        self.tally.orders += not refused
        self.tally.obeyed += obeyed
        moved = self._rig.releases - before
        self._require(moved >= obeyed, "an order was acknowledged and did nothing")
        self._require(moved <= (not refused) + open_before, "one order released twice")

    def _order_through_a_fault(self) -> None:
        """Something happens while the order is on its way."""
        fault, after = (
            self._chance.choice(self._faults),
            self._chance.uniform(0.0, MID_ORDER_SECONDS),
        )

        def break_() -> None:
            time.sleep(after)
            self._rig.break_(fault)

        self._thrown(fault, f"{fault.name} after {after * 1000:.1f} ms of:")
        with ThreadPoolExecutor(1) as other:
            broken = other.submit(break_)
            self._order()
            broken.result()
        self._check()

    def _fault(self) -> None:
        fault = self._chance.choice(self._faults)
        self._thrown(fault, fault.name)
        self._rig.break_(fault)
        self._check()

    def _tend(self) -> None:
        seconds = self._chance.uniform(0.0, 0.3)
        self._steps.append(f"tend {seconds:.2f} s")
        end = time.monotonic() + seconds
        self._tend_until(lambda: time.monotonic() >= end, seconds + PATIENCE_SECONDS)

    def _secure(self) -> None:
        self._steps.append("secure")
        with self._guarded():
            self._controller.tell(OperatorCommand.SECURE)

    def _mend(self) -> None:
        self._steps.append("mend")
        self._rig.mend()
        self._lasting = None

    def _hold(self) -> None:
        """Nobody mends it: the kiosk notices, and a far end that can locks by itself."""
        self._steps.append("hold")
        began = time.monotonic()
        noticed = self._tend_until(lambda: self._controller.lost, PATIENCE_SECONDS)
        self._require(noticed, "nobody noticed that the wire is dead")
        if self._rig.timed_by_device:
            locked = eventually(lambda: not self._rig.unlocked, PATIENCE_SECONDS)
            self._require(locked, "the far end stayed released")
            self.tally.alone.append(time.monotonic() - began)

    def _thrown(self, fault: Fault, step: str) -> None:
        self._steps.append(step)
        self.tally.faults[fault.name] += 1
        if fault in LASTING:
            self._lasting = fault

    # -- what must hold --------------------------------------------------------------------------

    def _settle(self) -> None:
        """On a whole wire all is well again, by itself; then nothing is owed to this sequence."""
        began = time.monotonic()
        self._require(self._tend_until(self._is_well, PATIENCE_SECONDS), "no recovery")
        self.tally.secured.append(time.monotonic() - began)
        self._require(eventually(self._obeys, PATIENCE_SECONDS, TEND_SECONDS), "no order obeyed")
        self.tally.recovered.append(time.monotonic() - began)
        self._secure()
        self._require(self._tend_until(self._is_well, PATIENCE_SECONDS), "it did not lock")
        self._require(self._begins == self._ends, "a loss without its end is written down")
        self._counted, self._ordered, self._obeyed = self._rig.releases, 0, 0

    def _is_well(self) -> bool:
        return not self._out_of_service and not self._controller.lost and not self._rig.unlocked

    def _obeys(self) -> bool:
        obeyed = self._obeyed
        self._order()
        if self._obeyed == obeyed:
            self._tend_once()
        return self._obeyed > obeyed

    @property
    def _unlanded(self) -> int:
        """Orders of this sequence that the far end has not obeyed, and may yet."""
        return self._ordered - (self._rig.releases - self._counted)

    def _check(self) -> None:
        moved = self._rig.releases - self._counted
        self._require(moved <= self._ordered, "a release that nobody ordered")
        self._require(moved >= self._obeyed, "an order was acknowledged and did nothing")
        written = self._begins - self._ends
        self._require(written == self._controller.lost, "what is written down is not what is")

    def _require(self, true: bool, what: str) -> None:  # noqa: FBT001 - as an assertion reads
        assert true, (
            f"{what}: {', '.join(self._steps)}; {self._ordered} ordered, {self._obeyed} "
            f"acknowledged, {self._rig.releases - self._counted} released; again with "
            f"`tools/measure faults {self._name} --seed {self._seed} --first {self._number}`"
        )

    # -- as the kiosk does it --------------------------------------------------------------------

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """A loss puts the kiosk out of service, and is written down."""
        lost, begins = self._controller.lost, self._begins
        try:
            yield
        except DoorRefused:
            pass
        except DoorError:
            self._out_of_service = True
            self._require(lost or self._begins > begins, "a loss that nobody wrote down")
        self._check()

    def _tend_once(self) -> None:
        if not self._out_of_service:
            with self._guarded():
                self._controller.tend()
            return
        try:
            self._controller.recover()
        except DoorError:
            self._check()
        else:
            self._out_of_service = False

    def _tend_until(self, true: Callable[[], bool], within: float) -> bool:
        def tended() -> bool:
            self._tend_once()
            return true()

        return eventually(tended, within, TEND_SECONDS)

    def _note(self, event: JournalEvent) -> None:
        match event:
            case DoorChanged(state=Alarm.UNKNOWN, begins=begins):
                self._begins += begins
                self._ends += not begins
                self.tally.losses += begins
