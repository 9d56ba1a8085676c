"""A device of the fleet was broken into: whatever it signs adds nobody and stops nobody."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fleet_desk import all_sync, asked_for_more, enrol, invite, report, take_back
from fleet_thieves import restated
from kept_samples import AGREED, SPACE, template
from people_changes import TERMS, by_gates, newcomer, sample
from small_fleet import (
    DIMENSIONS,
    ENROLLED_AT,
    HARBOUR,
    YARD,
    Kiosk,
    SmallFleet,
    everything,
    person,
)

from kiosk.domain.access.factors import Factor, Factors, Pin
from kiosk.domain.errors import SubjectUnknown
from kiosk.domain.fleet.history import History
from kiosk.domain.fleet.statement import PersonChange, Statement
from kiosk.domain.people.consent import Consent
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.comparison import Gallery
from kiosk.domain.vision.template import Reference, ReferenceId, SubjectId
from kiosk.fleet import log
from kiosk.fleet.directing import FleetDirector
from kiosk.fleet.inviting.inviter import FleetInvitation
from kiosk.fleet.inviting.proof import MOST_REFERENCES, reference_id
from kiosk.fleet.inviting.reviewing import FleetReview, LeftOut, OpenReport
from kiosk.fleet.inviting.terms import invitation_use
from kiosk.fleet.records import (
    EnrolmentProof,
    FleetContent,
    FleetPerson,
    FleetReport,
    encode,
    record_hash,
)
from kiosk.fleet.saying import said_by, signed_file
from kiosk.fleet.scope_file import ScopeFile, SealedRecord
from kiosk.fleet.stores.port import ANYTHING
from kiosk.fleet.trust import layout
from kiosk.fleet.uploads import limits
from kiosk.people.invitations import InvitationWish
from kiosk.people.service import PeopleService
from kiosk.store.people.person import Profile

ANNA, EVE = SubjectId("anna"), SubjectId("eve")


@dataclass
class Lie:
    """A fleet with a device that was broken into, and an honest kiosk.

    Both know Anna, whom admins have enrolled. The thief has the device's keys, and an invitation
    that is Eve's.
    """

    fleet: SmallFleet
    device: Kiosk
    honest: Kiosk
    issued: FleetInvitation

    @property
    def use(self) -> str:
        """What uses the invitation up."""
        return use_of(self.issued)

    def eve(self, **other: object) -> FleetPerson:
        """Eve as her invitation says, but for this of her profile."""
        terms, who = self.issued.terms, self.issued.terms.subject
        plain = Profile(terms.given_name, AGREED, terms.issued_at, rules=terms.rules)
        made = Reference(reference_id(self.use, who, 0), who, template(7))
        return FleetPerson(who, replace(plain, **other), (made,), proof_of(self.issued))

    def file(
        self, *said: FleetContent, uses: str | None = None, history: History | None = None
    ) -> ScopeFile:
        """What the device signs; it knows what is published."""
        who = (self.device.fingerprint, [self.device.signer()], self.fleet.keys_of())
        known = history or self.history
        return said_by(*who, known, list(said), self.fleet.clock.utc(), uses)

    @property
    def history(self) -> History:
        return self.fleet.history()

    def told(self, *said: FleetContent, uses: str | None = None) -> None:
        """The device says something, and it is published."""
        self.fleet.hand_in(self.file(*said, uses=uses))
        self.fleet.publish()

    def counts_nowhere(self, known: Collection[str] = ("anna 1",), review: int = 1) -> None:
        """Assert that kiosks, old and new, and admins know these people alone, and go on."""
        change = self.honest.sync().changes[-1]
        assert change.review == review
        fresh = self.fleet.kiosk(f"fresh-{self.fleet.admin.status().version}", HARBOUR)
        fresh.clock.by = self.honest.clock.by
        self.fleet.publish()
        fresh.sync()
        assert self.honest.names() == fresh.names() == {*known}
        subjects = {
            f"{each.profile.given_name}"
            for each in self.fleet.admin.people(HARBOUR)
            if each.profile is not None
        }
        assert subjects == self.honest.names()
        self.fleet.told(person("later"))
        self.honest.sync()
        assert "later 1" in self.honest.names()
        Gallery.of(SPACE, self.honest.open_home.references.load(SPACE))  # all can be compared


def use_of(issued: FleetInvitation) -> str:
    return invitation_use(bytes.fromhex(issued.terms.ident))


def proof_of(issued: FleetInvitation) -> EnrolmentProof:
    return EnrolmentProof(issued.code, issued.terms.encode())


@pytest.fixture
def lie(tmp_path: Path) -> Iterator[Lie]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        device, honest = (fleet.kiosk(name, HARBOUR) for name in ("broken", "honest"))
        fleet.told(person("anna"))
        issued = invite(fleet, EVE)
        for kiosk in (device, honest):
            kiosk.sync()
        yield Lie(fleet, device, honest, issued)


def test_the_truth_counts(lie: Lie) -> None:
    """What the lies below are near to."""
    lie.told(lie.eve(), uses=lie.use)
    lie.counts_nowhere(["anna 1", "eve 1"], review=0)


# -- proofs that are none ------------------------------------------------------------------------


def drawn(lie: Lie, scope: str = HARBOUR, name: str = EVE) -> FleetInvitation:
    """An invitation that is not published yet."""
    wish = InvitationWish(SubjectId(name), timedelta(days=7), f"{name} 1", groups=("staff",))
    return lie.fleet.inviter().issue(scope, wish)


def changed_terms(lie: Lie, **other: object) -> EnrolmentProof:
    said = json.loads(lie.issued.terms.encode()) | other
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return EnrolmentProof(lie.issued.code, text)


def flipped_code(lie: Lie) -> str:
    code = lie.issued.code
    return code[:-4] + ("A" if code[-4] != "A" else "B") + code[-3:]


def as_anna(lie: Lie) -> FleetPerson:
    made = (Reference(reference_id(lie.use, ANNA, 0), ANNA, template(7)),)
    return replace(lie.eve(), subject=ANNA, references=made)


def named(lie: Lie, *ids: str) -> FleetPerson:
    who = lie.issued.terms.subject
    made = (Reference(ReferenceId(each), who, template(n)) for n, each in enumerate(ids))
    return replace(lie.eve(), references=tuple(made))


def own_id(lie: Lie, number: int) -> ReferenceId:
    return reference_id(lie.use, lie.issued.terms.subject, number)


def many_references(lie: Lie) -> FleetPerson:
    ids = (own_id(lie, n) for n in range(MOST_REFERENCES + 1))
    return named(lie, *ids)


def naive(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


NOW = datetime.now(UTC)
BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)
PIN = Pin(b"s" * 16, b"d" * 32, 1000)
LIES: dict[str, Callable[[Lie], FleetPerson]] = {
    "no proof": lambda lie: replace(lie.eve(), proof=None),
    "no code": lambda lie: replace(lie.eve(), proof=EnrolmentProof("", "")),
    "a code without terms": lambda lie: replace(
        lie.eve(), proof=EnrolmentProof(lie.issued.code, "")
    ),
    "terms without a code": lambda lie: replace(
        lie.eve(), proof=EnrolmentProof("", lie.issued.terms.encode())
    ),
    "a code that was changed": lambda lie: replace(
        lie.eve(), proof=EnrolmentProof(flipped_code(lie), lie.issued.terms.encode())
    ),
    "an invitation that is not used": lambda lie: replace(lie.eve(), proof=proof_of(drawn(lie))),
    "terms of another invitation": lambda lie: replace(
        lie.eve(),
        proof=EnrolmentProof(lie.issued.code, drawn(lie).terms.encode()),
    ),
    "terms of another scope": lambda lie: replace(lie.eve(), proof=proof_of(drawn(lie, YARD))),
    "terms with more groups": lambda lie: replace(
        lie.eve(), proof=changed_terms(lie, groups=["staff", "boss"])
    ),
    "terms with half a character": lambda lie: replace(
        lie.eve(), proof=changed_terms(lie, more="\ud800")
    ),
    "terms that are a list": lambda lie: replace(
        lie.eve(), proof=EnrolmentProof(lie.issued.code, "[[]]")
    ),
    "more groups": lambda lie: lie.eve(rules=PersonRules(groups=("staff", "boss"))),
    "no groups": lambda lie: lie.eve(rules=PersonRules()),
    "a card": lambda lie: lie.eve(rules=PersonRules(groups=("staff",), credential=7)),
    "another name": lambda lie: lie.eve(given_name="Anna"),
    "a PIN": lambda lie: lie.eve(factors=Factors(pin=PIN)),
    "a badge": lambda lie: lie.eve(factors=Factors(badge="ab" * 8)),
    "a factor": lambda lie: lie.eve(factors=Factors(required=Factor.BADGE, badge="ab" * 8)),
    "an enrolment to come": lambda lie: lie.eve(enrolled_at=NOW + timedelta(days=900)),
    "an enrolment before there was an invitation": lambda lie: lie.eve(enrolled_at=ENROLLED_AT),
    "an enrolment before all time": lambda lie: lie.eve(enrolled_at=BEFORE_ALL),
    "a consent before all time": lambda lie: lie.eve(consent=Consent("yes", BEFORE_ALL)),
    "an enrolment of no zone": lambda lie: lie.eve(enrolled_at=naive(NOW)),
    "a consent to come": lambda lie: lie.eve(consent=Consent("yes", NOW + timedelta(days=9))),
    "references of others": lambda lie: named(lie, "anna.1.0"),
    "references of a second place": lambda lie: named(
        lie, reference_id(lie.use, lie.issued.terms.subject, 1)
    ),
    "too many references": many_references,
}


def test_no_lie_adds_anybody(lie: Lie) -> None:
    own = (replace(lie, issued=drawn(lie, name=f"e-{n}")) for n in range(len(LIES)))
    lies = dict(zip(LIES, own, strict=True))
    lie.fleet.publish()
    history = lie.history
    for name, each in lies.items():
        file = each.file(LIES[name](each), uses=each.use, history=history)
        history.follow(file.statements[0][0])
        lie.fleet.hand_in(file)
    assert lie.fleet.publish().review == []
    lie.counts_nowhere(review=len(LIES))


def test_an_invitation_enrols_nobody_else(lie: Lie) -> None:
    """Whom it names instead is known no more, until admins have looked."""
    lie.told(as_anna(lie), uses=lie.use)
    lie.counts_nowhere([])


def test_an_invitation_that_has_ended(lie: Lie) -> None:
    late = lie.issued.terms.expires_at + timedelta(seconds=1)
    lie.device.clock.by = lie.fleet.clock.by = late - datetime.now(UTC)
    lie.fleet.publish()
    lie.honest.clock.by = lie.fleet.clock.by
    lie.told(lie.eve(), uses=lie.use)
    lie.counts_nowhere()


@pytest.mark.parametrize("minutes", [4, 6])
def test_an_invitation_that_ended_is_not_used_under_an_earlier_time(lie: Lie, minutes: int) -> None:
    """The publisher has signed since, and would have seen it."""
    before = lie.issued.terms.expires_at
    lie.fleet.clock.by = before - datetime.now(UTC) + timedelta(minutes=minutes)
    lie.device.clock.by = lie.honest.clock.by = lie.fleet.clock.by
    lie.fleet.publish()
    used = lie.file(lie.eve(), uses=lie.use)
    file = restated(used, lambda it: replace(it, at=before), lie.device.signer())
    name = lie.fleet.hand_in(file)
    told = " ".join(lie.fleet.publish().review)
    assert (f"{name}: Statement 1 uses an invitation that has ended" in told) == (minutes > 5)
    lie.honest.sync()
    assert ("eve 1" in lie.honest.names()) == (minutes < 5)


# -- invitations that are not the device's -------------------------------------------------------


def test_nobodys_invitation_is_used_up_without_their_code(lie: Lie) -> None:
    """Every device can read the tags; what has them as its hash only the code's holder knows."""
    tag = lie.issued.tag
    lie.told(lie.eve(), uses=tag)
    assert tag in lie.history.invitations
    assert lie.honest.sync().changes[-1].review == 1
    enrol(lie.honest, lie.issued.code)
    lie.honest.sync()
    lie.fleet.publish()
    lie.counts_nowhere(["anna 1", "eve 1"], review=0)


