"""The retry delay after a failure at the door.

A cut wire is retried twice a second: a lock that was left released must be secured as soon as the
connection is back. A device that is present and refuses would refuse again, so it is retried less
and less often: a hundred wrong passwords a minute lock accounts, fill logs and wear small devices
out.
"""

from __future__ import annotations

from kiosk.domain.errors import DoorError, DoorUnusable
from kiosk.domain.ports import Clock
from kiosk.domain.vision.frame import Instant

LOST_SECONDS = 0.5
REFUSED_SECONDS = 2.0
"""One try may be two requests, and securing and reading the status are two tries."""
MOST_SECONDS = 16.0


class RetryDelay:
    """The retry delay of one kind of request.

    Args:
        clock: the system clock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause = REFUSED_SECONDS
        self._until = Instant(float("-inf"))
        self._error: DoorError | None = None

    def refuse(self) -> None:
        """Raise the last error again while it is too soon for a retry.

        Raises:
            DoorError: the error of the last try.
        """
        if self._error is not None and self._clock.monotonic() < self._until:
            raise type(self._error)(self._error.problem, self._error.remedy)

    def failed(self, error: DoorError) -> None:
        """Record that a try has failed now."""
        refused = isinstance(error, DoorUnusable)
        pause = self._pause if refused else LOST_SECONDS
        self._pause = min(self._pause * 2, MOST_SECONDS) if refused else REFUSED_SECONDS
        self._error, self._until = error, Instant(self._clock.monotonic() + pause)

    def forget(self) -> None:
        """Reset the delay: the last try succeeded, or an immediate retry was requested."""
        self._error, self._pause = None, REFUSED_SECONDS
