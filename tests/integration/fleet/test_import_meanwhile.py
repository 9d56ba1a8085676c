"""Whoever withdraws, is erased or is changed while an import looks at photographs stays so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from import_office import FIVE, Office, PowerCut, vector, verdicts
from small_fleet import HARBOUR, YARD, SmallFleet, gone

from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchVerdict
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.directing import FleetDirector
from kiosk.wiring.batch.importing import BatchImport

WHO = SubjectId("p-1")
ADDED, CHANGED, UNCHANGED, _, REFUSED = BatchVerdict
OTHER_RULES = [row.replace("staff", "night") for row in FIVE]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with SmallFleet(tmp_path, HARBOUR, YARD) as fleet:
        office = Office(fleet, tmp_path)
        for seed in range(5):
            office.photograph(f"{seed}.jpg", vector(seed))
        yield office


def erased_by_a_kiosk(office: Office) -> None:
    """It has handed that in; nobody has published it."""
    kiosk = office.fleet.kiosk("north", HARBOUR)
    office.fleet.hand_in(office.fleet.by_device(kiosk, [gone(WHO)]))


MEANWHILE: dict[str, Callable[[Office], object]] = {
    "erased": lambda it: FleetDirector(it.fleet.admin).erase(WHO),
    "erased by a kiosk": erased_by_a_kiosk,
    "changed": lambda it: FleetDirector(it.fleet.admin).suspend(WHO),
    "moved": lambda it: FleetDirector(it.fleet.admin).move(WHO, YARD),
}


def while_looked_at(office: Office, act: Callable[[Office], object]) -> None:
    inner = office.assess

    def assess(people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
        office.assess = inner
        yield from inner(people)
        act(office)

    office.assess = assess


def refusals(office: Office) -> set[str]:
    """The reasons in the manifest, which names no reference of the person."""
    entries = json.loads(office.manifest.read_text())["photographs"]
    return {str(each.get("refused")) for each in entries if each["subject"] == WHO}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_happens_to_somebody_meanwhile_stands(office: Office, what: str) -> None:
    office.bring(*FIVE)
    while_looked_at(office, MEANWHILE[what])
    report = office.bring(*OTHER_RULES)
    assert verdicts(report) == [CHANGED, REFUSED, CHANGED, CHANGED, CHANGED]
    assert not report.enough
    assert refusals(office) == {"erased_meanwhile" if "erased" in what else "changed_meanwhile"}
    there = office.there()
    assert len(there) == (5 if what == "changed" else 4)
    if what == "changed":
        profile = there[WHO].profile
        assert profile is not None
        assert profile.rules.suspended
        assert profile.rules.groups == ("staff",)
    else:
        office.reconcile()


def test_whoever_goes_meanwhile_and_would_not_change_is_named_as_gone(office: Office) -> None:
    office.bring(*FIVE)
    while_looked_at(office, MEANWHILE["erased"])
    report = office.bring(*FIVE[:2], *OTHER_RULES[2:])
    assert verdicts(report) == [UNCHANGED, REFUSED, CHANGED, CHANGED, CHANGED]
    assert refusals(office) == {"erased_meanwhile"}
    assert WHO not in office.there()


def test_somebody_new_who_comes_meanwhile_stays_as_they_came(office: Office) -> None:
    office.bring(FIVE[1])
    known = office.there()[WHO]
    FleetDirector(office.fleet.admin).erase(WHO)
    office.fleet.publish()
    while_looked_at(office, lambda it: it.fleet.say(known))
    assert verdicts(office.bring(*OTHER_RULES)) == [ADDED, REFUSED, ADDED, ADDED, ADDED]
    profile = office.there()[WHO].profile
    assert profile is not None
    assert profile.rules.groups == ("staff",)


def test_whoever_was_erased_before_is_added_as_they_agree_anew(office: Office) -> None:
    office.bring(*FIVE)
    FleetDirector(office.fleet.admin).erase(WHO)
    office.fleet.publish()
    assert verdicts(office.bring(*FIVE))[1] is ADDED
    assert WHO in office.there()


def test_an_import_that_goes_on_brings_nobody_back(office: Office) -> None:
    """Neither who was known as it began, nor whom it had added itself before it was ended."""
    office.bring(FIVE[1])
    office.left = 2
    with pytest.raises(PowerCut):
        office.bring(*OTHER_RULES)
    FleetDirector(office.fleet.admin).erase(WHO)
    office.fleet.publish()
    office.left = 10_000
    report = office.bring(*OTHER_RULES, resume=True)
    assert verdicts(report) == [ADDED, REFUSED, ADDED, ADDED, ADDED]
    assert WHO not in office.there()
    assert refusals(office) == {"erased_meanwhile"}


def test_whom_it_had_added_itself_is_not_added_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_arguments: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(BatchImport, "write_manifest", cut)
        with pytest.raises(PowerCut):
            office.bring(*FIVE)
    FleetDirector(office.fleet.admin).erase(WHO)
    office.fleet.publish()
    report = office.bring(*FIVE, resume=True)
    assert verdicts(report) == [ADDED, REFUSED, ADDED, ADDED, ADDED]
    assert WHO not in office.there()
