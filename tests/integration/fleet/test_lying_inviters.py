"""An inviter's key was stolen: alone, or with a device's or the publisher's, it goes no further."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fleet_desk import all_sync, enrol, show
from fleet_thieves import Thief, as_it_was, part, refused, restated, together
from kept_samples import AGREED, template
from securesystemslib.signer import CryptoSigner
from small_fleet import HARBOUR, YARD, Kiosk, SmallFleet, person

from kiosk.domain.enrolment.invitation import InvitationCode, InvitationRefusal, binding
from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.statement import PersonChange, Statement
from kiosk.domain.vision.template import Reference, SubjectId
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.inviter import FleetInviter
from kiosk.fleet.inviting.proof import reference_id
from kiosk.fleet.inviting.terms import InvitationTerms, invitation_tag, invitation_use, seal_terms
from kiosk.fleet.records import EnrolmentProof, FleetPerson
from kiosk.fleet.saying import said_by, signed_file, statement_signer
from kiosk.fleet.scope_file import ScopeFile, SealedRecord
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.uploads import limits
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.store.people.person import Profile

ANNA, EVE = SubjectId("anna"), SubjectId("eve")
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass
class Desk:
    """A fleet whose inviter for one scope and one group was stolen, and two kiosks of it."""

    fleet: SmallFleet
    keys: PrivateKeys
    inviter: FleetInviter
    north: Kiosk
    south: Kiosk

    def issue(self, subject: SubjectId = EVE, groups: tuple[str, ...] = ("visitors",)) -> Drawn:
        wish = InvitationWish(subject, timedelta(days=7), f"{subject} 1", groups=groups)
        drawn = self.inviter._drawn(HARBOUR, wish)
        return Drawn(drawn.terms, drawn.code)

    def file(self, *drawn: Drawn, until: datetime | None = None, scope: str = HARBOUR) -> ScopeFile:
        """What the thief of the inviter's key signs about these invitations."""
        far = self.fleet.history(scope).next_of(self.inviter.fingerprint)
        changes = tuple(PersonChange(it.tag, it.sealed.record) for it in drawn)
        number, at = far.number + 1, self.fleet.clock.utc()
        ends = until or at + timedelta(days=7)
        me = self.inviter.fingerprint
        said = Statement(scope, me, number, far.digest, at, changes, until=ends)
        return signed_file(said, [self.signer], [it.sealed for it in drawn])

    @property
    def signer(self) -> CryptoSigner:
        """The stolen key, as it signs statements."""
        return statement_signer(self.keys.signing)

    def told(self, file: ScopeFile) -> list[str]:
        """Handed in and published; what was set aside."""
        self.fleet.hand_in(file)
        return self.fleet.publish().review


@dataclass(frozen=True)
class Drawn:
    """An invitation in its inviter's hands."""

    terms: InvitationTerms
    code: str

    @property
    def sealed(self) -> SealedRecord:
        return seal_terms(self.terms)

    @property
    def use(self) -> str:
        return invitation_use(bytes.fromhex(self.terms.ident))

    @property
    def tag(self) -> str:
        return invitation_tag(bytes.fromhex(self.terms.ident))

    def person(self, seed: int = 7) -> FleetPerson:
        """Whoever came with it, as a device says."""
        terms, who = self.terms, self.terms.subject
        profile = Profile(terms.given_name, AGREED, terms.issued_at, rules=terms.rules)
        made = Reference(reference_id(self.use, who, 0), who, template(seed))
        return FleetPerson(who, profile, (made,), EnrolmentProof(self.code, terms.encode()))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        north, south = (fleet.kiosk(name, HARBOUR) for name in ("north", "south"))
        keys = PrivateKeys.draw(opens=False)
        public = Ed25519PrivateKey.from_private_bytes(keys.signing).public_key()
        card = InviterCard("visits", public.public_bytes_raw(), (HARBOUR,), ("visitors",))
        fleet.naming().name(card)
        fleet.told(person("anna"))
        for kiosk in (north, south):
            kiosk.sync()
        inviter = FleetInviter(fleet.store, fleet.keys.root, keys, fleet.clock.utc)
        yield Desk(fleet, keys, inviter, north, south)


def by(kiosk: Kiosk, desk: Desk, said: FleetPerson, uses: str | None) -> ScopeFile:
    """What a device signs."""
    who = (kiosk.fingerprint, [kiosk.signer()], desk.fleet.keys_of())
    return said_by(*who, desk.fleet.history(), [said], desk.fleet.clock.utc(), uses)


# -- the inviter alone ---------------------------------------------------------------------------


