"""The simulated door in its rig. It has no bytes to garble or to play again, and no thread."""

from __future__ import annotations

from door_rig import RULES, Fault, Rig

from hardware.sim.door import SimulatedDoor
from kiosk.pipeline.clock import SystemClock


class SimulatedRig(Rig):
    """A wire that can be cut and that can be slow."""

    faults = frozenset({Fault.CUT, Fault.KILL, Fault.LATE})

    def __init__(self) -> None:
        self.door: SimulatedDoor = SimulatedDoor(RULES, SystemClock(), answer_seconds=0.2)

    @property
    def unlocked(self) -> bool:
        return self.door.unlocked

    @property
    def releases(self) -> int:
        return self.door.releases

    def move_leaf(self, *, to_open: bool) -> None:
        if to_open:
            self.door.leaf_opens()
        else:
            self.door.leaf_closes()

    def break_(self, fault: Fault) -> None:
        if fault is Fault.LATE:
            self.door.answers_after(0.3)
        else:
            self.door.cut_wire()

    def mend(self) -> None:
        self.door.answers_after(0.0)
        self.door.mend_wire()

    def close(self) -> None:
        self.door.close()
