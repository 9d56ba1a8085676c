"""A second admin is told each field of what they sign: none of it is changed unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from tuf.api.metadata import TargetFile, Targets

from kiosk.domain.access.factors import Factor, Factors, Pin, StepUp
from kiosk.domain.errors import FleetRefused
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import Reference, ReferenceId, SpaceId, SubjectId, Template
from kiosk.fleet.cards import OPENING_BYTES, DeviceCard, DeviceKeys, ScopeCard
from kiosk.fleet.checking.people import person_difference
from kiosk.fleet.checking.signed import SignedDifference
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.records import EnrolmentProof, FleetPerson, FleetReport
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.trust.verified import VerifiedStore
from kiosk.store.people.person import Profile

HARBOUR, YARD = "harbour", "yard"
AT, LATER = datetime(2026, 5, 4, 9, 30, tzinfo=UTC), datetime(2026, 5, 5, 9, 30, tzinfo=UTC)
Card = DeviceCard | InviterCard | ScopeCard


@dataclass
class CardStore:
    """Where the contents of targets lie: as much of a store as a difference reads."""

    contents: dict[str, bytes] = field(default_factory=dict)

    def targets(self, path: str, card: Card) -> Targets:
        """Targets of this one card."""
        data = card.encode()
        info = TargetFile.from_data(path, data, ["sha256"])
        self.contents[info.hashes["sha256"]] = data
        return Targets(targets={path: info})

    def read_target(self, targets: Targets, path: str) -> bytes | None:
        info = targets.targets.get(path)
        return None if info is None else self.contents[info.hashes["sha256"]]


def path_of(card: Card) -> str:
    if isinstance(card, ScopeCard):
        return layout.scope_target(card.scope)
    if isinstance(card, InviterCard):
        return layout.inviter_target(card.fingerprint)
    return layout.device_target(card.keys.fingerprint)


def told(before: Card | None, after: Card, path: str | None = None) -> list[str]:
    """What is told of a card in the place of another one."""
    store, where = CardStore(), path or path_of(after)
    old = Targets() if before is None else store.targets(where, before)
    new = store.targets(where, after)
    return SignedDifference(cast("VerifiedStore", store), old, new, Keyring(Path("nowhere"))).told()


KEYS = DeviceKeys(bytes(32), bytes(OPENING_BYTES))
CARDS: Mapping[type[Card], tuple[Card, dict[str, Any]]] = {
    DeviceCard: (
        DeviceCard(KEYS, "front", {HARBOUR: b"1"}, {YARD: 1}),
        {
            "keys": DeviceKeys(b"1" * 32, bytes(OPENING_BYTES)),
            "door": "back",
            "scopes": {HARBOUR: b"2"},
            "dropped": {YARD: 10**9},
        },
    ),
    InviterCard: (
        InviterCard("desk", bytes(32), (HARBOUR,), ("guests",), {HARBOUR: 1}),
        {
            "name": "gate",
            "signing": b"1" * 32,
            "scopes": (HARBOUR, YARD),
            "groups": ("staff",),
            "dropped": {HARBOUR: 10**9},
        },
    ),
    ScopeCard: (
        ScopeCard(HARBOUR, ("front",), ("a" * 32,), {"b" * 32: b"1"}, names=True),
        {
            "scope": YARD,
            "doors": ("front", "back"),
            "devices": ("c" * 32,),
            "keys": {"b" * 32: b"2"},
            "names": False,
        },
    ),
}
SWAPPED = {(DeviceCard, "keys"), (InviterCard, "signing"), (ScopeCard, "scope")}
"""Fields that say whose card it is: in the place of another one's it is refused."""


def card_fields() -> Iterator[Any]:
    for kind in CARDS:
        for each in fields(kind):
            yield pytest.param(kind, each.name, id=f"{kind.__name__}.{each.name}")


@pytest.mark.parametrize(("kind", "name"), [*card_fields()])
def test_each_field_of_a_card_is_told(kind: type[Card], name: str) -> None:
    """A field that is new in a card has no other value here, and fails."""
    base, others = CARDS[kind]
    changed = replace(base, **{name: others[name]})
    if (kind, name) in SWAPPED:
        with pytest.raises(FleetRefused, match="speaks of"):
            told(base, changed, path_of(base))
        return
    said = told(base, changed)
    assert said
    assert told(changed, changed) == []
    assert not any("SHA-256" in line for line in said)


@pytest.mark.parametrize(("kind", "name"), [*card_fields()])
def test_each_field_of_a_new_card_of_a_scope_or_an_inviter_is_told(
    kind: type[Card], name: str
) -> None:
    base, others = CARDS[kind]
    other = replace(base, **{name: others[name]})
    unseen = {(DeviceCard, "scopes"), (ScopeCard, "keys")}  # wrapped keys: that there are some
    assert (told(None, base) != told(None, other)) is ((kind, name) not in unseen)


def test_up_to_where_a_dropped_desk_counts_is_told() -> None:
    desk, others = CARDS[InviterCard]
    said = told(desk, replace(desk, dropped=others["dropped"]))
    assert f"what it says about {HARBOUR} counts up to statement {10**9}." in " ".join(said)
    assert any("and may invite again" in line for line in told(desk, replace(desk, dropped=None)))
    assert any("statement 1 " in line for line in told(desk, replace(desk, dropped={})))


@pytest.mark.parametrize("dropped", [None, {}])
def test_that_a_device_counts_again_is_told(dropped: Mapping[str, int] | None) -> None:
    device, _ = CARDS[DeviceCard]
    (line,) = told(device, replace(device, dropped=dropped))
    assert "that it counts up to statement 1 what it said about yard is taken away" in line


