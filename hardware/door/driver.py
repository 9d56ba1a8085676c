"""The base of every door driver: the last check of a release order before it is sent.

A release is sent at most once, never late, and never after the door was told to lock. So each order
to release gets a `Permit`, which is checked right before the order goes out; an order to secure
voids every permit that was given before, and so does closing the driver.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress

from kiosk.domain.access.states import Reason
from kiosk.domain.door.protocol import DoorReading, DoorRules, ReleaseOrder
from kiosk.domain.errors import DoorError, DoorRefused
from kiosk.domain.ports import Clock


class Permit:
    """The permit to send one release order.

    Args:
        check_rules: checks the order by the rules, at the present time.
        is_void: true once the door was secured or its driver closed.
    """

    def __init__(self, check_rules: Callable[[], None], is_void: Callable[[], bool]) -> None:
        self._check_rules = check_rules
        self._is_void = is_void

    @property
    def void(self) -> bool:
        """True once the door was secured, or its driver closed, after the order was given."""
        return self._is_void()

    def check(self) -> None:
        """Check the order. Call it last, right before sending.

        Raises:
            DoorRefused: the permit is void, the evidence is stale, or a time is not allowed.
        """
        self._check_rules()
        if self.void:
            raise taken_back()


def taken_back() -> DoorRefused:
    """The error for an order whose permit is void."""
    return DoorRefused(
        "The release was taken back: the door was secured, or its driver closed, after it was "
        "ordered.",
        "Order it again, if the door may still be released.",
    )


class DoorDriver(ABC):
    """Implements the `Door` port; a driver adds how its device is released, secured and closed.

    Attributes:
        two_stage: as the port says; true for a panel that owns the lock.

    Args:
        rules: checks that every order must pass.
        clock: measures the age of evidence.
        answer_seconds: time limit for an answer of the device.
    """

    two_stage = False

    def __init__(self, rules: DoorRules, clock: Clock, answer_seconds: float) -> None:
        self._rules = rules
        self._clock = clock
        self._answer_seconds = answer_seconds
        self._closed = False
        self._valid = object()  # replaced by each order to secure, which voids older permits

    def release(self, order: ReleaseOrder) -> Reason | None:
        """Release for a time; return when the device has acknowledged.

        Returns:
            None once the lock is released; a reason if a panel behind the driver refused.

        Raises:
            DoorTimeout: no acknowledgement came; a lock that did move locks again by itself.
            DoorRefused: stale evidence, a time that is not allowed, or the door was secured
                meanwhile; nothing of the order remains.
            DoorUnusable: the device is there, but does not match the settings.
        """
        permit = self._permit(order)
        self._rules.check(order, self._clock.monotonic())  # before anything waits for the device
        return self._release(order, permit)

    def secure(self) -> None:
        """Lock at once; a release that was not sent yet never will be.

        Raises:
            DoorTimeout: no acknowledgement came.
            DoorUnusable: the device is there, but does not match the settings.
        """
        self._valid = object()
        self._secure()

    @abstractmethod
    def status(self) -> DoorReading:
        """The current readings of the device.

        Raises:
            DoorTimeout: no answer came.
            DoorUnusable: the device is there, but does not match the settings.
        """

    def close(self) -> None:
        """Secure the door and close the device; raises nothing, and may be called twice."""
        if self._closed:
            return
        self._closed = True
        with suppress(DoorError):  # the device's own timer ends a running release
            self.secure()
        self._close_device()

    def _permit(self, order: ReleaseOrder) -> Permit:
        """The permit for an order that was given now."""
        valid = self._valid
        return Permit(
            lambda: self._rules.check(order, self._clock.monotonic()),
            lambda: self._closed or self._valid is not valid,
        )

    @abstractmethod
    def _release(self, order: ReleaseOrder, permit: Permit) -> Reason | None:
        """Send a release once, right after ``permit.check()``; see `release`."""

    @abstractmethod
    def _secure(self) -> None:
        """Lock; see `secure`."""

    @abstractmethod
    def _close_device(self) -> None:
        """Close the device, after the door was secured."""