def test_an_invitation_without_end_ends_no_kiosk(desk: Desk) -> None:
    drawn = desk.issue()
    assert desk.told(desk.file(drawn, until=FOREVER)) == []
    desk.north.sync()
    enrol(desk.north, drawn.code)
    all_sync(desk.fleet, desk.north, desk.south)
    assert desk.south.names() == {"anna 1", "eve 1"}


def terms_of(desk: Desk, **other: object) -> Drawn:
    plain = desk.issue()
    return replace(plain, terms=replace(plain.terms, **other))  # type: ignore[arg-type]


WRONG: dict[str, Callable[[Desk], Drawn]] = {
    "no end": lambda desk: terms_of(desk, expires_at=FOREVER),
    "no beginning": lambda desk: terms_of(desk, issued_at=datetime.min.replace(tzinfo=UTC)),
    "no zone": lambda desk: terms_of(desk, issued_at=datetime(2026, 1, 1)),  # noqa: DTZ001
    "an id that cannot be kept": lambda desk: terms_of(desk, subject="../eve"),
    "half a character": lambda desk: terms_of(desk, given_name="\ud800"),
    "a name that cannot be shown": lambda desk: terms_of(desk, given_name="\x1b[2J"),
    "a name that is none": lambda desk: terms_of(desk, given_name=["eve"]),
    "a group that there cannot be": lambda desk: terms_of(desk, groups=("a b",)),
    "the id of another": lambda desk: terms_of(desk, ident="0" * 32),
}


def test_terms_that_cannot_be_begin_nothing(desk: Desk) -> None:
    for why, make in WRONG.items():
        drawn = make(desk)
        try:
            file = desk.file(drawn)
        except UnicodeEncodeError:
            continue  # no text, so nothing that could be sealed
        assert desk.told(file) == [], why
        desk.north.sync()
        found = show(desk.north, drawn.code)
        assert isinstance(found, InvitationRefusal), why
    assert desk.north.names() == {"anna 1"}
    InvitationService(desk.north.open_home).tidy()
    desk.north.sync()


def test_an_inviter_of_another_scope(desk: Desk) -> None:
    (told,) = desk.told(desk.file(desk.issue(), scope=YARD))
    assert "may not say statement 1 about scope yard" in told


def test_an_inviter_that_nobody_has_named(desk: Desk) -> None:
    keys = PrivateKeys.draw(opens=False)
    inviter = FleetInviter(desk.fleet.store, desk.fleet.keys.root, keys, desk.fleet.clock.utc)
    stranger = replace(desk, keys=keys, inviter=inviter)
    file = stranger.file(stranger.issue())
    desk.fleet.hand_in(file)
    assert desk.fleet.publish().published == {}
    Thief(desk.fleet).show(desk.fleet.published(), file)
    refused(desk.north, "is not known to admins")


def test_an_inviter_that_invites_without_end_is_slowed_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST_INVITATIONS", 2)
    for n in range(4):
        wish = InvitationWish(SubjectId(f"p-{n}"), timedelta(days=7), groups=("visitors",))
        desk.inviter.issue(HARBOUR, wish)
    done = desk.fleet.publish()
    assert done.published == {HARBOUR: 2}
    (told,) = done.review
    assert "The inviter has said 2 invitations in a day, of 2; the rest waits." in told
    assert desk.fleet.admin.status().scopes[0].waiting == 2
    monkeypatch.setattr(limits, "MOST_INVITATIONS", 4)
    assert desk.fleet.publish().published == {HARBOUR: 2}


def test_an_inviter_that_signs_about_people(desk: Desk) -> None:
    """The tag of Anna is nobody's invitation, and her record is no terms."""
    (tag,) = desk.fleet.history().current

    def about_anna(said: Statement) -> Statement:
        return replace(said, changes=(replace(said.changes[0], tag=tag),))

    file = restated(desk.file(desk.issue()), about_anna, desk.signer)
    assert desk.told(file) == []
    for kiosk in (desk.north, desk.south):
        kiosk.sync()
        assert kiosk.names() == {"anna 1"}


def test_an_inviter_that_takes_the_place_of_a_record(desk: Desk) -> None:
    (anna,) = desk.fleet.history().current.values()

    def hers(said: Statement) -> Statement:
        return replace(said, changes=(replace(said.changes[0], record=anna),))

    file = restated(desk.file(desk.issue()), hers, desk.signer)
    file.records[anna] = SealedRecord(anna, 0, b"nothing" * 9)
    (told,) = desk.told(file)
    assert "another one's record" in told
    fresh = desk.fleet.kiosk("fresh", HARBOUR)
    desk.fleet.publish()
    fresh.sync()
    assert fresh.names() == {"anna 1"}


