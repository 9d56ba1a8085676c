"""An import into a scope: who is added, changed, left out; ended at any point, and gone on with."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from import_office import FIVE, PACK, Office, PowerCut, near, vector, verdicts
from small_fleet import HARBOUR, YARD, SmallFleet
from small_fleet import person as somebody

from kiosk.domain.errors import BadInput, FleetStoreUnreachable, GalleryFull, LintelError
from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchVerdict
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.records import FleetPerson
from kiosk.people.enrolment import EnrolmentTerms
from kiosk.wiring.batch import importing
from kiosk.wiring.batch.importing import BatchImport

ADDED, CHANGED, UNCHANGED, DUPLICATE, REFUSED = BatchVerdict


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with SmallFleet(tmp_path, HARBOUR) as fleet:
        office = Office(fleet, tmp_path)
        for seed in range(5):
            office.photograph(f"{seed}.jpg", vector(seed))
        yield office


# -- who is added --------------------------------------------------------------------------------


def test_everybody_is_added_and_nothing_is_left_behind(office: Office) -> None:
    report = office.bring(*FIVE)
    assert (verdicts(report), report.enough) == ([ADDED] * 5, True)
    assert (report.statements, report.looked_at) == ([1], 5)
    profile = office.there()[SubjectId("p-3")].profile
    assert profile is not None
    assert (profile.given_name, profile.rules.groups) == ("Name 3", ("staff",))
    assert profile.consent.text == "form 3"
    assert office.reconcile() == {}
    assert office.traces == set()


def test_a_second_import_changes_nothing_and_looks_at_no_picture(office: Office) -> None:
    office.bring(*FIVE)
    office.looked_at.clear()
    again = office.bring(*FIVE)
    assert (verdicts(again), again.enough) == ([UNCHANGED] * 5, True)
    assert (again.statements, office.looked_at) == ([], [])
    office.reconcile()


def test_another_admins_keys_find_the_same_references_by_their_templates(office: Office) -> None:
    office.bring(*FIVE)
    (office.fleet.keys.folder / importing.IDS_KEY).unlink()
    again = office.bring(*FIVE)
    assert (verdicts(again), again.statements, again.looked_at) == ([UNCHANGED] * 5, [], 5)
    office.reconcile()


def test_people_of_many_statements(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "PEOPLE_A_STATEMENT", 2)
    assert office.bring(*FIVE).statements == [1, 2, 3]
    assert len(office.there()) == 5


def test_who_has_no_reference_is_left_out(office: Office) -> None:
    office.photograph("none.jpg", None)
    rows = ("p-0,,,,,f,none.jpg", "p-1,,,,,f,1.jpg", "p-1,,,,,f,none.jpg")
    report = office.bring(*rows)
    assert (verdicts(report), report.enough) == ([REFUSED, ADDED], False)
    assert office.there().keys() == {SubjectId("p-1")}
    assert office.reconcile() == {"none.jpg": "no_face"}
    assert verdicts(office.bring(*rows)) == [REFUSED, UNCHANGED]


# -- duplicates ----------------------------------------------------------------------------------


def test_both_of_a_pair_are_left_out_and_told(office: Office) -> None:
    office.photograph("again.jpg", near(2, 90))
    report = office.bring(*FIVE, "q-2,,,,,f,again.jpg")
    assert verdicts(report) == [ADDED, ADDED, DUPLICATE, ADDED, ADDED, DUPLICATE]
    ((subject, other, enrolled),) = [(p.subject, p.other, p.enrolled) for p in report.pairs]
    assert (subject, other, enrolled, report.enough) == ("p-2", "q-2", False, False)
    assert len(office.there()) == 4
    refused = office.reconcile()
    assert refused == {"2.jpg": "duplicate_in_batch", "again.jpg": "duplicate_in_batch"}


def test_who_resembles_somebody_in_the_scope_is_left_out(office: Office) -> None:
    office.bring(*FIVE)
    report = office.bring("q-2,,,,,f,2.jpg", FIVE[2])
    assert verdicts(report) == [DUPLICATE, UNCHANGED]
    assert [(p.subject, p.other, p.enrolled) for p in report.pairs] == [("q-2", "p-2", True)]
    assert len(office.there()) == 5


# -- changes -------------------------------------------------------------------------------------


def test_other_rules_change_somebody_and_nothing_else_of_them(office: Office) -> None:
    office.bring(*FIVE)
    before = office.there()[SubjectId("p-1")].profile
    report = office.bring("p-1,Name 1,night,,2026-12-31,form 3,1.jpg")
    assert (verdicts(report), report.looked_at) == ([CHANGED], 1)
    after = office.there()[SubjectId("p-1")].profile
    assert after is not None
    assert before is not None
    assert (after.rules.groups, str(after.rules.valid_until)) == (("night",), "2026-12-31")
    assert (after.consent, after.enrolled_at) == (before.consent, before.enrolled_at)


def test_another_photograph_replaces_the_old_one_only_of_the_same_person(office: Office) -> None:
    office.bring(*FIVE)
    office.photograph("new.jpg", near(1, 80))
    assert verdicts(office.bring("p-1,Name 1,staff,,,form 3,new.jpg")) == [CHANGED]
    (reference,) = office.there()[SubjectId("p-1")].references
    assert float(reference.template.vector @ near(1, 80).vector) > 0.999
    office.photograph("stranger.jpg", vector(70))
    report = office.bring("p-1,Name 1,staff,,,form 3,stranger.jpg")
    assert verdicts(report) == [REFUSED]
    assert report.results[0].images[0].photograph.refused == "another_person"
    assert office.there()[SubjectId("p-1")].references[0].id == reference.id


# -- before anything is done ---------------------------------------------------------------------


def test_what_is_wrong_is_told_before_anything_is_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadInput, match=r"people\.csv, line 3: there is no photograph 'x\.jpg'"):
        office.bring(FIVE[0], "p-8,,,,,f,x.jpg")
    office.manifest = office.folder / "nowhere" / "manifest.json"
    with pytest.raises(BadInput, match=r"manifest .* cannot be written"):
        office.bring(*FIVE)
    office.manifest = office.folder / "people.manifest.json"
    few = EnrolmentTerms(PACK.space, 4)
    monkeypatch.setattr(importing, "enrolment_terms", lambda _settings, _pack: few)
    with pytest.raises(GalleryFull, match="5 people would be in harbour"):
        office.bring(*FIVE)
    assert office.looked_at == []
    assert office.there() == {}


def test_whoever_is_in_another_scope_is_named_before_anything_is_done(office: Office) -> None:
    office.fleet.admin.add_scope(YARD, ["yard door"])
    office.fleet.told(somebody("p-1"), somebody("p-2"), scope=YARD)
    with pytest.raises(BadInput, match="p-1 is in the scope yard already, and 1 more") as found:
        office.bring(*FIVE)
    assert found.value.remedy.startswith("Move them")
    assert (office.looked_at, office.there()) == ([], {})


def test_a_dry_run_looks_at_everything_and_keeps_nothing(office: Office) -> None:
    office.photograph("again.jpg", near(2, 90))
    before = sorted(office.fleet.keys.folder.iterdir())
    report = office.bring(*FIVE, "q-2,,,,,f,again.jpg", dry_run=True)
    assert verdicts(report).count(DUPLICATE) == 2
    assert sorted(office.fleet.keys.folder.iterdir()) == before
    assert not office.manifest.exists()
    assert (office.there(), report.statements, report.version) == ({}, [], None)


# -- ended half-way ------------------------------------------------------------------------------


def test_an_import_that_was_ended_goes_on(office: Office) -> None:
    office.left = 2
    with pytest.raises(PowerCut):
        office.bring(*FIVE)
    assert office.there() == {}
    assert office.traces == {"import-harbour.checkpoint", "import-harbour.key"}
    for name in office.traces:
        assert stat.S_IMODE((office.fleet.keys.folder / name).stat().st_mode) == 0o600
    office.left = 10_000
    with pytest.raises(BadInput, match="is unfinished") as refused:
        office.bring(*FIVE)
    assert "Resume" in refused.value.remedy
    assert "delete" in refused.value.remedy
    report = office.bring(*FIVE, resume=True)
    assert (report.resumed, report.looked_at, verdicts(report)) == (2, 3, [ADDED] * 5)
    assert sorted(office.looked_at) == [f"p-{n}" for n in range(5)]
    assert office.traces == set()
    office.reconcile()


def test_it_goes_on_with_the_same_file_and_settings_only(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.left = 2
    with pytest.raises(PowerCut):
        office.bring(*FIVE)
    with pytest.raises(BadInput, match="began with another CSV file") as refused:
        office.bring(*FIVE, "p-5,,,,,f,1.jpg", resume=True)
    assert "import-harbour.checkpoint" in refused.value.remedy
    monkeypatch.setenv("KIOSK_ENROLMENT__MAX_REFERENCES", "3")
    with pytest.raises(BadInput, match="another set of models and settings"):
        office.bring(*FIVE, resume=True)
    (office.fleet.keys.folder / "import-harbour.checkpoint").unlink()
    office.left = 10_000
    assert verdicts(office.bring(*FIVE)) == [ADDED] * 5


def test_nothing_to_resume_is_a_beginning(office: Office) -> None:
    assert verdicts(office.bring(*FIVE, resume=True)) == [ADDED] * 5


def cut(*_arguments: object) -> None:
    raise PowerCut


@pytest.mark.parametrize("step", ["pairs", "say", "publish", "write_manifest"])
def test_nobody_is_lost_or_doubled_whenever_it_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    office.photograph("again.jpg", near(2, 90))
    rows = (*FIVE, "q-2,,,,,f,again.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(BatchImport, step, cut)
        with pytest.raises(PowerCut):
            office.bring(*rows)
    report = office.bring(*rows, resume=True)
    assert verdicts(report) == [ADDED, ADDED, DUPLICATE, ADDED, ADDED, DUPLICATE]
    assert (report.resumed, report.looked_at) == (6, 0)
    assert office.there().keys() == {SubjectId(f"p-{n}") for n in (0, 1, 3, 4)}
    assert len(office.reconcile()) == 2
    assert office.traces == set()


def test_the_store_may_fail_between_two_statements(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "PEOPLE_A_STATEMENT", 2)
    inner, count = FleetAdmin.say, [0]

    def say(self: FleetAdmin, scope: str, people: Sequence[FleetPerson]) -> int:
        count[0] += 1
        if count[0] == 2:
            raise FleetStoreUnreachable("The store does not answer.", "Wait.")
        return inner(self, scope, people)

    monkeypatch.setattr(FleetAdmin, "say", say)
    with pytest.raises(FleetStoreUnreachable):
        office.bring(*FIVE)
    report = office.bring(*FIVE, resume=True)
    assert (verdicts(report), report.statements) == ([ADDED] * 5, [2, 3])
    assert len(office.there()) == 5
    office.reconcile()


# -- the checkpoint at rest ----------------------------------------------------------------------


@pytest.mark.parametrize("torn", [1, 7, 200])
def test_a_record_that_was_being_written_is_dropped(office: Office, torn: int) -> None:
    office.left = 3
    with pytest.raises(PowerCut):
        office.bring(*FIVE)
    path = office.fleet.keys.folder / "import-harbour.checkpoint"
    path.write_bytes(path.read_bytes()[:-torn])
    office.left = 10_000
    report = office.bring(*FIVE, resume=True)
    assert (report.resumed, verdicts(report)) == (2, [ADDED] * 5)
    office.reconcile()


def test_it_is_sealed_and_a_changed_one_is_refused(office: Office) -> None:
    office.left = 3
    with pytest.raises(PowerCut):
        office.bring(*FIVE)
    path = office.fleet.keys.folder / "import-harbour.checkpoint"
    whole = path.read_bytes()
    assert b"p-4" not in whole
    assert vector(4).vector.tobytes() not in whole
    path.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    _refused(office, "is damaged")
    path.write_bytes(whole)
    key = path.with_name("import-harbour.key")
    key.chmod(0o640)
    _refused(office, "can be used by others")
    key.unlink()
    _refused(office, "cannot be read")


def _refused(office: Office, told: str) -> None:
    with pytest.raises(LintelError, match=told) as refused:
        office.bring(*FIVE, resume=True)
    assert "import-harbour.checkpoint" in refused.value.remedy


def test_one_import_at_a_time(office: Office) -> None:
    def meanwhile(people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
        office.assess = inner
        with pytest.raises(BadInput, match="is running"):
            office.bring(*FIVE, resume=True)
        return inner(people)

    inner = office.assess
    office.assess = meanwhile
    assert verdicts(office.bring(*FIVE)) == [ADDED] * 5
