"""The commands of `kiosk cloud` as an admin meets them, with the peer on the wire.

R36, R37, R40, R42, R46, R60, R69.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from chosen import few_first
from kiosk_process import Ended, environment, kiosk
from moto_peer import KEYS, MotoPeer
from rekognition_peer import PeerInTest, peer
from typer.testing import CliRunner

from config.settings import load
from kiosk.aws.access import AwsAccess
from kiosk.cli import app
from kiosk.cli.cloud import indexing
from kiosk.cloud.jobs import overview, reconciling
from kiosk.cloud.jobs.batch import BatchGates
from kiosk.cloud.jobs.building import GenerationBuilder
from kiosk.cloud.jobs.drift import DriftRules
from kiosk.cloud.jobs.placing import Placing
from kiosk.cloud.monitoring.decision_counts import DecisionCountFile
from kiosk.cloud.outbox.port import CloudWork, WorkKind
from kiosk.cloud.peer.faults import FaultRule, PeerFault
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.planning import CountedDecisions
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.people.batch import AssessedPerson, BatchPerson, BatchPhotograph
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.face import Box
from kiosk.domain.vision.template import SpaceId, SubjectId, Template
from kiosk.journal.events.cloud import CloudCircuitChanged
from kiosk.journal.events.running import Started
from kiosk.store.home import Home
from kiosk.store.instance_lock import instance_lock
from kiosk.store.open_home import OpenHome
from kiosk.wiring.cloud import jobs, kept
from kiosk.wiring.cloud.jobs import CloudAdmin, cloud_admin

DAY = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = SpaceId("test/1")
BOX = Box(10.0, 10.0, 60.0, 60.0)
COMMANDS = (
    ("init",),
    ("status",),
    ("index", "people.csv", "--photos", "."),
    ("reindex", "people.csv", "--photos", "."),
    ("reconcile",),
    ("erase", "p-1", "--yes"),
    ("dlq", "list"),
)


class Site:
    """A kiosk's home with four people, three of whom agreed, and a peer."""

    def __init__(self, folder: Path, peer: PeerInTest) -> None:
        self.home, self.peer = folder / "home", peer
        self.configure()
        random = np.random.default_rng(1)
        with OpenHome.open(self.home) as opened:
            for number in range(4):
                vector = random.standard_normal(8).astype(np.float32)
                template = Template(vector / np.linalg.norm(vector), SPACE)
                consent = Consent("the notice", DAY, version="3", cloud=number > 0)
                subject = SubjectId(f"p-{number}")
                opened.references.enrol(subject, [template], consent)

    def configure(self, more: str = "") -> None:
        self.home.mkdir(mode=0o700, exist_ok=True)
        (self.home / "config.toml").write_text(
            f'[cloud]\nmode = "cloud"\nregion = "{self.peer.server.region}"\n'
            f'endpoint = "{self.peer.endpoint}"\nshards = 2\n{more}\n',
            encoding="utf-8",
        )

    def run(self, *words: str | Path, json: bool = True, typed: str = "") -> Ended:
        said = ("--json",) if json else ()
        line = ["cloud", *map(str, words), "--home", str(self.home), *said]
        result = CliRunner().invoke(app, line, input=typed)
        return Ended(result.exit_code, result.stdout, result.stderr)

    def admin(self) -> Iterator[CloudAdmin]:
        with cloud_admin(load(self.home), self.home) as admin:
            yield admin

    def place(self, *subjects: str) -> None:
        for admin in self.admin():
            current = admin.records.read().in_force
            assert current is not None
            placing = Placing(admin.placing(ShardedCollections("lintel", current)))
            for each in subjects:
                placing.place(admin.ids.of(SubjectId(each)), [self.peer.faces.of(each)], "3")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(reconciling, "SETTLE_SECONDS", 0.0)
    with peer() as answering:
        for name, value in answering.environment.items():
            monkeypatch.setenv(name, value)
        yield Site(tmp_path, answering)