def test_what_is_not_understood_is_named_by_its_hash() -> None:
    device, _ = CARDS[DeviceCard]
    (line,) = told(replace(device, dropped=None), replace(device, dropped={}))
    assert "is another: " in line
    assert "SHA-256" in line


# -- people --------------------------------------------------------------------------------------


def reference(number: int, seed: int = 1) -> Reference:
    vector = np.eye(4, dtype="<f4")[seed]
    subject = SubjectId("eve")
    return Reference(ReferenceId(f"r{number}"), subject, Template(vector, SpaceId("space")))


PIN, OTHER = Pin(b"salt", b"digest"), Pin(b"sugar", b"digest")
CONSENT = Consent("Yes.", AT)
EVE = FleetPerson(SubjectId("eve"), Profile("Eve", CONSENT, AT), (reference(1),))
VALUES: Mapping[type[Any], dict[str, Any]] = {
    Consent: {
        "text": "Perhaps.",
        "given_at": LATER,
        "version": "3",
        "language": "de",
        "act": "nod",
        "picture": True,
        "cloud": True,
    },
    PersonRules: {
        "groups": ("staff",),
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 1, 1),
        "needs_longer": True,
        "credential": 4711,
        "suspended": True,
    },
    Factors: {
        "required": Factor.BADGE,
        "pin": PIN,
        "duress": PIN,
        "badge": "serial",
        "step_up": StepUp.REPORTED,
    },
    Profile: {"given_name": "Eva", "enrolled_at": LATER},
    FleetPerson: {
        "references": (reference(1), reference(2)),
        "proof": EnrolmentProof("code", "terms"),
    },
}
PARTS = {Consent: "consent", PersonRules: "rules", Factors: "factors"}
BY_PART = {Profile: set(PARTS.values()), FleetPerson: {"subject", "profile", "moved"}}
"""Fields that are changed part by part, or that make another person or nobody of them."""


def person_fields() -> Iterator[Any]:
    for kind in VALUES:
        for each in fields(kind):
            if each.name not in BY_PART.get(kind, ()):
                yield pytest.param(kind, each.name, id=f"{kind.__name__}.{each.name}")


def with_field(kind: type[Any], name: str) -> FleetPerson:
    """Somebody with another value in one field."""
    value, profile = VALUES[kind][name], EVE.profile
    assert profile is not None
    if kind is FleetPerson:
        return replace(EVE, **{name: value})
    if kind is Profile:
        return replace(EVE, profile=replace(profile, **{name: value}))
    part = replace(getattr(profile, PARTS[kind]), **{name: value})
    return replace(EVE, profile=replace(profile, **{PARTS[kind]: part}))


def people_told(before: FleetPerson | None, after: FleetPerson) -> tuple[str, ...]:
    return person_difference(HARBOUR, "admins", before, after).fields


@pytest.mark.parametrize(("kind", "name"), [*person_fields()])
def test_each_field_of_a_person_is_told(kind: type[Any], name: str) -> None:
    other = with_field(kind, name)
    assert people_told(EVE, EVE) == people_told(other, other) == ()
    assert people_told(EVE, other)
    assert people_told(None, other) != people_told(None, EVE)
    secrets = ("serial", "code", "terms", "salt", "digest")
    assert not any(each in " ".join(people_told(None, other)) for each in secrets)


def test_what_somebody_new_would_have_is_told() -> None:
    rules = PersonRules(("staff", "lab"), needs_longer=True, credential=4711)
    factors = Factors(Factor.PIN, PIN, PIN, "serial", StepUp.LOOKALIKE)
    assert EVE.profile is not None
    profile = replace(EVE.profile, rules=rules, factors=factors)
    assert people_told(None, replace(EVE, profile=profile)) == (
        "name: Eve",
        "consent: 'Yes.' at 2026-05-04 09:30",
        "enrolled: 2026-05-04 09:30",
        "references: 1",
        "groups: staff, lab",
        "needs_longer: True",
        "credential: 4711",
        "factors: a PIN, a duress PIN, a badge, asked for pin, asked for one because of lookalike",
    )


def test_factors_that_look_alike_and_are_others_are_told() -> None:
    assert EVE.profile is not None
    old, new = (
        replace(EVE, profile=replace(EVE.profile, factors=Factors(pin=pin))) for pin in (PIN, OTHER)
    )
    assert people_told(old, new) == ("factors: others, a PIN",)
    assert people_told(new, EVE) == ("factors: others, none",)


def test_a_long_consent_is_told_by_its_hash() -> None:
    assert EVE.profile is not None
    long = [
        replace(EVE, profile=replace(EVE.profile, consent=replace(CONSENT, text="x" * 70 + end)))
        for end in ("a", "b")
    ]
    assert people_told(None, long[0]) != people_told(None, long[1])
    assert "71 characters of SHA-256 " in people_told(None, long[0])[1]


def test_the_same_ids_with_other_templates_are_told() -> None:
    for other in (reference(1, 2), replace_space(reference(1))):
        said = people_told(EVE, replace(EVE, references=(other,)))
        assert said == ("references: the same ids with other templates",)


def replace_space(one: Reference) -> Reference:
    return replace(one, template=Template(one.template.vector, SpaceId("other")))


def test_who_moves_is_told_from_who_is_erased() -> None:
    gone = FleetPerson(EVE.subject, None)
    assert person_difference(HARBOUR, "admins", EVE, gone).what == "erased"
    assert people_told(EVE, gone) == ()
    assert people_told(EVE, replace(gone, moved=True)) == ("moved: they are in another scope",)


def test_a_report_is_told() -> None:
    reports = [FleetReport(EVE.subject, cleared=cleared) for cleared in (False, True)]
    said = [person_difference(HARBOUR, "admins", None, report).fields for report in reports]
    assert said == [("reported at a door",), ("the report about them is cleared",)]