def test_an_invitation_is_used_once_by_a_device(lie: Lie) -> None:
    lie.told(lie.eve(), uses=lie.use)
    again = replace(lie.eve(), references=())
    lie.told(again, uses=lie.use)
    lie.counts_nowhere(["anna 1", "eve 1"])


def test_one_invitation_enrols_one_person(lie: Lie) -> None:
    file = lie.file(lie.eve(), person("boris"), uses=lie.use)
    name = lie.fleet.hand_in(file)
    assert any(name in each for each in lie.fleet.publish().review)
    assert lie.honest.sync().changes == ()


def test_a_newcomer_who_brings_no_invitation(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher of an earlier version lets any record through."""
    monkeypatch.setattr("kiosk.fleet.publishing.intake.check_lengths", lambda *_: None)
    lie.told(lie.eve())
    lie.counts_nowhere()


# -- what would stop a scope, or end a kiosk -----------------------------------------------------


def raw(
    lie: Lie, said: object, tag: str, uses: str | None = None, history: History | None = None
) -> ScopeFile:
    """A statement about a record of the device's own making."""
    keys, plain, known = lie.fleet.keys_of(), json.dumps(said).encode(), history or lie.history
    record, far = record_hash(plain), known.next_of(lie.device.fingerprint)
    change = PersonChange(tag, record, known.current.get(tag))
    sealed = SealedRecord(record, keys.epoch, keys.seal(record, plain))
    me, number, at = lie.device.fingerprint, far.number + 1, lie.fleet.clock.utc()
    statement = Statement(HARBOUR, me, number, far.digest, at, (change,), uses)
    return signed_file(statement, [lie.device.signer()], [sealed])


@pytest.mark.parametrize("subject", ["../eve", "", "e" * 65, "report\nanna", "\x00"])
@pytest.mark.parametrize("said", ["withdrawal", "report"])
def test_ids_that_no_database_keeps(lie: Lie, subject: str, said: str) -> None:
    who = SubjectId(subject)
    lie.told(FleetPerson(who, None) if said == "withdrawal" else FleetReport(who))
    lie.honest.sync()
    asked = (subject, said) == ("report\nanna", "withdrawal")  # it lies where a report would
    assert asked_for_more(lie.honest, ANNA) is asked
    lie.fleet.told(person("later"))
    lie.honest.sync()
    assert lie.honest.names() == {"anna 1", "later 1"}


def profile(said: dict[str, Any], **other: object) -> dict[str, Any]:
    return said | {"profile": said["profile"] | other}


def reference(said: dict[str, Any], **other: object) -> dict[str, Any]:
    return said | {"references": [said["references"][0] | other]}


def half(said: dict[str, Any]) -> dict[str, Any]:
    terms = said["proof"]["terms"].replace("{", '{"a":"\ud800",', 1)
    return said | {"proof": said["proof"] | {"terms": terms}}


def vector(value: float, dimensions: int = DIMENSIONS) -> str:
    numbers = np.full(dimensions, value, "<f4")
    return base64.b64encode(numbers.tobytes()).decode()


STRANGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "half a character for a subject": lambda said: said | {"subject": "\ud800"},
    "no subject": lambda said: said | {"subject": None},
    "a list": lambda said: [said],
    "nothing": lambda _: None,
    "another format": lambda said: said | {"format": 2},
    "no profile": lambda said: {k: v for k, v in said.items() if k != "profile"},
    "a profile that is a word": lambda said: said | {"profile": "yes"},
    "a consent without a text": lambda said: profile(said, consent_text=""),
    "a consent of no zone": lambda said: profile(said, consent_at="2026-05-04T09:00:00"),
    "a name that is a number": lambda said: profile(said, given_name=5),
    "a name that is a list": lambda said: profile(said, given_name=["a"]),
    "a name of half a character": lambda said: profile(said, given_name="\udfff"),
    "a date beyond all": lambda said: profile(said, enrolled_at="9999-12-31T23:59:59-23:59"),
    "a date before all": lambda said: profile(said, enrolled_at="0001-01-01T00:00:00+23:59"),
    "rules that are none": lambda said: profile(said, rules=5),
    "a proof that is none": lambda said: said | {"proof": 5},
    "a proof of numbers": lambda said: said | {"proof": {"code": 5, "terms": 5}},
    "half a character in its terms": half,
    "references that are none": lambda said: said | {"references": 5},
    "a reference that is none": lambda said: said | {"references": [5]},
    "a report that is none": lambda said: said | {"report": 5},
    "a template that is short": lambda said: reference(said, template="AAA="),
    "a template that is no number": lambda said: reference(said, template=vector(math.nan)),
    "a template without end": lambda said: reference(said, template=vector(math.inf)),
    "a template of no length": lambda said: reference(said, template=vector(0.0)),
}


