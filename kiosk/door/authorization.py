"""The authorization policy: who may pass a door when, and for how long it is released."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.domain.door.model import PassageRules
from kiosk.domain.people.rules import Site


@dataclass(frozen=True, slots=True)
class AuthorizationPolicy:
    """The authorization policy of a door.

    Attributes:
        site: the rules for who may pass when.
        passage: the door model's rules, with the release times.
    """

    site: Site
    passage: PassageRules
