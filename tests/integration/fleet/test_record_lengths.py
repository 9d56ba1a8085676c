"""What devices and desks say is published up to a length that honest ones never reach."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from securesystemslib.signer import Signature
from small_fleet import HARBOUR, Kiosk, SmallFleet, everything, gone, person

from config.settings import Settings
from kiosk.domain.fleet.statement import PersonChange, Statement
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import Reference, SpaceId, SubjectId, Template
from kiosk.fleet.inviting.proof import MOST_REFERENCES, reference_id
from kiosk.fleet.inviting.terms import invitation_use
from kiosk.fleet.records import EnrolmentProof, FleetContent, FleetPerson, FleetReport
from kiosk.fleet.saying import said_by, signed_file
from kiosk.fleet.scope_file import ScopeFile, SealedRecord
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.uploads.lengths import (
    MOST_CHANGE_BYTES,
    MOST_ENROLMENT_BYTES,
    MOST_STATEMENT_BYTES,
    MOST_TERMS_BYTES,
    MOST_UNINVITED_BYTES,
)
from kiosk.fleet.uploads.limits import MOST_UNINVITED
from kiosk.people.invitations import InvitationWish
from kiosk.store.people.person import Profile
from kiosk.ui.strings import languages
from kiosk.wiring.enrolment import notice
from models.packs.installed import load_manifest

SUBJECT, NAME = SubjectId("s" * 64), "\U0001f600" * 60
"""The longest that there may be, of characters that are written longest."""
GROUPS = tuple(f"{n:040}" for n in range(100))
"""More than anybody is in."""


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path) as made:
        yield made


@pytest.fixture
def front(fleet: SmallFleet) -> Kiosk:
    kiosk = fleet.kiosk("front")
    fleet.told(person("anna"))
    return kiosk


def longest_notice() -> str:
    """The longest text to which somebody agrees at a kiosk, as it is written in a record."""
    words = {"organisation": 60, "purpose": 60, "contact": 80, "other_way": 60}
    settings = Settings.model_validate({"screen": {it: "\u6e2c" * n for it, n in words.items()}})
    return max((notice(settings, it) for it in languages()), key=lambda it: len(ascii(it)))


def template(number: int) -> Template:
    """One in the space of the network with the most dimensions."""
    files = [file for pack in load_manifest().packs.values() for file in pack.files]
    dimensions = max(each.dimensions for each in files)
    vector = np.random.default_rng(number).standard_normal(dimensions).astype("<f4")
    return Template(vector / np.linalg.norm(vector), SpaceId("s" * 64))


def invited(fleet: SmallFleet) -> tuple[str, FleetPerson]:
    """Somebody with the most of everything, and what their invitation is used with."""
    wish = InvitationWish(SUBJECT, timedelta(days=7), NAME, groups=GROUPS)
    issued = fleet.inviter().issue(HARBOUR, wish)
    uses = invitation_use(bytes.fromhex(issued.terms.ident))
    consent = Consent(longest_notice(), fleet.clock.utc(), "1" * 20, "de", "signed codes")
    consent = replace(consent, picture=True, cloud=True)
    rules = PersonRules(groups=GROUPS)
    profile = Profile(NAME, consent, fleet.clock.utc().replace(microsecond=0), rules)
    references = tuple(
        Reference(reference_id(uses, SUBJECT, n), SUBJECT, template(n))
        for n in range(MOST_REFERENCES)
    )
    return uses, FleetPerson(
        SUBJECT, profile, references, EnrolmentProof(issued.code, issued.terms.encode())
    )


def said(
    fleet: SmallFleet, front: Kiosk, contents: Sequence[FleetContent], uses: str | None = None
) -> ScopeFile:
    """What the device says."""
    who = (front.fingerprint, [front.signer()], fleet.keys_of(), fleet.history())
    return said_by(*who, contents, fleet.clock.utc(), uses)


def lengths(file: ScopeFile) -> tuple[int, int]:
    """Of the statement, and of the longest record, in a file."""
    records = file.records.items()
    longest = max(len(ScopeFile(records={it: each}).encode()) for it, each in records)
    return len(ScopeFile(file.statements).encode()), longest


def test_whoever_has_the_most_of_everything_is_published(fleet: SmallFleet, front: Kiosk) -> None:
    uses, somebody = invited(fleet)
    (waiting,) = everything(fleet.store, layout.INVITATIONS).values()
    assert len(waiting) < MOST_TERMS_BYTES + MOST_STATEMENT_BYTES
    assert fleet.publish().review == []
    file = said(fleet, front, [somebody], uses)
    statement, record = lengths(file)
    assert MOST_ENROLMENT_BYTES / 2 < record < MOST_ENROLMENT_BYTES * 0.9
    assert statement < MOST_STATEMENT_BYTES
    fleet.hand_in(file)
    done = fleet.publish()
    assert (done.published, done.review) == ({HARBOUR: 1}, [])


def test_the_most_withdrawals_and_reports_of_a_day_are_published(
    fleet: SmallFleet, front: Kiosk
) -> None:
    half = range(MOST_UNINVITED // 2)
    subjects = [SubjectId(f"{n:064}") for n in half]
    contents = [*(gone(it) for it in subjects), *(FleetReport(it, cleared=True) for it in subjects)]
    file = said(fleet, front, contents)
    statement, record = lengths(file)
    assert MOST_UNINVITED_BYTES / 2 < record < MOST_UNINVITED_BYTES * 0.9
    assert statement < (MOST_STATEMENT_BYTES + MOST_CHANGE_BYTES * MOST_UNINVITED) * 0.9
    fleet.hand_in(file)
    assert fleet.publish().review == []


def long(front: Kiosk, fleet: SmallFleet, uses: str | None, length: int) -> ScopeFile:
    """A record of nobody, by whoever has a device's key."""
    record, author = secrets.token_hex(32), fleet.history().next_of(front.fingerprint)
    change = (PersonChange(secrets.token_hex(32), record),)
    told = (
        author.number + 1,
        author.digest,
        fleet.clock.utc().replace(microsecond=0),
        change,
        uses,
    )
    statement = Statement(HARBOUR, front.fingerprint, *told)
    return signed_file(statement, [front.signer()], [SealedRecord(record, 1, bytes(length))])