def test_no_record_stops_anybody(lie: Lie) -> None:
    own = [replace(lie, issued=drawn(lie, name=f"e-{n}")) for n in range(len(STRANGE))]
    lie.fleet.publish()
    history = lie.history
    for change, each in zip(STRANGE.values(), own, strict=True):
        _, plain = encode(each.eve())
        tag = lie.fleet.keys_of().tag(each.issued.terms.subject)
        file = raw(lie, change(json.loads(plain)), tag, each.use, history)
        history.follow(file.statements[0][0])
        lie.fleet.hand_in(file)
    assert lie.fleet.publish().review == []
    lie.counts_nowhere(review=len(STRANGE))


def test_a_template_that_no_kiosk_can_compare(lie: Lie) -> None:
    """One of another length among all the others would end every comparison."""
    _, plain = encode(lie.eve())
    said = reference(json.loads(plain), template=vector(1.0, 1))
    lie.fleet.hand_in(raw(lie, said, lie.fleet.keys_of().tag(EVE), lie.use))
    lie.fleet.publish()
    lie.honest.sync()
    assert lie.honest.names() == {"anna 1"}
    assert len(Gallery.of(SPACE, lie.honest.open_home.references.load(SPACE))) == 2


def test_a_record_under_the_name_of_another(lie: Lie) -> None:
    """It would be opened instead of what admins have signed, and the scope would stop."""
    (anna,) = lie.history.current.values()
    change = PersonChange("e" * 64, anna, None)

    def stolen(said: Statement) -> Statement:
        return replace(said, changes=(change,))

    file = restated(lie.file(lie.eve()), stolen, lie.device.signer())
    file.records[anna] = SealedRecord(anna, 1, b"nothing" * 9)
    name = lie.fleet.hand_in(file)
    (told,) = lie.fleet.publish().review
    assert name in told
    lie.fleet.told(person("later"))
    fresh = lie.fleet.kiosk("fresh", HARBOUR)
    lie.fleet.publish()
    fresh.sync()
    assert fresh.names() == {"anna 1", "later 1"}


