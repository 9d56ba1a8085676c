"""What is agreed with a person, and what they must show: kept with them, sealed with the rest."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kept_files import alter, ask, leaks, raw
from kept_samples import AGREED, ANNA, BORIS, CHEN, SPACE, allow, set_factors, template
from older_home import age

from kiosk.domain.access.factors import Factor, Factors, Pin
from kiosk.domain.errors import BadInput, StoreCorrupt, SubjectUnknown
from kiosk.domain.people.rules import PersonRules
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.people.person import Profile
from kiosk.store.people.references import References
from kiosk.store.secrets.keys import FileKey, Purpose
from kiosk.store.secrets.sealing import place, seal, unseal

RULES = PersonRules(
    groups=("night-shift-of-the-laboratory", "staff"),
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 12, 31),
    needs_longer=True,
    credential=4_294_967_295,
)
PIN, DURESS, SERIAL = "471180619253", "806147119253", "0123456789abcdef"
FACTORS = Factors(
    required=Factor.PIN,
    pin=Pin.of(PIN, b"salt of sixteen."),
    duress=Pin.of(DURESS, b"another salt...."),
    badge=SERIAL,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, "Anna")
        open_home.references.enrol(BORIS, [template(2)], AGREED)
        return open_home.home


@pytest.fixture
def references(home: Home) -> Iterator[References]:
    opened = References(home, FileKey(home))
    yield opened
    opened.close()


def _again(home: Home) -> References:
    return References(home, FileKey(home))


def test_who_was_just_enrolled_has_no_rules_and_shows_nothing(references: References) -> None:
    assert references.show(ANNA).profile.rules == PersonRules()
    assert references.factors_of(ANNA) == Factors()


def test_rules_and_factors_are_kept_over_a_restart(home: Home, references: References) -> None:
    allow(references, ANNA, RULES)
    set_factors(references, ANNA, FACTORS)
    references.close()
    again = _again(home)
    assert again.show(ANNA).profile.rules == RULES
    assert again.factors_of(ANNA) == FACTORS
    kept = again.show(ANNA)
    assert (kept.profile.given_name, kept.profile.consent, kept.references) == ("Anna", AGREED, 1)
    assert again.show(BORIS).profile.rules == PersonRules()
    assert [reference.subject for reference in again.load(SPACE)] == [ANNA, BORIS]
    again.close()


def test_they_can_be_taken_back(references: References) -> None:
    allow(references, ANNA, RULES)
    set_factors(references, ANNA, FACTORS)
    allow(references, ANNA, PersonRules())
    set_factors(references, ANNA, Factors())
    assert references.show(ANNA).profile.rules == PersonRules()
    assert references.factors_of(ANNA) == Factors()


def test_a_running_kiosk_notices_a_change(home: Home, references: References) -> None:
    running = _again(home)
    before = running.generation()
    allow(references, ANNA, RULES)
    between = running.generation()
    set_factors(references, ANNA, FACTORS)
    assert before < between < running.generation()
    assert running.show(ANNA).profile.rules == RULES
    running.close()


def test_the_snapshot_says_whose_consent_names_the_cloud(references: References) -> None:
    references.enrol(CHEN, [template(3)], replace(AGREED, cloud=True))
    people = references.enrolled(SPACE).people
    agreed = {subject: person.cloud for subject, person in people.items()}
    assert agreed == {ANNA: False, BORIS: False, CHEN: True}


def test_of_nobody_nothing_is_known(references: References) -> None:
    before = references.generation()
    for call in (
        lambda: references.show(CHEN).profile.rules,
        lambda: references.factors_of(CHEN),
        lambda: allow(references, CHEN, RULES),
        lambda: set_factors(references, CHEN, FACTORS),
    ):
        with pytest.raises(SubjectUnknown):
            call()
    assert references.generation() == before


def test_what_is_refused_half_way_changes_nothing(references: References) -> None:
    set_factors(references, ANNA, FACTORS)
    before = references.generation()

    def refused(profile: Profile) -> Profile:
        return replace(profile, factors=profile.factors.without_pin(ANNA))

    with pytest.raises(BadInput):
        references.amend(ANNA, refused)
    assert references.factors_of(ANNA) == FACTORS
    assert references.generation() == before
    allow(references, ANNA, RULES)


def test_two_admins_at_once_lose_nothing_of_each_other(home: Home) -> None:
    """Reading and replacing are one transaction: no group is lost."""
    names = [f"group-{number}" for number in range(24)]

    def add(mine: list[str]) -> None:
        opened = _again(home)
        for name in mine:
            opened.amend(
                ANNA,
                lambda p, name=name: replace(
                    p, rules=replace(p.rules, groups=(*p.rules.groups, name))
                ),
            )
        opened.close()

    admins = [threading.Thread(target=add, args=(names[at::3],)) for at in range(3)]
    for admin in admins:
        admin.start()
    for admin in admins:
        admin.join()
    opened = _again(home)
    assert sorted(opened.show(ANNA).profile.rules.groups) == sorted(names)
    opened.close()


def test_nothing_of_it_can_be_read_from_the_files(home: Home, references: References) -> None:
    """R66: no group, day, card number, PIN, hash, salt or serial, while open and after."""
    allow(references, ANNA, RULES)
    set_factors(references, ANNA, FACTORS)
    assert FACTORS.pin is not None
    assert FACTORS.duress is not None
    secrets = [
        RULES.groups[0].encode(),
        b"2026-12-31",
        str(RULES.credential).encode(),
        PIN.encode(),
        DURESS.encode(),
        SERIAL.encode(),
        *(piece for pin in (FACTORS.pin, FACTORS.duress) for piece in (pin.digest, pin.salt)),
        *(pin.digest.hex().encode() for pin in (FACTORS.pin, FACTORS.duress)),
    ]
    while_open = raw(home.path)
    references.close()
    for haystack in (while_open, raw(home.path)):
        assert ANNA.encode() in haystack
        assert not any(leaks(secret, haystack) for secret in secrets)


def test_nothing_of_it_is_printed() -> None:
    profile = Profile("Anna", AGREED, AGREED.given_at, RULES, FACTORS)
    assert repr(profile) == "Profile(<hidden>)"


def test_who_was_erased_and_enrolled_again_owes_nothing(references: References) -> None:
    allow(references, ANNA, RULES)
    set_factors(references, ANNA, FACTORS)
    references.erase(ANNA)
    references.enrol(ANNA, [template(1)], AGREED)
    assert references.show(ANNA).profile.rules == PersonRules()
    assert references.factors_of(ANNA) == Factors()


# -- the format ----------------------------------------------------------------------------------


def _version(home: Home) -> object:
    return ask(home.references, "PRAGMA user_version")[0][0]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_a_store_of_an_older_version_is_read_and_stays_until_a_kiosk_opens(
    home: Home, version: int
) -> None:
    """Looking changes nothing. An older program must not pass over what a newer one writes."""
    age(home, version)
    opened = _again(home)
    assert opened.show(ANNA).profile.rules == PersonRules()
    assert opened.factors_of(ANNA) == Factors()
    opened.close()
    assert _version(home) == version
    with OpenHome.open(home.path) as open_home:
        assert _version(home) == 5
        set_factors(open_home.references, ANNA, FACTORS)
        assert open_home.references.factors_of(ANNA) == FACTORS


def _rewrite(home: Home, change: dict[str, object]) -> None:
    """A profile with other content, sealed as a thief of the key could."""
    ((wrapped, sealed),) = ask(
        home.references, "SELECT wrapped_key, profile FROM subjects WHERE subject = ?", ANNA
    )
    assert isinstance(wrapped, bytes)
    assert isinstance(sealed, bytes)
    master = AESGCM(FileKey(home).derive(Purpose.REFERENCES))
    cipher = AESGCM(unseal(master, wrapped, place("key", ANNA, "tied")))
    plain = json.loads(unseal(cipher, sealed, place("profile", ANNA))) | change
    new = seal(cipher, json.dumps(plain).encode(), place("profile", ANNA))
    alter(home.references, "UPDATE subjects SET profile = ? WHERE subject = ?", new, ANNA)


@pytest.mark.parametrize(
    "change",
    [
        {"factors": {"required": "retina", "pin": None, "duress": None, "badge": None}},
        {"factors": {"required": "pin", "pin": {"salt": "zz"}, "duress": None, "badge": None}},
        {"factors": {"required": "pin"}},
        {"factors": None},
        {"rules": {}},
        {"rules": {"groups": ["a"], "valid_from": "soon"}},
        {"enrolled_at": 7},
    ],
)
def test_what_is_not_understood_lets_nobody_in(home: Home, change: dict[str, object]) -> None:
    """A factor of a newer program is not passed over as none."""
    _rewrite(home, change)
    opened = _again(home)
    with pytest.raises(StoreCorrupt, match=f"subject {ANNA} cannot be understood"):
        opened.factors_of(ANNA)
    opened.close()