@pytest.mark.parametrize("what", ["nobody", "an enrolment", "an invitation", "a signature"])
def test_what_is_longer_than_it_has_to_be_is_set_aside(
    fleet: SmallFleet, front: Kiosk, what: str
) -> None:
    uses, _ = invited(fleet)
    (name,) = everything(fleet.store, layout.INVITATIONS)
    if what == "an invitation":
        data = everything(fleet.store, layout.INVITATIONS)[name]
        short = data.splitlines()[1].split(b'"sealed": "')[0]
        long_line = short + b'"sealed": "' + b"A" * MOST_TERMS_BYTES + b'"}\n'
        fleet.store.put(name, data.splitlines()[0] + b"\n" + long_line, expected=ANYTHING)
    else:
        fleet.publish()
        most = {"nobody": MOST_UNINVITED_BYTES, "an enrolment": MOST_ENROLMENT_BYTES}.get(what, 9)
        file = long(front, fleet, uses if what == "an enrolment" else None, most * 3 // 4)
        if what == "a signature":
            spoil(file)
        name = fleet.hand_in(file)
    done = fleet.publish()
    (line,) = done.review
    assert line.startswith(f"{name}: Statement 1 ")
    assert "bytes long, of" in line
    assert done.published == {}
    assert f"{layout.REVIEW}{name}" in everything(fleet.store)


def spoil(file: ScopeFile) -> None:
    """Add signatures of nobody, which are published with the one that counts."""
    _, envelope = file.statements[0]
    envelope.signatures |= {f"{n:064x}": Signature(f"{n:064x}", "0" * 128) for n in range(20)}


def test_what_admins_say_may_be_as_long_as_it_is(fleet: SmallFleet, front: Kiosk) -> None:
    assert front.fingerprint
    several = [gone(f"{n}{'x' * 60}") for n in range(100)]
    assert fleet.told(*several, person("eve", references=60)).review == []