def test_a_record_under_the_name_of_one_that_admins_have_yet_to_say(lie: Lie) -> None:
    said = lie.fleet.by_admins([person("later")])
    (later,) = said.records
    file = restated(
        lie.file(lie.eve()),
        lambda it: replace(it, changes=(PersonChange("e" * 64, later, None),)),
        lie.device.signer(),
    )
    file.records[later] = SealedRecord(later, 1, b"nothing" * 9)
    lie.fleet.hand_in(file)
    lie.fleet.publish()
    lie.honest.sync()
    lie.fleet.hand_in(said)
    lie.fleet.publish()
    lie.honest.sync()
    fresh = lie.fleet.kiosk("fresh", HARBOUR)
    lie.fleet.publish()
    fresh.sync()
    assert fresh.names() == lie.honest.names() == {"anna 1", "later 1"}


def test_an_object_that_is_too_large(lie: Lie, monkeypatch: pytest.MonkeyPatch) -> None:
    lie.fleet.clock.by += timedelta(seconds=1)
    monkeypatch.setattr(log, "MOST_UPLOAD", 1000)
    name = lie.fleet.hand_in(lie.file(lie.eve(), uses=lie.use))
    (told,) = lie.fleet.publish().review
    assert name in told
    assert list(everything(lie.fleet.store, layout.REVIEW)) == [f"{layout.REVIEW}{name}"]


