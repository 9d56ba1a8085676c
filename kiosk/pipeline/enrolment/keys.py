"""What is said to an enrolment by touch, key or button; any thread may pass it on."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.domain.enrolment.answers import Act, Answer, Given
from kiosk.domain.enrolment.events import (
    DataWanted,
    Feedback,
    FeedbackGiven,
    FewerPoses,
    Judged,
    LanguageChosen,
    PinTyped,
    Replied,
    StopWanted,
    Voiced,
)
from kiosk.domain.enrolment.invitee import Invitee
from kiosk.domain.enrolment.poses import PosesReason
from kiosk.domain.prompts import Prompt
from kiosk.domain.vision.frame import Instant
from kiosk.pipeline.enrolment.switch import EnrolmentInbox


class EnrolmentKeys:
    """Passes input on to the thread that owns the enrolment; returns at once.

    Args:
        inbox: of that thread.
        now: the monotonic clock.
    """

    def __init__(self, inbox: EnrolmentInbox, now: Callable[[], Instant]) -> None:
        self._inbox = inbox
        self._now = now

    def reply(self, asked: Prompt, answer: Answer, act: Act) -> None:
        """Take an answer to the question that is on the screen."""
        self._inbox.put(Replied(asked, Given(answer, act, self._now())))

    def vouch(self, invitee: Invitee, poses_required: int, reason: PosesReason | None) -> None:
        """Take that an admin vouches for somebody; it begins once the door decides on nobody.

        Args:
            invitee: the person.
            poses_required: the directions that they may do with.
            reason: the admin's reason for fewer; None for those of the policy.
        """
        now = self._now()
        fewer = None if reason is None else FewerPoses(now, poses_required, reason)
        self._inbox.put(Judged(now, invitee, fewer=fewer))

    def want_data(self) -> None:
        """Take that somebody wants to see what is kept about them."""
        self._inbox.put(DataWanted(self._now()))

    def type_pin(self, code: str) -> None:
        """Take the PIN of a badge."""
        self._inbox.put(PinTyped(self._now(), code))

    def relax(self, poses_required: int, reason: PosesReason) -> None:
        """Take that an admin lets whoever enrols now do with fewer directions."""
        self._inbox.put(FewerPoses(self._now(), poses_required, reason))

    def stop(self) -> None:
        """Take the wish to stop: nothing is kept."""
        self._inbox.put(StopWanted(self._now()))

    def choose_language(self, language: str) -> None:
        """Take another language for the session."""
        self._inbox.put(LanguageChosen(self._now(), language))

    def give_feedback(self, feedback: Feedback) -> None:
        """Take what somebody says about a result, without their name."""
        self._inbox.put(FeedbackGiven(self._now(), feedback))

    def voiced(self, prompt: Prompt) -> None:
        """Take that the voice has said the whole of a prompt."""
        self._inbox.put(Voiced(self._now(), prompt))
