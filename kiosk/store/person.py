"""What is known about an enrolled subject beside their templates; all of it is stored sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.consent import Consent
from kiosk.domain.template import SpaceId, SubjectId


@dataclass(frozen=True, slots=True)
class Profile:
    """The sealed part.

    Attributes:
        given_name: what the screen may call them; None where none was given.
        consent: what they agreed to.
        enrolled_at: when, UTC.
    """

    given_name: str | None
    consent: Consent
    enrolled_at: datetime

    def __repr__(self) -> str:
        return "Profile(<hidden>)"

    def encode(self) -> bytes:
        """As it is sealed."""
        return json.dumps(
            {
                "given_name": self.given_name,
                "consent_text": self.consent.text,
                "consent_sha256": self.consent.text_sha256,
                "consent_at": self.consent.given_at.isoformat(),
                "enrolled_at": self.enrolled_at.isoformat(),
            }
        ).encode()

    @classmethod
    def decode(cls, plain: bytes) -> Profile:
        """Back from what was sealed."""
        raw = json.loads(plain)
        consent = Consent(raw["consent_text"], datetime.fromisoformat(raw["consent_at"]))
        return cls(raw["given_name"], consent, datetime.fromisoformat(raw["enrolled_at"]))


@dataclass(frozen=True, slots=True)
class Person:
    """An enrolled subject, as an admin sees them. Holds no template.

    Attributes:
        subject: their opaque id.
        references: how many templates are stored.
        spaces: the embedding spaces of these.
        profile: the rest.
    """

    subject: SubjectId
    references: int
    spaces: tuple[SpaceId, ...]
    profile: Profile