# -- others' people ------------------------------------------------------------------------------


def test_somebody_whom_another_kiosk_alone_has_enrolled(lie: Lie) -> None:
    """A device takes back what it never gave: whoever is not the fleet's stays."""
    PeopleService(lie.honest.open_home).enrol(newcomer(EVE, "Eve"), TERMS, by_gates([sample(5)]))
    lie.told(FleetPerson(EVE, None))
    assert lie.honest.sync().changes[-1].review == 1
    assert lie.honest.names() == {"anna 1", "Eve"}
    assert lie.honest.members.scope_of(EVE) is None


def test_a_device_cannot_say_that_somebody_moved(lie: Lie) -> None:
    """It would keep a face in the cloud of somebody who took their consent back."""
    lie.told(FleetPerson(ANNA, None, moved=True))
    lie.honest.sync()
    assert lie.honest.names() == set()
    assert lie.honest.erasures() == [False]


def test_whoever_admins_erase_is_erased_where_they_were_enrolled_alone(lie: Lie) -> None:
    PeopleService(lie.honest.open_home).enrol(newcomer(EVE, "Eve"), TERMS, by_gates([sample(5)]))
    lie.fleet.told(FleetPerson(EVE, None))
    lie.honest.sync()
    assert lie.honest.names() == {"anna 1"}
    assert lie.honest.entries("erased") == ["erased"]


