"""The upkeep of a door between decisions: holds and schedule are applied, and it is polled."""

from __future__ import annotations

from kiosk.domain.door.model import OperatorCommand
from kiosk.door.authorizer import AccessAuthorizer
from kiosk.door.controller import DoorController
from kiosk.door.kept_state import KeptState
from kiosk.door.wall_clock import Wall
from kiosk.journal.events.running import CLOCK, PartFailed, PartRecovered
from kiosk.journal.recorder import JournalRecorder


class DoorUpkeep:
    """Keeps the door as holds and schedule demand. Owned by one thread, the effects loop's.

    Args:
        controller: moves the door.
        authorizer: passes the schedule on.
        kept: the holds of operators.
        wall: checks if the wall clock is reliable.
        recorder: writes the journal.
    """

    def __init__(
        self,
        controller: DoorController,
        authorizer: AccessAuthorizer,
        kept: KeptState,
        wall: Wall,
        recorder: JournalRecorder,
    ) -> None:
        self._controller = controller
        self._authorizer = authorizer
        self._kept = kept
        self._wall = wall
        self._recorder = recorder
        self._clock_problem: str | None = None
        self._began = False

    def tend(self) -> None:
        """Apply schedule and holds to the door, and poll its status."""
        self.follow_holds()
        if not self._began:
            self._began = True
            self._authorizer.forget_erased()
        self._watch_clock()
        self._authorizer.tend()
        self._controller.tend()

    def recover(self) -> None:
        """Secure the door and read its status; raises while it does not answer."""
        self._controller.recover()

    def follow_holds(self) -> None:
        """Tell the door of a lockdown that began or ended since it was told last.

        Raises:
            DoorError: the door did not acknowledge; the command is repeated until it does.
        """
        locked = self._kept.locked_down
        if locked is not self._controller.locked_down:
            self._controller.tell(OperatorCommand.LOCK_DOWN if locked else OperatorCommand.LIFT)

    def _watch_clock(self) -> None:
        """Record an unreliable clock once, and its recovery once."""
        found = self._wall.problem()
        if (found is None) is (self._clock_problem is None):
            return
        before, self._clock_problem = self._clock_problem, found
        said = f"The clock is not to be relied on: {found or before}."
        self._recorder.note((PartRecovered if found is None else PartFailed)(CLOCK, said))
