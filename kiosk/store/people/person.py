"""An enrolled subject's data beside the templates; all of it is stored sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kiosk.domain.access.factors import Factor, Factors, Pin, StepUp
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import SpaceId, SubjectId


@dataclass(frozen=True, slots=True)
class Profile:
    """The sealed part.

    Attributes:
        given_name: the name shown on the screen; None where none was given.
        consent: the consent they gave.
        enrolled_at: when, UTC.
        rules: their access rules.
        factors: the factors required beside their face.
    """

    given_name: str | None
    consent: Consent
    enrolled_at: datetime
    rules: PersonRules = PersonRules()
    factors: Factors = Factors()

    def __repr__(self) -> str:
        return "Profile(<hidden>)"

    def encode(self) -> bytes:
        """The plaintext to be sealed. Rules and factors are included once any are set."""
        said: dict[str, Any] = {
            "given_name": self.given_name,
            "consent_text": self.consent.text,
            "consent_sha256": self.consent.text_sha256,
            "consent_at": self.consent.given_at.isoformat(),
            "enrolled_at": self.enrolled_at.isoformat(),
        }
        if given := _consent_said(self.consent):
            said["consent_given"] = given
        if self.rules != PersonRules():
            said["rules"] = _rules_said(self.rules)
        if self.factors != Factors():
            said["factors"] = _factors_said(self.factors)
        return json.dumps(said).encode()

    @classmethod
    def decode(cls, plain: bytes) -> Profile:
        """Decode the plaintext of `encode`.

        Raises:
            KeyError, TypeError, ValueError: it holds content unknown to this version.
        """
        raw = json.loads(plain)
        return cls(
            raw["given_name"],
            _consent(raw),
            datetime.fromisoformat(raw["enrolled_at"]),
            _rules(raw["rules"]) if "rules" in raw else PersonRules(),
            _factors(raw["factors"]) if "factors" in raw else Factors(),
        )


@dataclass(frozen=True, slots=True)
class EnrolledPerson:
    """An enrolled subject as shown to an admin. Holds no template.

    Attributes:
        subject: their opaque id.
        references: the number of stored templates.
        spaces: the embedding spaces of these.
        profile: the sealed part.
    """

    subject: SubjectId
    references: int
    spaces: tuple[SpaceId, ...]
    profile: Profile


# -- encoding ------------------------------------------------------------------------------------


def pin_said(pin: Pin | None) -> dict[str, Any] | None:
    """A PIN's hash as a JSON object."""
    if pin is None:
        return None
    return {"salt": pin.salt.hex(), "digest": pin.digest.hex(), "rounds": pin.rounds}


def pin_of(raw: Mapping[str, Any] | None) -> Pin | None:
    """Decode the result of `pin_said`.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    if raw is None:
        return None
    return Pin(bytes.fromhex(raw["salt"]), bytes.fromhex(raw["digest"]), int(raw["rounds"]))


def _consent_said(consent: Consent) -> dict[str, Any]:
    """How a consent was given, as far as that was noted."""
    said = {
        "version": consent.version,
        "language": consent.language,
        "act": consent.act,
        "picture": consent.picture or None,
        "cloud": consent.cloud or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _consent(raw: Mapping[str, Any]) -> Consent:
    given = raw.get("consent_given", {})
    return Consent(
        raw["consent_text"],
        datetime.fromisoformat(raw["consent_at"]),
        version=given.get("version"),
        language=given.get("language"),
        act=given.get("act"),
        picture=bool(given.get("picture", False)),
        cloud=given.get("cloud", False) is True,
    )


def _rules_said(rules: PersonRules) -> dict[str, Any]:
    return {
        "groups": list(rules.groups),
        "valid_from": rules.valid_from.isoformat() if rules.valid_from else None,
        "valid_until": rules.valid_until.isoformat() if rules.valid_until else None,
        "needs_longer": rules.needs_longer,
        "credential": rules.credential,
        **({"suspended": True} if rules.suspended else {}),
    }


def _rules(raw: Mapping[str, Any]) -> PersonRules:
    return PersonRules(
        groups=tuple(raw["groups"]),
        valid_from=_day(raw["valid_from"]),
        valid_until=_day(raw["valid_until"]),
        needs_longer=raw["needs_longer"],
        credential=raw["credential"],
        suspended=bool(raw.get("suspended", False)),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _factors_said(factors: Factors) -> dict[str, Any]:
    return {
        "required": factors.required.value,
        "pin": pin_said(factors.pin),
        "duress": pin_said(factors.duress),
        "badge": factors.badge,
        **({} if factors.step_up is StepUp.NONE else {"step_up": factors.step_up.value}),
    }


def _factors(raw: Mapping[str, Any]) -> Factors:
    return Factors(
        required=Factor(raw["required"]),
        pin=pin_of(raw["pin"]),
        duress=pin_of(raw["duress"]),
        badge=raw["badge"],
        step_up=StepUp(raw.get("step_up", StepUp.NONE.value)),
    )