def test_a_consent_taken_back_is_not_forgotten_for_a_lie(lie: Lie) -> None:
    """Anna withdraws, a device spoils her record, admins say her again: she stays away."""
    take_back(lie.honest, ANNA)
    lie.told(replace(person("anna", 9), proof=None))
    lie.honest.sync()
    lie.fleet.told(person("anna"))
    all_sync(lie.fleet, lie.honest, lie.device)
    assert lie.honest.names() == lie.device.names() == set()


def test_a_report_is_not_lost_when_admins_change_something(lie: Lie) -> None:
    report(lie.honest, ANNA)
    lie.fleet.told(person("anna", 2))
    all_sync(lie.fleet, lie.honest, lie.device)
    assert asked_for_more(lie.honest, ANNA)
    assert asked_for_more(lie.device, ANNA)


@pytest.mark.parametrize("spoilt", ["cleared", "nothing"])
def test_a_device_clears_no_report(lie: Lie, spoilt: str) -> None:
    report(lie.honest, ANNA)
    all_sync(lie.fleet, lie.honest, lie.device)
    if spoilt == "cleared":
        lie.told(FleetReport(ANNA, cleared=True))
    else:
        lie.fleet.hand_in(raw(lie, {}, lie.fleet.keys_of().report_tag(ANNA)))
        lie.fleet.publish()
    fresh = lie.fleet.kiosk("fresh", HARBOUR)
    lie.fleet.publish()
    for kiosk in (lie.honest, fresh):
        kiosk.sync()
        assert asked_for_more(kiosk, ANNA)
    lie.fleet.told(FleetReport(ANNA, cleared=True))
    for kiosk in (lie.honest, fresh):
        kiosk.sync()
        assert not asked_for_more(kiosk, ANNA)


def test_a_report_that_was_spoilt_before_the_person_came(lie: Lie) -> None:
    lie.fleet.hand_in(raw(lie, {}, lie.fleet.keys_of().report_tag(EVE)))
    lie.fleet.publish()
    lie.honest.sync()
    lie.fleet.told(person("eve"))
    lie.honest.sync()
    fresh = lie.fleet.kiosk("fresh", HARBOUR)
    lie.fleet.publish()
    fresh.sync()
    assert asked_for_more(lie.honest, EVE)
    assert asked_for_more(fresh, EVE)


def test_whoever_enrolled_with_a_report_and_was_looked_at(lie: Lie) -> None:
    """The report is in their own record; it is cleared all the same, at fresh kiosks too."""
    enrol(lie.honest, lie.issued.code)
    report(lie.honest, EVE)
    for _ in range(2):
        all_sync(lie.fleet, lie.honest, lie.device)
    assert asked_for_more(lie.device, EVE)
    lie.fleet.told(FleetReport(EVE, cleared=True))
    fresh = lie.fleet.kiosk("fresh", HARBOUR)
    lie.fleet.publish()
    for _ in range(2):
        all_sync(lie.fleet, lie.honest, lie.device, fresh)
    for kiosk in (lie.honest, lie.device, fresh):
        assert not asked_for_more(kiosk, EVE)


def test_a_device_of_another_scope_puts_nobody_in_somebodys_place(tmp_path: Path) -> None:
    """It has an invitation under Anna's id, into its own scope, and gives her up in a third."""
    gate = "gate"
    with SmallFleet(tmp_path, HARBOUR, YARD, gate) as fleet:
        honest = fleet.kiosk("honest", HARBOUR, YARD, gate)
        device = fleet.kiosk("device", YARD, gate)
        fleet.told(person("anna"))
        honest.sync()
        for scope, said in ((YARD, person("anna", 7)), (gate, FleetPerson(ANNA, None))):
            history = fleet.history(scope)
            fleet.hand_in(fleet.by_device(device, [said], history))
        assert fleet.publish().review == []
        fleet.publish()
        honest.sync()
        assert honest.names() == {"anna 1"}
        assert honest.people()[ANNA][0] == HARBOUR
        fleet.told(person("anna", 2))
        honest.sync()
        assert honest.names() == {"anna 2"}


