"""What the screen shows of an enrolment: one question or one thing to do, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.enrolment.answers import Answer
from kiosk.domain.enrolment.facts import DataFact
from kiosk.domain.enrolment.poses import PoseDirection
from kiosk.domain.prompts import Prompt, Tone
from kiosk.domain.vision.frame import Instant


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    """The content of the screen during an enrolment. Never a score, never a name.

    Attributes:
        prompt: the sentence.
        tone: the look.
        asks: true if the prompt is a question with two answers.
        dots: the place in the sequence, counted from 1, and its length; (0, 0) outside of it.
        directions: those in which a view was taken.
        wanted: the direction that is asked for now; None if none is.
        fill: how far the ring is filled on that side, 0 to 1.
        until: when something ends by itself that the person may want to know: the time to undo, or
            to say that they are still there; None otherwise.
        answered: an answer that can be undone until `until`; None if there is none.
        facts: what is kept about the person, or was read from their document.
        receipt: the number of a receipt, shown as text and as a code; None for none.
        document: true if the frame for a document is drawn.
        language: the language of the session; None for that of the settings.
    """

    prompt: Prompt
    tone: Tone
    asks: bool = False
    dots: tuple[int, int] = (0, 0)
    directions: frozenset[PoseDirection] = frozenset()
    wanted: PoseDirection | None = None
    fill: float = 0.0
    until: Instant | None = None
    answered: Answer | None = None
    facts: tuple[DataFact, ...] = ()
    receipt: str | None = None
    document: bool = False
    language: str | None = None
