"""How soon something that failed at the door is tried again.

A wire that is cut is tried twice a second: whatever was left released is to be locked as soon as it
is whole. A device that is there and refuses would refuse again, so it is asked less and less often:
a hundred wrong passwords a minute lock accounts, fill logs and wear small devices out.
"""

from __future__ import annotations

from kiosk.domain.errors import DoorError, DoorUnusable
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant

LOST_SECONDS = 0.5
REFUSED_SECONDS = 2.0
"""One try may be two requests, and locking and asking are two tries."""
MOST_SECONDS = 16.0


class RetryDelay:
    """Of one kind of try.

    Args:
        clock: the machine's.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause = REFUSED_SECONDS
        self._until = Instant(float("-inf"))
        self._error: DoorError | None = None

    def refuse(self) -> None:
        """Go no further as long as it is too soon.

        Raises:
            DoorError: as the last try did.
        """
        if self._error is not None and self._clock.monotonic() < self._until:
            raise type(self._error)(self._error.problem, self._error.remedy)

    def failed(self, error: DoorError) -> None:
        """A try has failed, now."""
        refused = isinstance(error, DoorUnusable)
        pause = self._pause if refused else LOST_SECONDS
        self._pause = min(self._pause * 2, MOST_SECONDS) if refused else REFUSED_SECONDS
        self._error, self._until = error, Instant(self._clock.monotonic() + pause)

    def forget(self) -> None:
        """It worked, or somebody wants it tried now."""
        self._error, self._pause = None, REFUSED_SECONDS