# -- too much ------------------------------------------------------------------------------------


def test_a_device_that_withdraws_everybody_is_slowed_down(
    lie: Lie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_UNINVITED", 3)
    history, names = lie.history, []
    for n in range(5):
        file = lie.file(FleetPerson(SubjectId(f"p-{n}"), None), history=history)
        history.follow(file.statements[0][0])
        names.append(lie.fleet.hand_in(file))
    done = lie.fleet.publish()
    assert done.published == {HARBOUR: 3}
    (told,) = done.review
    assert told.startswith(f"{names[3]}: The device has said 3 withdrawals and reports in a day")
    assert list(everything(lie.fleet.store, layout.UPLOADS)) == names[3:]
    assert everything(lie.fleet.store, layout.REVIEW) == {}
    monkeypatch.setattr(limits, "MOST_UNINVITED", 5)
    assert lie.fleet.publish().published == {HARBOUR: 2}


def test_what_a_kiosk_says_with_a_wrong_clock_it_says_again(lie: Lie) -> None:
    lie.honest.clock.by = timedelta(minutes=6)
    take_back(lie.honest, ANNA)
    lie.honest.sync()
    (told,) = lie.fleet.publish().review
    assert "later than the publisher's clock" in told
    lie.honest.clock.by = timedelta()
    all_sync(lie.fleet, lie.honest, lie.device)
    assert lie.device.names() == set()


def test_many_who_withdraw_at_once_are_said_by_several_statements(lie: Lie) -> None:
    people = [person(f"p-{n}", references=1) for n in range(12)]
    lie.fleet.told(*people)
    lie.honest.sync()
    for each in people:
        take_back(lie.honest, each.subject)
    lie.honest.sync()
    assert lie.fleet.publish().published == {HARBOUR: 2}
    lie.device.sync()
    assert lie.device.names() == {"anna 1"}


# -- what somebody looks at ----------------------------------------------------------------------


def test_admins_see_what_does_not_count_and_clear_what_was_reported(lie: Lie) -> None:
    admin, me = lie.fleet.admin, lie.device.fingerprint
    assert admin.review() == FleetReview((), (), (), ())
    tags, uses = lie.fleet.keys_of(), use_of(drawn(lie))
    lie.told(replace(lie.eve(), proof=None), uses=lie.use)  # void
    lie.told(person("boris"), uses="7" * 64)  # without an invitation that there is
    lie.fleet.store.put(f"{layout.UPLOADS}{me}/{HARBOUR}/x", b"?\n", expected=ANYTHING)
    report(lie.honest, ANNA)
    all_sync(lie.fleet, lie.honest, lie.device)
    seen = admin.review()
    assert seen.set_aside == (f"{layout.REVIEW}{layout.UPLOADS}{me}/{HARBOUR}/x",)
    assert seen.outdated == (LeftOut(HARBOUR, me, tags.tag(SubjectId("boris"))),)
    assert seen.void == (LeftOut(HARBOUR, me, tags.tag(EVE)),)
    assert seen.reports == (OpenReport(HARBOUR, ANNA),)
    assert uses not in repr(seen)
    FleetDirector(admin).reviewed(ANNA)
    lie.fleet.publish()
    assert admin.review().reports == ()
    lie.honest.sync()
    assert not asked_for_more(lie.honest, ANNA)


def test_a_report_that_was_spoilt_is_seen_as_one(lie: Lie) -> None:
    lie.fleet.hand_in(raw(lie, {}, lie.fleet.keys_of().report_tag(ANNA)))
    lie.fleet.publish()
    assert lie.fleet.admin.review().reports == (OpenReport(HARBOUR, ANNA),)


def test_nobody_is_reviewed_who_is_not_there(lie: Lie) -> None:
    with pytest.raises(SubjectUnknown, match="Nobody with the id eve"):
        FleetDirector(lie.fleet.admin).reviewed(EVE)