def test_an_invitation_that_is_issued_anew_after_it_was_revoked(desk: Desk) -> None:
    """Somebody came with it meanwhile; the inviter spoils what it says."""
    drawn = desk.issue()
    desk.told(desk.file(drawn))
    desk.north.sync()
    enrol(desk.north, drawn.code)
    desk.inviter.revoke(HARBOUR, drawn.tag)
    desk.fleet.publish()
    spoilt = desk.file(drawn)
    spoilt.records[drawn.sealed.record] = SealedRecord(drawn.sealed.record, 0, b"nothing" * 9)
    desk.told(spoilt)
    desk.north.sync()  # goes on
    desk.fleet.told(person("later"))
    desk.north.sync()
    assert "later 1" in desk.north.names()


# -- the inviter and a device --------------------------------------------------------------------


def test_together_they_enrol_whom_the_inviter_may_invite(desk: Desk) -> None:
    drawn = desk.issue()
    desk.told(desk.file(drawn))
    desk.told(by(desk.south, desk, drawn.person(), drawn.use))
    desk.north.sync()
    assert desk.north.names() == {"anna 1", "eve 1"}


@pytest.mark.parametrize("groups", [("staff",), ("visitors", "staff"), ()])
def test_together_they_give_no_groups_but_the_inviters(desk: Desk, groups: tuple[str, ...]) -> None:
    drawn = desk.issue(groups=groups)
    desk.told(desk.file(drawn))
    desk.told(by(desk.south, desk, drawn.person(), drawn.use))
    assert desk.north.sync().changes[-1].review == 1
    assert desk.north.names() == {"anna 1"}


def test_together_they_give_nobody_the_references_of_another(desk: Desk) -> None:
    """The same code for two people: each has their own, and the scope goes on."""
    drawn = desk.issue()
    desk.told(desk.file(drawn))
    desk.told(by(desk.south, desk, drawn.person(), drawn.use))
    boris, ident = SubjectId("boris"), bytes.fromhex(drawn.terms.ident)
    site = bytes.fromhex(desk.inviter.fingerprint)
    said = InvitationCode(ident, binding(ident, boris), site, 2**31, "en")
    code = said.text(desk.inviter._private.sign(said.signed_text()))
    again = Drawn(replace(desk.issue(boris).terms, ident=drawn.terms.ident), code)
    desk.told(desk.file(again))
    desk.told(by(desk.south, desk, again.person(8), again.use))
    desk.north.sync()
    desk.fleet.told(person("later"))
    desk.north.sync()
    assert desk.north.names() == {"anna 1", "eve 1", "boris 1", "later 1"}


# -- the inviter and the publisher ---------------------------------------------------------------


@pytest.mark.parametrize("who", ["publisher", "inviter"])
def test_without_a_device_they_add_nobody(desk: Desk, who: str) -> None:
    """The publisher cannot seal for the scope, nor sign as a device."""
    drawn = desk.issue()
    file = desk.file(drawn)
    desk.told(file)
    thief = Thief(desk.fleet)
    whole = desk.fleet.published()
    forged = by(desk.south, desk, drawn.person(), drawn.use)
    forged = restated(forged, lambda it: it, thief.signer if who == "publisher" else desk.signer)
    thief.show(together(whole, forged))
    refused(desk.north, "may not say statement")


@pytest.mark.parametrize("order", [[0, 2], [0, 2, 1], [2, 0, 1]])
def test_the_publisher_leaves_out_or_reorders_what_inviters_and_devices_say(
    desk: Desk, order: list[int]
) -> None:
    """The device's word is nobody's without the invitation before it; then nobody is added."""
    drawn = desk.issue()
    desk.told(desk.file(drawn))
    desk.told(by(desk.south, desk, drawn.person(), drawn.use))
    whole = desk.fleet.published()
    Thief(desk.fleet).show(part(whole, order))
    fresh = desk.fleet.asking("fresh")
    desk.fleet.admin.approve(fresh.fingerprint, [HARBOUR])
    Thief(desk.fleet).show(part(whole, order))
    fresh.sync()
    assert fresh.names() == {"anna 1"}
    with suppress(FleetRefused):  # it has seen another order before
        desk.north.sync()
    assert desk.north.names() == {"anna 1"}


def test_the_publisher_shows_less_than_it_has_shown(desk: Desk) -> None:
    drawn = desk.issue()
    desk.told(desk.file(drawn))
    desk.told(by(desk.south, desk, drawn.person(), drawn.use))
    whole = desk.fleet.published()
    desk.north.sync()
    later = desk.fleet.by_admins([person("later")])
    Thief(desk.fleet).show(part(whole, [0, 2, 1]))
    with as_it_was(desk.north):
        desk.north.sync()  # no longer a history than it knows
    Thief(desk.fleet).show(together(part(whole, [0, 2, 1]), later))
    refused(desk.north, "is not in the store any more")
