"""What the stage needs that asks a service: the service itself, and what it takes to ask it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import State
from kiosk.domain.cloud.opinion import SearchResult
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.template import SubjectId


class LateResult(Protocol):
    """The answer of a service, which comes later or never; see `LateAnswer`."""

    def done(self) -> bool:
        """True once there is an answer or an error; never waits."""
        ...

    def result(self) -> SearchResult:
        """The answer; called once `done` is True. Raises MatchingUnavailable: there is none."""
        ...

    def cancel(self) -> object:
        """Give the question up; an answer that still comes is never read."""
        ...


class CloudMatcher(Protocol):
    """A service that knows whose a face is."""

    def ask(self, picture: bytes, claimed: SubjectId | None, seconds: float) -> LateResult:
        """Ask whose a face is; returns at once.

        Args:
            picture: JPEG of one face.
            claimed: the only person whom it may be, where a badge says so; None for everybody.
            seconds: the most that the answer may take.

        Raises:
            MatchingUnavailable: nothing can be asked now.
        """
        ...

    def close(self) -> None:
        """Give up everything under way."""
        ...


@dataclass(frozen=True, slots=True)
class CloudParts:
    """What the stage is given.

    Attributes:
        matcher: the service.
        look: where the access session stands, and the policy in force; called in the same thread.
        agreed: True if the consent of a person names the service.
        encode: makes a JPEG of a cut-out.
        answer_seconds: the most from a question to the decision.
    """

    matcher: CloudMatcher
    look: Callable[[], tuple[State, AccessPolicy]]
    agreed: Callable[[SubjectId], bool]
    encode: Callable[[Pixels], bytes]
    answer_seconds: float
