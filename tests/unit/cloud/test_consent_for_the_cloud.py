"""Whether somebody agreed to be matched in the cloud is kept with their consent, and travels."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from kept_samples import AGREED, ANNA

from kiosk.fleet.records import FleetPerson, decode, encode
from kiosk.people.my_data import data_of
from kiosk.store.people.person import EnrolledPerson, Profile

LOCAL = Profile("Anna", AGREED, AGREED.given_at)
CLOUD = replace(LOCAL, consent=replace(AGREED, cloud=True))


@pytest.mark.parametrize("profile", [LOCAL, CLOUD])
def test_it_is_kept(profile: Profile) -> None:
    assert Profile.decode(profile.encode()) == profile


@pytest.mark.parametrize("profile", [LOCAL, CLOUD])
def test_a_record_of_the_fleet_carries_it(profile: Profile) -> None:
    _, plain = encode(FleetPerson(ANNA, profile))
    found = decode(plain)
    assert isinstance(found, FleetPerson)
    assert found.profile == profile


def test_what_an_older_program_has_stored_names_no_cloud() -> None:
    assert b"cloud" not in LOCAL.encode()
    assert not Profile.decode(LOCAL.encode()).consent.cloud


@pytest.mark.parametrize("said", ["true", 1, [True], {"yes": True}, None, False])
def test_only_a_plain_yes_counts(said: object) -> None:
    stored = json.loads(CLOUD.encode())
    stored["consent_given"]["cloud"] = said
    assert not Profile.decode(json.dumps(stored).encode()).consent.cloud


@pytest.mark.parametrize("profile", [LOCAL, CLOUD])
def test_people_can_look_it_up(profile: Profile) -> None:
    person = EnrolledPerson(ANNA, 1, (), profile)
    assert data_of(person, "k", None, 90)["consent"]["cloud"] is profile.consent.cloud
