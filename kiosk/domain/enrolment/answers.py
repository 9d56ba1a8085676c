"""Answers: yes or no, and the act by which a person gave it. No step takes a voice or a touch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kiosk.domain.vision.frame import Instant

YES_CODE, NO_CODE = "LINTEL-YES", "LINTEL-NO"
"""The texts of the two answer codes on the sheet, where the settings ask for no signed form."""


def signed_answer(plain: str, ident: str) -> bytes:
    """The text that is signed for an answer code of one invitation only.

    Args:
        plain: `YES_CODE` or `NO_CODE`.
        ident: the invitation's id, hexadecimal.
    """
    return f"Lintel answer, version 1\n{plain}\n{ident}".encode()


class Answer(Enum):
    """The two answers to every question; on the screen no is on the left and yes on the right."""

    YES = "yes"
    NO = "no"


class Act(Enum):
    """The way in which an answer was given; it is recorded with the consent."""

    NOD = "nod"
    SHAKE = "shake"
    TARGET = "target"
    """The face was held in the area of an answer on the screen."""
    CODE = "code"
    """A code of the sheet was held up to the camera."""
    TOUCH = "touch"
    KEY = "key"


HEAD_ACTS = frozenset({Act.NOD, Act.SHAKE, Act.TARGET})
"""Acts that may happen by mistake: they can be undone for a moment."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that a person gave.

    Attributes:
        answer: yes or no.
        act: how it was given.
        at: when the act was complete.
    """

    answer: Answer
    act: Act
    at: Instant

    @property
    def by_head(self) -> bool:
        """True if it can be undone for a moment."""
        return self.act in HEAD_ACTS


@dataclass(frozen=True, slots=True)
class AgreedTo:
    """The consent that a person gave.

    Attributes:
        given: the answer and the act that gave it.
        language: the language of the notice; None for that of the settings.
        picture: true if they also agreed that an encrypted picture is kept.
        cloud: true if they also agreed to be matched by Amazon Rekognition.
    """

    given: Given
    language: str | None
    picture: bool = False
    cloud: bool = False
