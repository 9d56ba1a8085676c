"""The consent of a subject (R73): the text's hash and the day. No consent, no template."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was given.

    Attributes:
        text: the text agreed to, as it was read.
        given_at: when, in UTC.
        version: of the notice; None where the text is no notice of this program's.
        language: ISO 639-1 code of the language in which it was read; None where nobody noted it.
        act: how it was given (`Act.value`); None where an admin noted it.
        picture: True if they also agreed that an encrypted picture is kept.
        cloud: True if the text names Amazon Rekognition, and they agreed to be matched there too.

    Raises:
        BadInput: there is no text, or the time is not in UTC.
    """

    text: str
    given_at: datetime
    version: str | None = None
    language: str | None = None
    act: str | None = None
    picture: bool = False
    cloud: bool = False

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise BadInput(
                "The consent is empty.",
                "Give the text, or the name and version of the form, that was agreed to.",
            )
        if self.given_at.utcoffset() != timedelta(0):
            raise BadInput("The time of the consent is not in UTC.", "Give it with its zone.")

    @property
    def text_sha256(self) -> str:
        """The hash that proves later which text it was."""
        return hashlib.sha256(self.text.encode(errors="surrogateescape")).hexdigest()