def test_init_makes_what_is_missing_and_nothing_twice(site: Site) -> None:
    shown = site.run("init", "--dry-run").said
    assert shown["collections"] == ["lintel-g1-0", "lintel-g1-1"]
    assert not (site.home / "cloud-ids.key").exists()
    assert site.peer.client().list_collections()["CollectionIds"] == []
    first = site.run("init")
    assert (first.code, first.said["key_made"], first.said["collections_made"]) == (0, True, True)
    assert (first.said["model"], first.said["agreed"]) == ("7.0", 3)
    key = site.home / "cloud-ids.key"
    assert oct(key.stat().st_mode & 0o777) == "0o600"
    before = key.read_bytes()
    second = site.run("init")
    assert (second.code, second.said["key_made"]) == (0, False)
    assert second.said["collections_made"] is False
    assert key.read_bytes() == before
    told = site.run("init", json=False).out
    assert "collections: lintel-g1-0, lintel-g1-1" in told
    assert "key made: no" in told
    assert "None" not in told


def test_init_tells_of_a_model_without_a_threshold(site: Site) -> None:
    site.configure('thresholds = { "6.0" = 99.0 }')
    ended = site.run("init")
    assert ended.code == 1
    assert "face model 7.0" in ended.said["warnings"][0]


def test_init_needs_a_region_and_prints_the_table(site: Site) -> None:
    (site.home / "config.toml").write_text("")
    site.run("init").refused(2, "cloud.region is not set")
    site.configure()
    site.run("init", "--print-table").refused(2, "cloud.metadata names no table")
    site.configure('metadata = "dynamodb:lintel"')
    table = json.loads(site.run("init", "--print-table").out)
    assert table["Resources"]["LintelMetadata"]["Properties"]["TableName"] == "lintel"


def test_a_table_is_made_and_a_second_kiosk_needs_the_sites_key(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(MotoPeer()) as moto:
        access = AwsAccess("eu-west-1", moto.endpoint, keys=KEYS, seconds=(2.0, 10.0))
        for module in (jobs, kept):
            monkeypatch.setattr(module, "access_of", lambda *_: access)
        site.configure('metadata = "dynamodb:lintel"')
        first, second = site.run("init").said, site.run("init").said
        assert (first["table_made"], second["table_made"]) == (True, False)
        assert (first["generation"], second["generation"]) == (1, 1)
        site.place("p-1", "p-2")
        assert site.run("status").said["people"]["indexed"] == 2
        assert site.run("reconcile").said["differences"] == []
        assert site.run("erase", "p-1", "--yes").said["faces"] == 1
        key = site.home / "cloud-ids.key"
        key.rename(site.home / "elsewhere")
        site.run("init").refused(4, "no key of people's ids", "cloud-ids.key")
        assert not key.exists()


def test_the_plan_says_what_is_needed_and_what_to_ask_for(site: Site) -> None:
    fits = site.run("plan", "--images", "1000", "--seconds", "1000")
    assert (fits.code, fits.said["tps_needed"], fits.said["fits"]) == (0, 1.0, True)
    assert fits.said["cost"] == 3.0  # once indexed, and searched in two shards
    modes = {it["mode"]: it["cost_per_thousand"] for it in fits.said["decisions"]}
    assert modes == {"local": 0.0, "cloud": 2.0, "local-then-cloud": 2.0, "both-agree": 2.0}
    above = site.run("plan", "--images", "1000", "--seconds", "10")
    assert (above.code, above.said["tps_needed"], above.said["quota_to_ask_for"]) == (3, 100.0, 112)
    assert "112 IndexFaces a second" in above.err
    words = ("plan", "--images", "9", "--seconds", "9")
    assert "if the kiosk alone could decide on nobody" in site.run(*words, json=False).out
    assert "on nobody" not in site.run(*words, "--asked", "0.1", json=False).out
    site.run("plan", "--images", "0", "--seconds", "10").refused(2, "no plan")
    site.run("plan", "--images", "1", "--seconds", "1", "--asked", "2").refused(2, "shares")
    site.configure("tps = { IndexFaces = 0 }")
    site.run("plan", "--images", "1", "--seconds", "1").refused(2, "IndexFaces")


def test_the_status_counts_people_collections_and_money(site: Site) -> None:
    site.run("status").refused(4, "cloud-ids.key", "missing")
    assert site.run("init").code == 0
    site.place("p-1", "p-2")
    seen = site.run("status")
    assert seen.code == 0, seen
    people = {"agreed": 3, "indexed": 2, "waiting": 1, "of_others": 0, "flagged": 0}
    assert seen.said["people"] == people
    assert sum(it["faces"] for it in seen.said["collections"]) == 2
    assert seen.said["spent"]["calls"] == 2
    assert seen.said["decisions"] == {"since": None, "modes": []}
    told = site.run("status", json=False).out
    assert "agreed: 3; indexed: 2, not yet: 1." in told
    assert "No decision was counted" in told
    site.configure("monthly_limit = 0.002")
    assert "0.002 of 0.002 are spent" in site.run("status").said["warnings"][-1]


def test_decisions_cost_what_was_counted(site: Site) -> None:
    assert site.run("init").code == 0
    words = ("plan", "--images", "9", "--seconds", "9", "--measured")
    assert "Too little was counted" in site.run(*words).err
    file = DecisionCountFile(site.home / "cloud-spending.db", lambda: DAY)
    file.add(CloudMode.CLOUD, CountedDecisions(200, 250))
    file.add(CloudMode.BOTH_AGREE, CountedDecisions(99, 99))
    modes = {it["mode"]: it for it in site.run(*words).said["decisions"]}
    assert modes["cloud"]["calls_per_decision"] == modes["cloud"]["cost_per_thousand"] == 1.25
    assert modes["cloud"]["decisions_counted"] == 200
    assert modes["both-agree"]["cost_per_thousand"] == 2.0
    assert modes["both-agree"]["decisions_counted"] is None
    said = site.run("status").said["decisions"]
    assert said["since"] == "2026-01"
    assert {it["mode"]: it["cost_per_thousand"] for it in said["modes"]} == {
        "both-agree": None,
        "cloud": 1.25,
    }
    told = site.run("status", json=False).out
    assert "200 decisions, 250 calls: 1.25 each, a thousand decisions cost 1.25" in told
    assert "99 decisions, 99 calls: too few" in told


def test_the_status_tells_what_the_running_kiosk_wrote_of_its_calls(site: Site) -> None:
    assert site.run("init").code == 0
    assert site.run("status").said["kiosk"] == {"running": False, "calls": None}
    assert "No kiosk runs in this home" in site.run("status", json=False).out
    with instance_lock(Home(site.home)):
        assert "does not say" in site.run("status", json=False).out
        with OpenHome.open(site.home, lambda: DAY) as opened:
            opened.recorder.note(Started("camera", "standard"))
            opened.recorder.note(CloudCircuitChanged("search", shut=True))
        seen = site.run("status")
        told = site.run("status", json=False).out
    assert seen.code == 1
    at = "2026-01-01T00:00:00+00:00"
    assert seen.said["kiosk"]["calls"] == {
        "search": {"sent": False, "since": at},
        "rest": {"sent": True, "since": at},
    }
    assert "Searches to Rekognition are not sent since 2026-01-01" in seen.said["warnings"][-1]
    assert "Other calls of the running kiosk are sent" in told


def test_the_status_tells_what_it_knows_while_nobody_answers(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.run("init").code == 0
    monkeypatch.setattr(overview, "CALL_SECONDS", 0.5)
    site.peer.server.faults.add(FaultRule(PeerFault.REFUSED, name="InternalServerError"))
    seen = site.run("status")
    assert (seen.code, seen.said["collections"]) == (1, [])
    assert seen.said["people"]["waiting"] == 3
    assert "gives no answer now" in seen.said["warnings"][0]


def test_the_status_tells_of_a_collection_that_is_gone(site: Site) -> None:
    assert site.run("init").code == 0
    site.peer.client().delete_collection(CollectionId="lintel-g1-1")
    ended = site.run("status")
    assert ended.code == 1
    assert "lintel-g1-1 does not exist" in ended.said["warnings"][0]
    site.run("reconcile").refused(3, "lintel-g1-1 does not exist")
    site.run("init").refused(3, "lintel-g1-1 does not exist")


def test_a_person_is_erased_everywhere(site: Site) -> None:
    assert site.run("init").code == 0
    site.place("p-1", "p-2")
    assert site.run("erase", "p-1", "--dry-run").said["faces"] == 1
    asked = site.run("erase", "p-1", typed="n\n")
    assert asked.code == 2
    assert "nobody confirmed" in asked.err
    assert site.run("status").said["people"]["indexed"] == 2
    assert site.run("erase", "p-1", "--yes").said == {
        "subject": "p-1",
        "faces": 1,
        "erased": True,
        "dry_run": False,
    }
    assert site.run("erase", "p-1", "--yes").said["faces"] == 0
    again = site.run("erase", "p-1", "--yes", json=False)
    assert "No face of p-1" in again.out
    assert not again.err
    assert "check it" in site.run("erase", "p-l", "--yes", json=False).err
    here = CliRunner().invoke(app, ["people", "erase", "p-2", "--yes", "--home", str(site.home)])
    assert "`kiosk cloud erase p-2 --yes` deletes them now" in here.stdout
    assert "Faces of p-2: 1 deleted" in site.run("erase", "p-2", "--yes", json=False).out
    assert site.run("status").said["people"]["indexed"] == 0
    assert site.run("reconcile").said["differences"] == []


def test_what_differs_is_shown_and_mended(site: Site) -> None:
    site.run("reconcile").refused(4, "cloud-ids.key")
    assert site.run("init").code == 0
    site.place("p-0", "p-1")  # nobody sends p-0 by a command: they did not agree
    found = site.run("reconcile")
    assert (found.code, found.said["mended"]) == (1, 0)
    (drift,) = found.said["differences"]
    assert (drift["kind"], drift["subject"]) == ("no_consent", "p-0")
    told = site.run("reconcile", json=False).out
    assert "no consent, p-0, faces: 1" in told
    assert "Differences: 1; --repair mends them." in told
    assert site.run("reconcile", "--repair", "--dry-run").said["mended"] == 0
    mended = site.run("reconcile", "--repair")
    assert (mended.code, mended.said["mended"]) == (0, 1)
    assert "Nothing differs." in site.run("reconcile", json=False).out
    assert site.run("reconcile").said["differences"] == []


def test_whom_another_kiosk_may_know_is_told_of_and_left(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.run("init").code == 0
    site.place("p-1", "p-9")  # p-9 is enrolled at another kiosk
    for admin in site.admin():
        person = admin.ids.of(SubjectId("p-9"))
        for row in admin.metadata.of_person(person):
            admin.metadata.delete(row)
    monkeypatch.setattr(jobs, "DriftRules", lambda **it: replace(DriftRules(**it), alone=False))
    ended = site.run("reconcile", "--repair")
    (drift,) = ended.said["differences"]
    assert (drift["kind"], drift["subject"], drift["person"]) == ("unknown_here", None, person)
    assert (ended.code, ended.said["mended"], ended.said["faces"]) == (1, 0, 2)
    told = site.run("reconcile", "--repair", json=False).out
    assert "unknown here: 1" in told
    assert "may be known to another kiosk of the fleet: they are left alone" in told
    assert "0 of 1 differences are mended." in told


@pytest.fixture
def batch(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CSV file of the site's people, whose made-up photographs pass the local gates."""
    rows = [f"p-{number},,staff,,,form 3,p-{number}.jpg" for number in range(4)]
    roster = tmp_path / "people.csv"
    header = "subject,given_name,groups,valid_from,valid_until,consent,photo"
    roster.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    pictures = {f"p-{number}.jpg": site.peer.faces.of(f"p-{number}") for number in range(4)}

    def assess(people: Sequence[BatchPerson]) -> Iterator[AssessedPerson]:
        for each in people:
            photographs = tuple(BatchPhotograph(name, "0" * 64) for name in each.photographs)
            boxes = tuple((name, BOX) for name in each.photographs)
            yield AssessedPerson(each.subject, photographs, (), boxes)

    def gates(admin: CloudAdmin, *_: object) -> tuple[BatchGates, dict[str, str]]:
        made = BatchGates(
            admin.ids.of, admin.consent_of, assess, lambda _: {}, lambda name, *_: pictures[name]
        )
        return made, {"CSV file": "x"}

    monkeypatch.setattr(indexing, "gates_of", gates)
    return roster


def test_a_batch_is_indexed_and_people_who_did_not_agree_are_left_out(
    site: Site, batch: Path
) -> None:
    words = ("index", batch, "--photos", ".")
    assert site.run("init").code == 0
    shown = site.run(*words, "--dry-run").said
    assert (shown["would_index"], shown["no_consent"], shown["sent"]) == (3, 1, 0)
    ended = site.run(*words, "--photos-region", "us-east-1")
    assert (ended.code, ended.said["indexed"], ended.said["no_consent"]) == (1, 3, 1)
    assert "come from us-east-1" in ended.err
    assert site.run("status").said["people"]["waiting"] == 0
    assert {it["status"] for it in site.run(*words).said["images"]} == {"unchanged", "no_consent"}
    told = site.run(*words, json=False).out
    assert "left out p-0: they did not agree to Amazon Rekognition" in told
    assert "3 unchanged, 1 no consent" in told
    tail = kiosk("audit", "tail", "--json", "--home", site.home).events
    flows = [each for each in tail if each["event"] == "cloud_flow"]
    assert [each["details"]["indexed"] for each in flows] == [1, 1, 1]


def test_new_collections_are_filled_and_switched_to(site: Site, batch: Path) -> None:
    words = ("reindex", batch, "--photos", ".")
    assert site.run("init").code == 0
    site.run("index", batch, "--photos", ".")
    assert site.run(*words, "--dry-run").said["collections"] == []
    site.run(*words, "--model", "8.0").refused(3, "face model 7.0, not to 8.0")
    done = site.run(*words, "--shards", "3")
    assert (done.code, done.said["switched"], done.said["missing"]) == (1, True, 0)
    seen = site.run("status")
    assert (seen.said["generation"], seen.said["shards"]) == (2, 3)
    assert seen.said["retired"] == [1]
    assert site.run("reindex", "--delete-old").said["deleted"] == []
    assert "Generation 1 stays until" in site.run("reindex", "--delete-old", json=False).out
    assert site.run("reconcile").said["differences"] == []


def test_nothing_is_switched_while_people_are_missing(site: Site, batch: Path) -> None:
    assert site.run("init").code == 0
    site.run("index", batch, "--photos", ".")
    batch.write_text("\n".join(batch.read_text().splitlines()[:3]) + "\n")
    words = ("reindex", batch, "--photos", ".")
    stuck = site.run(*words)
    assert (stuck.code, stuck.said["switched"], stuck.said["missing"]) == (3, False, 2)
    assert site.run("status").said["generation"] == 1
    site.run(*words).refused(2, "unfinished")
    done = site.run(*words, "--resume", "--leave-out")
    assert (done.said["switched"], done.said["missing"]) == (True, 2)
    assert site.run("status").said["generation"] == 2


def test_who_is_registered_just_before_the_switch_is_told_of(
    site: Site, batch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.run("init").code == 0
    honest, late = GenerationBuilder.switch, "p-late"

    def switch(builder: GenerationBuilder) -> object:
        """A kiosk registers somebody after it was looked who is missing."""
        site.place(late)
        return honest(builder)

    monkeypatch.setattr(GenerationBuilder, "switch", switch)
    ended = site.run("reindex", batch, "--photos", ".", "--shards", "2", json=False)
    assert "is in force now" in ended.out
    assert "1 person is in the old collections only" in ended.err


def test_of_two_reindexings_at_once_one_says_so(site: Site, batch: Path) -> None:
    assert site.run("init").code == 0
    for admin in site.admin():
        GenerationBuilder(admin.building, "another kiosk").begin(1, None)
    site.run("reindex", batch, "--photos", ".").refused(3, "filled by another job")
    assert site.run("status").said["building"] == 2


def test_a_model_that_the_settings_do_not_know_is_not_filled(site: Site, batch: Path) -> None:
    assert site.run("init").code == 0
    site.configure('thresholds = { "6.0" = 99.0 }')
    site.run("index", batch, "--photos", ".").refused(2, "face model 7.0")
    assert not site.peer.server.recording.calls("IndexFaces")


def test_dead_letters_are_shown_retried_and_dropped(site: Site) -> None:
    assert site.run("init").code == 0
    for admin in site.admin():
        (outbox,) = admin.outboxes
        for name in ("p-1", "p-2"):
            outbox.add(CloudWork(WorkKind.REGISTER, admin.ids.of(SubjectId(name)), at=0.0))
        for taken in outbox.take(2):
            outbox.bury(taken, "Nobody came with a picture.")
    first, second = site.run("dlq", "list").said["dead_letters"]
    assert (first["subject"], first["kind"]) == ("p-1", "register")
    assert site.run("dlq", "show", first["id"]).said["problem"] == "Nobody came with a picture."
    assert "Dead letters: 2." in site.run("dlq", "list", json=False).out
    assert site.run("dlq", "retry", first["id"], "--dry-run").said["done"] is None
    assert site.run("status").said["dead_letters"] == 2
    assert site.run("dlq", "retry", first["id"]).said["done"] == "retried"
    assert site.run("dlq", "discard", second["id"]).said["done"] == "discarded"
    status = site.run("status").said
    assert (status["queued"], status["dead_letters"]) == (1, 0)
    for action in ("show", "retry", "discard"):
        site.run("dlq", action, first["id"]).refused(2, "There is no dead letter")


def test_bad_input_is_told_before_anything_is_sent(site: Site, tmp_path: Path) -> None:
    assert site.run("init").code == 0
    site.run("index", tmp_path / "none.csv", "--photos", tmp_path).refused(2, "none.csv")
    site.run("reindex").refused(2, "needs a CSV file")
    site.run("reindex", "--delete-old", "--grace", "24")
    roster = tmp_path / "people.csv"
    roster.write_text("subject,given_name\n", encoding="utf-8")
    site.run("index", roster, "--photos", tmp_path).refused(2, "people.csv, line 1")
    assert not site.peer.server.recording.calls("IndexFaces")


@pytest.mark.parametrize("words", few_first(COMMANDS, 3), ids=lambda words: words[0])
def test_without_the_library_it_says_which_is_missing(
    runtime: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    with OpenHome.open(home):
        pass
    (home / "config.toml").write_text('[cloud]\nregion = "eu-west-1"\n', encoding="utf-8")
    (tmp_path / "people.csv").write_text("x", encoding="utf-8")
    plain = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    command = (str(runtime), "-P", "-m", "kiosk")
    ended = kiosk("cloud", *words, "--home", home, command=command, env=plain, cwd=tmp_path)
    if words[0] in {"index", "reindex"}:
        ended.refused(2, "people.csv, line 1")
    else:
        ended.refused(2, "which is not installed")


def test_the_plan_needs_no_library(runtime: Path, tmp_path: Path) -> None:
    command = (str(runtime), "-P", "-m", "kiosk")
    plain = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    plan = ("cloud", "plan", "--images", "10", "--seconds", "10", "--home", tmp_path, "--json")
    assert kiosk(*plan, command=command, env=plain).said["fits"] is True
